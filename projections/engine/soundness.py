"""Whether a read model is whole: its table exists, has its shape, and still has its oldest rows. What is lost
is rebuilt."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
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
_SHAPES = """
SELECT model.name,
       to_regclass(model.place) IS NOT NULL,
       array(SELECT attname::text FROM pg_attribute WHERE attrelid = to_regclass(model.place) AND attnum > 0
       AND NOT attisdropped),
       (SELECT count(*) FROM pg_index WHERE indrelid = to_regclass(model.place) AND indisvalid),
       coalesce((SELECT json_object_agg(split_part(application_name, ':', 2), notification_id) FROM commerce_tracking
                 WHERE split_part(application_name, ':', 1) = model.name), '{}'),
       EXISTS (SELECT FROM commerce_tracking
               WHERE split_part(application_name, ':', 1) = model.name AND version <> model.version),
       (SELECT last_value FROM commerce_events_notification_id_seq),
       to_regclass(model.terms) IS NOT NULL
FROM unnest(%(names)s::text[], %(places)s::text[], %(versions)s::integer[], %(terms)s::text[])
    AS model (name, place, version, terms)
"""


@dataclass(frozen=True, slots=True)
class _Shape:
    """A read model's table as it is, with the positions of its partitions, and the last position of the log."""

    name: str
    exists: bool
    columns: Sequence[str]
    indexes: int
    positions: Mapping[str, int]
    is_of_other_code: bool
    last: int
    has_terms: bool

    def loss(self, projection: Projection[Any]) -> str | None:
        """What is lost of it, its rows apart."""
        missing = columns_of(projection) - set(self.columns)
        if not self.exists:
            return "its table is gone"
        if missing:
            return f"its table has no {', '.join(sorted(missing))}"
        if projection.terms is not None and not self.has_terms:
            return "the table of what its rows are found by is gone"
        if max(self.positions.values(), default=0) > self.last:
            return "its position is beyond the end of the log, so that events would be left out"
        return None


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
        return (await self.damages([projection])).get(projection.name)

    async def damages(self, projections: Iterable[Projection[Any]]) -> dict[str, Damage]:
        """What is wrong with read models, by the names of those with which something is. Raises `Unavailable`."""
        found: dict[str, Damage] = {}
        whole: dict[str, tuple[Projection[Any], _Shape]] = {}
        shapes = await self._shapes(projections := list(projections))
        for projection, shape in zip(projections, shapes, strict=True):
            if shape.exists and shape.is_of_other_code:
                continue  # it knows its shape
            if lost := shape.loss(projection):
                found[projection.name] = Damage(lost, is_lost=True)
            else:
                whole[projection.name] = projection, shape
        for name in await self._short_of_rows(whole.values()):
            if await self._misses_rows(*whole[name]):
                found[name] = Damage("rows that it had are gone", is_lost=True)
        for name, (projection, shape) in whole.items():
            if name not in found and shape.indexes < indexes_of(projection):
                found[name] = Damage("an index of its table is gone", is_lost=False)
        return found

    async def _shapes(self, projections: Sequence[Projection[Any]]) -> list[_Shape]:
        about = {
            "names": [projection.name for projection in projections],
            "places": [projection.table for projection in projections],
            "versions": [projection.version for projection in projections],
            "terms": [terms_table(projection.table) for projection in projections],
        }
        shapes = {row[0]: _Shape(*row) for row in await fetch(self._pool, _SHAPES, about)}
        return [shapes[projection.name] for projection in projections]

    async def _short_of_rows(self, models: Iterable[tuple[Projection[Any], _Shape]]) -> set[str]:
        """The names of those that may miss rows: one statement counts the oldest rows of all of them."""
        due: dict[str, list[Key]] = {}
        counts, parameters = [], list[object]()
        for projection, shape in models:
            known = self._oldest.setdefault(projection.name, _Oldest())
            await known.extend(self._pool, projection, shape.last)
            if keys := _due(projection, shape.positions, known.rows):
                due[projection.name] = keys
                counts.append(
                    f"SELECT '{projection.name}', count(*) FROM {projection.table} WHERE {projection.key} = ANY(%s)"
                )
                parameters.append(keys)
        if not due:
            return set()
        try:
            found = dict(await fetch(self._pool, " UNION ALL ".join(counts), parameters))
        except Lost:  # one of them has just lost its table
            return set(due)
        return {name for name, keys in due.items() if found[name] < len(keys)}

    async def _misses_rows(self, projection: Projection[Any], shape: _Shape) -> bool:
        """Whether a row is not there that its partition has passed; what is known of the log is first looked at
        again."""
        if not await self._lacks(projection, shape.positions, self._oldest[projection.name].rows):
            return False
        first = self._oldest[projection.name] = _Oldest()
        while await first.extend(self._pool, projection, shape.last):
            pass
        return await self._lacks(projection, shape.positions, first.rows)

    async def _lacks(
        self, projection: Projection[Any], positions: Mapping[str, int], oldest: Mapping[Key, Folded[Any]]
    ) -> bool:
        due = _due(projection, positions, oldest)
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


def _due(projection: Projection[Any], positions: Mapping[str, int], oldest: Mapping[Key, Folded[Any]]) -> list[Key]:
    """The oldest rows whose partitions have passed their first events."""
    return [
        key
        for key, row in oldest.items()
        if row.first <= positions.get(str(partition_of(projection.place(key), projection.partitions)), 0)
    ]


class _Oldest:
    """The rows that the first events for a read model begin: more of them as the log grows, up to `OLDEST_ROWS`
    events."""

    def __init__(self) -> None:
        self.rows: dict[Key, Folded[Any]] = {}
        self._events = 0
        self._until = 0

    async def extend(self, pool: Pool, projection: Projection[Any], last: int) -> bool:
        """Look at what comes next in the log, whose last position this is, if there is need for more; whether there
        still is more to look at."""
        if self._events >= OLDEST_ROWS or self._until >= last:
            return False
        found = await read_slice(pool, self._until, Filter(projection.topics), OLDEST_ROWS - self._events)
        async with connection_from(pool) as connection:
            events = await read_corrected(connection, projection.name, found.events)
        self._until = found.until
        self._events += len(found.events)
        with suppress(Exception):  # an event that cannot be folded is parked, and that is told
            self.rows |= projection.fold_batch(self.rows, events)
        return found.more
