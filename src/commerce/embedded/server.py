"""What the embedded servers share: each is one process, under the lock of its folder, on the loopback interface."""

from __future__ import annotations

import signal
import subprocess
import time
from abc import ABC, abstractmethod
from contextlib import suppress
from pathlib import Path
from typing import ClassVar

from commerce.embedded.child import end, folder_lock
from commerce.embedded.passwords import password
from commerce.embedded.ports import free_port, require_free
from commerce.embedded.probe import Useless
from commerce.embedded.room import lacks_room
from commerce.values.errors import BadUsage

PREVIOUS_TIMEOUT_S = 10.0
"""Seconds that an earlier server of the same folder may take to end."""


class EmbeddedServer(ABC):
    """A server with its data in `data`, below a folder of `home`, and its passwords in `home/keys`.

    It ends with the thread that started it. Without a `port`, the first start takes a free one and later starts keep
    it.
    """

    NAME: ClassVar[str]
    START_TIMEOUT_S: ClassVar[float]
    STOP: ClassVar[tuple[tuple[signal.Signals, float], ...]]
    """The signals that end it, each with the seconds that it may take."""

    def __init__(self, home: Path, port: int | None, *, folder: str, data: str = "") -> None:
        self._home = home.resolve()
        self._folder = self._home / folder
        self._data = self._folder / data
        self._log = self._home / "logs" / f"{folder}.log"
        self._port = port
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> str:
        """Start the server and return its URL.

        Raises `BadUsage` for a taken port, or a folder that is damaged, in use, or cannot be written.
        """
        try:
            self._launch()
            self._await_ready()
        except OSError as error:
            raise BadUsage(f"{self.NAME} cannot use {self._folder}: {error}") from None
        except BaseException:
            self.stop()
            raise
        return self.url

    def stop(self) -> None:
        """End the server: what was acknowledged is on disk. No-op when it does not run."""
        if self._process is not None and self._process.poll() is None:
            end(self._process, *self.STOP)
            with suppress(BadUsage), folder_lock(self._folder, PREVIOUS_TIMEOUT_S):
                pass  # its last child, such as PostgreSQL's log collector, is gone once the lock it inherited is free

    def poll(self) -> int | None:
        """The exit code of a server that has ended by itself; `None` while it runs."""
        return None if self._process is None else self._process.poll()

    @property
    def pid(self) -> int | None:
        """The process id of the server, once started."""
        return None if self._process is None else self._process.pid

    def can_start(self) -> str | None:
        """What keeps the server from starting again: a full disk; None where it has room."""
        return lacks_room(self._home)

    @abstractmethod
    def useless(self) -> Useless | None:
        """Why only a new start helps, though the process lives; None while it is of use."""

    @property
    @abstractmethod
    def url(self) -> str:
        """Where the user who may do everything connects."""

    @abstractmethod
    def _spawn(self, lock: int) -> subprocess.Popen[bytes]:
        """Make what the program needs, and start it; it inherits `lock`."""

    @abstractmethod
    def _is_ready(self) -> bool:
        """Whether clients can connect."""

    @abstractmethod
    def _last_words(self) -> str:
        """The last error that the server logged, and what to do about it."""

    def _password(self, name: str) -> str:
        return password(self._home / "keys", name)

    def _launch(self) -> None:
        with folder_lock(self._folder, PREVIOUS_TIMEOUT_S) as lock:
            if self._process is not None:
                self._process.wait()  # it held the lock, so it has ended
            self._process = self._spawn(lock)

    def _take_port(self) -> int:
        """The server's port, chosen at its first start. Raises `BadUsage` where another process listens there."""
        if self._port is None:
            self._port = free_port()
        require_free(self._port, self.NAME)
        return self._port

    def _await_ready(self) -> None:
        deadline = time.monotonic() + self.START_TIMEOUT_S
        while not self._is_ready():
            if self.poll() is not None or time.monotonic() > deadline:
                raise BadUsage(f"{self.NAME} did not start on {self._data}: {self._last_words()}")
            time.sleep(0.02)
