"""What is parked, for people: groups of one cause, and the events of a group."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, LiteralString
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import class_row

from commerce.eventstore.read.log import Pool, connection_from

_LIVE = "strpos(p.subscription, '.') = 0"
"""Not of a rebuild under way, which parks what its read model has parked."""


@dataclass(frozen=True, slots=True)
class ParkedGroup:
    """Parked events of one subscription whose errors are of one kind and were raised at one place in the code."""

    group: str
    """What the group is called."""
    subscription: str
    """The subscription that cannot handle them, or the consumer."""
    error: str
    """The kind of the error."""
    place: str
    """The place in our code that raised it: module, function and line."""
    problem: str
    """What the error said that came last."""
    events: int
    """How many events failed."""
    waiting: int
    """How many later events wait behind them."""
    sequences: int
    """How many sequences wait, such as orders."""
    first_position: int
    """Where the first one stands in the log."""
    last_position: int
    """Where the last one stands in the log."""
    first_at: datetime
    """Since when the first one has been parked."""
    last_at: datetime
    """When one failed last."""


@dataclass(frozen=True, slots=True)
class ParkedItem:
    """One parked event of a group."""

    subscription: str
    position: int
    stream_id: UUID
    version: int
    correlation_id: UUID | None
    sequence: str
    topic: str
    problem: str
    attempts: int
    parked_at: datetime
    failed_at: datetime
    due_at: datetime | None
    """When it is tried again by itself; None where it is not any more."""
    state: bytes
    """Its payload, as it would be read now."""
    is_edited: bool
    is_message: bool
    """Whether it is a message of a consumer, which says nothing of its own."""


@dataclass(frozen=True, slots=True)
class ParkedSummary:
    """How much of one subscription is parked, and since when."""

    subscription: str
    events: int
    sequences: int
    since: datetime

    def __str__(self) -> str:
        return (
            f"{self.events} events of {self.sequences} sequences are parked by {self.subscription}, the first since"
            f" {self.since.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
        )


_GROUPS: LiteralString = f"""
WITH blocked AS (
    SELECT DISTINCT f.error_group, f.subscription, s.sequence
    FROM commerce_parked f JOIN commerce_parked_sequences s USING (subscription, position)
    WHERE f.error_group IS NOT NULL
), behind AS (
    SELECT blocked.error_group, count(DISTINCT w.position) AS events
    FROM blocked JOIN commerce_parked_sequences s USING (subscription, sequence)
    JOIN commerce_parked w ON w.subscription = s.subscription AND w.position = s.position AND w.error_group IS NULL
    GROUP BY 1
)
SELECT p.error_group AS group, p.subscription, min(p.error) AS error, min(p.place) AS place,
       (array_agg(p.problem ORDER BY p.failed_at DESC))[1] AS problem, count(*) AS events,
       coalesce(min(behind.events), 0) AS waiting,
       count(DISTINCT p.keys[1]) AS sequences, min(p.position) AS first_position, max(p.position) AS last_position,
       min(p.parked_at) AS first_at, max(p.failed_at) AS last_at
FROM commerce_parked p LEFT JOIN behind USING (error_group)
WHERE p.error_group IS NOT NULL AND {_LIVE}
GROUP BY p.error_group, p.subscription ORDER BY p.error_group"""

_ITEMS: LiteralString = f"""
SELECT p.subscription, p.position, e.originator_id AS stream_id, e.originator_version AS version, e.correlation_id,
       p.keys[1] AS sequence, coalesce(c.topic, p.topic) AS topic, p.problem, p.attempts, p.parked_at, p.failed_at,
       CASE WHEN isfinite(p.due_at) THEN p.due_at END AS due_at, coalesce(c.state, e.state) AS state,
       c.state IS NOT NULL AS is_edited, p.message_subject IS NOT NULL AS is_message
FROM commerce_parked p
JOIN commerce_events e ON e.notification_id = p.position
LEFT JOIN commerce_corrections c ON c.subscription = p.subscription AND c.position = p.position
WHERE p.error_group = %s AND {_LIVE} AND p.position > %s AND (%s::bigint[] IS NULL OR p.position = ANY(%s))
ORDER BY p.position LIMIT %s"""


_PARKED_BY: LiteralString = f"""
SELECT p.subscription FROM commerce_parked p WHERE p.error_group IS NOT NULL AND p.keys[1] = %s AND {_LIVE}
UNION
SELECT p.subscription FROM (SELECT DISTINCT split_part(application_name, ':', 1) FROM commerce_tracking)
    AS p (subscription)
