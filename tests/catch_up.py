"""A subscription's work on what the log holds, done at once and in the test's own task."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from commerce.eventstore import EventStore, Subscription, connection_from
from commerce.eventstore.read.slices import Filter, Slice, read_slice
from commerce.eventstore.subscriptions.partition import Partition, save_seen

_MOST_NEW_EVENTS = 1_000


async def catch_up(store: EventStore, subscription: Subscription) -> int:
    """Run all partitions of a subscription, one after the other, up to the end of the log; answers how many
    events were handled."""
    partitions = _partitions(store, subscription)
    await _handle_all(store, partitions)
    return sum(partition.handled for partition in partitions)


async def catch_up_all(store: EventStore, subscriptions: Iterable[Subscription]) -> None:
    """As `catch_up` with each subscription. As in a process that runs them all, the log is read once, and partitions
    for which it holds nothing new move on together."""
    partitions = [each for subscription in subscriptions for each in _partitions(store, subscription)]
    await _load_sound(store, partitions)
    loaded = [each for each in partitions if each.stored is not None]
    new = await read_slice(store.pool, min((each.seen for each in loaded), default=0), Filter(None), _MOST_NEW_EVENTS)
    idle = [each for each in loaded if _has_nothing_new(each, new)]
    for partition in idle:
        partition.seen = new.until
    await save_seen(store, idle)
    for partition in set(partitions) - set(idle):
        partition.unload()
        await _handle_all(store, [partition])


def _partitions(store: EventStore, subscription: Subscription) -> list[Partition]:
    return [Partition(store, subscription, number) for number in range(subscription.partitions)]


async def _handle_all(store: EventStore, partitions: Sequence[Partition]) -> None:
    for partition in partitions:
        while await partition.step():
            pass
    await save_seen(store, partitions)


async def _load_sound(store: EventStore, partitions: Sequence[Partition]) -> None:
    """What `Partition.load` does with each, in two statements; it is left to those that have parked events, or whose
    effects are of another version."""
    begun = [each for each in partitions if each.subscription.begins]
    async with connection_from(store.pool) as connection:
        await connection.execute(
            """INSERT INTO commerce_tracking (application_name, notification_id, version)
               SELECT name, 0, version FROM unnest(%s::text[], %s::int[]) AS own (name, version)
               ON CONFLICT DO NOTHING""",
            [[each.name for each in begun], [each.subscription.version for each in begun]],
        )
        cursor = await connection.execute(
            """SELECT application_name, version, notification_id, generation FROM commerce_tracking
               WHERE split_part(application_name, ':', 1) NOT IN (SELECT subscription FROM commerce_parked)"""
        )
        known = {(name, version): place for name, version, *place in await cursor.fetchall()}
    for partition in partitions:
        if place := known.get((partition.name, partition.subscription.version)):
            partition.stored, partition.generation = place
            partition.seen = place[0]


def _has_nothing_new(partition: Partition, new: Slice) -> bool:
    return (
        not new.more
        and partition.seen <= new.until
        and not any(each.position > partition.seen and partition.filter.takes(each) for each in new.events)
    )
