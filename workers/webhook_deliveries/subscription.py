"""The subscription that says what is to be delivered to whom: one row for each event and endpoint, written together
with the position.

It reads the events of endpoints, too, in the order of the log, so that an endpoint is told exactly what happened after
it was added.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import cast, get_args
from uuid import UUID

from commerce.eventstore import EventStore, Recorded, Statement, Subscription, Work
from commerce.integration_events import PUBLISHED
from commerce.webhooks.events import (
    DeliveryReplayRequested,
    EndpointAdded,
    EndpointChanged,
    EndpointDisabled,
    EndpointEnabled,
    EndpointEvent,
    EndpointRemoved,
    ReplayRequested,
    SecretRotated,
)
from workers.outbox.messages import array_columns, event_id, integration_event_of

WEBHOOKS = "webhooks"
PARTITION = f"{WEBHOOKS}:0"

MOST_WAITING_DELIVERIES = 10_000
"""Deliveries that wait for an endpoint; beyond that, events wait in the log."""

DELIVERIES_PACE_S = 0.25
"""Once in so many seconds there are new deliveries: an order on its way is told in a few."""

_ENDPOINT_TOPICS = frozenset(kind.TOPIC for kind in get_args(EndpointEvent))


def webhook_subscription(written: asyncio.Event) -> Subscription:
    """The subscription; one partition, as deliveries are in the order of the log. Sets `written` after each batch."""
    return Subscription(
        WEBHOOKS,
        PUBLISHED | _ENDPOINT_TOPICS,
        lambda store, _partition: Deliveries(store, written),
        partitions=1,
        pace_s=DELIVERIES_PACE_S,
    )


class Deliveries:
    """The handler of the one partition."""

    def __init__(self, store: EventStore, written: asyncio.Event) -> None:
        self._store = store
        self._written = written

    async def handle(self, batch: Sequence[Recorded]) -> Work:
        """What of a batch is to be delivered, and how endpoints are from each place in it on."""
        statements: list[Statement] = []
        for is_endpoint, events in groupby(batch, key=lambda recorded: recorded.topic in _ENDPOINT_TOPICS):
            if is_endpoint:
                for recorded in events:
                    statements += await self._of_endpoint(recorded)
            else:
                statements += delivery_statements(events)
        return Work(statements)

    def committed(self) -> None:
        """There may be something to send."""
        self._written.set()

    def discarded(self) -> None:
        """There is no cache."""

    async def _of_endpoint(self, recorded: Recorded) -> list[Statement]:
        event = recorded.event
        if not isinstance(event, DeliveryReplayRequested):
            return statements_of_endpoint(recorded)
        meant = await self._store.read_log(event.position - 1, event.position, topics=PUBLISHED)
        statement = deliver_again(recorded.stream, meant)
        return [statement] if statement else []


def message_rows(events: Iterable[Recorded]) -> list[tuple[object, ...]]:
    """What endpoints are told of events, as the rows of `_MESSAGES`; of one that is about nobody they are told
    nothing."""
    told = ((recorded, integration_event_of(recorded)) for recorded in events)
    return [
        (
            recorded.position,
            event_id(recorded.stream, recorded.originator_version),
            recorded.topic,
            message.correlation_id,
            message.body.decode(),
        )
        for recorded, message in told
        if message is not None
    ]


def delivery_statements(events: Iterable[Recorded]) -> list[Statement]:
    """What makes deliveries of events; for an endpoint for which too many wait, the events wait in the log."""
    rows = message_rows(events)
    if not rows:
        return []
    return [
        Statement(_FALL_BEHIND, [cast(int, rows[0][0]) - 1, MOST_WAITING_DELIVERIES, MOST_WAITING_DELIVERIES]),
        Statement(_DELIVER, array_columns(rows)),
    ]


def deliver_again(endpoint_id: UUID, events: Iterable[Recorded]) -> Statement | None:
    """What has events delivered to one endpoint, also those that were delivered before; None where there are none."""
    rows = message_rows(events)
    return Statement(_DELIVER_AGAIN, [*array_columns(rows), endpoint_id]) if rows else None


def statements_of_endpoint(recorded: Recorded) -> list[Statement]:
    """How an endpoint is after one of its events."""
    endpoint_id, version = recorded.stream, recorded.originator_version
    match event := recorded.event:
        case EndpointAdded():
            values = [endpoint_id, version, event.url, list(event.event_types), event.secret, event.notice_to]
            return [Statement(_ADD, values)]
        case EndpointChanged():
            assigned, values = _TERMS, [event.url, list(event.event_types), event.notice_to]
        case SecretRotated():
            assigned, values = _SECRET, [event.previous_until, event.secret]
        case EndpointDisabled():
            notice = None if event.reason == "by_operator" else f"{version}"
            assigned, values = _DISABLED, [event.reason, notice, recorded.position]
        case EndpointEnabled():
            assigned, values = "disabled = NULL, notice = NULL", []
        case ReplayRequested():
            assigned, values = "behind = least(coalesce(behind, %s), %s)", [event.after, event.after]
        case EndpointRemoved():
            assigned, values = "is_removed = true", []
        case _:
            return []
    update = f"UPDATE commerce_webhook_endpoints SET version = %s, {assigned} WHERE endpoint_id = %s"
    statements = [Statement(update, [version, *values, endpoint_id])]
    if isinstance(event, EndpointEnabled):
        statements.append(Statement(_BEGIN_AGAIN, [endpoint_id]))
    return statements


_ADD = """
    INSERT INTO commerce_webhook_endpoints (endpoint_id, version, url, event_types, secret, notice_to)
    VALUES (%s, %s, %s, %s::text[], %s, %s)"""

_TERMS = "url = %s, event_types = %s::text[], notice_to = %s"

_SECRET = "previous_secret = secret, previous_until = %s, secret = %s"

_DISABLED = "disabled = %s, notice = %s, behind = coalesce(behind, %s)"
"""What happens while it is disabled is taken out of the log later."""

_BEGIN_AGAIN = """
    UPDATE commerce_webhook_deliveries SET failures = 0, failing_since = NULL, due_at = clock_timestamp()
    WHERE endpoint_id = %s AND status = 'waiting'"""

_MESSAGES = """
    unnest(%s::bigint[], %s::text[], %s::text[], %s::uuid[], %s::text[])
    AS message (position, event_id, event_type, about, body)"""

_WANTED = "(e.event_types = '{}' OR message.event_type = ANY (e.event_types))"

_FALL_BEHIND = """
    UPDATE commerce_webhook_endpoints e SET behind = %s
    WHERE e.disabled IS NULL AND e.behind IS NULL AND NOT e.is_removed AND %s <= (
        SELECT count(*) FROM (
            SELECT FROM commerce_webhook_deliveries d
            WHERE d.endpoint_id = e.endpoint_id AND d.status = 'waiting' LIMIT %s
        ) AS waiting
    )"""

_DELIVER = f"""
    INSERT INTO commerce_webhook_deliveries (endpoint_id, position, event_id, event_type, about, body)
    SELECT e.endpoint_id, message.* FROM {_MESSAGES}
    JOIN commerce_webhook_endpoints e
    ON e.disabled IS NULL AND e.behind IS NULL AND NOT e.is_removed AND {_WANTED}
    ORDER BY e.endpoint_id, message.position
    ON CONFLICT DO NOTHING"""

_DELIVER_AGAIN = f"""
    INSERT INTO commerce_webhook_deliveries AS d (endpoint_id, position, event_id, event_type, about, body)
    SELECT e.endpoint_id, message.* FROM {_MESSAGES}
    JOIN commerce_webhook_endpoints e ON e.endpoint_id = %s AND NOT e.is_removed AND {_WANTED}
    ORDER BY message.position
    ON CONFLICT (endpoint_id, position) DO UPDATE
    SET status = 'waiting', failures = 0, failing_since = NULL, due_at = clock_timestamp(), ended_at = NULL
    WHERE d.status <> 'waiting'"""
