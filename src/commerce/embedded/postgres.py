"""One PostgreSQL server of our own under `COMMERCE_HOME`."""

from __future__ import annotations

import os
import re
import signal
import socket
import struct
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import psycopg

from commerce.embedded.child import RunAs, end, folder_lock, spawn
from commerce.embedded.passwords import password
from commerce.embedded.ports import LOOPBACK, free_port, require_free
from commerce.embedded.postgres_data import create_data_folder, reject_damaged, write_configuration
from commerce.embedded.postgres_roles import APPLICATION, DATABASE, OWNER, SUPERUSER, create_roles
from commerce.embedded.probe import NO_ANSWER, Useless
from commerce.embedded.programs import postgres_programs
from commerce.embedded.room import lacks_room
from commerce.embedded.unprivileged import hand_over, reachable_programs, run_as_for
from commerce.values.errors import BadUsage

_START_TIMEOUT_S = 60.0
_PREVIOUS_TIMEOUT_S = 10.0
_STOP = ((signal.SIGINT, 10.0), (signal.SIGQUIT, 5.0))
_SSL_REQUEST = struct.pack("!ii", 8, 80877103)
"""The first message of a client that asks whether there is TLS; a server that is alive answers with one letter."""
_ANSWER_TIMEOUT_S = 3.0


