"""The process manager and its clock on a real log: deadlines, races with the API, replicas."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID, uuid4

import pytest

from commerce.eventstore import (
    Append,
    Event,
    EventStore,
    Metadata,
    Sealed,
    Subscription,
    connection_from,
    in_stream,
    open_store,
)
from commerce.eventstore.errors import CheckpointConflict
from commerce.eventstore.subscriptions.partition import Partition
from commerce.inventory.subscription import inventory_subscription
from commerce.ordering import order as ordering
from commerce.ordering.events import OrderLine
from commerce.ordering.order import NewOrder
from commerce.runtime.tasks import end_tasks
from commerce.saga import process as processes
from commerce.saga.deadline_clock import DeadlineClock
from commerce.saga.events import DeadlinePassed, ProcessEvent
from commerce.saga.limits import ProcessLimits
from commerce.saga.process import Process, Stage
from commerce.saga.request_events import STOCK_TOPICS, stock_request
from commerce.saga.subscription import saga_subscription
from commerce.values import ids
from commerce.values.errors import StaleVersion
from commerce.values.money import Money
from tests.catch_up import catch_up
from tests.conftest import MASTER_KEY, Database
from tests.waiting import eventually

WHO = Metadata("customer:tess")
LONG = ProcessLimits()
SHORT = ProcessLimits(order=timedelta(milliseconds=50))
OVERDUE = ProcessLimits(order=timedelta(seconds=-1), compensation=timedelta(seconds=-1), longest=timedelta(hours=1))


async def say(store: EventStore, order_id: UUID, events: Sequence[Event]) -> None:
    version = len(await store.read_stream(order_id))
    await store.append(Append(in_stream(events, order_id, after=version), order_id, WHO))


async def place(store: EventStore, *, stocked: bool = False) -> UUID:
    """An order that waits for its payment, or for stock that there is none of."""
    order_id = uuid4()
    tea = OrderLine(sku="TEA", name="Tea", quantity=1, unit_price=Money.of("5.00", "EUR"), stocked=stocked)
    new = NewOrder(
        customer_id=None,
        currency="EUR",
        lines=[tea],
        shipping_address=Sealed("sealed"),
        payment_method="pm_card_ok",
    )
    events = ordering.place(new)
    await say(store, order_id, events)
    return order_id


async def order_events(store: EventStore, order_id: UUID) -> list[str]:
    return [recorded.topic for recorded in await store.read_stream(order_id)]


async def process(store: EventStore, order_id: UUID) -> Process:
    history = await store.read_stream(ids.process_id(order_id))
    found = processes.fold(cast(ProcessEvent, recorded.event) for recorded in history)
    assert found is not None
    return found


async def times_passed(store: EventStore, order_id: UUID) -> int:
    history = await store.read_stream(ids.process_id(order_id))
    return sum(recorded.topic == DeadlinePassed.TOPIC for recorded in history)


async def deadlines(store: EventStore) -> list[tuple[UUID, str, datetime]]:
    async with connection_from(store.pool) as connection:
        cursor = await connection.execute("SELECT order_id, name, due_at FROM commerce_deadlines ORDER BY due_at")
        return await cursor.fetchall()


async def all_subscriptions(store: EventStore, limits: ProcessLimits) -> None:
    """Let the process manager and the stock work until there is nothing left to do."""
    subscriptions: tuple[Subscription, ...] = (
        saga_subscription(limits),
        inventory_subscription(STOCK_TOPICS, stock_request),
    )
    while sum([await catch_up(store, subscription) for subscription in subscriptions]):
        pass


async def test_an_order_out_of_stock_is_rejected_with_everything_in_one_log(store: EventStore) -> None:
    order_id = await place(store, stocked=True)
    await all_subscriptions(store, LONG)
    assert [recorded.topic for recorded in await store.read_correlated(order_id)] == [
        "ordering.OrderPlaced",
        "saga.Started",
        "saga.DeadlineSet",
        "saga.StockReservationRequested",
        "inventory.ReservationRejected",
        "saga.StepFailed",
        "saga.Compensated",
        "ordering.OrderRejected",
    ]
    assert await deadlines(store) == []


async def test_the_table_says_what_the_processes_wait_for(store: EventStore) -> None:
    orders = [await place(store) for _ in range(3)]
    await all_subscriptions(store, LONG)
    waited_for = [(await process(store, order_id)).deadline for order_id in orders]
    assert await deadlines(store) == [
        (order_id, "order", deadline.due_at)
        for order_id, deadline in zip(orders, waited_for, strict=True)
        if deadline is not None
    ]


async def test_a_deadline_that_is_not_due_is_left_alone(store: EventStore) -> None:
    order_id = await place(store)
    await all_subscriptions(store, LONG)
    assert 890 < await DeadlineClock(store).look() < 900
    assert await times_passed(store, order_id) == 0


async def test_without_deadlines_the_clock_has_time(store: EventStore) -> None:
    assert await DeadlineClock(store).look() > 0


async def test_a_deadline_that_is_due_is_noted_once_and_the_order_is_undone(store: EventStore) -> None:
    order_id = await place(store)
    await all_subscriptions(store, OVERDUE)
    await DeadlineClock(store).look()
    assert await deadlines(store) == []
    await DeadlineClock(store).look()
    assert await times_passed(store, order_id) == 1
    await all_subscriptions(store, LONG)
    undoing = await process(store, order_id)
    assert (undoing.stage, undoing.awaits) == (Stage.COMPENSATING, "void")
    assert [name for _, name, _ in await deadlines(store)] == ["compensation"]


async def test_replicas_of_the_clock_note_each_deadline_once(database: Database, store: EventStore) -> None:
    orders = [await place(store) for _ in range(20)]
    await all_subscriptions(store, OVERDUE)
    async with open_store(database.app_url, MASTER_KEY, "other") as other:
        await asyncio.gather(*(DeadlineClock(one).look() for one in (store, other, store, other)))
    assert [await times_passed(store, order_id) for order_id in orders] == [1] * 20
    assert await deadlines(store) == []


async def test_a_row_that_the_process_waits_for_no_more_is_cleared_and_nothing_noted(store: EventStore) -> None:
    order_id = await place(store)
    await all_subscriptions(store, LONG)
    async with connection_from(store.pool) as connection:
        await connection.execute("UPDATE commerce_deadlines SET due_at = due_at - interval '1 day'")
    await DeadlineClock(store).look()
    assert await times_passed(store, order_id) == 0
    assert await deadlines(store) == []


async def test_a_process_that_moves_while_its_deadline_is_noted_is_looked_at_again(
    store: EventStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    order_id = await place(store)
    await all_subscriptions(store, OVERDUE)
    append, conflicts = store.append, iter([True])

    async def append_late(command: Append) -> int:
        if next(conflicts, False):
            raise StaleVersion("somebody was faster")
        return await append(command)

    monkeypatch.setattr(store, "append", append_late)
    await DeadlineClock(store).look()
    assert await times_passed(store, order_id) == 1


async def test_the_clock_runs_by_itself(store: EventStore) -> None:
    clock = DeadlineClock(store)
    running = asyncio.create_task(clock.run())
    order_id = await place(store)
    await all_subscriptions(store, SHORT)

    async def has_passed() -> bool:
        return await times_passed(store, order_id) == 1

    await eventually(has_passed)
    assert clock.problem is None
    await end_tasks([running])


async def test_a_cancellation_that_comes_between_decision_and_commit_is_respected(
    store: EventStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The order was to be rejected; the request to cancel it stood in its stream a moment earlier."""
    order_id = await place(store, stocked=True)
    await catch_up(store, saga_subscription(LONG))
    await catch_up(store, inventory_subscription(STOCK_TOPICS, stock_request))
    partitions = [Partition(store, saga_subscription(LONG), number) for number in range(4)]
    read_streams = store.read_streams

    async def read_and_lose_the_race(streams: Sequence[UUID]):  # type: ignore[no-untyped-def]
        found = await read_streams(streams)
        if len(await store.read_stream(order_id)) == 1:
            order = ordering.fold(recorded.event for recorded in await store.read_stream(order_id))
            assert order is not None
            await say(store, order_id, ordering.request_cancellation(order, Sealed("sealed")))
        return found

    monkeypatch.setattr(store, "read_streams", read_and_lose_the_race)
    moved = 0
    for partition in partitions:
        try:
            await partition.step()
        except CheckpointConflict:
            moved += 1
    monkeypatch.undo()
    assert moved == 1
    await all_subscriptions(store, LONG)
    assert await order_events(store, order_id) == [
        "ordering.OrderPlaced",
        "ordering.OrderCancellationRequested",
        "ordering.OrderCancelled",
    ]
