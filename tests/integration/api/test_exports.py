"""Exports over HTTP: each order and each event once, also where the export broke and went on."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest

from api.bulk import exports
from commerce.audit.events import PersonalDataRead
from projections.orders import ORDERS
from tests.integration.api.conftest import Shop, key, order
from tests.integration.api.test_problems import check

LINES = {"Accept": "application/x-ndjson"}


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "PAGE_ITEMS", 2)


async def exported(client: httpx2.AsyncClient, path: str, **params: Any) -> list[dict[str, Any]]:
    answer = await client.get(path, params=params, headers=LINES)
    assert answer.headers["content-type"].startswith(LINES["Accept"]), answer.text
    return [json.loads(line) for line in answer.raise_for_status().text.splitlines()]


async def place(shop: Shop, number: int, **changed: object) -> list[str]:
    service = shop.client("service")
    answers = [await service.post("/orders", json=order(**changed), headers=key()) for _ in range(number)]
    return [str(answer.raise_for_status().json()["order_id"]) for answer in answers]


async def test_orders_come_oldest_first_once_each_and_go_on_after_any_of_them(shop: Shop) -> None:
    await shop.stock("lamp")
    placed, operator = await place(shop, 5), shop.client("operator", "olga")
    assert await exported(operator, "/orders") == []  # nothing is shown yet, and nothing is passed over
    await shop.show()
    found = await exported(operator, "/orders")
    assert [one["order_id"] for one in found] == placed
    listed = {one["order_id"]: one for one in (await operator.get("/orders")).json()["items"]}
    for one in found:
        cursor = one["cursor"]
        assert {name: value for name, value in one.items() if name != "cursor"} == listed[one["order_id"]]
        rest = placed[placed.index(one["order_id"]) + 1 :]
        assert [each["order_id"] for each in await exported(operator, "/orders", cursor=cursor)] == rest
    later = await place(shop, 2)
    await shop.show()
    further = await exported(operator, "/orders", cursor=found[-1]["cursor"])
    assert [one["order_id"] for one in further] == later
    assert await exported(operator, "/orders", status="delivered") == []
    looks = [one.event for one in await shop.store.read_log(0, 10**9, topics=[PersonalDataRead.TOPIC])]
    seen = {each for look in looks if isinstance(look, PersonalDataRead) for each in look.orders}
    assert seen == {UUID(one) for one in placed + later}


async def test_an_order_that_another_partition_does_not_show_yet_comes_with_the_next_export(shop: Shop) -> None:
    await shop.stock("lamp")
    placed, operator = await place(shop, 6), shop.client("operator")
    await shop.show()
    async with shop.store.pool.connection() as connection:
        await connection.execute(f"DELETE FROM {ORDERS.table} WHERE order_id = %s", [UUID(placed[2])])
        await connection.execute(
            "UPDATE commerce_tracking SET notification_id = 1 WHERE application_name LIKE 'orders:%%' AND"
            " application_name = 'orders:' || (get_byte(uuid_send(%s::uuid), 15) %% 4)",
            [UUID(placed[2])],
        )
    shown = [one["order_id"] for one in await exported(operator, "/orders")]
    assert shown == placed[: len(shown)]
    assert placed[2] not in shown


async def test_customers_export_their_own_orders_alone(shop: Shop) -> None:
    await shop.stock("lamp")
    customer = str(uuid4())
    await place(shop, 1)
    own = await place(shop, 3, customer_id=customer)
    await shop.show()
    client = shop.client("customer", customer)
    assert [one["order_id"] for one in await exported(client, "/orders")] == own
    assert await exported(client, "/orders", customer_id=str(uuid4())) == []
    check(await shop.client("service").get("/audit/events", headers=LINES), 403, "not-allowed")


async def test_events_come_in_the_order_of_the_log_and_go_on(shop: Shop) -> None:
    await shop.stock("lamp")
    await place(shop, 3)
    auditor, head = shop.client("auditor"), await shop.store.head()
    found = await exported(auditor, "/audit/events")
    assert [one["position"] for one in found] == list(range(1, head + 1))
    rest = await exported(auditor, "/audit/events", cursor=found[2]["cursor"], topic="ordering.OrderPlaced")
    assert [one["position"] for one in rest] == [
        one["position"] for one in found[3:] if one["topic"] == "ordering.OrderPlaced"
    ]
    page = (await auditor.get("/audit/events", params={"cursor": found[2]["cursor"], "limit": 1})).json()
    assert page["items"][0]["position"] == 4
    check(await auditor.get("/audit/events", params={"limit": 1}, headers=LINES), 422, "invalid-input")
    assert (await auditor.head("/audit/events", headers=LINES)).content == b""
    async with shop.all_transfers_of("auditor:somebody"):
        check(await auditor.get("/audit/events", headers=LINES), 429, "too-many-requests")
