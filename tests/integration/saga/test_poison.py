"""Poison in every kind of subscription: an event that cannot be read, names no order, or that a handler chokes on. Only
its own order waits, or the orders of a stock item; once it is repaired, corrected or left out, all of them go on."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from uuid import UUID, uuid4

import psycopg
import pytest

from commerce.eventstore import Append, EventStore, Subscription, in_stream, parked_groups, parked_items
from commerce.inventory.commands import receive_stock
from commerce.inventory.events import StockItemRegistered
from commerce.inventory.subscription import inventory_subscription
from commerce.parked import commands
from commerce.parked.commands import Chosen, Patch
from commerce.parked.events import ParkedDiscarded, ParkedEdited, ParkedRetried
from commerce.parked.intervention_log import intervention_log_id
from commerce.runtime.tasks import end_tasks
from commerce.saga.deadline_clock import DeadlineClock
from commerce.saga.limits import ProcessLimits
from commerce.saga.request_events import STOCK_TOPICS, stock_request
from commerce.saga.subscription import saga_subscription
from commerce.values import ids
from commerce.values.errors import InvalidInput, NotFound
from projections import ALL
from projections.engine.pages import newest_first
from projections.engine.projection import ParkedRow, make_tables
from projections.orders import ORDERS
from projections.sales import sales_by_day
from projections.stock import STOCK
from tests.catch_up import catch_up
from tests.conftest import Database
from tests.integration.saga.test_process_manager import (
    OVERDUE,
    WHO,
    all_subscriptions,
    deadlines,
    place,
    times_passed,
)
from tests.waiting import eventually
from workers.outbox.messages import Outgoing
from workers.outbox.relay_subscription import relay_subscription

SAGA = saga_subscription(ProcessLimits())
INVENTORY = inventory_subscription(STOCK_TOPICS, stock_request)
OPERATOR = WHO


class Published:
    """A broker that takes everything."""

    def __init__(self) -> None:
        self.orders: list[str] = []

    async def publish(self, messages: Sequence[Outgoing]) -> None:
        self.orders += [message.correlation_id for message in messages]


async def stock(store: EventStore, sku: str, quantity: int = 100) -> None:
    registered = in_stream([StockItemRegistered(sku=sku)], ids.stock_item_id(sku), after=0)
    await store.append(Append(registered, None, WHO))
    await receive_stock(store, sku, quantity, WHO)


async def orders(store: EventStore, count: int) -> list[UUID]:
    return [await place(store, stocked=True) for _ in range(count)]


def spoil(database: Database, stream: UUID, topic: str, state: bytes = b"not JSON") -> bytes:
    """Have the owner write something else into an event; answers what it was."""
    with psycopg.connect(database.admin_url) as connection:
        before = connection.execute(
            "SELECT state FROM commerce_events WHERE originator_id = %s AND topic = %s", [stream, topic]
        ).fetchone()
        connection.execute(
            "UPDATE commerce_events SET state = %s WHERE originator_id = %s AND topic = %s", [state, stream, topic]
        )
    assert before is not None
    return bytes(before[0])


async def reserved(store: EventStore, order_id: UUID) -> bool:
    return bool(await store.read_stream(ids.reservation_id(order_id)))


async def waiting(store: EventStore, subscription: str) -> set[str]:
    async with store.pool.connection() as connection:
        cursor = await connection.execute(
            "SELECT DISTINCT keys[1] FROM commerce_parked WHERE subscription = %s", [subscription]
        )
        return {row[0] for row in await cursor.fetchall()}


async def test_a_request_that_cannot_be_read_holds_up_its_own_order_in_inventory_and_no_other(
    store: EventStore, database: Database
) -> None:
    await stock(store, "TEA")
    bad, *others = await orders(store, 5)
    await catch_up(store, SAGA)
    good = spoil(database, ids.process_id(bad), "saga.StockReservationRequested")
    await catch_up(store, INVENTORY)
    assert [await reserved(store, order) for order in (bad, *others)] == [False, True, True, True, True]
    assert await waiting(store, "inventory") == {str(bad)}
    spoil(database, ids.process_id(bad), "saga.StockReservationRequested", good)
    await catch_up(store, INVENTORY)
    assert await reserved(store, bad)
    assert await waiting(store, "inventory") == set()


async def test_a_stock_item_that_cannot_be_read_holds_up_its_own_orders_in_turn(
    store: EventStore, database: Database
) -> None:
    await stock(store, "TEA", 3)
    placed = await orders(store, 5)
    await catch_up(store, SAGA)
    good = spoil(database, ids.stock_item_id("TEA"), "inventory.StockReceived")
    await catch_up(store, INVENTORY)
    assert await waiting(store, "inventory") == {str(order) for order in placed}
    (group,) = await parked_groups(store.pool)
    assert (group.events, group.sequences) == (1, 1)
    assert group.place.startswith("commerce.inventory.")
    spoil(database, ids.stock_item_id("TEA"), "inventory.StockReceived", good)
    await catch_up(store, INVENTORY)
    log = await store.read_log(0, await store.head(), topics=STOCK_TOPICS)
    in_turn = [request.correlation_id for request in log if request.correlation_id is not None]
    answers = [(await store.read_stream(ids.reservation_id(order)))[-1].topic for order in in_turn]
    assert answers == ["inventory.ReservationConfirmed"] * 3 + ["inventory.ReservationRejected"] * 2


async def test_an_order_that_cannot_be_read_holds_up_its_own_process_and_no_other(
    store: EventStore, database: Database
) -> None:
    bad, *others = await orders(store, 5)
    good = spoil(database, bad, "ordering.OrderPlaced")
    await catch_up(store, SAGA)
    assert [bool(await store.read_stream(ids.process_id(order))) for order in (bad, *others)] == [False] + [True] * 4
    spoil(database, bad, "ordering.OrderPlaced", good)
    await catch_up(store, SAGA)
    assert await store.read_stream(ids.process_id(bad))
    assert await waiting(store, "saga") == set()


async def test_an_event_that_names_no_order_is_parked(store: EventStore, database: Database) -> None:
    bad, other = await orders(store, 2)
    with psycopg.connect(database.admin_url) as connection:
        connection.execute("UPDATE commerce_events SET correlation_id = NULL WHERE originator_id = %s", [bad])
    await catch_up(store, SAGA)
    published = Published()
    await catch_up(store, _relay(published))
    assert await waiting(store, "saga") == await waiting(store, "relay") == {str(bad)}
    assert set(published.orders) == {str(other)}


async def test_a_request_that_names_no_order_is_not_answered_before_it_does(
    store: EventStore, database: Database
) -> None:
    """Else the answer would name none either, and stay parked when the request is repaired."""
    await stock(store, "TEA")
    bad, other = await orders(store, 2)
    await catch_up(store, SAGA)
    belong = "UPDATE commerce_events SET correlation_id = %s WHERE originator_id = %s AND topic = %s"
    for belongs_to, answered in ((None, [False, True]), (bad, [True, True])):
        with psycopg.connect(database.admin_url) as connection:
            connection.execute(belong, [belongs_to, ids.process_id(bad), "saga.StockReservationRequested"])
        await catch_up(store, INVENTORY)
        assert [await reserved(store, order) for order in (bad, other)] == answered
    assert await waiting(store, "inventory") == set()


def _relay(published: Published) -> Subscription:
    return relay_subscription(published)  # type: ignore[arg-type]


async def test_the_relay_publishes_what_is_of_other_orders(store: EventStore, database: Database) -> None:
    bad, *others = await orders(store, 4)
    good = spoil(database, bad, "ordering.OrderPlaced")
    published = Published()
    await catch_up(store, _relay(published))
    assert set(published.orders) == {str(order) for order in others}
    spoil(database, bad, "ordering.OrderPlaced", good)
    await catch_up(store, _relay(published))
    assert published.orders.count(str(bad)) == 1


async def test_a_row_that_waits_is_not_shown_and_no_other_is_held_up(store: EventStore, database: Database) -> None:
    await make_tables(store.pool, ALL)
    await stock(store, "TEA")
    await stock(store, "MUG")
    bad, other = await orders(store, 2)
    spoil(
        database,
        ids.stock_item_id("MUG"),
        "inventory.StockReceived",
        b'{"sku":"MUG","quantity":10000000000000000000000}',
    )
    await catch_up(store, ORDERS.subscription())
    spoil(database, bad, "ordering.OrderPlaced")
    for projection in ALL:
        if projection is not ORDERS:
            await catch_up(store, projection.subscription())
    tea = await STOCK.find(store.pool, "TEA")
    assert tea is not None
    assert tea.available == 100
    with pytest.raises(ParkedRow, match="of sku MUG"):
        await STOCK.find(store.pool, "MUG")
    with pytest.raises(ParkedRow):
        await newest_first(store.pool, STOCK)
    with pytest.raises(ParkedRow):
        await sales_by_day(store.pool)
    assert await ORDERS.find(store.pool, other)
    assert {group.subscription for group in await parked_groups(store.pool)} == {"payments", "sales", "stock"}


async def test_a_discarded_event_is_left_out_for_good_and_the_decision_is_in_the_log(
    store: EventStore, database: Database
) -> None:
    await make_tables(store.pool, ALL)
    await stock(store, "MUG")
    position = await receive(store, b'{"sku":"MUG","quantity":10000000000000000000000}', database)
    await receive_stock(store, "MUG", 5, WHO)
    await catch_up(store, STOCK.subscription())
    (group,) = await parked_groups(store.pool)
    assert (group.subscription, group.events, group.waiting, group.first_position) == ("stock", 1, 1, position)
    decided = await commands.discard_parked(store, Chosen(group.group), "a typing error", OPERATOR)
    assert decided.positions == (position,)
    await catch_up(store, STOCK.subscription())
    assert await on_hand(store) == 105
    (recorded,) = await store.read_stream(intervention_log_id("stock"))
    assert isinstance(recorded.event, ParkedDiscarded)
    assert recorded.actor == OPERATOR.actor
    assert "typing" not in str(recorded.state)
    assert await store.keys.open(recorded.event.reason) == "a typing error"
    with pytest.raises(NotFound):
        await commands.retry_parked(store, Chosen(group.group), "again", OPERATOR)


async def test_an_edited_event_is_read_as_it_was_corrected(store: EventStore, database: Database) -> None:
    await make_tables(store.pool, ALL)
    await stock(store, "MUG")
    position = await receive(store, b'{"sku":"MUG","quantity":"many"}', database)
    await catch_up(store, STOCK.subscription())
    (group,) = await parked_groups(store.pool)
    with pytest.raises(InvalidInput, match="cannot be read like that"):
        await commands.edit_parked(store, Chosen(group.group), Patch({"quantity": "few"}), "a try", OPERATOR)
    await commands.edit_parked(store, Chosen(group.group, [position]), Patch({"quantity": 7}), "seven", OPERATOR)
    (item,) = await parked_items(store.pool, group.group, limit=9)
    assert (item.is_edited, item.state) == (True, b'{"sku":"MUG","quantity":7}')
    await catch_up(store, STOCK.subscription())
    assert await on_hand(store) == 107
    (recorded,) = await store.read_stream(intervention_log_id("stock"))
    assert isinstance(recorded.event, ParkedEdited)
    assert recorded.event.edits[0].payload == '{"sku":"MUG","quantity":7}'


async def test_a_retry_is_tried_at_once_by_the_process_that_failed(store: EventStore, database: Database) -> None:
    from commerce.eventstore.subscriptions.partition import Partition

    await make_tables(store.pool, ALL)
    await stock(store, "MUG")
    await receive(store, b'{"sku":"MUG","quantity":"many"}', database)
    number = ids.stock_item_id("MUG").bytes[15] % STOCK.partitions
    partition = Partition(store, STOCK.subscription(), number)
    while await partition.step():
        pass
    (group,) = await parked_groups(store.pool)
    async with store.pool.connection() as connection:
        await connection.execute("UPDATE commerce_parked SET due_at = 'infinity'")
    with psycopg.connect(database.admin_url) as owner:
        owner.execute("UPDATE commerce_events SET state = replace(convert_from(state, 'UTF8'), '\"many\"', '4')::bytea")
    partition.parked.look_at_once()
    await partition.step()
    assert partition.parked.count == 1
    await commands.retry_parked(store, Chosen(group.group), "repaired", OPERATOR)
    partition.parked.look_at_once()
    await partition.step()
    assert partition.parked.count == 0
    assert await on_hand(store) == 104
    (recorded,) = await store.read_stream(intervention_log_id("stock"))
    assert isinstance(recorded.event, ParkedRetried)


async def receive(store: EventStore, state: bytes, database: Database) -> int:
    """A receipt of mugs that says something else; answers its position."""
    accepted = await receive_stock(store, "MUG", 1, WHO)
    with psycopg.connect(database.admin_url) as connection:
        connection.execute(
            "UPDATE commerce_events SET state = %s WHERE notification_id = %s", [state, accepted.position]
        )
    return accepted.position


async def on_hand(store: EventStore) -> int:
    found = await STOCK.find(store.pool, "MUG")
    assert found is not None
    return found.on_hand


async def test_nothing_that_was_never_parked_can_be_decided(store: EventStore) -> None:
    with pytest.raises(NotFound, match="is parked in group"):
        await commands.discard_parked(store, Chosen("0123456789ab"), str(uuid4()), OPERATOR)


async def test_a_process_that_cannot_be_read_holds_up_its_own_deadline_and_no_other(
    store: EventStore, database: Database
) -> None:
    broken, *others = [await place(store) for _ in range(3)]
    await all_subscriptions(store, OVERDUE)
    whole = spoil(database, ids.process_id(broken), "saga.Started")
    clock = DeadlineClock(store)
    ticking = asyncio.create_task(clock.run())

    async def others_passed() -> bool:
        assert not ticking.done()
        return [await times_passed(store, one) for one in others] == [1, 1] and clock.problem is not None

    await eventually(others_passed)
    assert str(broken) in (clock.problem or "")
    assert [row[0] for row in await deadlines(store)] == [broken]
    later = await place(store)
    await catch_up(store, saga_subscription(OVERDUE))

    async def later_passed() -> bool:
        return await times_passed(store, later) == 1

    await eventually(later_passed)
    await end_tasks([ticking])
    spoil(database, ids.process_id(broken), "saga.Started", whole)
    again = DeadlineClock(store)
    await again.look()
    assert (await times_passed(store, broken), await deadlines(store)) == (1, [])
