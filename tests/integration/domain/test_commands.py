"""Commands on the real log: loaded, decided, appended, and decided again where somebody else was faster."""

from __future__ import annotations

import asyncio
from datetime import date
from uuid import UUID, uuid4

import pytest

from commerce.catalog.commands import ProductTerms, discontinue_product, put_product
from commerce.catalog.price_list import PriceList
from commerce.catalog.prices import WantedLine
from commerce.eventstore import Accepted, Append, EventStore, Metadata, Sealed, in_stream, open_store
from commerce.eventstore.personal_keys import owner_of
from commerce.inventory.commands import adjust_stock, receive_stock, register_stock_item
from commerce.inventory.events import StockAdjusted, StockItemRegistered
from commerce.inventory.stock_item import StockItem, fold
from commerce.ordering.commands import load_order, place_order, request_cancellation
from commerce.ordering.order import NewOrder, OrderNotOpen, OrderStatus, reject
from commerce.shipping import decisions
from commerce.shipping import shipment as shipping
from commerce.shipping.commands import deliver_shipment, dispatch_shipment
from commerce.values import ids
from commerce.values.errors import InvalidInput, NotFound, StaleVersion
from commerce.values.money import Money
from commerce.values.order_line import OrderLine
from tests.conftest import MASTER_KEY, Database

WHO = Metadata("operator:tess", "request-1")
WHY = Sealed("sealed reason")
PRICE = Money.of("2.50", "EUR")


async def place(store: EventStore, order_id: UUID) -> Accepted:
    return await place_order(
        store,
        order_id,
        NewOrder(
            customer_id=None,
            currency="EUR",
            lines=[OrderLine(sku="cup", name="Cup", quantity=2, unit_price=PRICE)],
            shipping_address=Sealed("sealed address"),
            payment_method="pm_card_ok",
        ),
        WHO,
    )


async def put_cup(store: EventStore, price: Money = PRICE) -> Accepted:
    wanted = ProductTerms("cup", "Cup", None, price, None, stocked=True)
    return await put_product(store, wanted, WHO, alongside=[register_stock_item("cup")])


async def cups(store: EventStore) -> StockItem:
    item = fold(recorded.event for recorded in await store.read_stream(ids.stock_item_id("cup")))
    assert item is not None
    return item


async def test_a_placed_order_can_be_loaded_and_carries_who_did_it(store: EventStore) -> None:
    order_id = uuid4()
    accepted = await place(store, order_id)
    order = await load_order(store, order_id)
    [recorded] = await store.read_stream(order_id)
    assert (accepted.version, order.version, order.status) == (1, 1, OrderStatus.PLACED)
    assert (recorded.position, recorded.correlation_id, recorded.metadata) == (accepted.position, order_id, WHO)
    assert order.total == Money.of("5.00", "EUR")


async def test_an_order_is_placed_once(store: EventStore) -> None:
    order_id = uuid4()
    await place(store, order_id)
    with pytest.raises(StaleVersion):
        await place(store, order_id)


async def test_an_order_that_does_not_exist_is_not_found(store: EventStore) -> None:
    with pytest.raises(NotFound, match="there is no order"):
        await load_order(store, uuid4())
    with pytest.raises(NotFound, match="there is no order"):
        await request_cancellation(store, uuid4(), WHY, WHO)


async def test_a_cancellation_is_requested_once_however_often_it_is_wished(store: EventStore) -> None:
    order_id = uuid4()
    await place(store, order_id)
    first = await request_cancellation(store, order_id, WHY, WHO, expected_version=1)
    again = await request_cancellation(store, order_id, WHY, WHO)
    assert first == again
    assert first.version == 2
    assert (await load_order(store, order_id)).status is OrderStatus.CANCELLING
    assert [recorded.correlation_id for recorded in await store.read_stream(order_id)] == [order_id, order_id]


async def test_a_cancellation_for_another_version_than_the_present_is_stale(store: EventStore) -> None:
    order_id = uuid4()
    await place(store, order_id)
    with pytest.raises(StaleVersion, match="is at version 1, not 2; read it again"):
        await request_cancellation(store, order_id, WHY, WHO, expected_version=2)


async def test_a_broken_rule_appends_nothing(store: EventStore) -> None:
    order_id = uuid4()
    await place(store, order_id)
    events = in_stream(reject(await load_order(store, order_id), "out_of_stock"), order_id, after=1)
    await store.append(Append(events, order_id, WHO))
    with pytest.raises(OrderNotOpen):
        await request_cancellation(store, order_id, WHY, WHO)
    assert (await load_order(store, order_id)).version == 2


async def test_a_stocked_product_and_its_stock_item_come_together(store: EventStore) -> None:
    accepted = await put_cup(store)
    [registered] = await store.read_stream(ids.stock_item_id("cup"))
    assert isinstance(registered.event, StockItemRegistered)
    assert (accepted.version, accepted.position) == (1, registered.position)


