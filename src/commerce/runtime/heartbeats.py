"""Who is alive: every process with a log reports itself while it runs, and is missed when it stops doing so
without a word."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID, uuid4

import psycopg
import structlog
from psycopg import AsyncConnection
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from commerce.eventstore import Pool, connection_from
from commerce.runtime.code_version import code_version
from commerce.runtime.watchdog import Watchdog, watched_loop
from commerce.values.errors import Unavailable

BEAT_INTERVAL_S = 2.0
"""Seconds between two heartbeats."""

MISSING_AFTER_S = 10.0
FORGOTTEN_AFTER_S = 86_400.0
"""Seconds without a heartbeat after which a process counts as missing, and after which nobody misses it any more."""

Problems = Callable[[], Awaitable[dict[str, str]]]

_STOP_TIMEOUT_S = 1.0
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Worker:
    """A process of the system; `problems` are what it said last, by the name of the part."""

    name: str
    """What it is called."""
    version: str
    """The version of the code it runs."""
    host: str
    """The machine it runs on."""
    pid: int
    """Its process id on that machine."""
    since: datetime
    """Since when."""
    heartbeat: datetime
    """When it last said that it is alive."""
    status: Literal["ok", "failing", "missing"]
    """Where it stands."""
    problems: dict[str, str]
    """What does not work, by the name of the part."""


@asynccontextmanager
async def reported(pool: Pool, workers: Mapping[str, Problems]) -> AsyncIterator[None]:
    """Report the workers of this process, with what is wrong with each, until the block ends; then none is missed.

    A database that does not answer makes them miss heartbeats, and nothing else. Where a problem is `Stuck` and stays,
    the process ends.
    """
    own, ending = {name: uuid4() for name in workers}, asyncio.Event()
    task = asyncio.create_task(_report(pool, own, workers, ending), name="heartbeats")
    try:
        with watched_loop():
            yield
    finally:
        ending.set()
        await asyncio.wait([task])
        with suppress(Unavailable, TimeoutError, psycopg.Error):
            async with asyncio.timeout(_STOP_TIMEOUT_S), connection_from(pool) as connection:
                await connection.execute("DELETE FROM commerce_workers WHERE id = ANY(%s)", [list(own.values())])


async def _report(pool: Pool, own: Mapping[str, UUID], workers: Mapping[str, Problems], ending: asyncio.Event) -> None:
    failed, took_places, watchdogs = False, False, {name: Watchdog() for name in workers}
    while not ending.is_set():
        each = await asyncio.gather(*(problems() for problems in workers.values()))
        found = dict(zip(workers, each, strict=True))
        for name, problems in found.items():
            watchdogs[name].look(problems)
        try:
            async with asyncio.timeout(BEAT_INTERVAL_S):
                await _beat(pool, own, found)
                if not took_places:
                    await _take_places(pool, list(workers))
            failed, took_places = False, True
        except (Unavailable, TimeoutError, psycopg.Error) as error:
            if not failed:
                _log.warning("no heartbeat", reason=type(error).__name__)
            failed = True
        with suppress(TimeoutError):
            await asyncio.wait_for(ending.wait(), BEAT_INTERVAL_S)


async def _beat(pool: Pool, own: Mapping[str, UUID], found: Mapping[str, dict[str, str]]) -> None:
    rows = [own[name] for name in found], list(found), [Jsonb(problems) for problems in found.values()]
    async with connection_from(pool) as connection:
        await connection.execute(
            """INSERT INTO commerce_workers (id, name, version, host, pid, problems)
               SELECT id, name, %s, %s, %s, problems FROM unnest(%s::uuid[], %s::text[], %s::jsonb[])
                   AS worker(id, name, problems)
               ON CONFLICT (id) DO UPDATE SET heartbeat = clock_timestamp(), problems = excluded.problems""",
            [code_version(), socket.gethostname(), os.getpid(), *rows],
        )
        await connection.execute(
            "DELETE FROM commerce_workers WHERE heartbeat < clock_timestamp() - make_interval(secs => %s)",
            [FORGOTTEN_AFTER_S],
        )


async def _take_places(pool: Pool, names: list[str]) -> None:
    """One process of the same name that ended on this machine without a word is missed no more, as it was started
    again."""
    async with connection_from(pool) as connection, connection.transaction():
        cursor = await connection.execute(
            "SELECT id, name, pid FROM commerce_workers WHERE name = ANY(%s) AND host = %s ORDER BY heartbeat DESC "
            "FOR UPDATE SKIP LOCKED",
            [names, socket.gethostname()],
        )
        ended: dict[str, UUID] = {}
        for worker, name, pid in await cursor.fetchall():
            if name not in ended and not _runs(pid):
                ended[name] = worker
        await connection.execute("DELETE FROM commerce_workers WHERE id = ANY(%s)", [list(ended.values())])


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


async def find_workers(pool: Pool) -> list[Worker]:
    """Every process that runs, or ended without saying so less than a day ago. Raises `Unavailable`."""
    async with connection_from(pool) as connection:
        return await read_workers(connection)


async def find_troubles(pool: Pool, parts: Collection[str]) -> dict[str, str]:
    """What the processes that run say of parts outside, such as a payment provider; where they differ, one of them.

    Raises `Unavailable`.
    """
    workers = await find_workers(pool)
    return {
        part: said
        for worker in workers
        if worker.status == "failing"
        for part, said in worker.problems.items()
        if part in parts
    }


async def read_workers(connection: AsyncConnection[Any]) -> list[Worker]:
    """As `find_workers`, over one connection. Raises psycopg's errors."""
    cursor = connection.cursor(row_factory=class_row(Worker))
    await cursor.execute(
        """SELECT name, version, host, pid, since, heartbeat, problems,
                  CASE WHEN heartbeat < clock_timestamp() - make_interval(secs => %s) THEN 'missing'
                       WHEN problems <> '{}' THEN 'failing' ELSE 'ok' END AS status
           FROM commerce_workers ORDER BY name, since""",
        [MISSING_AFTER_S],
    )
    return await cursor.fetchall()
