"""The parts of a system on one machine: which are ours, the order they start in, and their addresses."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Mapping

from commerce.cli.checks import database
from commerce.cli.system.external_servers import server_place
from commerce.cli.system.migrate import applied_line
from commerce.cli.system.run_file import write_run_file
from commerce.cli.system.signals import Wakeup
from commerce.cli.system.supervisor import Say, Supervisor
from commerce.cli.system.system_process import (
    ALL_WORKERS,
    API,
    SIMULATORS,
    SystemProcess,
    api_process,
    fixed_port,
    worker_process,
)
from commerce.embedded import EmbeddedNats, EmbeddedPostgres
from commerce.embedded.passwords import password
from commerce.embedded.ports import LOOPBACK, free_port
from commerce.embedded.room import require_room
from commerce.eventstore import migrate
from commerce.forks.server import ForkServer
from commerce.runtime.settings import Settings

_POSTGRES, _NATS, _SIMULATORS, _WORKERS, _API = range(5)
"""Stages: the latest ends first. They start in this order, but for the API, which needs nothing but the database
to answer."""
_HEALTHY_TIMEOUT_S = 90.0
_READERS = {"stripe_api_key": ("payments", ALL_WORKERS), "webhook_secret": (API, "provider")}
"""The processes that are told a secret of the payment provider's."""


