"""Parked events over HTTP: listed by cause, retried, corrected or left out with a reason; rows that wait are 503."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest

from commerce.eventstore import EventStore
from commerce.values import ids
from tests.command_line import commerce
from tests.conftest import Database
from tests.integration.api.conftest import Shop, key, order
from tests.integration.rebuild.conftest import parked, worker
from tests.integration.rebuild.test_standing_still import HUGE, write
from tests.waiting import eventually


async def _nothing(store: EventStore) -> bool:
    return not await parked(store)


async def ok(answer: httpx2.Response, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json()


@pytest.fixture
def command_line(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command line asks this API, whatever the payment provider of the system is."""
    assert shop.settings.database_url is not None
    monkeypatch.setenv("COMMERCE_HOME", str(shop.settings.home))
    monkeypatch.setenv("COMMERCE_DATABASE_URL", shop.settings.database_url)
    monkeypatch.setenv("COMMERCE_API_PORT", shop.url.rpartition(":")[2])
    monkeypatch.setenv("COMMERCE_PROVIDER", "stripe")


@pytest.mark.usefixtures("command_line")
async def test_parked_events_are_listed_by_cause_and_decided_about(
    shop: Shop, store: EventStore, database: Database
) -> None:
    await shop.stock("mug")
    await shop.stock("cup")
    await shop.show()
    operator, visitor = shop.client("operator", "olga"), shop.client()
    bad = write(database, ids.stock_item_id("mug"), "inventory.StockReceived", HUGE)
    worse = write(database, ids.stock_item_id("mug"), "inventory.StockReceived", HUGE)
    async with worker(store):
        await eventually(lambda: parked(store))
        waiting = await operator.get("/inventory/mug")
        assert waiting.status_code == 503
        assert waiting.json()["type"] == "/docs/problems/parked-row"
        assert "the row of sku mug of the read model stock waits for an event" in waiting.json()["detail"]
        assert int(waiting.headers["Retry-After"]) > 1
        assert (await operator.get("/inventory")).status_code == 503
        assert (await operator.get("/inventory/cup")).status_code == 200
        health = await ok(await visitor.get(f"{shop.url}/health/ready"))
        assert health["status"] == "degraded"
        assert "events of 1 sequences are parked by stock" in health["parked"]["stock"]

        (group,) = (await ok(await operator.get("/ops/parked")))["items"]
        assert (group["subscription"], group["events"], group["first_position"]) == ("stock", 1, bad)
        assert group["error"] == "psycopg.NumericValueOutOfRange"
        path = f"/ops/parked/{group['group']}"
        (event,) = (await ok(await operator.get(path)))["items"]
        assert (event["position"], event["topic"], event["is_edited"]) == (bad, "inventory.StockReceived", False)
        assert (event["payload"]["sku"], event["number"]) == ("mug", None)

        assert (await operator.post(f"{path}/discard", json={})).status_code == 422
        assert (await operator.post(f"{path}/discard", json={"reason": "x", "positions": [worse]})).status_code == 404
        assert (await shop.client("auditor").post(f"{path}/discard", json={"reason": "x"})).status_code == 403
        waits = {"Prefer": "wait=30"}
        decided = await ok(await operator.post(f"{path}/discard", json={"reason": "a typing error"}, headers=waits))
        assert (decided["subscription"], decided["positions"], decided["still_parked"]) == ("stock", [bad], [])
        await eventually(lambda: _only(store, worse))

        (group,) = (await ok(await operator.get("/ops/parked")))["items"]
        path = f"/ops/parked/{group['group']}"
        no = await operator.post(f"{path}/edit", json={"reason": "x", "payload": {"quantity": "many"}})
        assert no.status_code == 422
        assert "cannot be read like that" in no.json()["detail"]
        asked = await commerce("parked", group["group"], "--retry", "--reason", "let us see", "--by", "olga")
        assert (asked.returncode, asked.stderr) == (0, "")
        await ok(await operator.post(f"{path}/edit", json={"reason": "four", "payload": {"quantity": 4}}), 202)
        await eventually(lambda: _nothing(store))
        assert (await ok(await operator.get("/inventory/mug")))["on_hand"] >= 4
        assert (await ok(await operator.get("/ops/parked")))["items"] == []
        assert (await operator.get(path)).status_code == 404
        told = (await ok(await operator.get("/audit/events", params={"actor": "operator:olga", "limit": 100})))["items"]
        texts = [item["text"] for item in told if item["topic"].startswith("subscriptions.")]
        assert texts == [
            f"Operator olga had stock leave out the parked events at {bad}: a typing error",
            f"Operator olga had stock try the parked events at {worse} again: let us see",
            f"Operator olga corrected the parked events at {worse} for stock: four",
        ]


async def _only(store: EventStore, position: int) -> bool:
    async with store.pool.connection() as connection:
        cursor = await connection.execute("SELECT position FROM commerce_parked WHERE error_group IS NOT NULL")
        return [row[0] for row in await cursor.fetchall()] == [position]


@pytest.mark.usefixtures("command_line")
@pytest.mark.parametrize(
    ("topic", "said"),
    [
        ("ordering.OrderGifted", "this version of the code does not know ordering.OrderGifted"),
        ("ordering.OrderShipped", "cannot be read"),
    ],
)
async def test_an_order_with_an_event_that_cannot_be_read_is_not_shown_without_it_and_others_are(
    shop: Shop, database: Database, topic: str, said: str
) -> None:
    await shop.stock("mug")
    customer, operator = shop.client("customer", str(uuid4())), shop.client("operator", "olga")
    placed = [await ok(await customer.post("/orders", json=order(("mug", 1)), headers=key()), 202) for _ in range(2)]
    broken, whole = (str(each["order_id"]) for each in placed)
    write(database, UUID(broken), topic, b"not JSON", UUID(broken))
    for client in (customer, operator):
        for place in ("", "/timeline", "/process", "/payment", "/shipments", "/events"):
            answer = await client.get(f"/orders/{broken}{place}")
            assert (answer.status_code, answer.json()["type"]) == (503, "/docs/problems/unreadable-event"), place
            assert int(answer.headers["Retry-After"]) > 1
        assert (await client.get(f"/orders/{whole}")).status_code == 200
    body = {"reason": "changed my mind"}
    assert (await customer.post(f"/orders/{broken}/cancellation", json=body)).status_code == 503
    shown = await commerce("replay", broken)
    assert (shown.returncode, shown.stderr.count("\n")) == (1, 1), shown.stderr
    assert said in shown.stderr
