"""Runs the verifications that were requested, one at a time; when a worker dies, another one starts over."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import psycopg
import structlog
from pydantic import TypeAdapter

from commerce.eventstore import EventStore, Pool, connection_from, find_stops, read_parked_summaries
from commerce.runtime.error_text import error_text, problem_text
from commerce.values.errors import Unavailable
from projections.engine import maintenance
from projections.engine.maintenance import LISTED_DIFFERENCES, MaintenanceJob, RowDifference
from projections.engine.progress import reached
from projections.engine.projection import Key, Lost, Projection
from projections.engine.row_comparison import live_positions
from projections.engine.verification_walk import size, walk

STANDSTILL_S = 5.0
"""Seconds after which a read model that is behind and does not move stands still."""

_FOUND = TypeAdapter(list[RowDifference])
_log = structlog.get_logger(__name__)


class Verifier:
    """One process's part in verifications: takes up the oldest that nobody works on."""

    def __init__(
        self, store: EventStore, projections: Sequence[Projection[Any]], requested: asyncio.Event | None = None
    ) -> None:
        """`requested` is set where somebody tells of requests; else they are looked for more often."""
        self.problem: str | None = None
        self._requested = requested
        self._store = store
        self._projections = {projection.name: projection for projection in projections}

    async def run(self) -> None:
        """Do what is asked for, for ever."""
        while True:
            try:
                for asked in await maintenance.under_way(self._store.pool, "verification"):
                    projection = self._projections.get(asked.projection)
                    if projection is not None and await maintenance.take(*self._job(asked)):
                        await self._try(projection, asked)
                self.problem = None
            except (Unavailable, psycopg.Error) as error:
                self.problem = f"waits: {error_text(error)}"
            await maintenance.await_requests(self._requested)

    async def _try(self, projection: Projection[Any], asked: MaintenanceJob) -> None:
        """Carry it out; what keeps it from its end is told, and ends it, unless the database is away for a while."""
        try:
            await self._handle(projection, asked)
        except maintenance.TakenOver:
            _log.info("verification left to others, or cancelled", projection=projection.name)
        except Lost as error:
            await self._end(asked, problem=str(error))
        except (Unavailable, psycopg.OperationalError) as error:
            await maintenance.note_problem(self._store.pool, asked.id, problem_text(error))
        except Exception as error:  # noqa: BLE001 - it would be the same the next time
            _log.exception("verification failed", projection=projection.name)
            await self._end(asked, problem=problem_text(error))

    async def _handle(self, projection: Projection[Any], asked: MaintenanceJob) -> None:
        if asked.cancelled:
            await self._end(asked, cancelled=True)
            return
        await maintenance.resume(self._store.pool, asked.id, 0)
        done, total = 0, await size(self._store.pool, projection)
        found: dict[Key, RowDifference] = {}
        head = await self._store.head()
        standing = await self._standing_still(projection, head)
        async for step in walk(self._store.pool, projection, head if standing else 0):
            done += step.passed
            found |= step.differences
            await self._report(asked, done, max(total, done), found)
        problem = standing or await self._parked(projection)
        await self._end(asked, problem=problem)
        _log.info("verified", projection=projection.name, differing=len(found), problem=problem)

    async def _standing_still(self, projection: Projection[Any], head: int) -> str | None:
        """Where a read model stands still; it does not while it comes nearer to the end that the log had, or is
        there."""
        seen: dict[int, int] = {}
        until = 0.0
        while not await reached(self._store.pool, projection, head):
            if stops := await find_stops(self._store.pool, projection.name):
                return "; ".join(map(str, stops))
            now = asyncio.get_running_loop().time()
            positions = await live_positions(self._store.pool, projection)
            if positions != seen:
                seen, until = positions, now + STANDSTILL_S
            elif now > until:
                where = ", ".join(f"{projection.name}:{number} at {place}" for number, place in sorted(seen.items()))
                return f"it does not move, and the log goes on to {head}: {where}"
            await asyncio.sleep(maintenance.LOOK_INTERVAL_S)
        return None

    async def _parked(self, projection: Projection[Any]) -> str | None:
        """What a read model does not show, as it waits."""
        async with connection_from(self._store.pool) as connection:
            summaries = await read_parked_summaries(connection)
        for summary in summaries:
            if summary.subscription == projection.name:
                return f"{summary.events} events are parked, and {summary.sequences} rows wait; see commerce parked"
        return None

    async def _report(self, asked: MaintenanceJob, done: int, total: int, found: dict[Key, RowDifference]) -> None:
        named = _FOUND.dump_json(list(found.values())[:LISTED_DIFFERENCES])
        await maintenance.report(*self._job(asked), done, total, differing=len(found), found=named)

    def _job(self, asked: MaintenanceJob) -> tuple[Pool, int, str]:
        return self._store.pool, asked.id, self._store.application_name

    async def _end(self, asked: MaintenanceJob, *, cancelled: bool = False, problem: str | None = None) -> None:
        async with connection_from(self._store.pool) as connection:
            await maintenance.end(connection, asked.id, cancelled=cancelled, problem=problem)