class EmbeddedPostgres:
    """A PostgreSQL server on the loopback interface, with its data in `home/postgres` and its passwords in
    `home/keys`.

    It ends with the thread that started it. Without a `port`, the first start takes a free one and later starts keep
    it.
    """

    def __init__(self, home: Path, port: int | None = None) -> None:
        self._home = home.resolve()
        self._folder = self._home / "postgres"
        self._data = self._folder / "data"
        self._log = self._home / "logs" / "postgres.log"
        self._port = port
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> str:
        """Start the server, with its two roles and database, and return the owner's URL.

        Raises `BadUsage` for a taken port, a damaged data folder, or one that another server uses.
        """
        try:
            self._launch()
            self._await_ready()
        except OSError as error:
            raise BadUsage(f"PostgreSQL cannot use {self._folder}: {error}") from None
        except BaseException:
            self.stop()
            raise
        return self.admin_url

    def stop(self) -> None:
        """End the server: clients are sent away, what is committed is on disk. No-op when it does not run."""
        if self._process is not None and self._process.poll() is None:
            end(self._process, *_STOP)
            with suppress(BadUsage), folder_lock(self._folder, _PREVIOUS_TIMEOUT_S):
                pass  # its log collector ends last, and is gone once the lock it inherited is free

    def poll(self) -> int | None:
        """The exit code of a server that has ended by itself; `None` while it runs."""
        return None if self._process is None else self._process.poll()

    @property
    def pid(self) -> int | None:
        """The process id of the server, once started."""
        return None if self._process is None else self._process.pid

    def useless(self) -> Useless | None:
        """Whether it answers at all; while it recovers it does."""
        try:
            with socket.create_connection((LOOPBACK, self._port or 0), timeout=_ANSWER_TIMEOUT_S) as connection:
                connection.sendall(_SSL_REQUEST)
                return None if connection.recv(1) else NO_ANSWER
        except OSError:
            return NO_ANSWER

    def can_start(self) -> str | None:
        """Whether its disk has room again."""
        return lacks_room(self._home)

    @property
    def admin_url(self) -> str:
        """The database as its owner, who migrates and may create further databases."""
        return self._url(OWNER, DATABASE)

    @property
    def app_url(self) -> str:
        """The database as the application's role."""
        return self._url(APPLICATION, DATABASE)

    def _url(self, role: str, database: str) -> str:
        secret = password(self._home / "keys", f"postgres-{role}")
        return f"postgresql://{role}:{secret}@{LOOPBACK}:{self._port}/{database}"

    def _launch(self) -> None:
        run_as = run_as_for(self._data)
        if run_as.user is not None:  # another user than ours has to get to its folder, and sees nothing else on the way
            self._home.mkdir(mode=0o711, parents=True, exist_ok=True)
            self._home.chmod(0o711)
        hand_over(self._folder, run_as)
        programs = reachable_programs(postgres_programs(), self._home / "programs", run_as)
        with folder_lock(self._folder, _PREVIOUS_TIMEOUT_S) as lock:
            if self._process is not None:
                self._process.wait()  # it held the lock, so it has ended
            self._prepare_data(programs, run_as)
            if self._port is None:
                self._port = free_port()
            require_free(self._port, "PostgreSQL")
            self._process = spawn(
                [
                    programs / "postgres",
                    "-D",
                    ".",
                    "-p",
                    str(self._port),
                ],  # from its folder, whose name may be of any bytes
                log=self._log,
                run_as=run_as,
                folder=self._data,
                inherited=[lock],
                orphan_signal=signal.SIGQUIT,
            )

    def _prepare_data(self, programs: Path, run_as: RunAs) -> None:
        if not self._data.exists():
            create_data_folder(self._data, programs, run_as, password(self._home / "keys", f"postgres-{SUPERUSER}"))
        reject_damaged(self._data, programs)
        _remove_stale_pid_file(self._data)
        logs = self._log.parent / "postgres"
        hand_over(logs, run_as)
        write_configuration(self._data, os.path.relpath(logs, self._data.resolve()), run_as)

    def _await_ready(self) -> None:
        deadline = time.monotonic() + _START_TIMEOUT_S
        while not _says_ready(self._data, self.pid):
            if self.poll() is not None or time.monotonic() > deadline:
                raise BadUsage(f"PostgreSQL did not start on {self._data}: {self._last_words()}")
            time.sleep(0.02)
        try:
            create_roles(
                self._url(SUPERUSER, "postgres"),
                {role: password(self._home / "keys", f"postgres-{role}") for role in (OWNER, APPLICATION)},
            )
        except psycopg.Error as error:
            reason = str(error).strip().splitlines()[-1]
            raise BadUsage(f"PostgreSQL on {self._data} does not let us in: {reason}") from None

    def _last_words(self) -> str:
        """The last error the server logged, and where to read on."""
        logs = sorted(self._log.parent.glob("postgres/*.log"), key=lambda path: path.stat().st_mtime)
        for path in [*reversed(logs), self._log]:
            lines = path.read_text(encoding="utf-8", errors="replace").splitlines()[-20:] if path.exists() else []
            errors = [line for line in lines if "PANIC: " in line or "FATAL: " in line]
            if errors:
                reason = re.split("PANIC: |FATAL: ", errors[-1])[-1].strip()
                return f"{reason} (log: {path}); where the data is damaged, restore the folder from a backup"
        return f"see {self._log}"


def _says_ready(data: Path, pid: int | None) -> bool:
    """Whether the server has written to its pid file that it takes connections."""
    with suppress(FileNotFoundError):
        lines = (data / "postmaster.pid").read_text(encoding="utf-8", errors="replace").splitlines()
        return len(lines) > 7 and lines[0] == str(pid) and lines[-1].strip() == "ready"
    return False


def _remove_stale_pid_file(data: Path) -> None:
    """Remove what a killed server left: its process id may be another program's by now, and PostgreSQL would
    refuse to start.

    Called under the folder's lock, so only a server that somebody started by hand can still be there.
    """
    path = data / "postmaster.pid"
    if not path.exists() or not Path("/proc/self").exists():
        return
    pid = path.read_text(encoding="utf-8", errors="replace").partition("\n")[0]
    with suppress(OSError):
        if Path(os.readlink(f"/proc/{pid}/cwd")) == data:
            raise BadUsage(f"{data} is in use by process {pid}; stop it with: kill -INT {pid}")
    path.unlink()
