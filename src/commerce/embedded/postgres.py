"""One PostgreSQL server of our own under `COMMERCE_HOME`."""

from __future__ import annotations

import os
import re
import signal
import socket
import struct
import subprocess
from contextlib import suppress
from pathlib import Path

import psycopg

from commerce.embedded.child import RunAs, spawn
from commerce.embedded.ports import LOOPBACK
from commerce.embedded.postgres_data import create_data_folder, reject_damaged, write_configuration
from commerce.embedded.postgres_roles import APPLICATION, DATABASE, OWNER, SUPERUSER, create_roles
from commerce.embedded.probe import NO_ANSWER, Useless
from commerce.embedded.programs import postgres_programs
from commerce.embedded.server import EmbeddedServer
from commerce.embedded.unprivileged import hand_over, reachable_programs, run_as_for
from commerce.values.errors import BadUsage

_SSL_REQUEST = struct.pack("!ii", 8, 80877103)
"""The first message of a client that asks whether there is TLS; a server that is alive answers with one letter."""
_ANSWER_TIMEOUT_S = 3.0


class EmbeddedPostgres(EmbeddedServer):
    """A PostgreSQL server with its data in `home/postgres/data`, the two roles of the product, and their database."""

    NAME = "PostgreSQL"
    START_TIMEOUT_S = 60.0
    STOP = ((signal.SIGINT, 10.0), (signal.SIGQUIT, 5.0))
    """Clients are sent away first."""

    def __init__(self, home: Path, port: int | None = None) -> None:
        super().__init__(home, port, folder="postgres", data="data")
        self._run_as = RunAs()
        self._programs = Path()

    def useless(self) -> Useless | None:
        """Whether it answers at all; while it recovers it does."""
        try:
            with socket.create_connection((LOOPBACK, self._port or 0), timeout=_ANSWER_TIMEOUT_S) as connection:
                connection.sendall(_SSL_REQUEST)
                return None if connection.recv(1) else NO_ANSWER
        except OSError:
            return NO_ANSWER

    @property
    def admin_url(self) -> str:
        """The database as its owner, who migrates and may create further databases."""
        return self._url(OWNER, DATABASE)

    @property
    def app_url(self) -> str:
        """The database as the application's role."""
        return self._url(APPLICATION, DATABASE)

    @property
    def url(self) -> str:
        """As `admin_url`."""
        return self.admin_url

    def _url(self, role: str, database: str) -> str:
        return f"postgresql://{role}:{self._password(f'postgres-{role}')}@{LOOPBACK}:{self._port}/{database}"

    def _launch(self) -> None:
        self._run_as = run_as = run_as_for(self._data)
        if run_as.user is not None:  # another user than ours has to get to its folder, and sees nothing else on the way
            self._home.mkdir(mode=0o711, parents=True, exist_ok=True)
            self._home.chmod(0o711)
        hand_over(self._folder, run_as)
        self._programs = reachable_programs(postgres_programs(), self._home / "programs", run_as)
        super()._launch()

    def _prepare_data(self) -> None:
        if not self._data.exists():
            create_data_folder(self._data, self._programs, self._run_as, self._password(f"postgres-{SUPERUSER}"))
        reject_damaged(self._data, self._programs)
        _remove_stale_pid_file(self._data)
        logs = self._log.parent / "postgres"
        hand_over(logs, self._run_as)
        write_configuration(self._data, os.path.relpath(logs, self._data.resolve()), self._run_as)

    def _spawn(self, lock: int) -> subprocess.Popen[bytes]:
        self._prepare_data()
        return spawn(
            [self._programs / "postgres", "-D", ".", "-p", str(self._take_port())],
            log=self._log,
            run_as=self._run_as,
            folder=self._data,  # whose name may be of any bytes, so the command does not have it
            inherited=[lock],
            orphan_signal=signal.SIGQUIT,
        )

    def _is_ready(self) -> bool:
        """Whether the server has written to its pid file that it takes connections."""
        with suppress(FileNotFoundError):
            lines = (self._data / "postmaster.pid").read_text(encoding="utf-8", errors="replace").splitlines()
            return len(lines) > 7 and lines[0] == str(self.pid) and lines[-1].strip() == "ready"
        return False

    def _await_ready(self) -> None:
        super()._await_ready()
        try:
            create_roles(
                self._url(SUPERUSER, "postgres"),
                {role: self._password(f"postgres-{role}") for role in (OWNER, APPLICATION)},
            )
        except psycopg.Error as error:
            reason = str(error).strip().splitlines()[-1]
            raise BadUsage(f"PostgreSQL on {self._data} does not let us in: {reason}") from None

    def _last_words(self) -> str:
        logs = sorted(self._log.parent.glob("postgres/*.log"), key=lambda path: path.stat().st_mtime)
        for path in [*reversed(logs), self._log]:
            lines = path.read_text(encoding="utf-8", errors="replace").splitlines()[-20:] if path.exists() else []
            errors = [line for line in lines if "PANIC: " in line or "FATAL: " in line]
            if errors:
                reason = re.split("PANIC: |FATAL: ", errors[-1])[-1].strip()
                return f"{reason} (log: {path}); where the data is damaged, restore the folder from a backup"
        return f"see {self._log}"


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
