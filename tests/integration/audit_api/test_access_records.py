"""Who looks at whose data is on record, before they see it, and seen by auditors; a missing key is said to be
missing."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from commerce.audit import search
from commerce.audit.events import PersonalDataRead
from commerce.eventstore import EventStore
from commerce.runtime.tokens import Role
from commerce.values import ids
from tests.conftest import Database
from tests.integration.api.conftest import Shop, key, order

PATHS = (
    "/orders",
    "/orders/{order}",
    "/orders/{order}/payment",
    "/orders/{order}/shipments",
    "/orders/{order}/timeline",
    "/audit/events",
    "/audit/streams/{order}",
    "/audit/streams/{order}/state",
    "/audit/orders/{order}/trace",
)
TOPIC = "audit.PersonalDataRead"
LOOKERS: tuple[tuple[Role, str], ...] = (
    ("operator", "olga"),
    ("service", "webshop"),
    ("auditor", "arno"),
    ("operator", "oscar"),
)


async def readings(store: EventStore) -> list[tuple[str, str, tuple[UUID, ...]]]:
    """Who looked at what, as recorded."""
    events = await store.read_log(0, 10**9, topics=[TOPIC])
    return [
        (event.metadata.actor, event.event.what, event.event.orders)
        for event in events
        if isinstance(event.event, PersonalDataRead)
    ]


async def placed(shop: Shop, **changed: str) -> str:
    """An order."""
    await shop.stock("lamp")
    answer = await shop.client("service").post("/orders", json=order(**changed), headers=key())
    await shop.show()
    return str(answer.raise_for_status().json()["order_id"])


async def test_every_look_of_operators_and_auditors_is_recorded_once(shop: Shop) -> None:
    order_id = await placed(shop)
    for actor in (("operator", "olga"), ("auditor", "vera")):
        for path in PATHS * 2:
            (await shop.client(*actor).get(path.format(order=order_id))).raise_for_status()
    recorded = await readings(shop.store)
    expected = [
        (f"{role}:{name}", f"GET /api/v1{path}".format(order="{order_id}"), (UUID(order_id),))
        for role, name in (("operator", "olga"), ("auditor", "vera"))
        for path in PATHS
    ]
    assert [(who, what.replace("{stream_id}", "{order_id}"), orders) for who, what, orders in recorded] == expected
    events = await shop.store.read_log(0, 10**9, topics=[TOPIC])
    assert all(event.metadata.request_id and event.correlation_id is None for event in events)


async def test_looks_of_services_are_recorded_as_all_others(shop: Shop) -> None:
    order_id = await placed(shop)
    for path in PATHS[:5] * 2:
        (await shop.client("service", "webshop").get(path.format(order=order_id))).raise_for_status()
    assert [(who, orders) for who, _, orders in await readings(shop.store)] == [
        ("service:webshop", (UUID(order_id),))
    ] * 5


async def test_customers_look_at_their_own_without_a_record(shop: Shop) -> None:
    customer = str(uuid4())
    order_id = await placed(shop, customer_id=customer)
    for path in PATHS[:5]:
        (await shop.client("customer", customer).get(path.format(order=order_id))).raise_for_status()
    assert await readings(shop.store) == []


async def looks(shop: Shop, role: Role, name: str, order_id: str, limit: int = 50) -> list[dict[str, Any]]:
    """Every page of who looked at an order, as somebody is told it."""
    found: list[dict[str, Any]] = []
    params: dict[str, str] = {"limit": str(limit)}
    while True:
        answer = await shop.client(role, name).get(f"/audit/orders/{order_id}/readings", params=params)
        page = answer.raise_for_status().json()
        assert len(page["items"]) <= limit
        found += page["items"]
        if page["next_cursor"] is None:
            return found
        params["cursor"] = page["next_cursor"]


async def test_who_looked_at_an_order_is_told_look_by_look_and_of_no_other_order(shop: Shop) -> None:
    order_id, other = await placed(shop), await placed(shop)
    for role, name in LOOKERS:
        for path in ("/orders", "/orders/{}", "/orders/{}/timeline"):
            (await shop.client(role, name).get(path.format(order_id))).raise_for_status()
        (await shop.client(role, name).get(f"/orders/{other}/payment")).raise_for_status()
    expected = [
        (f"{role}:{name}", f"GET /api/v1/orders{path}")
        for role, name in LOOKERS
        for path in ("", "/{order_id}", "/{order_id}/timeline")
    ]
    for limit in (50, 2):
        found = await looks(shop, "auditor", "vera", order_id, limit)
        assert [(look["actor"], look["route"]) for look in found] == expected
    assert {frozenset(look) for look in found} == {
        frozenset(("position", "recorded_at", "actor", "who", "route", "request_id"))
    }
    assert [look["route"] for look in await looks(shop, "auditor", "vera", other)] == [
        "GET /api/v1/orders",
        "GET /api/v1/orders/{order_id}/payment",
    ] * len(LOOKERS)


async def test_operators_are_told_their_own_looks_and_nobody_of_an_order_that_there_is_not(shop: Shop) -> None:
    order_id = await placed(shop)
    for role, name in LOOKERS:
        (await shop.client(role, name).get(f"/orders/{order_id}")).raise_for_status()
    assert {look["actor"] for look in await looks(shop, "operator", "olga", order_id)} == {"operator:olga"}
    assert len(await looks(shop, "auditor", "vera", order_id)) == len(LOOKERS)
    for unknown in (uuid4(), ids.stock_item_id("lamp"), ids.product_id("lamp")):
        assert (await shop.client("auditor").get(f"/audit/orders/{unknown}/readings")).status_code == 404


async def test_the_search_for_looks_goes_on_where_a_page_ended_though_nothing_was_found(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "WINDOW_LOOKS", 2)
    monkeypatch.setattr(search, "MOST_WINDOWS", 1)
    order_id, other = await placed(shop), await placed(shop)
    for role, name in LOOKERS:
        (await shop.client(role, name).get(f"/orders/{other}")).raise_for_status()
    (await shop.client("service", "webshop").get(f"/orders/{order_id}")).raise_for_status()
    auditor = shop.client("auditor")
    first = (await auditor.get(f"/audit/orders/{order_id}/readings")).json()
    assert (first["items"], first["next_cursor"] is None) == ([], False)
    assert [look["actor"] for look in await looks(shop, "auditor", "vera", order_id)] == ["service:webshop"]
    (await auditor.get(f"/orders/{other}")).raise_for_status()
    (await auditor.get(f"/orders/{other}/payment")).raise_for_status()
    newest = (await auditor.get("/audit/readings", params={"order_id": order_id})).json()
    assert (newest["items"], newest["next_cursor"] is None) == ([], False)
    before = {"order_id": order_id, "cursor": newest["next_cursor"]}
    (look,) = (await auditor.get("/audit/readings", params=before)).json()["items"]
    number = (await auditor.get(f"/orders/{order_id}")).json()["number"]
    assert (look["actor"], look["orders"], look["numbers"]) == ("service:webshop", [order_id], [number])


async def test_what_is_not_shown_is_not_recorded(shop: Shop) -> None:
    operator = shop.client("operator")
    for path in ("/orders", f"/orders/{uuid4()}", f"/audit/orders/{uuid4()}/trace", "/inventory", "/audit/events"):
        await operator.get(path)
    assert await readings(shop.store) == []


async def test_only_auditors_see_who_else_looked(shop: Shop) -> None:
    order_id = await placed(shop)
    for who in ("olga", "oscar"):
        await shop.client("operator", who).get(f"/orders/{order_id}")
    events = await shop.store.read_log(0, 10**9, topics=[TOPIC])
    streams = {event.metadata.actor: event.stream for event in events}
    olga, vera = shop.client("operator", "olga"), shop.client("auditor", "vera")
    for params in ({"topic": TOPIC}, {}):
        seen = (await olga.get("/audit/events", params=params)).json()["items"]
        assert {item["actor"] for item in seen if item["topic"] == TOPIC} == {"operator:olga"}
    seen = (await vera.get("/audit/events", params={"topic": TOPIC})).json()["items"]
    assert {item["actor"] for item in seen} == {"operator:olga", "operator:oscar"}
    for path in ("/audit/streams/{stream}", "/audit/streams/{stream}/state"):
        own, others = (path.format(stream=streams[f"operator:{who}"]) for who in ("olga", "oscar"))
        assert (await olga.get(own)).status_code == 200
        assert (await olga.get(others)).status_code == 404
        assert (await vera.get(others)).status_code == 200
    timeline = (await vera.get(f"/orders/{order_id}/timeline")).json()["items"]
    assert TOPIC not in {item["topic"] for item in timeline}


async def test_where_a_key_is_missing_that_is_said(shop: Shop, database: Database) -> None:
    order_id = await placed(shop)
    with psycopg.connect(database.admin_url, autocommit=True) as connection:
        connection.execute("DELETE FROM commerce_keys")
    auditor = shop.client("auditor")
    (item,) = (await auditor.get(f"/orders/{order_id}/timeline")).json()["items"]
    assert item["data"]["shipping_address"] == "key missing"
    state = (await auditor.get(f"/audit/streams/{order_id}/state")).json()["state"]
    assert state["shipping_address"] == "key missing"
    assert (await auditor.get(f"/audit/orders/{order_id}/trace")).status_code == 200
