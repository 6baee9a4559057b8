"""A subscription's work on what the log holds, done at once and in the test's own task."""

from __future__ import annotations

from commerce.eventstore import EventStore, Subscription
from commerce.eventstore.subscriptions.partition import Partition, save_seen


async def catch_up(store: EventStore, subscription: Subscription) -> int:
    """Run all partitions of a subscription, one after the other, up to the end of the log; answers how many
    events were handled."""
    partitions = [Partition(store, subscription, number) for number in range(subscription.partitions)]
    for partition in partitions:
        while await partition.step():
            pass
    await save_seen(store, partitions)
    return sum(partition.handled for partition in partitions)
