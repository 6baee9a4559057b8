"""The Python processes of a system: how each is started, where it listens, and whether it is well."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from pathlib import Path

from commerce.cli.system.program_modules import ROOT
from commerce.embedded.child import Child, end, spawn
from commerce.embedded.ports import LOOPBACK, free_port, is_free
from commerce.embedded.probe import NO_ANSWER, Useless, ask
from commerce.forks.server import ForkServer

SIMULATORS = ("provider", "carrier")
WEBHOOKS = "webhooks"
WORKERS = ("saga", "inventory", "relay", "projections", "payments", "shipping", "notifications", WEBHOOKS)
API = "api"
ALL_WORKERS = "workers"
"""The process that has one worker of each kind."""

_AT_FIXED_PORTS = (*(name for name in WORKERS if name != WEBHOOKS), *SIMULATORS, API, WEBHOOKS, ALL_WORKERS)
_MODULES = {**{name: f"{name}_simulator" for name in SIMULATORS}, ALL_WORKERS: "all_workers"}
"""Where a process does not have the name of its module."""
PORTS_PER_REPLICA = 20
"""From one replica's port to that of the next of its kind; there are fewer kinds."""

_HEALTH_TIMEOUT_S = 6.0
"""A health check takes up to 2 s itself where the database does not answer: who is late by that is not of no use."""

_STOP = ((signal.SIGTERM, 10.0),)


class SystemProcess:
    """One child process that answers HTTP on the loopback interface; it ends with the thread that started it."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        health: str,
        environment: Mapping[str, str],
        log: Path,
        host: str = LOOPBACK,
        port: int | None = None,
        forks: ForkServer | None = None,
    ) -> None:
        """Describe the process; `{port}` in the command is where it is to listen. Without a `port` a free one is
        taken. With `forks` it is one; the command is `python -m module arguments…` then."""
        self.name = name
        self.log = log
        self._command = command
        self._health = health
        self._environment = environment
        self._host = host
        self._port_is_fixed = port is not None
        self._port = port if port is not None else free_port()
        self._forks = forks
        self._process: Child | None = None

    def url(self) -> str:
        """Where the process is reached from this machine; a worker's may change when it is started again."""
        host = f"[{self._reached_at}]" if ":" in self._reached_at else self._reached_at
        return f"http://{host}:{self._port}"

    @property
    def _reached_at(self) -> str:
        return {"0.0.0.0": LOOPBACK, "::": "::1"}.get(self._host, self._host)

    @property
    def pid(self) -> int | None:
        """The process id, once started."""
        return None if self._process is None else self._process.pid

    def start(self) -> None:
        """Start it, at the address it had before if it can be had. Raises `OSError`, and `Unavailable` where it cannot
        be forked."""
        if not self._port_is_fixed and not is_free(self._port):
            self._port = free_port()
        command = [part.replace("{port}", str(self._port)) for part in self._command]
        if self._forks is None:
            self._process = spawn(command, log=self.log, environment=self._environment, folder=ROOT)
        else:
            _python, _m, module, *arguments = command
            self._process = self._forks.start(
                module, arguments, log=self.log, environment=self._environment, folder=ROOT
            )

    def poll(self) -> int | None:
        """The exit code once it has ended (below zero: the signal that ended it), `None` while it runs."""
        return None if self._process is None else self._process.poll()

    def stop(self) -> None:
        """End it in order, by force after ten seconds."""
        if self._process is not None:
            end(self._process, *_STOP)

    def answers(self) -> bool:
        """Whether it says anything about its health."""
        return self._ask() is not None

    def useless(self) -> Useless | None:
        """Why only a new start helps; it ends by itself where its own watchdog finds so, unless it stands still
        altogether."""
        return None if self.answers() else NO_ANSWER

    def can_start(self) -> str | None:
        """Nothing but itself keeps it from a new start."""
        return None

    def _ask(self) -> tuple[int, str] | None:
        return ask(self._reached_at, self._port, self._health, _HEALTH_TIMEOUT_S)

    def problem(self) -> str | None:
        """What is wrong with it now, in its own words; `None` when it is well, or only what it needs outside is not."""
        answer = self._ask()
        if answer is None:
            return "it does not answer"
        status, text = answer
        return None if status == HTTPStatus.OK else _fault(text)


def _fault(text: str) -> str | None:
    """What an answer says is wrong; None where it says that only what it needs outside is."""
    try:
        content = json.loads(text)
    except ValueError:
        content = None
    if not isinstance(content, dict):
        return text[:200]
    if content.get("restart_helps") is False:
        return None
    return json.dumps(content.get("problems") or content.get("detail") or content)


def fixed_port(name: str, base: int | None) -> int | None:
    """Where a process listens for health and metrics, now and after each start; None without
    `COMMERCE_WORKER_PORT_BASE`.

    The kinds follow each other in their order here; `saga-2`, a second replica, is `PORTS_PER_REPLICA` above the first.
    """
    if base is None:
        return None
    kind, _, number = name.partition("-")
    return base + _AT_FIXED_PORTS.index(kind) + PORTS_PER_REPLICA * (int(number or 1) - 1)


def api_process(
    name: str, environment: Mapping[str, str], logs: Path, host: str, port: int, *, forks: ForkServer | None = None
) -> SystemProcess:
    """The HTTP API, at an address."""
    command = [sys.executable, "-m", "api"]
    own = {**environment, "COMMERCE_API_PORT": str(port)}
    log = logs / f"{name}.log"
    return SystemProcess(
        name, command, health="/health/ready", environment=own, log=log, host=host, port=port, forks=forks
    )


def worker_process(
    name: str,
    environment: Mapping[str, str],
    logs: Path,
    *,
    port: int | None = None,
    forks: ForkServer | None = None,
) -> SystemProcess:
    """A worker or simulator, by its process name; `saga-2` is a second replica of the saga."""
    module = f"workers.{_MODULES.get(name, name.partition('-')[0])}"
    command = [sys.executable, "-m", "faststream", "run", f"{module}:app", "--host", LOOPBACK, "--port", "{port}"]
    log = logs / f"{name}.log"
    return SystemProcess(name, command, health="/health", environment=environment, log=log, port=port, forks=forks)
