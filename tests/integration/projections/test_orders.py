"""The orders' read model: what lists show is what the order's own stream says."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import pytest

from commerce.ordering.events import (
    OrderCancellationRefused,
    OrderCancellationRequested,
    OrderCancelled,
    OrderConfirmed,
    OrderRejected,
)
from commerce.ordering.order import OrderStatus
from commerce.values.errors import InvalidInput
from commerce.values.money import Money
from projections.engine.pages import PageRequest
from projections.orders import find_orders, order_of
from tests.integration.projections.history import ADDRESS, History, eur, line, sealed

BOOKED = {"tracking_number": "T1", "carrier": "Post", "estimated_delivery": date(2026, 12, 1)}


async def test_an_order_in_a_list_is_the_one_that_its_stream_makes(history: History) -> None:
    orders = [uuid4() for _ in range(3)]
    for order in orders:
        await history.is_placed(order, line("mug", 3, eur("19.99")), line("mug", 1, eur("0.10")), customer_id=uuid4())
    await history.happens(OrderConfirmed, orders[0], **BOOKED)
    await history.happens(OrderRejected, orders[1], reason="out_of_stock")
    await history.is_projected()
    listed = (await find_orders(history.store.pool)).items
    assert listed == [order_of(await history.store.read_stream(order)) for order in reversed(orders)]


async def test_an_order_shows_all_that_clients_are_promised(history: History) -> None:
    order, customer = uuid4(), uuid4()
    await history.is_placed(order, line("mug", 3, eur("19.99")), customer_id=customer)
    await history.happens(OrderConfirmed, order, **BOOKED)
    await history.is_projected()
    (row,) = (await find_orders(history.store.pool)).items
    shown = row.state
    events = await history.store.read_stream(order)
    assert (row.order_id, shown.customer_id, shown.status, shown.reason) == (order, customer, "confirmed", None)
    assert (shown.tracking_number, shown.estimated_delivery, shown.version) == ("T1", date(2026, 12, 1), 2)
    assert (row.placed_at, row.updated_at) == (events[0].recorded_at, events[1].recorded_at)
    assert row.placed_at < row.updated_at
    assert (shown.lines[0].unit_price, shown.total) == (eur("19.99"), eur("59.97"))
    assert await history.store.keys.open(shown.shipping_address) == ADDRESS


async def test_amounts_stay_exact_to_the_last_digit(history: History) -> None:
    for currency, amount in (("EUR", "999999999.10"), ("JPY", "1000"), ("KWD", "0.001"), ("KWD", "123456789.120")):
        await history.is_placed(uuid4(), line("mug", 7, Money.of(amount, currency)))
    await history.is_projected()
    totals = [order.state.total for order in (await find_orders(history.store.pool)).items]
    assert [str(total) for total in totals] == ["864197523.840 KWD", "0.007 KWD", "7000 JPY", "6999999993.70 EUR"]


async def test_lists_are_of_one_customer_or_status_or_both(history: History) -> None:
    customer = uuid4()
    mine, other, confirmed = uuid4(), uuid4(), uuid4()
    await history.is_placed(mine, customer_id=customer)
    await history.is_placed(other)
    await history.is_placed(confirmed, customer_id=customer)
    await history.happens(OrderConfirmed, confirmed, **BOOKED)
    await history.is_projected()
    pool = history.store.pool

    async def listed(**chosen: object) -> list[object]:
        return [order.order_id for order in (await find_orders(pool, **chosen)).items]  # type: ignore[arg-type]

    assert await listed(customer_id=customer) == [confirmed, mine]
    assert await listed(statuses=[OrderStatus.PLACED]) == [other, mine]
    assert await listed(customer_id=customer, statuses=[OrderStatus.PLACED]) == [mine]
    assert await listed(statuses=[OrderStatus.PLACED, OrderStatus.CONFIRMED]) == [confirmed, other, mine]
    assert await listed(customer_id=uuid4()) == []


async def test_a_rejected_cancellation_brings_the_former_status_back(history: History) -> None:
    order = uuid4()
    seen = []
    await history.is_placed(order)
    for kind, fields in (
        (OrderConfirmed, BOOKED),
        (OrderCancellationRequested, {"reason": sealed("changed my mind")}),
        (OrderCancellationRefused, {"cause": "dispatched"}),
        (OrderCancellationRequested, {"reason": sealed("really")}),
        (OrderCancelled, {}),
    ):
        await history.happens(kind, order, **fields)
        await history.is_projected()
        seen.append((await find_orders(history.store.pool)).items[0].state.status)
    assert seen == ["confirmed", "cancelling", "confirmed", "cancelling", "cancelled"]


async def test_pages_show_each_order_once_even_while_new_ones_are_placed(history: History) -> None:
    orders = [uuid4() for _ in range(5)]
    for order in orders:
        await history.is_placed(order)
    await history.is_projected()
    pool = history.store.pool
    first = await find_orders(pool, paging=PageRequest(limit=2))
    await history.is_placed(uuid4())
    await history.happens(OrderRejected, orders[0], reason="timed_out")
    await history.is_projected()
    second = await find_orders(pool, paging=PageRequest(first.next_cursor, 2))
    third = await find_orders(pool, paging=PageRequest(second.next_cursor, 2))
    assert [order.order_id for page in (first, second, third) for order in page.items] == orders[::-1]
    assert third.next_cursor is None


async def test_a_page_that_holds_exactly_the_rest_is_the_last(history: History) -> None:
    for _ in range(2):
        await history.is_placed(uuid4())
    await history.is_projected()
    page = await find_orders(history.store.pool, paging=PageRequest(limit=2))
    assert (len(page.items), page.next_cursor) == (2, None)


async def test_a_cursor_that_is_not_ours_is_rejected(history: History) -> None:
    for cursor in ("", "x", "not ours", "MA", "LTE", "MTIz=", "/w", "ä", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OQ"):
        with pytest.raises(InvalidInput) as refused:
            await find_orders(history.store.pool, paging=PageRequest(cursor))
        assert refused.value.field == "cursor"


async def test_a_page_has_one_to_a_hundred_items(history: History) -> None:
    for limit in (0, -1, 101):
        with pytest.raises(InvalidInput) as refused:
            await find_orders(history.store.pool, paging=PageRequest(limit=limit))
        assert refused.value.field == "limit"
    assert (await find_orders(history.store.pool, paging=PageRequest(limit=100))).items == []
