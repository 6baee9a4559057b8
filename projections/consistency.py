"""How far followers have come: whether a reader would find its own write, and how much each has yet to handle."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from commerce.eventstore.followers import Follower
from commerce.eventstore.reading import Pool, connection_from
from projections.projection import Projection

COUNTED = 10_000
"""A lag is counted up to so many facts."""

_PARTITIONS = """(
    SELECT own.partition, coalesce(t.notification_id, 0) AS position
    FROM generate_series(0, %(partitions)s - 1) AS own (partition)
    LEFT JOIN commerce_tracking t ON t.application_name = %(name)s || ':' || own.partition
) AS part"""
FACTS_AFTER_IT = """commerce_events e
    WHERE e.notification_id > part.position AND (%(topics)s::text[] IS NULL OR e.topic = ANY(%(topics)s))
      AND coalesce(get_byte(uuid_send(e.{key}), 15), 0) %% %(partitions)s = part.partition"""
"""The facts that a `part` of a follower, from its position on, has to handle; divided as by
`commerce.eventstore.tail.partition_of`."""


@dataclass(frozen=True, slots=True)
class Lag:
    """How far one partition of a follower has come.

    `lag` is the number of facts it has yet to handle, `seconds` the age of the oldest of them.
    """

    name: str
    partition: int
    position: int
    head: int
    lag: int
    seconds: float


async def reached(pool: Pool, projection: Projection[Any], position: int) -> bool:
    """Whether a projection shows everything up to a position of the log.

    A stored position may lag behind while there is nothing to do: then what counts is that no fact for it lies between.
    """
    follower = projection.follower()
    query = f"""
        SELECT NOT EXISTS (
            SELECT FROM {_PARTITIONS}
            WHERE EXISTS (
                SELECT FROM {FACTS_AFTER_IT.format(key=follower.key)} AND e.notification_id <= %(position)s))"""
    async with connection_from(pool) as connection:
        cursor = await connection.execute(query, {**_parameters(follower), "position": position})
        row = await cursor.fetchone()
    return bool(row and row[0])


async def log_reached(pool: Pool, position: int) -> bool:
    """Whether the log has come to a position."""
    async with connection_from(pool) as connection:
        cursor = await connection.execute(
            "SELECT coalesce(max(notification_id), 0) >= %s FROM commerce_events", [position]
        )
        row = await cursor.fetchone()
    return bool(row and row[0])


async def lag(pool: Pool, followers: Iterable[Follower]) -> list[Lag]:
    """The lag of every partition of these followers."""
    return [found for follower in followers for found in await _lag_of(pool, follower)]


async def _lag_of(pool: Pool, follower: Follower) -> list[Lag]:
    query = f"""
        SELECT part.partition, part.position, head.head, due.facts,
               coalesce(extract(epoch FROM clock_timestamp() - due.oldest), 0)::float8
        FROM {_PARTITIONS}
        CROSS JOIN (SELECT coalesce(max(notification_id), 0) AS head FROM commerce_events) AS head
        CROSS JOIN LATERAL (
            SELECT count(*) AS facts, min(unhandled.recorded_at) AS oldest
            FROM (SELECT e.recorded_at FROM {FACTS_AFTER_IT.format(key=follower.key)}
                  ORDER BY e.notification_id LIMIT %(counted)s) AS unhandled
        ) AS due
        ORDER BY part.partition"""
    async with connection_from(pool) as connection:
        cursor = await connection.execute(query, {**_parameters(follower), "counted": COUNTED})
        return [
            Lag(follower.name, partition, position, head, facts, max(0.0, seconds))
            for partition, position, head, facts, seconds in await cursor.fetchall()
        ]


def _parameters(follower: Follower) -> dict[str, object]:
    topics = None if follower.topics is None else list(follower.topics)
    return {"name": follower.name, "partitions": follower.partitions, "topics": topics}