async def test_a_product_that_is_put_again_as_it_is_changes_nothing(store: EventStore) -> None:
    first = await put_cup(store)
    assert await put_cup(store) == first
    assert (await put_cup(store, Money.of("3.00", "EUR"))).version == 2
    assert len(await store.read_stream(ids.stock_item_id("cup"))) == 1


async def test_a_product_that_many_add_at_once_is_added_once(store: EventStore, database: Database) -> None:
    async with open_store(database.app_url, MASTER_KEY, "another process") as other:
        await asyncio.gather(*(put_cup(process) for process in [store, other] * 5))
    assert len(await store.read_stream(ids.product_id("cup"))) == 1
    assert len(await store.read_stream(ids.stock_item_id("cup"))) == 1


async def test_receipts_and_corrections_at_once_all_count(store: EventStore) -> None:
    await put_cup(store)
    await asyncio.gather(*(receive_stock(store, "cup", 3, WHO) for _ in range(40)))
    await asyncio.gather(*(adjust_stock(store, "cup", -1, "broken", WHO) for _ in range(20)))
    assert (await cups(store)).on_hand == 100


async def test_the_reason_of_a_correction_is_sealed_with_the_stock_items_key(
    store: EventStore, database: Database
) -> None:
    await put_cup(store)
    async with open_store(database.app_url, MASTER_KEY, "another process") as other:
        await asyncio.gather(*(adjust_stock(each, "cup", 1, "Ada found it", WHO) for each in [store, other] * 3))
    events = await store.read_log(0, 10**9, topics=[StockAdjusted.TOPIC])
    assert len(events) == 6
    assert all(b"Ada found" not in bytes(event.state) for event in events)
    reasons = [event.event.reason for event in events if isinstance(event.event, StockAdjusted)]
    assert {owner_of(reason) for reason in reasons} == {ids.stock_item_id("cup")}
    assert await store.keys.open_all(reasons) == ["Ada found it"] * 6


async def test_receipts_of_two_processes_at_once_all_count(store: EventStore, database: Database) -> None:
    await put_cup(store)
    async with open_store(database.app_url, MASTER_KEY, "another process") as other:
        await asyncio.gather(*(receive_stock(process, "cup", 1, WHO) for process in [store, other] * 10))
    assert (await cups(store)).on_hand == 20


async def test_what_is_not_kept_in_stock_is_not_received(store: EventStore) -> None:
    with pytest.raises(NotFound, match="'cup' is not kept in stock; add it as a stocked product first"):
        await receive_stock(store, "cup", 1, WHO)
    with pytest.raises(NotFound, match="'cup' is not kept in stock"):
        await adjust_stock(store, "cup", 1, "found", WHO)


async def test_lines_are_priced_by_what_the_catalogue_says_now(store: EventStore) -> None:
    await put_cup(store)
    [line] = (await PriceList(store).price([WantedLine("cup", 2)], "EUR", may_override=False)).lines
    assert (line.name, line.unit_price, line.stocked) == ("Cup", PRICE, True)
    await put_cup(store, Money.of("3.00", "EUR"))
    [line] = (await PriceList(store).price([WantedLine("cup", 2)], "EUR", may_override=False)).lines
    assert line.unit_price == Money.of("3.00", "EUR")


async def test_a_discontinued_product_has_no_price_any_more(store: EventStore) -> None:
    await put_cup(store)
    assert await discontinue_product(store, "cup", WHO) == await discontinue_product(store, "cup", WHO)
    with pytest.raises(InvalidInput, match="cannot be ordered any more"):
        await PriceList(store).price([WantedLine("cup", 2)], "EUR", may_override=False)
    with pytest.raises(NotFound, match="there is no product 'cap'"):
        await discontinue_product(store, "cap", WHO)


async def test_a_shipment_leaves_and_arrives(store: EventStore) -> None:
    order_id, request_id = uuid4(), uuid4()
    with pytest.raises(NotFound, match="has no shipment"):
        await dispatch_shipment(store, order_id, WHO)
    attempted = decisions.book(None, order_id, request_id)
    shipment = shipping.fold(attempted)
    assert shipment is not None
    booked = decisions.scheduled(shipment, request_id, shipping.Booking("b", "T1", "Swift", date(2026, 12, 1)))
    stream = ids.shipment_id(order_id)
    await store.append(Append(in_stream([*attempted, *booked], stream, after=0), order_id, WHO))
    assert (await dispatch_shipment(store, order_id, WHO)).version == 3
    assert (await deliver_shipment(store, order_id, WHO)).version == 4
    assert (await deliver_shipment(store, order_id, WHO)).version == 4
    history = await store.read_stream(stream)
    assert [recorded.event.TOPIC for recorded in history[2:]] == ["shipping.Dispatched", "shipping.Delivered"]
    assert {recorded.correlation_id for recorded in history} == {order_id}


async def test_registering_alongside_leaves_a_registered_stock_item_alone(store: EventStore) -> None:
    events = in_stream([StockItemRegistered(sku="cup")], ids.stock_item_id("cup"), after=0)
    await store.append(Append(events, None, WHO))
    await put_cup(store)
    assert (await cups(store)).version == 1
