"""Runs rebuilds in the processes that run the projections, which share the partitions of the new table among them.

`rebuild_tables` makes that table, beside the one that queries read, and puts it in its place.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import psycopg
import structlog

from commerce.eventstore import Engine, EventStore, connection_from, find_stops
from commerce.runtime.error_text import error_text, problem_text
from commerce.runtime.tasks import uninterrupted
from commerce.values.errors import Unavailable
from projections.engine import maintenance, rebuild_tables
from projections.engine.maintenance import MaintenanceJob
from projections.engine.projection import Projection
from projections.engine.rebuild_processes import HelperProcesses
from projections.engine.soundness import Soundness

_RETRY_DELAY_S = 2.0
"""Seconds between attempts to put the new table in place."""
_CLOSE_EVENTS = 5_000
"""The new table can be put in place once it is this close to the end of the log."""

_MEND_INTERVAL_S = 1.0
"""Seconds between looks at whether read models are damaged."""
_SURE_AFTER_S = 2.0
"""An event that cannot be folded for this many seconds never will be."""

LONG_REBUILD_EVENTS = 200_000
"""From this many places of the log on, helper processes do the work; for fewer, starting them takes longer than they
save."""
_log = structlog.get_logger(__name__)


class Rebuilder:
    """One process's part in rebuilds: one at a time, the oldest first. The first process that is done puts the
    new table in place."""

    def __init__(
        self, store: EventStore, projections: Sequence[Projection[Any]], requested: asyncio.Event | None = None
    ) -> None:
        """`requested` is set where somebody tells of requests; else they are looked for more often."""
        self.problem: str | None = None
        self._requested = requested
        self._store = store
        self._projections = {projection.name: projection for projection in projections}
        self._current: MaintenanceJob | None = None
        self._engine: Engine | None = None
        self._helpers = HelperProcesses()
        self._next_attempt = 0.0
        self._gets_on = 0.0
        self._soundness = Soundness(store.pool)
        self._damaged: dict[str, str] = {}
        self._next_mending = 0.0

    async def run(self) -> None:
        """Do what is asked for, for ever; at the start, ask for what a change of the code makes necessary."""
        asked, is_at_work = False, False
        try:
            while True:
                try:
                    if not asked:
                        await rebuild_tables.request_outdated(self._store.pool, self._projections.values())
                        asked = True
                    is_at_work = self._current is not None
                    await self._mend()
                    await self._look()
                    self.problem = None
                except (Unavailable, psycopg.Error, rebuild_tables.NotYet) as error:
                    self.problem = f"waits: {error_text(error)}"
                if is_at_work or self._current is not None:
                    await asyncio.sleep(maintenance.LOOK_INTERVAL_S)
                else:
                    await maintenance.await_requests(self._requested)
        finally:
            await uninterrupted(self._stop())

    def problems(self) -> dict[str, str]:
        """What is wrong, by part: what keeps rebuilds from being handled, and read models that are damaged."""
        found = {f"read model {name}": f"{what}; it is rebuilt" for name, what in self._damaged.items()}
        return found | ({"rebuilds": self.problem} if self.problem else {})

    async def _mend(self) -> None:
        """Now and then, request a rebuild of damaged read models; what is left of one that lost rows is shown to
        nobody."""
        now = asyncio.get_running_loop().time()
        if now < self._next_mending:
            return
        self._next_mending = now + _MEND_INTERVAL_S
        damages = await self._soundness.damages(self._projections.values())
        for name, projection in self._projections.items():
            damage = damages.get(name)
            if damage is None:
                self._damaged.pop(name, None)
                continue
            if name not in self._damaged:
                _log.error("read model damaged", read_model=name, what=damage.what)
            self._damaged[name] = damage.what
            if damage.is_lost:
                await rebuild_tables.drop_lost(self._store.pool, projection)
            await rebuild_tables.request_lost(self._store.pool, projection)

    async def _look(self) -> None:
        wanted = await self._wanted()
        if self._current is not None and (wanted is None or wanted.id != self._current.id or wanted.cancelled):
            await self._stop()
        if wanted is None:
            return
        projection = self._projections[wanted.projection]
        if wanted.cancelled or wanted.version < projection.version:
            await self._give_up(projection, wanted)
        elif self._engine is None:
            await self._begin(projection, wanted)
        elif self._helpers.lost:
            await self._stop()  # and begin again
        else:
            await self._go_on(projection, wanted, self._engine)

    async def _wanted(self) -> MaintenanceJob | None:
        """The oldest rebuild that is this code's to do: not one for a newer version of it."""
        for asked in await maintenance.under_way(self._store.pool, "rebuild"):
            projection = self._projections.get(asked.projection)
            if projection is not None and asked.version <= projection.version:
                return asked
        return None

    async def _begin(self, projection: Projection[Any], wanted: MaintenanceJob) -> None:
        """Make the new table or, where it has been begun, take it up where it is."""
        if not await rebuild_tables.prepare(self._store.pool, projection, wanted):
            return
        done, total = await rebuild_tables.places_done(self._store.pool, wanted)
        await maintenance.resume(self._store.pool, wanted.id, done)
        helped = total - done >= LONG_REBUILD_EVENTS and await self._helpers.start(self._store, projection, wanted.id)
        self._current, self._next_attempt, self._gets_on = wanted, 0.0, asyncio.get_running_loop().time()
        self._engine = Engine(self._store, [] if helped else [rebuild_tables.copy_of(projection, wanted)])
        try:
            await self._engine.start()
        except (Unavailable, psycopg.Error):
            await self._stop()
            raise
        _log.info("rebuild begins", projection=projection.name, version=wanted.version, after_position=done)

    async def _go_on(self, projection: Projection[Any], wanted: MaintenanceJob, engine: Engine) -> None:
        done, total = await rebuild_tables.places_done(self._store.pool, wanted)
        failing = next((each.problem for each in engine.progress() if each.problem), None)
        async with connection_from(self._store.pool) as connection:
            await connection.execute(
                """UPDATE commerce_upkeep SET done = %s, total = %s, problem = CASE WHEN %s THEN problem ELSE %s END
                   WHERE id = %s AND ended_at IS NULL""",
                [done, total, self._helpers.at_work, failing, wanted.id],
            )
        worse = await rebuild_tables.newly_parked(self._store.pool, wanted)
        if problem := await self._cannot_end(projection, wanted, worse):
            await self._fail(wanted, problem)
            return
        now = asyncio.get_running_loop().time()
        is_too_soon = total - done > _CLOSE_EVENTS or now < self._next_attempt or worse is not None
        if is_too_soon or not await self._passes(projection, wanted):
            return
        try:
            await rebuild_tables.index(self._store.pool, projection, wanted)
            await rebuild_tables.swap(self._store.pool, projection, wanted)
        except rebuild_tables.NotYet:
            self._next_attempt = now + _RETRY_DELAY_S
        except (psycopg.errors.UndefinedTable, rebuild_tables.CorrectedMeanwhile) as error:
            await self._fail(wanted, problem_text(error))
        else:
            await self._stop()
            _log.info("rebuilt", projection=projection.name, version=wanted.version)

    async def _cannot_end(self, projection: Projection[Any], wanted: MaintenanceJob, worse: str | None) -> str | None:
        """Why the rebuild will not come to its end by itself: an event that cannot be folded stays one, and so
        does its row; `worse` names one that only the rebuild cannot fold."""
        stops = await find_stops(self._store.pool, rebuild_tables.name_of(wanted))
        now = asyncio.get_running_loop().time()
        self._gets_on = self._gets_on if stops or worse else now
        if (stops or worse) and now - self._gets_on > _SURE_AFTER_S:
            return str(stops[0]) if stops else worse
        if len(await rebuild_tables.positions_of(self._store.pool, wanted)) < projection.partitions:
            return "its positions are gone"
        return None

    async def _passes(self, projection: Projection[Any], wanted: MaintenanceJob) -> bool:
        """Whether the new table is past each event at which the one that is read stands still: else it would be
        no better."""
        stops = await find_stops(self._store.pool, projection.name)
        positions = await rebuild_tables.positions_of(self._store.pool, wanted) if stops else {}
        return all(positions.get(stop.number, 0) >= stop.position for stop in stops)

    async def _fail(self, wanted: MaintenanceJob, problem: str) -> None:
        """End a rebuild that cannot come to its end: others wait for it, and it holds on to its table."""
        await self._stop()
        await rebuild_tables.give_up(self._store.pool, wanted, problem)
        _log.error("rebuild failed", projection=wanted.projection, version=wanted.version, problem=problem)

    async def _give_up(self, projection: Projection[Any], unwanted: MaintenanceJob) -> None:
        """Drop the new table; where it was for an older version of the code, ask for one for this version."""
        try:
            await rebuild_tables.give_up(self._store.pool, unwanted)
        except rebuild_tables.NotYet:
            return
        _log.info("rebuild given up", projection=projection.name, version=unwanted.version)
        if unwanted.version < projection.version:
            await rebuild_tables.request_outdated(self._store.pool, [projection])

    async def _stop(self) -> None:
        """End what is under way."""
        if self._engine is not None:
            await self._engine.stop()
        await self._helpers.stop()
        self._engine = self._current = None
