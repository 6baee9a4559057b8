"""What is delivered to webhook endpoints, as their owners look at it: what waits, what was taken, and each attempt."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, LiteralString
from uuid import UUID

from psycopg.rows import class_row

from commerce.eventstore import Pool, connection_from
from commerce.values.errors import RuleBroken

MOST_ENDPOINTS = 100
"""Endpoints that there are at a time: each may have so many calls under way as one allows."""


class TooManyEndpoints(RuleBroken):
    """There are as many webhook endpoints as there may be."""


class DeliveryStatus(StrEnum):
    """How far a delivery has come."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event for one endpoint; `attempts` are the newest ones, as `Attempt` has them."""

    position: int
    event_id: str
    event_type: str
    about: UUID
    body: str
    status: str
    created_at: datetime
    due_at: datetime | None
    failures: int
    ended_at: datetime | None
    attempts: list[dict[str, Any]]


_COLUMNS: LiteralString = (
    "position, event_id, event_type, about, body, status, created_at, due_at, failures, ended_at, attempts"
)


async def find_deliveries(
    pool: Pool, endpoint_id: UUID, status: DeliveryStatus | None, before: int, limit: int
) -> list[Delivery]:
    """Deliveries to an endpoint at positions before one, the newest first, at most `limit`."""
    async with connection_from(pool) as connection:
        cursor = connection.cursor(row_factory=class_row(Delivery))
        of_status: LiteralString = "AND status = %s" if status else ""
        await cursor.execute(
            f"""SELECT {_COLUMNS} FROM commerce_webhook_deliveries
                WHERE endpoint_id = %s AND position < %s {of_status} ORDER BY position DESC LIMIT %s""",
            [endpoint_id, before, *filter(None, [status]), limit],
        )
        return await cursor.fetchall()


async def find_delivery(pool: Pool, endpoint_id: UUID, position: int) -> Delivery | None:
    """The delivery of the event at a position, if there is one."""
    async with connection_from(pool) as connection:
        cursor = connection.cursor(row_factory=class_row(Delivery))
        await cursor.execute(
            f"SELECT {_COLUMNS} FROM commerce_webhook_deliveries WHERE endpoint_id = %s AND position = %s",
            [endpoint_id, position],
        )
        return await cursor.fetchone()


async def require_room_for_endpoint(pool: Pool) -> None:
    """Raises `TooManyEndpoints` where there may be no further one."""
    async with connection_from(pool) as connection:
        cursor = await connection.execute("SELECT count(*) FROM commerce_webhook_endpoints WHERE NOT is_removed")
        row = await cursor.fetchone()
    if row is not None and row[0] >= MOST_ENDPOINTS:
        raise TooManyEndpoints(f"there are {MOST_ENDPOINTS} webhook endpoints; remove one that is not needed")
