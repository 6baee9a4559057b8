"""Goes through everything of a read model, step by step: its rows in the order of their keys, then the keys of its facts."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any

from commerce.eventstore.reading import Pool
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


async def walk(pool: Pool, projection: Projection[Any]) -> AsyncGenerator[Step, None]:
    """Check every row there is, then whether there is a row wherever there should be. Raises what `check` raises."""
    async for step in _through_rows(pool, projection):
        yield step
    async for step in _through_log(pool, projection):
        yield step


async def _through_rows(pool: Pool, projection: Projection[Any]) -> AsyncGenerator[Step, None]:
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
        checked = await check(pool, projection, keys)
        yield Step(len(keys), checked.facts, checked.differences)
        after = keys[-1]


async def _through_log(pool: Pool, projection: Projection[Any]) -> AsyncGenerator[Step, None]:
    """Look for rows that are missing, up to where the walk through the log began."""
    chosen = Filter(projection.topics)
    position, end = 0, min((await live_positions(pool, projection)).values())
    while position < end:
        found = await read_slice(pool, position, chosen, FACTS_AT_ONCE)
        keys = {projection.key_of(recorded) for recorded in found.facts}
        there = await fetch(
            pool, f"SELECT {projection.key} FROM {projection.table} WHERE {projection.key} = ANY(%s)", [list(keys)]
        )
        checked = await check(pool, projection, keys - {row[0] for row in there})
        yield Step(found.until - position, len(found.facts) + checked.facts, checked.differences)
        position = found.until
