"""Starts Python processes as forks of one that has imported what they need: in a tenth of the time, and with memory
that they share."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from commerce.forks.child import ForkedChild
from commerce.forks.kinship import adopting
from commerce.forks.prepared import ANSWER, Program
from commerce.values.errors import Unavailable

IS_POSSIBLE = sys.platform == "linux"
"""Whether this system has what forks need."""

_TIMEOUT_S = 60.0
"""How long a fork may take; on a busy machine what is imported before takes a while."""
_END_TIMEOUT_S = 1.0
_INHERITED = ("HOME", "LANG", "LANGUAGE", "LOGNAME", "PATH", "SSL_CERT_DIR", "SSL_CERT_FILE", "TMPDIR", "TZ", "USER")
_INHERITED_BEGINNINGS = ("GLIBC_", "LC_", "LD_", "MALLOC_", "OPENSSL_", "PYTHON")
"""What the interpreter and modules go by as they are loaded, which the prepared process has. It is told nothing else
of the environment, in which secrets are."""


class ForkServer:
    """A prepared process, and the forks of it, which are children of this process.

    It is started when it is first asked for something, and again where it was killed: forks live on without it. All
    end with this process. What the prepared process itself has to say, it says where this one does.
    """

    def __init__(self, modules: Sequence[str], folder: Path, **environment: str) -> None:
        """Name what is imported, the folder in which the prepared process runs, and what it finds in its environment
        beside what is inherited."""
        self._modules = modules
        self._folder = folder
        inherited = {name: value for name, value in os.environ.items() if _is_inherited(name)}
        self._environment = inherited | {"PYTHONUNBUFFERED": "1"} | environment
        self._process: subprocess.Popen[bytes] | None = None
        self._requests: socket.socket | None = None
        self._has_failed = False

    @property
    def pid(self) -> int | None:
        """The process id of the prepared process, once started."""
        return None if self._process is None else self._process.pid

    def prepare(self) -> socket.socket:
        """Start the prepared process if it is not there, and do not wait.

        Raises `OSError`; `Unavailable` where it ended by itself, as it does when a module cannot be imported.
        """
        if self._process is not None and self._process.poll() is not None:
            self._note_end(self._process)
        if self._has_failed:
            self._has_failed = False  # the next who asks may have more luck
            raise Unavailable("the process that others are forked from cannot start, and has said why")
        if self._requests is None:
            self._requests, theirs = socket.socketpair()
            self._requests.settimeout(_TIMEOUT_S)
            with theirs:
                number = str(theirs.fileno())
                self._process = subprocess.Popen(
                    [sys.executable, "-m", "commerce.forks.prepared", number, *self._modules],
                    stdin=subprocess.DEVNULL,
                    cwd=self._folder,
                    env=self._environment,
                    pass_fds=[theirs.fileno()],
                    start_new_session=True,
                )
        return self._requests

    def start(
        self, module: str, arguments: Sequence[str], *, log: Path, environment: Mapping[str, str], folder: Path
    ) -> ForkedChild:
        """Start `python -m module arguments…`, in a session of its own, its output appended to `log`.

        Raises `OSError`; `Unavailable` where the prepared process does not do it.
        """
        log.parent.mkdir(parents=True, exist_ok=True)
        program = Program(module, arguments, environment, str(log), str(folder), os.getpid())
        try:
            return self._forked(program)
        except (ConnectionError, TimeoutError):
            return self._forked(program)  # by another one, as the first was killed, or stands still

    def stop(self) -> None:
        """End the prepared process; its forks go on."""
        if self._requests is not None:
            self._requests.close()
            self._requests = None
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _note_end(self, process: subprocess.Popen[bytes]) -> None:
        """A prepared process has ended, or does not do what it is for: note whether it says itself that it cannot."""
        with suppress(subprocess.TimeoutExpired):
            self._has_failed = process.wait(_END_TIMEOUT_S) > 0
        self.stop()

    def _forked(self, program: Program) -> ForkedChild:
        requests = self.prepare()
        ours, theirs = socket.socketpair()
        with ours, theirs:
            try:
                with adopting():
                    socket.send_fds(requests, [b"f"], [theirs.fileno()])
                    pid = _answered(requests)
            except OSError:
                if self._process is not None:
                    self._note_end(self._process)
                raise
            except BaseException:
                self.stop()  # what it answers later is not for the next who asks
                raise
            theirs.close()
            if pid == 0:
                raise BlockingIOError("there is no room for another process")
            with suppress(ConnectionError):  # its exit code says why it reads no more
                ours.sendall(program.to_bytes())
        return ForkedChild(pid)


def _is_inherited(name: str) -> bool:
    return name in _INHERITED or name.startswith(_INHERITED_BEGINNINGS)


def _answered(requests: socket.socket) -> int:
    """The process id of a fork. Raises `OSError`."""
    answer = requests.recv(ANSWER.size, socket.MSG_WAITALL)
    if len(answer) < ANSWER.size:
        raise ConnectionError("the process that others are forked from has ended")
    return int(ANSWER.unpack(answer)[0])
