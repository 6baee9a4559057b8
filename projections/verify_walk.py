"""Goes through everything of a read model, step by step: its rows in the order of their keys, then the keys of its facts."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from eventsourcing.persistence import MapperDeserialisationError

from commerce.eventstore.reading import Pool
from commerce.eventstore.records import Recorded
from commerce.eventstore.tail import Filter, read_slice
from projections.projection import Key, Projection, fetch
from projections.upkeep import Difference
from projections.verify import check, live_positions

ROWS_AT_ONCE = 100
FACTS_AT_ONCE = 1_000
"""What one step looks at."""


@dataclass(frozen=True, slots=True)
class Step:
    """What one step did: how many rows and places of the log it passed, how many facts it read, and what it found."""

    passed: int
    facts: int
    differences: dict[Key, Difference]


async def size(pool: Pool, projection: Projection[Any]) -> int:
    """How much a walk will pass."""
    (found,) = await fetch(
        pool,
        f"""SELECT (SELECT count(*) FROM {projection.table})
                 + (SELECT coalesce(max(notification_id), 0) FROM commerce_events)""",
        [],
    )
    return int(found[0])


async def walk(pool: Pool, projection: Projection[Any], until: int = 0) -> AsyncGenerator[Step, None]:
    """Check every row there is, then whether there is a row wherever there should be; facts up to `until` have to be shown.

    Raises what `check` raises.
    """
    async for step in _through_rows(pool, projection, until):
        yield step
    async for step in _through_log(pool, projection, until):
        yield step


async def _through_rows(pool: Pool, projection: Projection[Any], until: int) -> AsyncGenerator[Step, None]:
    after: Key | None = None
    while True:
        beyond = "true" if after is None else f"{projection.key} > %s"
        rows = await fetch(
            pool,
            f"SELECT {projection.key} FROM {projection.table} WHERE {beyond} ORDER BY {projection.key} LIMIT %s",
            [*([] if after is None else [after]), ROWS_AT_ONCE],
        )
        if not rows:
            return
        keys = [row[0] for row in rows]
        checked = await check(pool, projection, keys, until)
        yield Step(len(keys), checked.facts, checked.differences)
        after = keys[-1]


async def _through_log(pool: Pool, projection: Projection[Any], until: int) -> AsyncGenerator[Step, None]:
    """Look for rows that are missing, up to where the walk through the log began."""
    chosen = Filter(projection.topics)
    position, end = 0, max(until, min((await live_positions(pool, projection)).values()))
    while position < end:
        found = await read_slice(pool, position, chosen, FACTS_AT_ONCE)
        keys = _keys_of(projection, found.facts)
        there = await fetch(
            pool, f"SELECT {projection.key} FROM {projection.table} WHERE {projection.key} = ANY(%s)", [list(keys)]
        )
        checked = await check(pool, projection, keys - {row[0] for row in there}, until)
        yield Step(found.until - position, len(found.facts) + checked.facts, checked.differences)
        position = found.until


def _keys_of(projection: Projection[Any], facts: Iterable[Recorded]) -> set[Key]:
    """The rows that facts belong to, as far as that can be read; at one that cannot be read, the read model stands still."""
    keys = set[Key]()
    for recorded in facts:
        with suppress(MapperDeserialisationError):
            keys.add(projection.key_of(recorded))
    return keys
