"""How far every subscription has read the log, including those that only workers know."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from commerce.eventstore import Pool, find_stops
from commerce.inventory.subscription import inventory_subscription
from commerce.saga.limits import ProcessLimits
from commerce.saga.request_events import STOCK_TOPICS, stock_request
from commerce.saga.subscription import saga_subscription
from projections import ALL, subscriptions
from projections.engine.progress import Lag, lag
from projections.engine.projection import fetch

_OTHERS = """
SELECT t.application_name, t.notification_id, head.head, greatest(0, head.head - t.notification_id),
       coalesce(extract(epoch FROM clock_timestamp() - oldest.recorded_at), 0)::float8
FROM commerce_tracking t
CROSS JOIN (SELECT coalesce(max(notification_id), 0) AS head FROM commerce_events) AS head
LEFT JOIN LATERAL (
    SELECT e.recorded_at FROM commerce_events e
    WHERE e.notification_id > t.notification_id ORDER BY e.notification_id LIMIT 1
) AS oldest ON true
WHERE split_part(t.application_name, ':', 1) <> ALL(%s) AND t.application_name LIKE '%%:%%'
ORDER BY t.application_name
"""


@dataclass(frozen=True, slots=True)
class SubscriptionLag:
    """How far one partition of a subscription has come; `lag` is in events, `seconds` the age of the oldest of
    them.

    One that stands still has a `problem`: the event that it cannot handle, why, and since when.
    """

    name: str
    """The subscription of the log."""
    partition: int
    """Which part of the subscription's work; each has a position of its own."""
    position: int
    """How far it has come in the log."""
    head: int
    """The position of the newest event in the log."""
    lag: int
    """How many events it has not taken up; where `is_counted` is false, at most so many."""
    seconds: float
    """The age in seconds of the oldest event it has not taken up; 0 where there is none. Where `is_counted` is false,
    it may be younger."""
    is_counted: bool
    """Whether the events that concern it were counted. They are not where more than 10,000 events lie between
    `position` and `head`, nor for what is neither a read model nor the saga nor the inventory: then these are the
    `lag`."""
    is_read_model: bool
    """Whether queries are answered from what it keeps."""
    problem: str | None
    """What keeps it from going on; null where nothing does."""


async def subscription_lags(pool: Pool) -> list[SubscriptionLag]:
    """Every partition of every subscription that this code knows, or that has ever run."""
    ours = [*subscriptions(), saga_subscription(ProcessLimits()), inventory_subscription(STOCK_TOPICS, stock_request)]
    read_models = {projection.name for projection in ALL}
    found = [*await lag(pool, ours), *await _others(pool, [subscription.name for subscription in ours])]
    stops = {stop.partition: str(stop) for stop in await find_stops(pool)}
    return [
        SubscriptionLag(
            **asdict(one), is_read_model=one.name in read_models, problem=stops.get(f"{one.name}:{one.partition}")
        )
        for one in found
    ]


async def _others(pool: Pool, known: list[str]) -> list[Lag]:
    return [
        Lag(name.partition(":")[0], int(name.partition(":")[2] or 0), position, head, events, max(0.0, seconds), False)
        for name, position, head, events, seconds in await fetch(pool, _OTHERS, [known])
    ]
