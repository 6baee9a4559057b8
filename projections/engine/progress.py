"""How far subscriptions have come: whether a reader would find its own write, and how much each has yet to handle."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from commerce.eventstore import Pool, Subscription, connection_from, head_of
from projections.engine.projection import Projection, fetch

COUNTED_POSITIONS = 10_000
"""The events that a partition has yet to handle are counted where it is so many places behind at most."""

_PARTITIONS = """(
    SELECT own.partition, coalesce(t.notification_id, 0) AS position
    FROM generate_series(0, %(partitions)s - 1) AS own (partition)
    LEFT JOIN commerce_tracking t ON t.application_name = %(name)s || ':' || own.partition
) AS part"""
EVENTS_AFTER_IT = """commerce_events e
    WHERE e.notification_id > part.position AND (%(topics)s::text[] IS NULL OR e.topic = ANY(%(topics)s))
      AND coalesce(get_byte(uuid_send(e.{key}), 15), 0) %% %(partitions)s = part.partition"""
"""The events that a `part` of a subscription, from its position on, has to handle; divided as by
`commerce.eventstore.partition_of`."""


@dataclass(frozen=True, slots=True)
class Lag:
    """How far one partition of a subscription has come.

    `lag` is the number of events it has yet to handle, `seconds` the age of the oldest of them. Where it is further
    behind than `COUNTED_POSITIONS`, they are not counted: then all events beyond `position` stand for them.
    """

    name: str
    partition: int
    position: int
    head: int
    lag: int
    seconds: float
    is_counted: bool


async def reached(pool: Pool, projection: Projection[Any], position: int) -> bool:
    """Whether a projection shows everything up to a position of the log.

    A stored position may lag behind while there is nothing to do: then what counts is that no event for it lies
    between.
    """
    subscription = projection.subscription()
    query = f"""
        SELECT NOT EXISTS (
            SELECT FROM {_PARTITIONS}
            WHERE EXISTS (
                SELECT FROM {EVENTS_AFTER_IT.format(key=subscription.key)} AND e.notification_id <= %(position)s))"""
    ((shown,),) = await fetch(pool, query, {**_parameters(subscription), "position": position})
    return bool(shown)


async def shown_until(pool: Pool, projection: Projection[Any]) -> int:
    """The position of the log up to which a projection shows everything, in each of its partitions."""
    subscription = projection.subscription()
    query = f"""
        SELECT least(coalesce(max(head.head), 0), min(due.position) - 1)
        FROM {_PARTITIONS}
        CROSS JOIN (SELECT coalesce(max(notification_id), 0) AS head FROM commerce_events) AS head
        LEFT JOIN LATERAL (
            SELECT e.notification_id AS position FROM {EVENTS_AFTER_IT.format(key=subscription.key)}
            ORDER BY e.notification_id LIMIT 1
        ) AS due ON true"""
    ((position,),) = await fetch(pool, query, _parameters(subscription))
    return int(position)


async def log_reached(pool: Pool, position: int) -> bool:
    """Whether the log has come to a position."""
    async with connection_from(pool) as connection:
        return await head_of(connection) >= position


async def lag(pool: Pool, subscriptions: Iterable[Subscription]) -> list[Lag]:
    """The lag of every partition of these subscriptions."""
    return [found for subscription in subscriptions for found in await _lag_of(pool, subscription)]


async def _lag_of(pool: Pool, subscription: Subscription) -> list[Lag]:
    query = f"""
        SELECT part.partition, part.position, head.head,
               CASE WHEN way.is_counted THEN due.events ELSE way.places END,
               coalesce(extract(epoch FROM clock_timestamp() - coalesce(due.oldest, beyond.oldest)), 0)::float8,
               way.is_counted
        FROM {_PARTITIONS}
        CROSS JOIN (SELECT coalesce(max(notification_id), 0) AS head FROM commerce_events) AS head
        CROSS JOIN LATERAL (
            SELECT head.head - part.position AS places, head.head - part.position <= %(counted)s AS is_counted
        ) AS way
        CROSS JOIN LATERAL (
            SELECT count(*) AS events, min(e.recorded_at) AS oldest
            FROM {EVENTS_AFTER_IT.format(key=subscription.key)} AND way.is_counted
        ) AS due
        LEFT JOIN LATERAL (
            SELECT e.recorded_at AS oldest FROM commerce_events e
            WHERE e.notification_id > part.position AND NOT way.is_counted ORDER BY e.notification_id LIMIT 1
        ) AS beyond ON true
        ORDER BY part.partition"""
    return [
        Lag(subscription.name, partition, position, head, events, max(0.0, seconds), is_counted)
        for partition, position, head, events, seconds, is_counted in await fetch(
            pool, query, {**_parameters(subscription), "counted": COUNTED_POSITIONS}
        )
    ]


def _parameters(subscription: Subscription) -> dict[str, object]:
    topics = None if subscription.topics is None else list(subscription.topics)
    return {"name": subscription.name, "partitions": subscription.partitions, "topics": topics}
