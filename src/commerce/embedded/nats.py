"""One NATS server of our own, with JetStream, under `COMMERCE_HOME`."""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import time
from http import HTTPStatus
from pathlib import Path

from commerce.embedded.child import end, folder_lock, spawn
from commerce.embedded.nats_users import OPERATOR, PERMISSIONS, authorization
from commerce.embedded.passwords import password
from commerce.embedded.ports import LOOPBACK, free_port, require_free
from commerce.embedded.probe import NO_ANSWER, Useless, ask
from commerce.embedded.programs import nats_program
from commerce.embedded.room import lacks_room
from commerce.values.errors import BadUsage

_START_TIMEOUT_S = 30.0
_PREVIOUS_TIMEOUT_S = 10.0
_STOP = ((signal.SIGTERM, 10.0),)
_KEPT_ERROR_S = 5.0
"""A write error never goes away; what else its health tells is over sooner."""
_MOST_STORED = "8GB"
"""What the streams may take up; by itself the server takes a share of what is free at its start, too little on a
full disk."""


class EmbeddedNats:
    """A NATS server on the loopback interface, its streams in `home/nats`.

    `sync_interval` is how often streams are flushed to disk: `always`, or a duration such as `10s`. It ends with the
    thread that started it. Without a `port`, the first start takes a free one and later starts keep it.
    """

    def __init__(self, home: Path, port: int | None = None, sync_interval: str = "always") -> None:
        self._home = home.resolve()
        self._folder = self._home / "nats"
        self._log = self._home / "logs" / "nats.log"
        self._port = port
        self._monitor_port: int | None = None
        self._monitor_path = f"/{secrets.token_urlsafe(24)}"
        self._sync_interval = sync_interval
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> str:
        """Start the server and return its URL. Raises `BadUsage` for a taken port, or a folder that it cannot use."""
        try:
            self._launch()
            self._await_ready()
        except OSError as error:
            raise BadUsage(f"NATS cannot use {self._folder}: {error}") from None
        except BaseException:
            self.stop()
            raise
        return self.url

    def stop(self) -> None:
        """End the server; what was acknowledged is on disk. No-op when it does not run."""
        if self._process is not None:
            end(self._process, *_STOP)

    def poll(self) -> int | None:
        """The exit code of a server that has ended by itself; `None` while it runs."""
        return None if self._process is None else self._process.poll()

    @property
    def pid(self) -> int | None:
        """The process id of the server, once started."""
        return None if self._process is None else self._process.pid

    @property
    def url(self) -> str:
        """Where clients connect, with the password of the user who may do everything."""
        return self.url_of(OPERATOR)

    def url_of(self, user: str) -> str:
        """Where a worker connects as itself; who is no user of its own connects as the one who may do everything."""
        user = user if user in PERMISSIONS else OPERATOR
        return f"nats://{user}:{self._password(user)}@{LOOPBACK}:{self._port}"

    @property
    def monitor_url(self) -> str:
        """Below this are the server's own HTTP pages, such as `/healthz`; who does not know its secret path sees
        nothing."""
        return f"http://{LOOPBACK}:{self._monitor_port}{self._monitor_path}"

    def useless(self) -> Useless | None:
        """Why only a new start helps: after a full disk the server keeps its write error, and takes no message
        any more."""
        answer = self._health()
        if answer is None:
            return NO_ANSWER
        status, said = answer
        return None if status == HTTPStatus.OK else Useless(_error(said), _KEPT_ERROR_S)

    def can_start(self) -> str | None:
        """Whether its disk has room again."""
        return lacks_room(self._home)

    def _password(self, user: str) -> str:
        return password(self._home / "keys", "nats" if user == OPERATOR else f"nats-{user}")

    def _launch(self) -> None:
        with folder_lock(self._folder, _PREVIOUS_TIMEOUT_S) as lock:
            if self._process is not None:
                self._process.wait()  # it held the lock, so it has ended
            if self._port is None:
                self._port = free_port()
            require_free(self._port, "NATS")
            self._monitor_port = free_port()
            configuration = self._write_configuration()
            self._process = spawn(
                [nats_program(), "--config", configuration.name],  # from its folder, whose name may be of any bytes
                log=self._log,
                folder=self._folder,
                inherited=[lock],
                orphan_signal=signal.SIGTERM,
            )

    def _write_configuration(self) -> Path:
        path = self._folder / "nats.conf"
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(self._configuration())
        return path

    def _configuration(self) -> str:
        """The server's settings; places are named from its folder, which keeps `COMMERCE_HOME` out of them."""
        return f"""\
# Written by commerce at each start; changes are lost.
server_name: commerce
listen: "{LOOPBACK}:{self._port}"
http: "{LOOPBACK}:{self._monitor_port}"
http_base_path: {json.dumps(self._monitor_path)}
{authorization({user: json.dumps(self._password(user)) for user in (OPERATOR, *PERMISSIONS)})}\
jetstream {{
  store_dir: "streams"
  sync_interval: {json.dumps(self._sync_interval)}
  max_memory_store: 256MB
  max_file_store: {_MOST_STORED}
}}
log_file: {_quoted(os.path.relpath(self._log, self._folder.resolve()))}
logfile_size_limit: 10MB
logfile_max_num: 3
"""

    def _await_ready(self) -> None:
        deadline = time.monotonic() + _START_TIMEOUT_S
        while not self._is_healthy():
            if self.poll() is not None or time.monotonic() > deadline:
                raise BadUsage(f"NATS did not start on {self._folder}: {self._last_words()}")
            time.sleep(0.02)

    def _is_healthy(self) -> bool:
        answer = self._health()
        return answer is not None and answer[0] == HTTPStatus.OK

    def _health(self) -> tuple[int, str] | None:
        return ask(LOOPBACK, self._monitor_port, f"{self._monitor_path}/healthz") if self._monitor_port else None

    def _last_words(self) -> str:
        """The last error the server logged, and what to do about it."""
        lines = self._log.read_text(encoding="utf-8", errors="replace").splitlines() if self._log.exists() else []
        reasons = [line for line in lines if "[FTL]" in line or "nats-server:" in line]
        reason = reasons[-1].partition("[FTL]")[2].strip() or reasons[-1] if reasons else "no reason given"
        return f"{reason} (log: {self._log}); the folder may be moved away, the relay fills a new one from the log"


def _quoted(place: str) -> str:
    """A place as the server's format reads it; JSON's escapes are not its own."""
    escaped = place.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _error(said: str) -> str:
    try:
        return str(json.loads(said)["error"])[:300]
    except (ValueError, KeyError, TypeError):
        return said[:300]
