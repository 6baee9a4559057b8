"""Processes that handle a long rebuild: each fills a share of the new table, and leaves most of the machine to
others.

`python -m projections.engine.rebuild_processes PROJECTION REBUILD` is one of them; it ends with its standard input,
which its parent holds open.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from contextlib import suppress
from typing import Any

import psycopg
import structlog

from commerce.eventstore import Engine, EventStore, open_store
from commerce.runtime.garbage import collect_rarely
from commerce.runtime.logs import configure_logs
from commerce.runtime.settings import load_settings
from commerce.runtime.tasks import end_tasks
from commerce.runtime.tokens import load_keys
from commerce.values.errors import BadUsage, Unavailable
from projections import projection_of
from projections.engine import maintenance, rebuild_tables
from projections.engine.projection import Projection

_NICENESS = 19
_LOOK_INTERVAL_S = 1.0
_END_TIMEOUT_S = 10.0
_log = structlog.get_logger(__name__)


class HelperProcesses:
    """The helping processes of one process: one for every two cores, so that others find one free."""

    def __init__(self) -> None:
        self._processes: list[Process] = []

    @property
    def at_work(self) -> bool:
        """Whether there are any."""
        return bool(self._processes)

    @property
    def lost(self) -> bool:
        """Whether one has ended that should not have."""
        return any(process.returncode is not None for process in self._processes)

    async def start(self, store: EventStore, projection: Projection[Any], number: int) -> bool:
        """Have them help with the rebuild that bears this number; false where none can be started."""
        command = [sys.executable, "-m", "projections.engine.rebuild_processes", projection.name, str(number)]
        environment = {**os.environ, "COMMERCE_DATABASE_URL": store.address}
        try:
            for _ in range(min(max(1, (os.cpu_count() or 1) // 2), projection.partitions)):
                self._processes.append(await asyncio.create_subprocess_exec(*command, stdin=PIPE, env=environment))
                _give_way(self._processes[-1].pid)
        except OSError as error:
            _log.warning("too few help with the rebuild", error=str(error), helpers=len(self._processes))
        return self.at_work

    async def stop(self) -> None:
        """Let them finish the batches under way and end."""
        for process in self._processes:
            if process.stdin is not None:
                process.stdin.close()
        while self._processes:
            await _ended(self._processes[-1])
            self._processes.pop()


def _give_way(pid: int) -> None:
    """Let a process have what nobody else wants. On Linux, a core that does only such work counts as free for
    others."""
    if sys.platform == "linux":
        os.sched_setscheduler(pid, os.SCHED_IDLE, os.sched_param(0))
    else:
        os.setpriority(os.PRIO_PROCESS, pid, _NICENESS)


async def _ended(process: Process) -> None:
    """Wait for a process that has been let go; one that takes too long is killed."""
    try:
        async with asyncio.timeout(_END_TIMEOUT_S):
            await process.wait()
    except TimeoutError:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def _help(name: str, number: int) -> None:
    projection = projection_of(name)
    settings = load_settings()
    address, master = settings.required("database_url"), load_keys(settings).master
    async with open_store(address, master, "projections helper") as store:
        copies = [
            rebuild_tables.copy_of(projection, each)
            for each in await maintenance.under_way(store.pool, "rebuild")
            if each.id == number
        ]
        engine = Engine(store, copies, concurrent_partitions=1)
        await engine.start()
        saying = asyncio.create_task(_say_what_fails(store, engine, number))
        try:
            await _end_of_input()
        finally:
            await end_tasks([saying])
            await engine.stop()


async def _end_of_input() -> None:
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    await reader.read()


async def _say_what_fails(store: EventStore, engine: Engine, number: int) -> None:
    """Let those who watch the rebuild know of an event that cannot be folded, and of its end."""
    said: str | None = None
    while True:
        await asyncio.sleep(_LOOK_INTERVAL_S)
        failing = next((each.problem for each in engine.progress() if each.problem), None)
        if failing != said:
            with suppress(Unavailable, psycopg.Error):
                await maintenance.note_problem(store.pool, number, failing)
                said = failing


def main() -> None:
    """Help until the parent closes the standard input, or is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent handles Ctrl-C
    configure_logs("projections helper")
    collect_rarely()
    try:
        asyncio.run(_help(sys.argv[1], int(sys.argv[2])))
    except BadUsage as error:
        _log.error(str(error))
        sys.exit(2)


if __name__ == "__main__":
    main()
