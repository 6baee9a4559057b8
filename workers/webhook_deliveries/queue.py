"""The deliveries that wait, in the database: which are due, whose turn it is, and what became of each attempt.

Times are the database's. A delivery that is taken is due again after `LEASE_S`, so that one whose worker died is sent
by another. First attempts about one order are made one after the other; a delivery that failed holds nothing up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import LiteralString
from uuid import UUID

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from commerce.eventstore import Pool, Sealed, connection_from
from workers.webhook_deliveries.schedule import GIVE_UP_AFTER_S, pause_s

LEASE_S = 60
"""Much longer than an attempt takes."""

CALLS_PER_ENDPOINT = 8
"""Attempts under way at a time for one endpoint, in one process: a slow endpoint holds up its own alone."""

KEPT_ATTEMPTS = 50
"""The newest ones of a delivery."""

_FORGOTTEN_DELIVERIES = 5_000


@dataclass(frozen=True, slots=True)
class TakenDelivery:
    """A delivery to be attempted now, by the terms of its endpoint at this moment."""

    endpoint_id: UUID
    position: int
    event_id: str
    body: str
    failures: int
    url: str
    secret: Sealed = field(repr=False)
    previous_secret: Sealed | None = field(repr=False)
    """Signs, too; None where there is none, or its time is over."""
    now: datetime


@dataclass(frozen=True, slots=True)
class DeliveryAttempt:
    """What became of an attempt: the status that was answered, or why there was none."""

    at: datetime
    duration_ms: int
    status: int | None
    problem: str | None
    """In words; None where the delivery was taken."""
    excerpt: str
    retry_after_s: float | None = None

    @property
    def row(self) -> Jsonb:
        """As it is kept."""
        return Jsonb(
            {
                "at": self.at.isoformat(),
                "duration_ms": self.duration_ms,
                "status": self.status,
                "problem": self.problem,
                "excerpt": self.excerpt,
            }
        )


async def take_due(pool: Pool, under_way: Mapping[UUID, int]) -> list[TakenDelivery]:
    """Take what is due, as far as its endpoint may have further calls; `under_way` are this process's own."""
    async with connection_from(pool) as connection:
        cursor = connection.cursor(row_factory=class_row(TakenDelivery))
        await cursor.execute(
            _TAKE, [list(under_way), list(under_way.values()), CALLS_PER_ENDPOINT, CALLS_PER_ENDPOINT, LEASE_S]
        )
        return sorted(await cursor.fetchall(), key=lambda one: one.position)


async def note_taken(pool: Pool, delivery: TakenDelivery, attempt: DeliveryAttempt) -> None:
    """The endpoint has it."""
    async with connection_from(pool) as connection:
        await connection.execute(_DELIVERED, [KEPT_ATTEMPTS, attempt.row, delivery.endpoint_id, delivery.position])


async def note_failed(pool: Pool, delivery: TakenDelivery, attempt: DeliveryAttempt) -> bool:
    """It is to be tried again later; answers whether it has been tried for as long as it is to be."""
    pause = pause_s(delivery.failures + 1, attempt.retry_after_s)
    async with connection_from(pool) as connection:
        cursor = await connection.execute(
            _FAILED, [pause, KEPT_ATTEMPTS, attempt.row, delivery.endpoint_id, delivery.position, GIVE_UP_AFTER_S]
        )
        row = await cursor.fetchone()
    return bool(row and row[0])


async def give_up_where_others_are_taken(pool: Pool, delivery: TakenDelivery) -> bool:
    """Give up one delivery, if its endpoint took others since that failed first; answers whether it did."""
    async with connection_from(pool) as connection:
        cursor = await connection.execute(_GIVE_UP, [delivery.endpoint_id, delivery.position])
        return cursor.rowcount > 0


async def stop_at_once(pool: Pool, endpoint_id: UUID, version: int) -> None:
    """Take no more for an endpoint that was disabled at a version of its stream, before the subscription gets there."""
    async with connection_from(pool) as connection:
        await connection.execute(
            "UPDATE commerce_webhook_endpoints SET stops_at = %s WHERE endpoint_id = %s AND version < %s",
            [version, endpoint_id, version],
        )


async def count_ended(pool: Pool, days: int) -> int:
    """How many deliveries ended more than so many days ago."""
    async with connection_from(pool) as connection:
        cursor = await connection.execute(_ENDED, [days])
        row = await cursor.fetchone()
    assert row is not None  # a count always answers
    return int(row[0])


async def forget_ended(pool: Pool, days: int) -> int:
    """Delete what ended more than so many days ago, a part in each transaction; answers how many."""
    count = 0
    while True:
        async with connection_from(pool) as connection:
            cursor = await connection.execute(_FORGET, [days, _FORGOTTEN_DELIVERIES])
        count += cursor.rowcount
        if cursor.rowcount < _FORGOTTEN_DELIVERIES:
            return count


async def forget_removed(pool: Pool) -> None:
    """Delete what is of endpoints that were removed; a part of it each time."""
    async with connection_from(pool) as connection:
        await connection.execute(_FORGET_REMOVED, [_FORGOTTEN_DELIVERIES])
        await connection.execute(_FORGET_ENDPOINTS)


