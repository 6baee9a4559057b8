"""The inventory subscription on the real log: every request answered once, from memory that is never out of date."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID, uuid4

import pytest

from commerce.eventstore import (
    Append,
    Event,
    EventStore,
    Metadata,
    Recorded,
    Snapshots,
    StreamHistory,
    Subscription,
    in_stream,
)
from commerce.eventstore.errors import CheckpointConflict
from commerce.eventstore.subscriptions.partition import Partition
from commerce.inventory import reservation, stock_item
from commerce.inventory.commands import receive_stock
from commerce.inventory.events import Quantity
from commerce.inventory.reservation import ReservationStatus
from commerce.inventory.stock_item import StockItem
from commerce.inventory.subscription import BY_INVENTORY, StockRequests, inventory_subscription
from commerce.saga.request_events import (
    STOCK_TOPICS,
    StockDispatchRequested,
    StockReleaseRequested,
    StockReservationRequested,
    stock_request,
)
from commerce.values import ids
from tests.catch_up import catch_up

WHO = Metadata("operator:tess")
SAGA = Metadata("service:saga")


async def stock(store: EventStore, **skus: int) -> None:
    for sku, quantity in skus.items():
        registered = in_stream(stock_item.register(None, sku), ids.stock_item_id(sku), after=0)
        await store.append(Append(registered, None, WHO))
        await receive_stock(store, sku, quantity, WHO)


async def request(store: EventStore, event: Event, order: UUID) -> int:
    return await store.append(Append([event], order, SAGA))


async def reserve(store: EventStore, **skus: int) -> UUID:
    order = uuid4()
    wanted = tuple(Quantity(sku=sku, quantity=quantity) for sku, quantity in skus.items())
    event = StockReservationRequested(order_id=order, request_id=uuid4(), wanted=wanted)
    in_stream([event], ids.process_id(order), after=0)
    await request(store, event, order)
    return order


async def follow_up(
    store: EventStore, kind: type[StockReleaseRequested] | type[StockDispatchRequested], order: UUID
) -> int:
    process = ids.process_id(order)
    version = len(await store.read_stream(process)) + 1
    event = kind(originator_id=process, originator_version=version, order_id=order, request_id=uuid4())
    return await request(store, event, order)


async def item(store: EventStore, sku: str) -> StockItem:
    found = stock_item.fold(recorded.event for recorded in await store.read_stream(ids.stock_item_id(sku)))
    assert found is not None
    return found


async def statuses(store: EventStore, orders: Sequence[UUID]) -> list[ReservationStatus | None]:
    histories = await store.read_streams([ids.reservation_id(order) for order in orders])
    found = [reservation.fold(one.event for one in histories[ids.reservation_id(order)]) for order in orders]
    return [one.status if one is not None else None for one in found]


async def test_of_many_orders_at_once_exactly_as_many_as_there_are_pieces_get_one(store: EventStore) -> None:
    await stock(store, cup=10)
    orders = [await reserve(store, cup=1) for _ in range(25)]
    await catch_up(store, inventory_subscription(STOCK_TOPICS, stock_request))
    assert await statuses(store, orders) == [ReservationStatus.CONFIRMED] * 10 + [ReservationStatus.REJECTED] * 15
    cup = await item(store, "cup")
    assert (cup.on_hand, cup.reserved, cup.available) == (10, 10, 0)


async def test_answers_name_the_order_the_request_and_who_answered(store: EventStore) -> None:
    await stock(store, cup=10)
    order = await reserve(store, cup=4)
    [asked] = await store.read_stream(ids.process_id(order))
    await catch_up(store, inventory_subscription(STOCK_TOPICS, stock_request))
    on_item = (await store.read_stream(ids.stock_item_id("cup")))[-1]
    [answer] = await store.read_stream(ids.reservation_id(order))
    for event in (on_item, answer):
        assert (event.correlation_id, event.causation_id, event.metadata) == (order, asked.position, BY_INVENTORY)
    assert answer.position == on_item.position + 1


async def test_what_is_reserved_is_released_or_leaves(store: EventStore) -> None:
    await stock(store, cup=10, pot=3)
    gone, kept = await reserve(store, cup=4, pot=1), await reserve(store, cup=5, pot=2)
    inventory = Partition(store, inventory_subscription(STOCK_TOPICS, stock_request), 0)
    assert await inventory.step()
    await follow_up(store, StockReleaseRequested, kept)
    await follow_up(store, StockDispatchRequested, gone)
    assert await inventory.step()
    assert await statuses(store, [gone, kept]) == [ReservationStatus.DISPATCHED, ReservationStatus.RELEASED]
    cup, pot = await item(store, "cup"), await item(store, "pot")
    assert (cup.on_hand, cup.reserved, pot.on_hand, pot.reserved) == (6, 0, 2, 0)


async def test_requests_and_their_follow_ups_may_come_in_one_batch(store: EventStore) -> None:
    await stock(store, cup=4)
    first = await reserve(store, cup=4)
    await follow_up(store, StockReleaseRequested, first)
    second = await reserve(store, cup=4)
    await follow_up(store, StockDispatchRequested, second)
    await catch_up(store, inventory_subscription(STOCK_TOPICS, stock_request))
    assert await statuses(store, [first, second]) == [ReservationStatus.RELEASED, ReservationStatus.DISPATCHED]
    assert (await item(store, "cup")).on_hand == 0


async def test_a_release_without_a_reservation_closes_it(store: EventStore) -> None:
    order = uuid4()
    await follow_up(store, StockReleaseRequested, order)
    await catch_up(store, inventory_subscription(STOCK_TOPICS, stock_request))
    assert await statuses(store, [order]) == [ReservationStatus.RELEASED]


async def test_a_receipt_between_batches_makes_a_reservation_be_decided_again(store: EventStore) -> None:
    await stock(store, cup=5)
    inventory = Partition(store, inventory_subscription(STOCK_TOPICS, stock_request), 0)
    await reserve(store, cup=1)
    await inventory.step()
    await receive_stock(store, "cup", 2, WHO)
    order = await reserve(store, cup=6)
    with pytest.raises(CheckpointConflict):
        await inventory.step()
    await inventory.load()
    await inventory.step()
    assert await statuses(store, [order]) == [ReservationStatus.CONFIRMED]
    assert (await item(store, "cup")).available == 0


async def test_a_rejection_names_the_stock_item_that_has_to_be_missing_still(store: EventStore) -> None:
    handler = StockRequests(store, stock_request)
    order = await reserve(store, cup=1)
    batch = await store.read_stream(ids.process_id(order))
    [rejection] = (await handler.handle(batch)).appends
    assert list(rejection.unchanged) == [(ids.stock_item_id("cup"), 0)]


async def test_stock_items_that_got_no_event_are_compared_and_those_that_did_are_not(store: EventStore) -> None:
    await stock(store, cup=5, pot=5)
    handler = StockRequests(store, stock_request)
    orders = [await reserve(store, cup=5), await reserve(store, cup=1, pot=1)]
    batch: list[Recorded] = []
    for order in orders:
        batch += await store.read_stream(ids.process_id(order))
    confirmation, rejection = (await handler.handle(batch)).appends
    assert list(confirmation.unchanged) == [(ids.stock_item_id("pot"), 2)]
    assert list(rejection.unchanged) == []


async def test_a_request_that_was_answered_before_has_no_effect(store: EventStore) -> None:
    await stock(store, cup=5)
    order = await reserve(store, cup=1)
    await catch_up(store, inventory_subscription(STOCK_TOPICS, stock_request))
    work = await StockRequests(store, stock_request).handle(await store.read_stream(ids.process_id(order)))
    assert not work.appends


async def test_a_stock_item_that_was_committed_is_not_read_again(
    store: EventStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stock(store, cup=5, pot=5)
    read: list[UUID] = []
    really_read = store.read_histories

    async def read_histories(streams: Mapping[UUID, Snapshots | None]) -> dict[UUID, StreamHistory]:
        read.extend(streams)
        return await really_read(streams)

    monkeypatch.setattr(store, "read_histories", read_histories)
    small = Subscription(
        "inventory",
        inventory_subscription(STOCK_TOPICS, stock_request).topics,
        lambda it, _: StockRequests(it, stock_request, most_kept=1),
        partitions=1,
    )
    inventory = Partition(store, small, 0)
    for sku in ("cup", "cup", "pot", "cup"):
        await reserve(store, **{sku: 1})
        await inventory.step()
    cup, pot = ids.stock_item_id("cup"), ids.stock_item_id("pot")
    assert read == [cup, pot, cup]
    assert (await item(store, "cup")).reserved == 3
