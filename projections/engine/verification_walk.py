"""Goes through everything of a read model, step by step: its rows in the order of their keys, then the keys of
its events."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable
from contextlib import suppress
from typing import Any

from eventsourcing.persistence import MapperDeserialisationError

from commerce.eventstore import Filter, Pool, Recorded, read_slice
from projections.engine.projection import Key, Projection, fetch
from projections.engine.row_comparison import Checked, compare_rows, live_positions

STEP_ROWS = 100
STEP_EVENTS = 1_000
"""What one step looks at."""


async def size(pool: Pool, projection: Projection[Any]) -> int:
    """How much a walk will pass."""
    (found,) = await fetch(
        pool,
        f"""SELECT (SELECT count(*) FROM {projection.table})
                 + (SELECT coalesce(max(notification_id), 0) FROM commerce_events)""",
        [],
    )
    return int(found[0])


async def walk(pool: Pool, projection: Projection[Any], until: int = 0) -> AsyncGenerator[Checked, None]:
    """Check every row there is, then whether there is a row wherever there should be; events up to `until` have
    to be shown.

    Raises what `compare_rows` raises.
    """
    async for step in _through_rows(pool, projection, until):
        yield step
    async for step in _through_log(pool, projection, until):
        yield step


async def _through_rows(pool: Pool, projection: Projection[Any], until: int) -> AsyncGenerator[Checked, None]:
    after: Key | None = None
    while True:
        beyond = "true" if after is None else f"{projection.key} > %s"
        rows = await fetch(
            pool,
            f"SELECT {projection.key} FROM {projection.table} WHERE {beyond} ORDER BY {projection.key} LIMIT %s",
            [*([] if after is None else [after]), STEP_ROWS],
        )
        if not rows:
            return
        keys = [row[0] for row in rows]
        yield await compare_rows(pool, projection, keys, until)
        after = keys[-1]


async def _through_log(pool: Pool, projection: Projection[Any], until: int) -> AsyncGenerator[Checked, None]:
    """Look for rows that are missing, up to where the walk through the log began."""
    chosen = Filter(projection.topics)
    position, end = 0, max(until, min((await live_positions(pool, projection)).values()))
    while position < end:
        found = await read_slice(pool, position, chosen, STEP_EVENTS)
        keys = _keys_of(projection, found.events)
        there = await fetch(
            pool, f"SELECT {projection.key} FROM {projection.table} WHERE {projection.key} = ANY(%s)", [list(keys)]
        )
        checked = await compare_rows(pool, projection, keys - {row[0] for row in there}, until)
        yield Checked(found.until - position, len(found.events) + checked.events, checked.differences)
        position = found.until


def _keys_of(projection: Projection[Any], events: Iterable[Recorded]) -> set[Key]:
    """The rows that events belong to, as far as that can be read; at one that cannot be read, the read model
    stands still."""
    keys = set[Key]()
    for recorded in events:
        with suppress(MapperDeserialisationError):
            keys.add(projection.key_of(recorded))
    return keys
