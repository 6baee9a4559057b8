"""Whether a reader finds its own write, and how far subscriptions are behind."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from commerce.eventstore import Engine
from commerce.eventstore.subscriptions.partition import Partition
from commerce.inventory.events import StockItemRegistered, StockReceived
from projections import ALL, subscriptions
from projections.engine import progress
from projections.engine.progress import lag, reached
from projections.orders import ORDERS, find_orders
from projections.stock import STOCK
from tests.catch_up import catch_up
from tests.integration.projections.history import History
from tests.waiting import eventually


async def test_a_projection_reaches_a_event_only_once_it_has_folded_it(history: History) -> None:
    pool = history.store.pool
    await history.is_projected()
    position = await history.is_placed(uuid4())
    assert not await reached(pool, ORDERS, position)
    await catch_up(history.store, ORDERS.subscription())
    assert await reached(pool, ORDERS, position)
    assert len((await find_orders(pool)).items) == 1


async def test_a_projection_without_anything_to_do_keeps_no_reader_waiting(history: History) -> None:
    position = await history.is_placed(uuid4())
    assert await reached(history.store.pool, STOCK, position)
    assert not await reached(history.store.pool, ORDERS, position)


async def test_a_event_beyond_the_wanted_position_does_not_matter(history: History) -> None:
    position = await history.is_placed(uuid4())
    await catch_up(history.store, ORDERS.subscription())
    later = await history.is_placed(uuid4())
    assert await reached(history.store.pool, ORDERS, position)
    assert not await reached(history.store.pool, ORDERS, later)


async def test_each_partition_has_to_have_reached_its_own_events(history: History) -> None:
    subscription = ORDERS.subscription()
    for number in range(subscription.partitions):
        position = await history.is_placed(UUID(bytes=uuid4().bytes[:15] + bytes([number])))
    partitions = [Partition(history.store, subscription, number) for number in range(subscription.partitions)]
    for partition in partitions:
        assert not await reached(history.store.pool, ORDERS, position)
        while await partition.step():
            pass
    assert await reached(history.store.pool, ORDERS, position)


async def test_lag_counts_the_events_that_each_partition_has_yet_to_handle(history: History) -> None:
    pool = history.store.pool
    await history.is_projected()
    assert {found.lag for found in await lag(pool, subscriptions())} == {0}
    await history.happens(StockItemRegistered, "mug")
    head = await history.happens(StockReceived, "mug", quantity=1)
    found = await lag(pool, subscriptions())
    assert len(found) == sum(projection.partitions for projection in ALL)
    (behind,) = [each for each in found if each.lag]
    assert (behind.name, behind.lag, behind.head) == ("stock", 2, head)
    assert 0 < behind.seconds < 60
    assert {each.seconds for each in found if each is not behind} == {0}


async def test_what_is_far_behind_is_not_counted_and_told_as_the_most_that_it_can_be(
    history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool, placed = history.store.pool, 3
    await history.is_projected()
    for _ in range(placed):
        head = await history.is_placed(uuid4())
    assert {(each.is_counted, each.lag) for each in await lag(pool, [STOCK.subscription()])} == {(True, 0)}
    monkeypatch.setattr(progress, "COUNTED_POSITIONS", placed - 1)
    for each in await lag(pool, subscriptions()):
        assert (each.is_counted, each.lag) == (False, head - each.position), each.name
        assert 0 < each.seconds < 60
    monkeypatch.setattr(progress, "COUNTED_POSITIONS", head)
    assert all(each.is_counted for each in await lag(pool, subscriptions()))


async def test_running_subscriptions_show_a_new_order_and_have_no_lag_afterwards(history: History) -> None:
    async def no_lag() -> bool:
        return {found.lag for found in await lag(history.store.pool, subscriptions())} == {0}

    engine = Engine(history.store, subscriptions())
    await engine.start()
    try:
        order = uuid4()
        position = await history.is_placed(order)
        await eventually(lambda: reached(history.store.pool, ORDERS, position))
        assert [each.order_id for each in (await find_orders(history.store.pool)).items] == [order]
        await eventually(no_lag)
        assert not engine.problems()
    finally:
        await engine.stop()
