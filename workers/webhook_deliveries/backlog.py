"""What endpoints are to be told of the log's past: what waited there for room, for an endpoint to be enabled, or
because somebody wants it once more."""

from __future__ import annotations

from uuid import UUID

from commerce.eventstore import EventStore, connection_from, read_corrected, read_events
from commerce.integration_events import PUBLISHED
from workers.webhook_deliveries.subscription import MOST_WAITING_DELIVERIES, PARTITION, WEBHOOKS, deliver_again

BATCH_EVENTS = 500
"""Events of the log that are looked at in one transaction."""


async def take_over(store: EventStore) -> bool:
    """Make deliveries of the next events for one endpoint that is behind and has room; false where there is none.

    The position of the subscription is locked meanwhile: what is not beyond it is looked at here, and what is beyond it
    there.
    """
    async with connection_from(store.pool) as connection, connection.transaction():
        cursor = await connection.execute(_HAS_ROOM, [MOST_WAITING_DELIVERIES - BATCH_EVENTS])
        if await cursor.fetchone() is None:
            return False
        cursor = await connection.execute(_POSITION, [PARTITION])
        position = await cursor.fetchone()
        cursor = await connection.execute(
            _HAS_ROOM + " LIMIT 1 FOR UPDATE OF e", [MOST_WAITING_DELIVERIES - BATCH_EVENTS]
        )
        behind: tuple[UUID, int] | None = await cursor.fetchone()
        if position is None or behind is None:
            return False
        endpoint_id, place = behind
        events = await read_events(
            connection,
            "notification_id > %b AND notification_id <= %b AND topic = ANY(%b) ORDER BY notification_id LIMIT %b",
            [place, position[0], sorted(PUBLISHED), BATCH_EVENTS],
        )
        statement = deliver_again(endpoint_id, await read_corrected(connection, WEBHOOKS, events))
        if statement is not None:
            await connection.execute(statement.sql, statement.parameters)
        reached = events[-1].position if len(events) == BATCH_EVENTS else None
        await connection.execute(
            "UPDATE commerce_webhook_endpoints SET behind = %s WHERE endpoint_id = %s", [reached, endpoint_id]
        )
    return True


_POSITION = "SELECT notification_id FROM commerce_tracking WHERE application_name = %s FOR UPDATE"

_HAS_ROOM = """
    SELECT e.endpoint_id, e.behind FROM commerce_webhook_endpoints e
    WHERE e.behind IS NOT NULL AND e.disabled IS NULL AND NOT e.is_removed AND %s >= (
        SELECT count(*) FROM commerce_webhook_deliveries d
        WHERE d.endpoint_id = e.endpoint_id AND d.status = 'waiting'
    )"""