async def waiting(pool: Pool) -> tuple[int, float]:
    """How many deliveries to enabled endpoints wait, and for how many seconds the oldest has."""
    async with connection_from(pool) as connection:
        cursor = await connection.execute(_WAITING)
        row = await cursor.fetchone()
    assert row is not None  # a count always answers
    return row[0], row[1]


_TAKE: LiteralString = """
    WITH taken AS (
        SELECT due.endpoint_id, due.position FROM commerce_webhook_endpoints e
        LEFT JOIN unnest(%s::uuid[], %s::int[]) AS own (endpoint_id, calls) USING (endpoint_id)
        CROSS JOIN LATERAL (
            SELECT d.endpoint_id, d.position FROM commerce_webhook_deliveries d
            WHERE d.endpoint_id = e.endpoint_id AND d.status = 'waiting' AND d.due_at <= clock_timestamp()
            AND (d.failures > 0 OR NOT EXISTS (
                SELECT FROM commerce_webhook_deliveries earlier
                WHERE earlier.endpoint_id = d.endpoint_id AND earlier.about = d.about AND earlier.position < d.position
                AND earlier.status = 'waiting' AND earlier.failures = 0
            ))
            ORDER BY d.due_at, d.position LIMIT greatest(0, %s - coalesce(own.calls, 0)) FOR UPDATE SKIP LOCKED
        ) AS due
        WHERE e.disabled IS NULL AND NOT e.is_removed AND coalesce(e.stops_at, 0) <= e.version
        AND coalesce(own.calls, 0) < %s
    )
    UPDATE commerce_webhook_deliveries d SET due_at = clock_timestamp() + make_interval(secs => %s)
    FROM taken JOIN commerce_webhook_endpoints e USING (endpoint_id)
    WHERE d.endpoint_id = taken.endpoint_id AND d.position = taken.position
    RETURNING d.endpoint_id, d.position, d.event_id, d.body, d.failures, e.url, e.secret,
    CASE WHEN e.previous_until > clock_timestamp() THEN e.previous_secret END AS previous_secret,
    clock_timestamp() AS now"""

_ATTEMPTED: LiteralString = (
    "attempts = CASE WHEN jsonb_array_length(attempts) < %s THEN attempts ELSE attempts - 0 END || %s::jsonb"
)

_DELIVERED: LiteralString = f"""
    UPDATE commerce_webhook_deliveries
    SET status = 'delivered', due_at = NULL, ended_at = clock_timestamp(), {_ATTEMPTED}
    WHERE endpoint_id = %s AND position = %s"""

_FAILED: LiteralString = f"""
    UPDATE commerce_webhook_deliveries
    SET failures = failures + 1, failing_since = coalesce(failing_since, clock_timestamp()),
    due_at = clock_timestamp() + make_interval(secs => %s), {_ATTEMPTED}
    WHERE endpoint_id = %s AND position = %s AND status = 'waiting'
    RETURNING failing_since <= clock_timestamp() - make_interval(secs => %s)"""

_GIVE_UP: LiteralString = """
    UPDATE commerce_webhook_deliveries d SET status = 'failed', due_at = NULL, ended_at = clock_timestamp()
    WHERE endpoint_id = %s AND position = %s AND status = 'waiting' AND EXISTS (
        SELECT FROM commerce_webhook_deliveries other
        WHERE other.endpoint_id = d.endpoint_id AND other.status = 'delivered' AND other.ended_at > d.failing_since
    )"""

_ENDED: LiteralString = """
    SELECT count(*) FROM commerce_webhook_deliveries WHERE ended_at < clock_timestamp() - make_interval(days => %s)"""

_FORGET: LiteralString = """
    DELETE FROM commerce_webhook_deliveries WHERE (endpoint_id, position) IN (
        SELECT endpoint_id, position FROM commerce_webhook_deliveries
        WHERE ended_at < clock_timestamp() - make_interval(days => %s) ORDER BY ended_at LIMIT %s
    )"""

_FORGET_REMOVED: LiteralString = """
    DELETE FROM commerce_webhook_deliveries WHERE (endpoint_id, position) IN (
        SELECT d.endpoint_id, d.position FROM commerce_webhook_deliveries d
        JOIN commerce_webhook_endpoints e USING (endpoint_id) WHERE e.is_removed LIMIT %s
    )"""

_FORGET_ENDPOINTS: LiteralString = """
    DELETE FROM commerce_webhook_endpoints e WHERE is_removed
    AND NOT EXISTS (SELECT FROM commerce_webhook_deliveries d WHERE d.endpoint_id = e.endpoint_id)"""

_WAITING: LiteralString = """
    SELECT count(*), coalesce(extract(epoch FROM clock_timestamp() - min(d.created_at)), 0)::float8
    FROM commerce_webhook_deliveries d JOIN commerce_webhook_endpoints e USING (endpoint_id)
    WHERE d.status = 'waiting' AND e.disabled IS NULL AND NOT e.is_removed"""
