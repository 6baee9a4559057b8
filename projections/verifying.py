"""Carries out verifications that were asked for, one at a time; when a worker dies, another one begins anew."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import psycopg
import structlog
from pydantic import TypeAdapter

from commerce.errors import Unavailable
from commerce.eventstore.reading import connection_from
from commerce.eventstore.store import EventStore
from projections import upkeep
from projections.projection import Key, Projection
from projections.upkeep import DIFFERENCES, Difference, Upkeep
from projections.verify_walk import size, walk

LOOK_EVERY = 0.25
"""Seconds between looks for requests."""

_DEAD_AFTER = "10 seconds"
_FOUND = TypeAdapter(list[Difference])
_log = structlog.get_logger(__name__)


class _Lost(Exception):
    """It was cancelled, or another worker has taken it over."""


class Verifier:
    """One process's part in verifications: takes up the oldest that nobody works on."""

    def __init__(self, store: EventStore, projections: Sequence[Projection[Any]]) -> None:
        self.problem: str | None = None
        self._store = store
        self._projections = {projection.name: projection for projection in projections}

    async def run(self) -> None:
        """Carry out what is asked for, for ever."""
        while True:
            try:
                for asked in await upkeep.under_way(self._store.pool, "verification"):
                    projection = self._projections.get(asked.projection)
                    if projection is not None and await self._take(asked):
                        await self._try(projection, asked)
                self.problem = None
            except (Unavailable, psycopg.Error) as error:
                self.problem = f"waits: {error}"
            await asyncio.sleep(LOOK_EVERY)

    async def _try(self, projection: Projection[Any], asked: Upkeep) -> None:
        """Carry it out; what keeps it from going on is told, and it is begun anew."""
        try:
            await self._carry_out(projection, asked)
        except _Lost:
            _log.info("verification left to others, or cancelled", projection=projection.name)
        except Exception as error:  # noqa: BLE001 - a fact that cannot be folded keeps this one from going on, and no other
            await upkeep.say(self._store.pool, asked.id, f"{type(error).__name__}: {error}"[:500])

    async def _take(self, asked: Upkeep) -> bool:
        """Make it this process's, unless another one has shown itself with it a short while ago."""
        async with connection_from(self._store.pool) as connection:
            cursor = await connection.execute(
                f"""UPDATE commerce_upkeep SET worker = %s, seen_at = clock_timestamp()
                    WHERE id = %s AND ended_at IS NULL
                      AND (worker = %s OR coalesce(seen_at, '-infinity') < clock_timestamp() - interval '{_DEAD_AFTER}')""",
                [self._store.application_name, asked.id, self._store.application_name],
            )
        return cursor.rowcount == 1

    async def _carry_out(self, projection: Projection[Any], asked: Upkeep) -> None:
        if asked.cancelled:
            await self._end(asked, cancelled=True)
            return
        await upkeep.take_up(self._store.pool, asked.id, 0)
        done, total = 0, await size(self._store.pool, projection)
        found: dict[Key, Difference] = {}
        async for step in walk(self._store.pool, projection):
            done += step.passed
            found |= step.differences
            await self._report(asked, done, max(total, done), found)
        await self._end(asked)
        _log.info("verified", projection=projection.name, differing=len(found))

    async def _report(self, asked: Upkeep, done: int, total: int, found: dict[Key, Difference]) -> None:
        """Say how far it is, and that it is still being worked on. Raises `_Lost`."""
        named = list(found.values())[:DIFFERENCES]
        async with connection_from(self._store.pool) as connection:
            cursor = await connection.execute(
                """UPDATE commerce_upkeep
                   SET done = %s, total = %s, differing = %s, found = %s::jsonb, seen_at = clock_timestamp()
                   WHERE id = %s AND worker = %s AND NOT cancelled AND ended_at IS NULL""",
                [done, total, len(found), _FOUND.dump_json(named).decode(), asked.id, self._store.application_name],
            )
        if cursor.rowcount == 0:
            raise _Lost

    async def _end(self, asked: Upkeep, *, cancelled: bool = False) -> None:
        async with connection_from(self._store.pool) as connection:
            await upkeep.end(connection, asked.id, cancelled=cancelled)
