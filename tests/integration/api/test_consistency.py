"""Reading your own writes."""

from __future__ import annotations

import asyncio
import time

from projections.products import PRODUCTS
from projections.stock import STOCK
from tests.catch_up import catch_up
from tests.integration.api.conftest import Shop, key


async def test_a_query_waits_until_its_read_model_shows_the_command(shop: Shop) -> None:
    await shop.stock("lamp", quantity=0)
    operator = shop.client("operator")
    told = await operator.post("/inventory/lamp/receipts", json={"quantity": 7}, headers=key())
    position = {"Commerce-Position": told.headers["Commerce-Position"]}
    asked = [asyncio.create_task(operator.get("/inventory/lamp", headers=position)) for _ in range(5)]
    await asyncio.sleep(0.2)
    assert not any(one.done() for one in asked)
    await catch_up(shop.store, STOCK.subscription())
    for one in asked:
        assert (await one).json() == {"sku": "lamp", "on_hand": 7, "reserved": 0, "available": 7}


async def test_events_that_do_not_concern_a_read_model_are_not_waited_for(shop: Shop) -> None:
    await shop.stock("lamp", quantity=0)
    await catch_up(shop.store, PRODUCTS.subscription())
    operator = shop.client("operator")
    told = await operator.post("/inventory/lamp/receipts", json={"quantity": 7}, headers=key())
    position = {"Commerce-Position": told.headers["Commerce-Position"]}
    listed = await operator.get("/products", headers=position)
    assert [item["sku"] for item in listed.json()["items"]] == ["lamp"]


async def test_a_read_model_that_does_not_get_there_is_not_waited_for_for_ever(shop: Shop) -> None:
    await shop.stock("lamp", quantity=0)
    operator = shop.client("operator")
    told = await operator.post("/inventory/lamp/receipts", json={"quantity": 7}, headers=key())
    began = time.monotonic()
    answer = await operator.get("/inventory", headers={"Commerce-Position": told.headers["Commerce-Position"]})
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) >= 1
    assert time.monotonic() - began > 4.5


async def test_a_position_that_is_not_ours_is_rejected_by_every_query(shop: Shop) -> None:
    await shop.stock("lamp", quantity=0)
    operator = shop.client("operator")
    for path in (
        "/products",
        "/products/lamp",
        "/inventory",
        "/orders",
        "/ops/processes",
        "/ops/cases",
        "/ops/attention",
        "/reports/sales",
        "/reports/orders",
    ):
        for wrong in ("42", "p1-", "p1-zz", "p1-ffffffffffffffff"):
            answer = await operator.get(path, headers={"Commerce-Position": wrong})
            assert (answer.status_code, path) == (400, path)
