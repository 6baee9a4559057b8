"""How far every follower of the log is, also those that only workers know."""

from __future__ import annotations

from dataclasses import dataclass

from commerce.eventstore.reading import Pool, connection_from
from commerce.eventstore.stops import find_stops
from commerce.saga import stock
from commerce.saga.follower import saga_follower
from commerce.saga.reaction import Limits
from projections import ALL, followers
from projections.consistency import Lag, lag

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
class FollowerLag(Lag):
    """How far one partition of a follower has come; `lag` is in facts, `seconds` the age of the oldest of them.

    For a follower that is not a read model, facts that do not concern it may be counted. One that stands still has a `problem`:
    the event that it cannot handle, why, and since when.
    """

    is_read_model: bool
    problem: str | None


async def follower_lags(pool: Pool) -> list[FollowerLag]:
    """Every partition of every follower that is known, or has ever run."""
    ours = [*followers(), saga_follower(Limits()), stock.follower()]
    read_models = {projection.name for projection in ALL}
    found = [*await lag(pool, ours), *await _others(pool, [follower.name for follower in ours])]
    stops = {stop.partition: str(stop) for stop in await find_stops(pool)}
    return [
        FollowerLag(
            one.name,
            one.partition,
            one.position,
            one.head,
            one.lag,
            one.seconds,
            one.name in read_models,
            stops.get(f"{one.name}:{one.partition}"),
        )
        for one in found
    ]


async def _others(pool: Pool, known: list[str]) -> list[Lag]:
    async with connection_from(pool) as connection:
        cursor = await connection.execute(_OTHERS, [known])
        rows = await cursor.fetchall()
    return [
        Lag(name.partition(":")[0], int(name.partition(":")[2] or 0), position, head, facts, max(0.0, seconds))
        for name, position, head, facts, seconds in rows
    ]