WHERE {_LIVE} AND EXISTS (
    SELECT FROM commerce_parked_sequences s WHERE s.subscription = p.subscription AND s.sequence = %s)
ORDER BY 1"""
"""Who failed at something of a sequence, also a consumer, or has something of it wait, such as behind a stock item.
Neither reads all that waits."""


async def parked_summaries(pool: Pool) -> list[ParkedSummary]:
    """Every subscription that has parked something. Raises `Unavailable`."""
    async with connection_from(pool) as connection:
        return await read_parked_summaries(connection)


async def read_parked_summaries(connection: AsyncConnection[Any]) -> list[ParkedSummary]:
    """As `parked_summaries`, over one connection. Raises psycopg's errors."""
    cursor = connection.cursor(row_factory=class_row(ParkedSummary))
    await cursor.execute(
        f"""SELECT p.subscription, count(*) AS events, count(DISTINCT p.keys[1]) AS sequences,
                   min(p.parked_at) AS since
            FROM commerce_parked p WHERE {_LIVE} GROUP BY 1 ORDER BY 1"""
    )
    return await cursor.fetchall()


async def parked_groups(pool: Pool) -> list[ParkedGroup]:
    """All groups there are. Raises `Unavailable`."""
    async with connection_from(pool) as connection:
        cursor = connection.cursor(row_factory=class_row(ParkedGroup))
        await cursor.execute(_GROUPS)
        return await cursor.fetchall()


async def parked_items(
    pool: Pool, group: str, *, after: int = 0, limit: int, positions: Sequence[int] | None = None
) -> list[ParkedItem]:
    """Events of a group that failed, in the order of the log: at most `limit`, or those of some positions.

    Raises `Unavailable`.
    """
    chosen = None if positions is None else list(positions)
    async with connection_from(pool) as connection:
        cursor = connection.cursor(row_factory=class_row(ParkedItem))
        await cursor.execute(_ITEMS, [group, after, chosen, chosen, limit])
        return await cursor.fetchall()


async def last_failures(pool: Pool, subscription: str, positions: Sequence[int]) -> dict[int, datetime | None]:
    """When events of a subscription failed last, by position, of those that are parked. Raises `Unavailable`."""
    async with connection_from(pool) as connection:
        cursor = await connection.execute(
            "SELECT position, failed_at FROM commerce_parked WHERE subscription = %s AND position = ANY(%s)",
            [subscription, list(positions)],
        )
        return dict(await cursor.fetchall())


async def parked_among(connection: AsyncConnection[Any], subscription: str, sequences: Iterable[str]) -> set[str]:
    """Those of some sequences in which a subscription has parked events. Raises psycopg's errors."""
    cursor = await connection.execute(
        """SELECT own.sequence FROM unnest(%s::text[]) AS own (sequence)
           WHERE EXISTS (
               SELECT FROM commerce_parked_sequences s WHERE s.subscription = %s AND s.sequence = own.sequence)""",
        [list(sequences), subscription],
    )
    return {row[0] for row in await cursor.fetchall()}


async def parked_by(pool: Pool, sequence: str) -> list[str]:
    """The subscriptions and consumers that have parked something of a sequence. Raises `Unavailable`."""
    async with connection_from(pool) as connection:
        cursor = await connection.execute(_PARKED_BY, [sequence, sequence])
        return [row[0] for row in await cursor.fetchall()]


async def parked_positions(connection: AsyncConnection[Any], subscription: str, sequences: Iterable[str]) -> set[int]:
    """The positions of the events that a subscription has parked in some sequences. Raises psycopg's errors."""
    cursor = await connection.execute(
        "SELECT position FROM commerce_parked_sequences WHERE subscription = %s AND sequence = ANY(%s)",
        [subscription, list(sequences)],
    )
    return {row[0] for row in await cursor.fetchall()}
