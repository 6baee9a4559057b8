"""The slow check that never ends: goes round through the read models, and remembers which rows are not what their
events say."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing, suppress
from itertools import islice
from typing import Any

import structlog

from commerce.eventstore import EventStore, Stop, find_stops
from commerce.runtime.error_text import problem_text
from commerce.values.errors import Unavailable
from projections.engine.maintenance import RowDifference
from projections.engine.projection import Key, Projection, fetch
from projections.engine.row_comparison import compare_rows
from projections.engine.verification_walk import STEP_ROWS, walk

CHECKED_EVENTS_PER_S = 2_000
"""The pace: a round through all read models takes their events, each read once for its row and once to see that
there is one, divided by this."""

_REST_FACTOR, _LONGEST_REST_S = 10, 5.0
"""It rests this many times as long as a step took, up to a limit, so that it leaves a busy machine to
others."""

_RECHECK_INTERVAL_S = 2.0
"""Seconds between looks at the rows that were found to differ, so that it shows when they are right again."""
SHORTEST_ROUND_S = 5.0
"""Seconds that a round takes at least."""
LONGEST_PAUSE_S = 60.0
"""Seconds from one round to the next where the first found nothing, and nothing has been written since."""
_PAUSE_S = 0.5
_WRITTEN = """
SELECT (SELECT max(notification_id) FROM commerce_events),
       array(SELECT (relid, n_tup_ins, n_tup_upd, n_tup_del, pg_relation_filenode(relid))::text
             FROM pg_stat_user_tables
             WHERE schemaname = 'projections' OR relname = ANY(ARRAY['commerce_corrections', 'commerce_events',
                 'commerce_parked', 'commerce_parked_sequences', 'commerce_tracking'])
             ORDER BY relid)
"""
"""Differs after each write to what rows and their events stand in, by whoever it was: PostgreSQL counts them, and has
counted one after ten seconds at most."""
_log = structlog.get_logger(__name__)


class ContinuousVerifier:
    """Checks the read models for which this process is `responsible`, one after the other.

    `differing` has the rows that differ now, `checked` how many rows and places of the log were passed, and
    `round_seconds` how long the last whole round took; all by read model.
    """

    def __init__(
        self, store: EventStore, projections: Sequence[Projection[Any]], responsible: Callable[[str], bool]
    ) -> None:
        self.differing: dict[str, dict[Key, RowDifference]] = {projection.name: {} for projection in projections}
        self.checked: dict[str, int] = {projection.name: 0 for projection in projections}
        self.round_seconds: dict[str, float] = {}
        self._store = store
        self._projections = projections
        self._responsible = responsible
        self._failing: dict[str, str] = {}
        self._stops: dict[str, Stop] = {}
        self._looked_again = 0.0
        self._found_right: object = None
        """What had been written, and what this process was responsible for, when the last round began, if it found
        nothing."""
        self._found_at = 0.0

    def problems(self) -> dict[str, str]:
        """The read models that stand still, have rows that differ, or cannot be checked, in words that say what
        to do."""
        found = {f"check of {name}": problem for name, problem in self._failing.items()}
        found |= {partition: str(stop) for partition, stop in self._stops.items()}
        for name, rows in self.differing.items():
            if rows:
                found[f"read model {name}"] = (
                    f"{len(rows)} rows differ from the log, such as {next(iter(rows))}; run commerce rebuild {name}"
                )
        return found

    async def run(self) -> None:
        """Go round for ever; the first time after a while, as a process that starts has other things to do."""
        await asyncio.sleep(SHORTEST_ROUND_S)
        while True:
            began, written = time.monotonic(), await self._written()
            if not self._is_found_right(written):
                is_whole = await self._go_round()
                is_right = is_whole and not self._failing and not any(self.differing.values())
                self._found_right = written if is_right else None
                self._found_at = began
            await self._look_for_stops()
            await asyncio.sleep(max(_PAUSE_S, SHORTEST_ROUND_S - (time.monotonic() - began)))

    async def _go_round(self) -> bool:
        """Whether nothing was put off."""
        is_whole = True
        for projection in self._projections:
            await self._look_for_stops()
            if self._responsible(projection.name):
                is_whole &= await self._try(projection)
            else:
                self.differing[projection.name].clear()
                self._failing.pop(projection.name, None)
        return is_whole

    def _is_found_right(self, written: object) -> bool:
        """Whether nothing has been written since a round that found nothing, which is not long ago."""
        return (
            written is not None and written == self._found_right and time.monotonic() - self._found_at < LONGEST_PAUSE_S
        )

    async def _written(self) -> object:
        """What differs when there is something new to check; None while the database is away."""
        names = {projection.name for projection in self._projections if self._responsible(projection.name)}
        with suppress(Unavailable):
            return names, await fetch(self._store.pool, _WRITTEN)
        return None

    async def _look_for_stops(self) -> None:
        """Note which read models stand still, in any process."""
        with suppress(Unavailable):
            names = {projection.name for projection in self._projections}
            stops = await find_stops(self._store.pool)
            self._stops = {stop.partition: stop for stop in stops if stop.subscription in names}

    async def _try(self, projection: Projection[Any]) -> bool:
        """Go through one read model, unless the database or an event keeps it from being checked; whether it was not
        put off."""
        try:
            await self._go_through(projection)
            self._failing.pop(projection.name, None)
        except Unavailable as error:  # the subscriptions' health says so
            _log.info("check put off", read_model=projection.name, reason=str(error))
            return False
        except Exception as error:  # noqa: BLE001 - what keeps one read model from being checked must not end all checks
            self._failing[projection.name] = problem_text(error)
        return True

    async def _go_through(self, projection: Projection[Any]) -> None:
        began = time.monotonic()
        async with aclosing(walk(self._store.pool, projection)) as steps:
            step_began = began
            async for step in steps:
                took = time.monotonic() - step_began
                self.checked[projection.name] += step.passed
                self._note(projection, step.differences)
                await asyncio.sleep(max(step.events / CHECKED_EVENTS_PER_S, min(_REST_FACTOR * took, _LONGEST_REST_S)))
                await self._look_again()
                step_began = time.monotonic()
        self.round_seconds[projection.name] = time.monotonic() - began

    def _note(self, projection: Projection[Any], differences: Mapping[Key, RowDifference]) -> None:
        known = self.differing[projection.name]
        for key, found in differences.items():
            if key not in known:
                about = {"key": str(key), "how": found.kind, "fields": found.fields}
                _log.error("row differs from the log", read_model=projection.name, **about)
            known[key] = found

    async def _look_again(self) -> None:
        """Now and then, forget the rows that are right again."""
        if time.monotonic() - self._looked_again < _RECHECK_INTERVAL_S:
            return
        self._looked_again = time.monotonic()
        await self._look_for_stops()
        for projection in self._projections:
            known = self.differing[projection.name]
            keys = list(islice(known, STEP_ROWS))
            still = (await compare_rows(self._store.pool, projection, keys)).differences if keys else {}
            for key in keys:
                if key not in still:
                    del known[key]
                    _log.info("row is right again", read_model=projection.name, key=str(key))