class LocalSystem:
    """One system under one `COMMERCE_HOME`; `settings` knows every address once `start` has returned. Its processes
    are forked by `forks` if there is such a server."""

    def __init__(self, settings: Settings, wakeup: Wakeup, say: Say, forks: ForkServer | None = None) -> None:
        self.settings = settings
        self._say = say
        self._logs = settings.home / "logs"
        self._api: SystemProcess | None = None
        self._nats: EmbeddedNats | None = None
        self._forks = forks
        self._supervisor = Supervisor(wakeup, self._logs, say, self._write_run_file)

    @property
    def api_url(self) -> str:
        """Where the API is, once started."""
        return self._api.url() if self._api else ""

    def start(self, replicas: dict[str, int]) -> None:
        """Start everything and wait until it is well.

        Raises `BadUsage` for an address or folder that cannot be used, `Unavailable` for an API that does not get well;
        a worker that does not is told of, and ends nothing.
        """
        self._require_room()
        self._say(f"commerce keeps its data, keys and logs in {self.settings.home}")
        self._start_database()
        self._start_broker()
        self._migrate()
        self._say_what_is_ahead()
        self._start_processes(replicas)

    def keep_running(self) -> None:
        """Keep everything running until `StopRequested`."""
        self._supervisor.keep_running()

    def stop(self) -> None:
        """End everything in order; nothing runs any more, and `run.json` says so by being gone."""
        self._supervisor.stop()
        self.settings.run_file.unlink(missing_ok=True)

    def _require_room(self) -> None:
        """Raises `BadUsage` where our own servers would find no room on the disk."""
        if self.settings.database_url is None or self.settings.broker_url is None:
            require_room(self.settings.home, first_start=not (self.settings.home / "postgres" / "data").exists())

    def _say_what_is_ahead(self) -> None:
        """Where a backup was restored, something may know more than the log does: say what, and what to do about it."""
        findings = asyncio.run(database.after_restoring(self.settings.required("database_url"), self.settings))
        for finding in findings:
            if finding.level != "ok":
                self._say(f"AHEAD OF THE LOG: {finding.text} -> {finding.remedy}")

    def _start_database(self) -> None:
        if self.settings.database_url is not None:
            self._say("PostgreSQL: the one of COMMERCE_DATABASE_URL")
            return
        self._say("PostgreSQL: starting our own (the first time it makes a data folder)")
        began = time.monotonic()
        server = EmbeddedPostgres(self.settings.home)
        self._supervisor.start("postgres", server, stage=_POSTGRES)
        self._know(database_url=server.app_url, admin_database_url=server.admin_url)
        self._say(f"  took {time.monotonic() - began:.1f} s, listens on {server_place(server.app_url)}")

    def _start_broker(self) -> None:
        if self.settings.broker_url is not None:
            self._say("NATS: the one of COMMERCE_BROKER_URL")
            return
        self._nats = server = EmbeddedNats(self.settings.home)
        self._supervisor.start("nats", server, stage=_NATS, url=lambda: server.monitor_url)
        self._know(broker_url=server.url)
        self._say(f"NATS: started our own with JetStream, listens on {server_place(server.url)}")

    def _migrate(self) -> None:
        if self.settings.admin_database_url is None:
            self._say("migrations: COMMERCE_ADMIN_DATABASE_URL is not set, so `commerce migrate` is left to you")
            return
        self._say(applied_line(migrate(self.settings.admin_database_url, self.settings.required("database_url"))))

    def _start_processes(self, replicas: dict[str, int]) -> None:
        """The API first, and by itself: a client that waits for an answer need not wait for the others."""
        counts = dict(replicas)
        if self.settings.provider == "http" and self.settings.provider_url is None:  # the simulator signs with it
            secret = self.settings.webhook_secret or password(self.settings.keys_folder, "webhooks")
            self._know(webhook_secret=secret)
        apis = [self._api_process(number) for number in range(1, counts.pop(API) + 1)]
        self._know_api(apis[0])
        simulators = self._simulators()
        workers = [self._worker(name) for name in worker_names(counts, together=self.settings.together)]
        self._supervisor.await_healthy(self._started([(_API, api) for api in apis]), _HEALTHY_TIMEOUT_S)
        others = [*((_SIMULATORS, process) for process in simulators), *((_WORKERS, process) for process in workers)]
        unwell = self._supervisor.await_settled(self._started(others), _HEALTHY_TIMEOUT_S)
        if unwell:
            self._say(f"the system runs, and {', '.join(unwell)} not as it should; `commerce doctor` says what to do")

    def _started(self, processes: list[tuple[int, SystemProcess]]) -> list[tuple[str, SystemProcess]]:
        """Start processes, each of its stage."""
        self._say(f"starting {', '.join(process.name for _, process in processes)}")
        for stage, process in processes:
            self._supervisor.start(process.name, process, stage=stage, url=process.url)
        return [(process.name, process) for _, process in processes]

    def _api_process(self, number: int) -> SystemProcess:
        """The first listens where the settings say, each further one at a port of its own, so that each has its
        own metrics."""
        name = f"{API}-{number}" if number > 1 else API
        first = self.settings.api_port if number == 1 else None
        port = fixed_port(name, self.settings.worker_port_base) if first is None else first
        host = self.settings.api_host
        return api_process(name, self._environment(API), self._logs, host, port or free_port(), forks=self._forks)

    def _know_api(self, api: SystemProcess) -> None:
        """It is the one that people reach; mails lead staff to its console, unless the settings say elsewhere."""
        self._api = api
        if self.settings.staff_url is None:
            self._know(staff_url=f"{self.api_url}/console/invitation")

    def _worker(self, name: str, port: int | None = None) -> SystemProcess:
        port = port or fixed_port(name, self.settings.worker_port_base)
        environment = self._environment(name.partition("-")[0])
        return worker_process(name, environment, self._logs, port=port, forks=self._forks)

    def _simulators(self) -> list[SystemProcess]:
        """The simulators of what has no address of its own; from now on the settings know theirs, with the
        credentials in it."""
        simulated = [name for name in SIMULATORS if name != "provider" or self.settings.provider == "http"]
        missing = [name for name in simulated if getattr(self.settings, f"{name}_url") is None]
        ports = {name: fixed_port(name, self.settings.worker_port_base) or free_port() for name in missing}
        if "provider" in missing and self.settings.webhook_url is None:
            self._know(webhook_url=f"{self.api_url}/api/v1/webhooks/http")
        for name, port in ports.items():
            secret = password(self.settings.keys_folder, name)
            self._know(**{f"{name}_url": f"http://commerce:{secret}@{LOOPBACK}:{port}"})
        return [self._worker(name, port) for name, port in ports.items()]

    def _environment(self, process: str) -> dict[str, str]:
        """What a process is told, of our own broker the address for its user; the owner's database URL is not for
        it, and a secret of the provider's only for those who need it."""
        calls = {"provider_calls", "carrier_calls"}  # of several variables each, which are inherited
        withheld = {"admin_database_url"} | {name for name, readers in _READERS.items() if process not in readers}
        told = self.settings.model_dump(exclude_none=True, exclude=withheld | calls)
        if self._nats is not None and process != API:
            told["broker_url"] = self._nats.url_of(process)
        ours = {f"COMMERCE_{name.upper()}": str(value) for name, value in told.items()}
        kept_back = {f"COMMERCE_{name.upper()}" for name in withheld}
        inherited = {name: value for name, value in os.environ.items() if name not in kept_back}
        return inherited | ours | {"PYTHONUNBUFFERED": "1"}

    def _know(self, **addresses: str) -> None:
        self.settings = self.settings.model_copy(update=addresses)

    def _write_run_file(self) -> None:
        names = ("database_url", "admin_database_url", "broker_url", "provider_url", "carrier_url")
        known = {name: getattr(self.settings, name) for name in names if getattr(self.settings, name)}
        api = {"api_url": self.api_url} if self._api else {}
        write_run_file(self.settings.run_file, known | api, self._supervisor.processes())


def worker_names(counts: Mapping[str, int], *, together: bool) -> list[str]:
    """The workers' processes, by how many there are of each kind; `together`, the first of each kind share one."""
    first = 2 if together else 1
    each = [f"{name}-{n}" if n > 1 else name for name, count in counts.items() for n in range(first, count + 1)]
    return [ALL_WORKERS, *each] if together else each
