"""The sales report: what confirmed orders were worth, to the last digit."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID, uuid4

from commerce.eventstore import connection_from
from commerce.ordering.events import (
    OrderCancellationRequested,
    OrderCancelled,
    OrderConfirmed,
    OrderLine,
    OrderRejected,
    OrderShipped,
)
from commerce.payments.events import PaymentRefunded, PaymentRefundRequested, RefundLine
from commerce.values.money import Money
from projections.sales import DailySales, SoldSku, sales_by_day, sales_by_sku
from tests.integration.projections.history import History, eur, line, sealed

BOOKED = {"tracking_number": "T1", "carrier": "Post", "estimated_delivery": date(2026, 12, 1)}


def yen(amount: str) -> Money:
    return Money.of(amount, "JPY")


async def is_confirmed(history: History, *lines: OrderLine) -> UUID:
    order = uuid4()
    await history.is_placed(order, *lines)
    await history.happens(OrderConfirmed, order, **BOOKED)
    return order


async def today(history: History) -> date:
    """The day that the database's clock shows in UTC."""
    async with connection_from(history.store.pool) as connection:
        cursor = await connection.execute("SELECT (max(recorded_at) AT TIME ZONE 'UTC')::date FROM commerce_events")
        row = await cursor.fetchone()
    assert row is not None
    return date.fromisoformat(str(row[0]))


async def test_confirmed_orders_are_summed_by_day_and_by_sku_and_currency(history: History) -> None:
    await is_confirmed(history, line("mug", 2, eur("9.99")), line("mug", 1, eur("5.00")), line("jug", 3, eur("0.10")))
    await is_confirmed(history, line("jug", 1, eur("0.05")))
    await is_confirmed(history, line("mug", 4, yen("1000")))
    await history.is_projected()
    pool = history.store.pool
    day = await today(history)
    assert await sales_by_day(pool) == [
        DailySales(day, 7, eur("25.33"), eur("0.00")),
        DailySales(day, 4, yen("4000"), yen("0")),
    ]
    assert await sales_by_sku(pool) == [
        SoldSku("jug", 4, eur("0.35"), eur("0.00")),
        SoldSku("mug", 3, eur("24.98"), eur("0.00")),
        SoldSku("mug", 4, yen("4000"), yen("0")),
    ]


async def test_only_confirmed_orders_count_and_a_cancelled_one_is_taken_out_again(history: History) -> None:
    kept = await is_confirmed(history, line("mug", 1, eur("0.10")))
    cancelled = await is_confirmed(history, line("mug", 1, eur("0.20")))
    placed, rejected = uuid4(), uuid4()
    await history.is_placed(placed)
    await history.is_placed(rejected)
    await history.happens(OrderRejected, rejected, reason="out_of_stock")
    await history.happens(OrderCancellationRequested, cancelled, reason=sealed("changed my mind"))
    await history.is_projected()
    pool = history.store.pool
    assert [(sales.units, sales.revenue) for sales in await sales_by_day(pool)] == [(2, eur("0.30"))]
    await history.happens(OrderCancelled, cancelled)
    await history.happens(OrderShipped, kept)
    await history.is_projected()
    assert [(sales.units, sales.revenue) for sales in await sales_by_day(pool)] == [(1, eur("0.10"))]
    assert await sales_by_sku(pool) == [SoldSku("mug", 1, eur("0.10"), eur("0.00"))]


async def test_what_is_given_back_is_taken_out_of_the_day_and_of_each_sku(history: History) -> None:
    order = await is_confirmed(history, line("mug", 2, eur("3.00")), line("jug", 1, eur("4.01")))
    await is_confirmed(history, line("mug", 1, eur("5.00")))
    by_lines, by_amount = uuid4(), uuid4()
    mug = RefundLine(line=1, sku="mug", quantity=1, amount=eur("3.00"))
    for refund, amount, lines in ((by_lines, eur("3.00"), (mug,)), (by_amount, eur("1.00"), ())):
        asked = {"request_id": refund, "amount": amount, "lines": lines, "reason": sealed("torn")}
        await history.happens(PaymentRefundRequested, order, **asked)
    await history.is_projected()
    pool, day = history.store.pool, await today(history)
    assert await sales_by_day(pool) == [DailySales(day, 4, eur("15.01"), eur("0.00"))]
    await history.happens(PaymentRefunded, order, request_id=by_lines, amount=eur("3.00"))
    await history.happens(PaymentRefunded, order, request_id=by_amount, amount=eur("1.00"))
    await history.is_projected()
    assert await sales_by_day(pool) == [DailySales(day, 4, eur("11.01"), eur("4.00"))]
    assert await sales_by_sku(pool) == [
        SoldSku("jug", 1, eur("3.44"), eur("0.57")),
        SoldSku("mug", 3, eur("7.57"), eur("3.43")),
    ]
    await history.happens(PaymentRefunded, order, request_id=uuid4(), amount=eur("6.01"))
    await history.happens(OrderCancelled, order)
    await history.is_projected()
    assert await sales_by_day(pool) == [DailySales(day, 1, eur("5.00"), eur("0.00"))]


async def test_a_period_includes_its_first_and_its_last_day(history: History) -> None:
    await is_confirmed(history, line("mug", 1, eur("1.00")))
    await history.is_projected()
    pool = history.store.pool
    day = await today(history)
    before, after = day - timedelta(days=1), day + timedelta(days=1)
    for first, last, found in ((day, day, 1), (None, day, 1), (day, None, 1), (after, None, 0), (None, before, 0)):
        assert len(await sales_by_day(pool, first, last)) == found
        assert len(await sales_by_sku(pool, first, last)) == found


async def test_sums_are_exact_beyond_what_one_amount_may_be(history: History) -> None:
    for _ in range(3):
        await is_confirmed(history, line("mug", 1, eur("999999999999.99")))
    await history.is_projected()
    (sales,) = await sales_by_day(history.store.pool)
    assert str(sales.revenue) == "2999999999999.97 EUR"
