"""What clients and operators are told of a read model that stands still, or that was lost: never that all is well."""

from __future__ import annotations

import psycopg
import pytest

from api.queries.consistency import write_position
from commerce.cli.checks.subscriptions import subscriptions
from commerce.eventstore import EventStore, find_stops
from commerce.values import ids
from projections.stock import STOCK
from tests.conftest import Database
from tests.integration.api.conftest import Shop
from tests.integration.rebuild.conftest import execute, worker
from tests.integration.rebuild.test_standing_still import HUGE, delete, write
from tests.waiting import eventually


@pytest.fixture(autouse=True)
def nothing_may_be_parked(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where a partition has parked as many events as it may."""
    monkeypatch.setattr("commerce.eventstore.subscriptions.parked.MOST_FAILED_EVENTS", 0)


async def test_a_read_model_that_stands_still_is_told_of_by_queries_health_and_operation(
    shop: Shop, store: EventStore, database: Database
) -> None:
    await shop.stock("mug")
    await shop.show()
    operator, visitor = shop.client("operator"), shop.client()
    before = await store.head()
    bad = write(database, ids.stock_item_id("mug"), "inventory.StockReceived", HUGE)
    place = f"stock:{ids.stock_item_id('mug').bytes[15] % STOCK.partitions}"
    async with worker(store):
        await eventually(lambda: find_stops(store.pool))
        answer = await shop.client("operator", "olga").get("/inventory")
        assert answer.status_code == 200
        told = answer.headers["Commerce-Stands-Still"]
        assert told.startswith(f"{place}; position={bad}; topic=inventory.StockReceived; since=2")
        assert "Commerce-Stands-Still" not in (await operator.get("/products")).headers
        own = await operator.get("/inventory", headers={"Commerce-Position": write_position(bad)})
        assert own.status_code == 503
        assert f"{place} stands still before position {bad}" in own.json()["detail"]
        assert int(own.headers["Retry-After"]) > 1
        older = await operator.get("/inventory", headers={"Commerce-Position": write_position(before)})
        assert older.status_code == 200
        listed = (await operator.get("/ops/subscriptions", params={"limit": 100})).json()["items"]
        failing = {f"{each['name']}:{each['partition']}": each["problem"] for each in listed if each["problem"]}
        assert list(failing) == [place]
        assert "TooManyParked" in failing[place]
        health = await visitor.get(f"{shop.url}/health/ready")
        assert (health.status_code, health.json()["status"]) == (200, "degraded")
        assert health.json()["standing_still"] == failing
        delete(database, bad)
        await eventually(lambda: _is_ok(shop))
    assert "Commerce-Stands-Still" not in (await operator.get("/inventory")).headers


async def _is_ok(shop: Shop) -> bool:
    return bool((await shop.client().get(f"{shop.url}/health/ready")).json()["status"] == "ok")


@pytest.mark.parametrize("damage", ["DROP TABLE projections.stock", "TRUNCATE projections.stock"])
async def test_queries_of_a_read_model_that_was_lost_are_503_until_it_is_whole_again(
    shop: Shop, store: EventStore, damage: str
) -> None:
    skus = [f"lamp {number}" for number in range(5)]
    for sku in skus:
        await shop.stock(sku)
    await shop.show()
    operator = shop.client("operator")
    await execute(store, damage)
    await shop.stock("new lamp")
    answer = await operator.get("/inventory")
    assert (answer.status_code, answer.json()["type"]) == (503, "/docs/problems/lost")
    assert int(answer.headers["Retry-After"]) > 1
    assert (await operator.get("/products")).status_code == 200
    async with worker(store):
        while (answer := await operator.get("/inventory")).status_code == 503:
            pass
        assert {item["sku"] for item in answer.json()["items"]} >= set(skus)
        await eventually(lambda: _has(shop, "new lamp"))


async def _has(shop: Shop, sku: str) -> bool:
    return (await shop.client("operator").get(f"/inventory/{sku}")).status_code == 200


async def test_a_rebuild_that_failed_says_so_over_http(shop: Shop, store: EventStore, database: Database) -> None:
    await shop.stock("mug")
    await shop.show()
    operator = shop.client("operator")
    bad = write(database, ids.stock_item_id("mug"), "inventory.StockReceived", HUGE)
    async with worker(store):
        (await operator.post("/ops/projections/stock/rebuild")).raise_for_status()
        await eventually(lambda: _ended(shop))
    found = (await operator.get("/ops/projections/stock/rebuild")).json()
    assert found["status"] == "failed"
    assert f"stands still before position {bad}" in found["problem"]


async def _ended(shop: Shop) -> bool:
    answer = await shop.client("operator").get("/ops/projections/stock/rebuild")
    return bool(answer.json().get("ended_at"))


async def test_the_doctor_names_what_stands_still(store: EventStore, database: Database, shop: Shop) -> None:
    await shop.stock("mug")
    await shop.show()
    bad = write(database, ids.stock_item_id("mug"), "inventory.StockReceived", HUGE)
    async with worker(store):
        await eventually(lambda: find_stops(store.pool))
        async with await psycopg.AsyncConnection.connect(database.app_url) as connection:
            found = await subscriptions(connection)
    (said,) = [each.text for each in found if "stands still" in each.text]
    assert f"before position {bad} (inventory.StockReceived) since" in said
