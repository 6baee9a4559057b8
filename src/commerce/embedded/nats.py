"""One NATS server of our own, with JetStream, under `COMMERCE_HOME`."""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
from http import HTTPStatus
from pathlib import Path

from commerce.embedded.child import spawn
from commerce.embedded.nats_users import OPERATOR, USERS, authorization
from commerce.embedded.ports import LOOPBACK, free_port
from commerce.embedded.probe import NO_ANSWER, Useless, ask
from commerce.embedded.programs import nats_program
from commerce.embedded.server import EmbeddedServer

_KEPT_ERROR_S = 5.0
"""A write error never goes away; what else its health tells is over sooner."""
_MOST_STORED = "8GB"
"""What the streams may take up; by itself the server takes a share of what is free at its start, too little on a
full disk."""


class EmbeddedNats(EmbeddedServer):
    """A NATS server with its streams in `home/nats`.

    `sync_interval` is how often streams are flushed to disk: `always`, or a duration such as `10s`.
    """

    NAME = "NATS"
    START_TIMEOUT_S = 30.0
    STOP = ((signal.SIGTERM, 10.0),)

    def __init__(self, home: Path, port: int | None = None, sync_interval: str = "always") -> None:
        super().__init__(home, port, folder="nats")
        self._monitor_port: int | None = None
        self._monitor_path = f"/{secrets.token_urlsafe(24)}"
        self._sync_interval = sync_interval

    @property
    def url(self) -> str:
        """Where clients connect, with the password of the user who may do everything."""
        return self.url_of(OPERATOR)

    def url_of(self, user: str) -> str:
        """Where a worker connects as itself; who is no user of its own connects as the one who may do everything."""
        user = user if user in USERS else OPERATOR
        return f"nats://{user}:{self._user_password(user)}@{LOOPBACK}:{self._port}"

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

    def _user_password(self, user: str) -> str:
        return self._password("nats" if user == OPERATOR else f"nats-{user}")

    def _spawn(self, lock: int) -> subprocess.Popen[bytes]:
        self._take_port()
        self._monitor_port = free_port()
        return spawn(
            [nats_program(), "--config", self._write_configuration().name],
            log=self._log,
            folder=self._folder,  # whose name may be of any bytes, so the command does not have it
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
{authorization({user: json.dumps(self._user_password(user)) for user in (OPERATOR, *USERS)})}\
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

    def _is_ready(self) -> bool:
        answer = self._health()
        return answer is not None and answer[0] == HTTPStatus.OK

    def _health(self) -> tuple[int, str] | None:
        return ask(LOOPBACK, self._monitor_port, f"{self._monitor_path}/healthz") if self._monitor_port else None

    def _last_words(self) -> str:
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
