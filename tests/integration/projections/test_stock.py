"""The stock's read model."""

from __future__ import annotations

from uuid import uuid4

from commerce.inventory.events import (
    StockAdjusted,
    StockDispatched,
    StockItemRegistered,
    StockReceived,
    StockReleased,
    StockReserved,
)
from projections.engine.pages import PageRequest, newest_first
from projections.stock import STOCK, StockView
from tests.integration.projections.history import History


async def test_what_is_reserved_is_not_available_and_what_is_dispatched_is_gone(history: History) -> None:
    first, second = uuid4(), uuid4()
    seen = []
    for kind, fields in (
        (StockItemRegistered, {}),
        (StockReceived, {"quantity": 10}),
        (StockReserved, {"order_id": first, "quantity": 4}),
        (StockReserved, {"order_id": second, "quantity": 3}),
        (StockReleased, {"order_id": second, "quantity": 3}),
        (StockDispatched, {"order_id": first, "quantity": 4}),
        (StockAdjusted, {"quantity": -2, "reason": "broken"}),
    ):
        await history.happens(kind, "mug", **fields)
        await history.is_projected()
        stock = await STOCK.find(history.store.pool, "mug")
        assert stock is not None
        seen.append((stock.on_hand, stock.reserved, stock.available))
    assert seen == [(0, 0, 0), (10, 0, 10), (10, 4, 6), (10, 7, 3), (10, 4, 6), (6, 0, 6), (4, 0, 4)]


async def test_skus_are_listed_newest_first_and_told_apart_by_case(history: History) -> None:
    for sku, quantity in (("mug", 1), ("Mug", 2), ("the big mug", 3)):
        await history.happens(StockItemRegistered, sku)
        await history.happens(StockReceived, sku, quantity=quantity)
    await history.happens(StockReceived, "mug", quantity=1)
    await history.is_projected()
    pool = history.store.pool
    page = await newest_first(pool, STOCK, paging=PageRequest(limit=2))
    assert page.items == [StockView("the big mug", 3, 0, 3), StockView("Mug", 2, 0, 2)]
    rest = await newest_first(pool, STOCK, paging=PageRequest(page.next_cursor, 2))
    assert (rest.items, rest.next_cursor) == ([StockView("mug", 2, 0, 2)], None)
    assert await STOCK.find(pool, "MUG") is None
