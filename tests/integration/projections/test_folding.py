"""The rows that a partition keeps in memory never outlive what is in the table."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import pytest

from commerce.eventstore.errors import CheckpointConflict
from commerce.eventstore.subscriptions.partition import Partition
from commerce.inventory.events import StockItemRegistered, StockReceived, StockReserved
from projections.engine import projection
from projections.engine.pages import newest_first
from projections.stock import STOCK, StockView
from tests.catch_up import catch_up
from tests.integration.projections.history import History


async def test_a_partition_sees_what_another_process_did_meanwhile(history: History) -> None:
    store, subscription = history.store, replace(STOCK, partitions=1).subscription()
    ours, theirs = Partition(store, subscription, 0), Partition(store, subscription, 0)
    await history.happens(StockItemRegistered, "mug")
    assert await ours.step()
    await history.happens(StockReceived, "mug", quantity=5)
    assert await theirs.step()
    await history.happens(StockReserved, "mug", order_id=uuid4(), quantity=2)
    with pytest.raises(CheckpointConflict):
        await ours.step()
    ours.unload()
    assert await ours.step()
    assert await STOCK.find(store.pool, "mug") == StockView("mug", 5, 2, 3)


async def test_rows_that_had_to_make_room_are_read_again(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(projection, "KEPT_ROWS", 2)
    skus = [f"mug {number}" for number in range(5)]
    for sku in skus:
        await history.happens(StockItemRegistered, sku)
    for sku in [*skus, *skus]:
        await history.happens(StockReceived, sku, quantity=1)
    await catch_up(history.store, replace(replace(STOCK, partitions=1).subscription(), batch=3))
    listed = (await newest_first(history.store.pool, STOCK)).items
    assert listed == [StockView(sku, 2, 0, 2) for sku in reversed(skus)]
