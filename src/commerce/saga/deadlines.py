"""The table of deadlines, with a row for each deadline that a process waits for: who sets, reads and clears them.

`subscription` sets and clears rows as its processes move on; `deadline_clock` reads those that are due.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import class_row

from commerce.eventstore import Statement
from commerce.saga.process import Process

_READ_BATCH_DEADLINES = 200


class DeadlineRow(NamedTuple):
    """A deadline in the table; `seconds_left` by the database's clock, below zero once it is past."""

    process_id: UUID
    name: str
    order_id: UUID
    due_at: datetime
    seconds_left: float


def deadline_statements(moves: Iterable[tuple[Process | None, Process | None]]) -> list[Statement]:
    """What makes the table say what these processes wait for, given each as it was before and as it is now."""
    gone: list[tuple[UUID, str]] = []
    new: list[tuple[UUID, str, UUID, datetime]] = []
    for before, now in moves:
        former = before.deadlines if before else ()
        if now is None or former == now.deadlines:
            continue
        gone += [(now.id, one.name) for one in former if one not in now.deadlines]
        new += [(now.id, one.name, now.order_id, one.due_at) for one in now.deadlines if one not in former]
    statements = []
    if gone:
        statements.append(Statement(_CLEAR_DEADLINES, [list(column) for column in zip(*gone, strict=True)]))
    if new:
        statements.append(Statement(_SET_DEADLINES, [list(column) for column in zip(*new, strict=True)]))
    return statements


_CLEAR_DEADLINES = """
    DELETE FROM commerce_deadlines d USING unnest(%s::uuid[], %s::text[]) AS gone (process_id, name)
    WHERE d.process_id = gone.process_id AND d.name = gone.name"""

_SET_DEADLINES = """
    INSERT INTO commerce_deadlines (process_id, name, order_id, due_at)
    SELECT * FROM unnest(%s::uuid[], %s::text[], %s::uuid[], %s::timestamptz[])
    ON CONFLICT (process_id, name) DO UPDATE SET due_at = excluded.due_at"""


async def soonest_deadlines(connection: AsyncConnection, besides: Iterable[UUID] = ()) -> list[DeadlineRow]:
    """The deadlines that are due first, in that order, but for those of the processes `besides`."""
    cursor = connection.cursor(row_factory=class_row(DeadlineRow))
    await cursor.execute(
        """SELECT process_id, name, order_id, due_at,
                  extract(epoch FROM due_at - clock_timestamp())::float8 AS seconds_left
           FROM commerce_deadlines WHERE process_id <> ALL(%s::uuid[]) ORDER BY due_at LIMIT %s""",
        [list(besides), _READ_BATCH_DEADLINES],
    )
    return await cursor.fetchall()


async def clear_deadlines(connection: AsyncConnection, rows: Sequence[DeadlineRow]) -> None:
    """Delete these rows; one that was set again meanwhile has another `due_at`, and stays."""
    await connection.execute(
        """DELETE FROM commerce_deadlines d
           USING unnest(%s::uuid[], %s::text[], %s::timestamptz[]) AS past (process_id, name, due_at)
           WHERE d.process_id = past.process_id AND d.name = past.name AND d.due_at = past.due_at""",
        [[row.process_id for row in rows], [row.name for row in rows], [row.due_at for row in rows]],
    )
