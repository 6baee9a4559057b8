"""The parts of a system on one machine: which are ours, the order they start in, and their addresses."""

from __future__ import annotations

import os
import time

from commerce.cli.given_servers import place_of
from commerce.cli.migrate import applied_line
from commerce.cli.processes import SIMULATORS, Process, api_process, worker_process
from commerce.cli.run_file import write_run_file
from commerce.cli.supervisor import Say, Supervisor
from commerce.cli.wakeup import Wakeup
from commerce.embedded import EmbeddedNats, EmbeddedPostgres
from commerce.embedded.ports import free_port
from commerce.eventstore.migrate import migrate
from commerce.settings import Settings

_POSTGRES, _NATS, _SIMULATORS, _WORKERS, _API = range(5)
"""Stages: the latest ends first. They start in this order, but for the API, which needs nothing but the database to answer."""
_HEALTHY_SECONDS = 90.0


class RunningSystem:
    """One system under one `COMMERCE_HOME`; `settings` knows every address once `start` has returned."""

    def __init__(self, settings: Settings, wakeup: Wakeup, say: Say) -> None:
        self.settings = settings
        self._say = say
        self._logs = settings.home / "logs"
        self._api: Process | None = None
        self._supervisor = Supervisor(wakeup, self._logs, say, self._write_run_file)

    @property
    def api_url(self) -> str:
        """Where the API is, once started."""
        return self._api.url() if self._api else ""

    def start(self, replicas: dict[str, int]) -> None:
        """Start everything and wait until it is well.

        Raises `BadUsage` for an address or folder that cannot be used, `Unavailable` for a process that does not get well.
        """
        self._say(f"commerce keeps its data, keys and logs in {self.settings.home}")
        self._start_database()
        self._start_broker()
        self._migrate()
        self._start_processes(replicas)

    def keep_running(self) -> None:
        """Keep everything running until `StopRequested`."""
        self._supervisor.keep_running()

    def stop(self) -> None:
        """End everything in order; nothing runs any more, and `run.json` says so by being gone."""
        self._supervisor.stop()
        self.settings.run_file.unlink(missing_ok=True)

    def _start_database(self) -> None:
        if self.settings.database_url is not None:
            self._say("PostgreSQL: the one of COMMERCE_DATABASE_URL")
            return
        self._say("PostgreSQL: starting our own (the first time it makes a data folder)")
        began = time.monotonic()
        server = EmbeddedPostgres(self.settings.home)
        self._supervisor.start("postgres", server, stage=_POSTGRES)
        self._know(database_url=server.app_url, admin_database_url=server.admin_url)
        self._say(f"  took {time.monotonic() - began:.1f} s, listens on {place_of(server.app_url)}")

    def _start_broker(self) -> None:
        if self.settings.broker_url is not None:
            self._say("NATS: the one of COMMERCE_BROKER_URL")
            return
        server = EmbeddedNats(self.settings.home)
        self._supervisor.start("nats", server, stage=_NATS, url=lambda: server.monitor_url)
        self._know(broker_url=server.url)
        self._say(f"NATS: started our own with JetStream, listens on {place_of(server.url)}")

    def _migrate(self) -> None:
        if self.settings.admin_database_url is None:
            self._say("migrations: COMMERCE_ADMIN_DATABASE_URL is not set, so `commerce migrate` is left to you")
            return
        self._say(applied_line(migrate(self.settings.admin_database_url, self.settings.required("database_url"))))

    def _start_processes(self, replicas: dict[str, int]) -> None:
        simulators = self._simulators()
        workers = [worker_process(name, self._environment(), self._logs) for name in _replica_names(replicas)]
        self._api = api_process(self._environment(), self._logs, self.settings.api_host, self.settings.api_port)
        self._start_together([(_API, self._api)])  # by itself: whoever waits for an answer need not wait for the others
        self._start_together(
            [*((_SIMULATORS, process) for process in simulators), *((_WORKERS, process) for process in workers)]
        )

    def _start_together(self, processes: list[tuple[int, Process]]) -> None:
        """Start processes, each of its stage, and wait until all are well."""
        self._say(f"starting {', '.join(process.name for _, process in processes)}")
        for stage, process in processes:
            self._supervisor.start(process.name, process, stage=stage, url=process.url)
        self._supervisor.await_healthy([(process.name, process) for _, process in processes], _HEALTHY_SECONDS)

    def _simulators(self) -> list[Process]:
        """The simulators of what has no address of its own; from now on the settings know theirs."""
        missing = [name for name in SIMULATORS if getattr(self.settings, f"{name}_url") is None]
        simulators = [worker_process(name, self._environment(), self._logs, port=free_port()) for name in missing]
        self._know(**{f"{process.name}_url": process.url() for process in simulators})
        return simulators

    def _environment(self) -> dict[str, str]:
        """What every process is told; the owner's database URL is not for them."""
        told = self.settings.model_dump(exclude_none=True, exclude={"admin_database_url"})
        ours = {f"COMMERCE_{name.upper()}": str(value) for name, value in told.items()}
        inherited = {name: value for name, value in os.environ.items() if name != "COMMERCE_ADMIN_DATABASE_URL"}
        return inherited | ours | {"PYTHONUNBUFFERED": "1"}

    def _know(self, **addresses: str) -> None:
        self.settings = self.settings.model_copy(update=addresses)

    def _write_run_file(self) -> None:
        names = ("database_url", "admin_database_url", "broker_url", "provider_url", "carrier_url")
        known = {name: getattr(self.settings, name) for name in names if getattr(self.settings, name)}
        api = {"api_url": self.api_url} if self._api else {}
        write_run_file(self.settings.run_file, known | api, self._supervisor.processes())


def _replica_names(replicas: dict[str, int]) -> list[str]:
    return [f"{name}-{n}" if n > 1 else name for name, count in replicas.items() for n in range(1, count + 1)]
