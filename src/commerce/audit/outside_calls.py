"""How often parties outside were called, minute by minute, and how often they gave no answer: counted in the log."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import get_args

from commerce.audit.search import position_at
from commerce.eventstore import Event, Pool, connection_from, head_of
from commerce.outside.events import CallAttempted, CallPostponed, CallUnanswered
from commerce.payments.events import PaymentEvent
from commerce.shipping.events import ShipmentEvent

HOUR_MINUTES = 60
"""The minutes of the last hour, the present one among them."""

MOST_POSITIONS = 200_000
"""Places of the log that are looked through at once at most, the last ones: in a busy time the first minutes of the
first look are left out."""

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


class CallCounts:
    """Counts the calls of the last hour, each of them once: a minute that another one follows does not change any more,
    as times never run backwards along the log. A process keeps one."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._minutes: list[CallsInMinute] = []

    async def of_last_hour(self) -> list[CallsInMinute]:
        """The minutes in which somebody was called, or did not answer; the newest first. Raises `Unavailable`."""
        known = self._minutes
        hour = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=HOUR_MINUTES - 1)
        start = max(hour, known[0].begin) if known else hour
        async with connection_from(self._pool) as connection:
            begin = await position_at(connection, start, later=False)
            oldest = max(begin, await head_of(connection) - MOST_POSITIONS)
            cursor = await connection.execute(_COUNTS, [oldest, sorted(_CALLS | _UNANSWERED)])
            rows = await cursor.fetchall()
        joins_on = oldest == begin
        self._minutes = [*_by_minute(rows), *(one for one in known if joins_on and hour <= one.begin < start)]
        return self._minutes


def _by_minute(rows: Iterable[tuple[datetime, str, int]]) -> Iterable[CallsInMinute]:
    minutes: dict[datetime, CallsInMinute] = {}
    for minute, topic, count in rows:
        found = minutes.setdefault(minute, CallsInMinute(minute))
        counted = found.calls if topic in _CALLS else found.unanswered
        context, _, _ = topic.partition(".")
        counted[context] = counted.get(context, 0) + count
    return minutes.values()
