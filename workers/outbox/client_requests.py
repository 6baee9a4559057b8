"""Which request to the API led to a message: the first one up the chain of causes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from commerce.eventstore import EventStore, connection_from
from workers.outbox.messages import Outgoing

MOST_CAUSES = 100
"""So far up the chain is looked; an order's own is a dozen events long."""


async def with_client_requests(store: EventStore, messages: Sequence[Outgoing]) -> list[Outgoing]:
    """The messages, each with the id of the request that led to it: the client's own where it sent one, as the log has
    it. What nobody asked for, such as the end of a deadline, has none."""
    if not messages:
        return []
    async with connection_from(store.pool) as connection:
        cursor = await connection.execute(_FIRST_REQUESTS, [[one.position for one in messages], MOST_CAUSES])
        found: dict[int, str] = dict(await cursor.fetchall())
    return [replace(one, client_request=_as_the_client_knows_it(found.get(one.position))) for one in messages]


def _as_the_client_knows_it(request_id: str | None) -> str | None:
    """The log has the API's own id, and after a space the client's."""
    return request_id and request_id.rpartition(" ")[2]


_FIRST_REQUESTS = """
    WITH RECURSIVE chain (position, cause, request_id, length) AS (
        SELECT notification_id, causation_id, metadata ->> 'request_id', 1
        FROM commerce_events WHERE notification_id = ANY(%s::bigint[])
        UNION ALL
        SELECT position, causation_id, metadata ->> 'request_id', length + 1
        FROM chain JOIN commerce_events ON notification_id = cause
        WHERE request_id IS NULL AND length < %s)
    SELECT position, request_id FROM chain WHERE request_id IS NOT NULL"""
