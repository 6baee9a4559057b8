"""Whether a read model is whole: its table exists, has its shape, and still has its oldest rows. What is lost
is rebuilt."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from commerce.eventstore import (
    Filter,
    Pool,
    connection_from,
    parked_among,
    partition_of,
    read_corrected,
    read_slice,
)
from projections.engine.projection import Folded, Key, Lost, Projection, fetch
from projections.engine.terms import terms_table

OLDEST_ROWS = 100
"""The rows of this many of a read model's first events are looked for: what empties a table takes them, too."""

_INDEX = re.compile(r"^CREATE (?:UNIQUE )?INDEX", re.MULTILINE)
_COLUMN = re.compile(r"^    (\w+) ", re.MULTILINE)
_SHAPE = """
SELECT to_regclass(%(table)s) IS NOT NULL,
       array(SELECT attname::text FROM pg_attribute WHERE attrelid = to_regclass(%(table)s) AND attnum > 0
       AND NOT attisdropped),
       (SELECT count(*) FROM pg_index WHERE indrelid = to_regclass(%(table)s) AND indisvalid),
       coalesce((SELECT json_object_agg(split_part(application_name, ':', 2), notification_id) FROM commerce_tracking
                 WHERE split_part(application_name, ':', 1) = %(name)s), '{}'),
       EXISTS (SELECT FROM commerce_tracking
               WHERE split_part(application_name, ':', 1) = %(name)s AND version <> %(version)s),
       (SELECT last_value FROM commerce_events_notification_id_seq),
       to_regclass(%(terms)s) IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class Damage:
    """What is wrong with a read model's table. Where `is_lost`, what it still shows may not be shown."""

    what: str
    is_lost: bool


def columns_of(projection: Projection[Any]) -> frozenset[str]:
    """The columns of a read model's table."""
    return frozenset(_COLUMN.findall(projection.bare_ddl))


def indexes_of(projection: Projection[Any]) -> int:
    """How many indexes a read model's table has, the key's included."""
    return 1 + len(_INDEX.findall(projection.ddl))


class Soundness:
    """Looks at the tables of read models; which rows are the oldest is found out once for each."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._oldest: dict[str, _Oldest] = {}

    async def damage(self, projection: Projection[Any]) -> Damage | None:
        """What is wrong with a read model, if anything is; that it is behind is not. Raises `Unavailable`."""
        about = {"table": projection.table, "name": projection.name, "version": projection.version}
        about["terms"] = terms_table(projection.table)
        ((exists, columns, indexes, positions, is_of_other_code, last, has_terms),) = await fetch(
            self._pool, _SHAPE, about
        )
        if exists and is_of_other_code:
            return None  # it knows its shape
        missing = columns_of(projection) - set(columns)
        lost = None
        if not exists:
            lost = "its table is gone"
        elif missing:
            lost = f"its table has no {', '.join(sorted(missing))}"
        elif projection.terms is not None and not has_terms:
            lost = "the table of what its rows are found by is gone"
        elif max(positions.values(), default=0) > last:
            lost = "its position is beyond the end of the log, so that events would be left out"
        elif await self._misses_rows(projection, positions):
            lost = "rows that it had are gone"
        elif indexes < indexes_of(projection):
            return Damage("an index of its table is gone", is_lost=False)
        return Damage(lost, is_lost=True) if lost else None

    async def _misses_rows(self, projection: Projection[Any], positions: Mapping[str, int]) -> bool:
        """Whether a row is not there that its partition has passed; what is known of the log is first looked at
        again."""
        known = self._oldest.setdefault(projection.name, _Oldest())
        await known.extend(self._pool, projection)
        if not await self._lacks(projection, positions, known.rows):
            return False
        first = self._oldest[projection.name] = _Oldest()
        while await first.extend(self._pool, projection):
            pass
        return await self._lacks(projection, positions, first.rows)

    async def _lacks(
        self, projection: Projection[Any], positions: Mapping[str, int], oldest: Mapping[Key, Folded[Any]]
    ) -> bool:
        due = [
            key
            for key, row in oldest.items()
            if row.first <= positions.get(str(partition_of(projection.place(key), projection.partitions)), 0)
        ]
        try:
            found = await fetch(
                self._pool, f"SELECT count(*) FROM {projection.table} WHERE {projection.key} = ANY(%s)", [due]
            )
            return int(found[0][0]) < len(due) and await self._lacks_unparked(projection, due)
        except Lost:
            return True

    async def _lacks_unparked(self, projection: Projection[Any], due: Iterable[Key]) -> bool:
        """Whether a row is not there of which no event is parked."""
        async with connection_from(self._pool) as connection:
            places = {key: str(projection.place(key)) for key in due}
            parked = await parked_among(connection, projection.name, places.values())
        shown = [key for key, place in places.items() if place not in parked]
        rows = await fetch(
            self._pool, f"SELECT count(*) FROM {projection.table} WHERE {projection.key} = ANY(%s)", [shown]
        )
        return int(rows[0][0]) < len(shown)


class _Oldest:
    """The rows that the first events for a read model begin: more of them as the log grows, up to `OLDEST_ROWS`
    events."""

    def __init__(self) -> None:
        self.rows: dict[Key, Folded[Any]] = {}
        self._events = 0
        self._until = 0

    async def extend(self, pool: Pool, projection: Projection[Any]) -> bool:
        """Look at what comes next in the log, if there is need for more; whether there still is more to look at."""
        if self._events >= OLDEST_ROWS:
            return False
        found = await read_slice(pool, self._until, Filter(projection.topics), OLDEST_ROWS - self._events)
        async with connection_from(pool) as connection:
            events = await read_corrected(connection, projection.name, found.events)
        self._until = found.until
        self._events += len(found.events)
        with suppress(Exception):  # an event that cannot be folded is parked, and that is told
            self.rows |= projection.fold_batch(self.rows, events)
        return found.more
