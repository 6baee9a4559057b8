"""How often parties outside were called, minute by minute, and how often they gave no answer: counted in the log."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, get_args

from psycopg import AsyncConnection

from commerce.audit.search import position_at
from commerce.eventstore import Event, head_of
from commerce.outside.events import CallAttempted, CallPostponed, CallUnanswered
from commerce.payments.events import PaymentEvent
from commerce.shipping.events import ShipmentEvent

MOST_POSITIONS = 200_000
"""Places of the log that are looked through at most, the last ones: in a busier time its first minutes are left out."""

_COUNTS = """
SELECT date_trunc('minute', recorded_at, 'UTC') AS begin, topic, count(*) FROM commerce_events
WHERE notification_id >= %s AND topic = ANY(%s) GROUP BY 1, 2 ORDER BY 1 DESC"""


@dataclass(frozen=True, slots=True)
class CallsInMinute:
    """The calls that were begun within a minute (UTC), and what came of those that had no outcome, by who makes them:
    `payments` calls the payment provider, `shipping` the carrier."""

    begin: datetime
    """When it begins."""
    calls: dict[str, int] = field(default_factory=dict)
    """How many calls were begun."""
    unanswered: dict[str, int] = field(default_factory=dict)
    """How many were found to have no answer, or one that puts it off."""


def _topics(*kinds: type[Event]) -> frozenset[str]:
    events = (*get_args(PaymentEvent), *get_args(ShipmentEvent))
    return frozenset(event.TOPIC for event in events if issubclass(event, kinds))


_CALLS = _topics(CallAttempted)
_UNANSWERED = _topics(CallUnanswered, CallPostponed)


async def calls_since(connection: AsyncConnection[Any], time: datetime) -> list[CallsInMinute]:
    """The minutes since a time in which somebody was called, or did not answer; the newest first."""
    begin = await position_at(connection, time, later=False)
    oldest = max(begin, await head_of(connection) - MOST_POSITIONS)
    cursor = await connection.execute(_COUNTS, [oldest, sorted(_CALLS | _UNANSWERED)])
    minutes: dict[datetime, CallsInMinute] = {}
    for minute, topic, count in await cursor.fetchall():
        found = minutes.setdefault(minute, CallsInMinute(minute))
        counted = found.calls if topic in _CALLS else found.unanswered
        context, _, _ = topic.partition(".")
        counted[context] = counted.get(context, 0) + count
    return list(minutes.values())
