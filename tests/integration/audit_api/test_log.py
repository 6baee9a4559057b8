"""The log over HTTP: filtered, in bounded pages, by position and time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx2
import psycopg
import pytest

from commerce.audit import search as searches
from commerce.audit.filters import ABOUT_ONE
from commerce.audit.search import EventFilter, search
from commerce.eventstore import Recorded
from commerce.saga.limits import ProcessLimits
from commerce.saga.subscription import saga_subscription
from commerce.values import ids
from tests.catch_up import catch_up
from tests.conftest import Database
from tests.integration.api.conftest import Shop, key, order
from tests.waiting import eventually

ITEM = {
    "position",
    "recorded_at",
    "topic",
    "stream_id",
    "version",
    "actor",
    "who",
    "correlation_id",
    "causation_id",
    "text",
    "data",
    "number",
}


async def a_little_history(shop: Shop) -> str:
    """Some products, stock and orders; answers the first order."""
    for sku in ("lamp", "rug"):
        await shop.stock(sku)
    operator = shop.client("operator")
    placed = [(await operator.post("/orders", json=order(), headers=key())).json()["order_id"] for _ in range(3)]
    await operator.post(f"/orders/{placed[0]}/cancellation", json={"reason": "moved away"})
    change = {"quantity": -2, "reason": "broken"}
    await shop.client("operator", "anna").post("/inventory/rug/adjustments", json=change, headers=key())
    return str(placed[0])


async def all_pages(client: httpx2.AsyncClient, path: str, **params: Any) -> list[dict[str, Any]]:
    """Every item of a list."""
    items: list[dict[str, Any]] = []
    while True:
        page = (await client.get(path, params=params)).raise_for_status().json()
        assert len(page["items"]) <= params.get("limit", 50)
        items += page["items"]
        if page["next_cursor"] is None:
            return items
        params["cursor"] = page["next_cursor"]


async def test_every_filter_finds_exactly_what_it_says(shop: Shop) -> None:
    order_id = await a_little_history(shop)
    everything = await shop.store.read_log(0, 10**9)
    rug = ids.stock_item_id("rug")
    middle = everything[len(everything) // 2].recorded_at
    filters: list[tuple[dict[str, str], Callable[[Recorded], bool]]] = [
        ({"topic": "inventory.StockAdjusted"}, lambda event: event.topic == "inventory.StockAdjusted"),
        ({"correlation_id": order_id}, lambda event: event.correlation_id == UUID(order_id)),
        ({"stream_id": str(rug)}, lambda event: event.stream == rug),
        ({"actor": "operator:anna"}, lambda event: event.metadata.actor == "operator:anna"),
        ({"from": middle.isoformat()}, lambda event: event.recorded_at >= middle),
        ({"to": middle.isoformat()}, lambda event: event.recorded_at <= middle),
        ({"after": "3"}, lambda event: event.position > 3),
        (
            {"stream_id": str(rug), "topic": "inventory.StockReceived"},
            lambda event: event.stream == rug and "Rec" in event.topic,
        ),
        ({"actor": "nobody:at all"}, lambda event: False),
    ]
    auditor = shop.client("auditor")
    for params, fits in filters:
        found = await all_pages(auditor, "/audit/events", **params, limit=2)
        positions = [item["position"] for item in found if item["topic"] != "audit.PersonalDataRead"]
        assert positions == [event.position for event in everything if fits(event)], params


async def test_an_item_says_who_what_why_and_in_plain_words(shop: Shop) -> None:
    order_id = await a_little_history(shop)
    await shop.show()
    operator = shop.client("operator")
    (item,) = await all_pages(operator, "/audit/events", topic="inventory.StockAdjusted")
    assert set(item) == ITEM
    assert (item["actor"], item["correlation_id"], item["causation_id"]) == ("operator:anna", None, None)
    assert item["number"] is None
    assert item["text"] == "Operator anna corrected the count of rug by -2: broken"
    assert item["data"] == {"sku": "rug", "quantity": -2, "reason": "broken"}
    (asked,) = await all_pages(operator, "/audit/events", topic="ordering.OrderCancellationRequested")
    assert asked["text"] == "Operator somebody asked for the order to be cancelled: moved away"
    assert asked["data"] == {"reason": "moved away"}
    number = (await operator.get(f"/orders/{order_id}")).json()["number"]
    stream = await all_pages(operator, f"/audit/streams/{order_id}")
    assert {one["number"] for one in (asked, *stream)} == {number}
    placed = (await all_pages(operator, f"/orders/{order_id}/timeline"))[0]
    assert placed["data"]["shipping_address"]["city"] == "London"


async def test_a_page_looks_through_a_part_of_the_log_only(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    await a_little_history(shop)
    monkeypatch.setattr(searches, "WINDOW_POSITIONS", 2)
    monkeypatch.setattr(searches, "MOST_WINDOWS", 1)
    auditor = shop.client("auditor")
    first = (await auditor.get("/audit/events", params={"topic": "inventory.StockAdjusted"})).json()
    assert (first["items"], first["next_cursor"] is None) == ([], False)
    assert len(await all_pages(auditor, "/audit/events", topic="inventory.StockAdjusted")) == 1
    everything = await all_pages(auditor, "/audit/events", limit=3)
    assert [item["position"] for item in everything] == list(range(1, len(everything) + 1))


async def test_times_are_found_by_halving_also_where_positions_are_missing(shop: Shop, database: Database) -> None:
    for sku in ("a", "b", "c", "d"):
        await shop.stock(sku)
        with psycopg.connect(database.admin_url, autocommit=True) as connection:
            connection.execute("SELECT nextval('commerce_events_notification_id_seq') FROM generate_series(1, 7)")
    everything = await shop.store.read_log(0, 10**9)
    assert everything[-1].position > len(everything)
    moments = {event.recorded_at + timedelta(microseconds=by) for event in everything for by in (-1, 0, 1)}
    for moment in sorted(moments):
        early = await search(shop.store, EventFilter(end=moment), 0, 1000)
        late = await search(shop.store, EventFilter(begin=moment), 0, 1000)
        assert [event.position for event in early.events] == [f.position for f in everything if f.recorded_at <= moment]
        assert [event.position for event in late.events] == [f.position for f in everything if f.recorded_at >= moment]


async def test_an_empty_log_has_no_events(shop: Shop) -> None:
    page = (await shop.client("auditor").get("/audit/events?from=2020-01-01T00:00:00Z&to=2120-01-01T00:00:00Z")).json()
    assert page == {"items": [], "next_cursor": None}


async def test_a_stream_is_shown_by_version_and_one_that_does_not_exist_is_not(shop: Shop) -> None:
    await a_little_history(shop)
    operator, rug = shop.client("operator"), ids.stock_item_id("rug")
    found = await all_pages(operator, f"/audit/streams/{rug}", limit=2)
    assert [item["version"] for item in found] == [1, 2, 3]
    for path in (f"/audit/streams/{uuid4()}", f"/audit/streams/{uuid4()}/state", f"/audit/orders/{uuid4()}/trace"):
        assert (await operator.get(path)).status_code == 404, path


async def test_a_event_that_cannot_be_read_says_so_and_hides_no_other(shop: Shop, database: Database) -> None:
    await a_little_history(shop)
    with psycopg.connect(database.admin_url, autocommit=True) as connection:
        connection.execute("UPDATE commerce_events SET state = '{' WHERE topic = 'inventory.StockAdjusted'")
        connection.execute("UPDATE commerce_events SET topic = 'newer.Fact' WHERE topic = 'catalog.ProductAdded'")
    found = await all_pages(shop.client("auditor"), "/audit/events")
    unread = {item["topic"]: item for item in found if item["text"].startswith("This event cannot be read")}
    assert set(unread) == {"inventory.StockAdjusted", "newer.Fact"}
    assert unread["newer.Fact"]["data"] == {}
    german = await shop.client("auditor").get("/audit/events", headers={"Accept-Language": "de"})
    for topic, item in unread.items():
        text = item["text"].replace("This event cannot be read", "Dieses Ereignis ist nicht lesbar")
        assert text in [one["text"] for one in german.json()["items"] if one["topic"] == topic]


BAD = [
    "/audit/events?topic=nonsense",
    "/audit/events?after=-1",
    "/audit/events?stream_id=x",
    "/audit/events?from=2026-11-23T10:15:00",
    "/audit/events?from=2026-11-23T10:15:00Z&to=2026-11-23T10:14:00Z",
    "/audit/events?cursor=x",
    "/audit/events?limit=101",
    "/audit/streams/x",
    f"/audit/streams/{uuid4()}/state?version=0",
    f"/audit/streams/{uuid4()}/state?as_of=yesterday",
    "/audit/orders/x/trace",
    "/orders/x/timeline",
]


async def test_filters_that_no_event_can_fulfil_together_are_rejected_with_what_to_do(shop: Shop) -> None:
    order_id = await a_little_history(shop)
    other = str((await shop.client("service").post("/orders", json=order(), headers=key())).json()["order_id"])
    await catch_up(shop.store, saga_subscription(ProcessLimits()))
    rug, process = ids.stock_item_id("rug"), ids.process_id(UUID(order_id))
    impossible: list[tuple[dict[str, str], str]] = [
        ({"topic": "audit.PersonalDataRead", "correlation_id": order_id}, f"/audit/orders/{order_id}/readings"),
        ({"topic": "audit.TokenIssued", "correlation_id": order_id}, "about no order"),
        ({"topic": "catalog.PriceChanged", "correlation_id": order_id}, "about no order"),
        ({"topic": "inventory.StockReceived", "correlation_id": order_id}, "about no order"),
        ({"topic": "inventory.StockAdjusted", "correlation_id": order_id}, "about no order"),
        ({"topic": "ordering.OrderPlaced", "stream_id": str(rug)}, "is of the kind 'stock item'"),
        (
            {"topic": "saga.Started", "stream_id": order_id},
            "is of the kind 'order', and saga.Started stands in 'process'",
        ),
        ({"stream_id": str(process), "correlation_id": other}, f"is about order {order_id}"),
        ({"stream_id": str(ids.product_id("rug")), "correlation_id": order_id}, "no order"),
        ({"actor": "anna"}, "operator:anna"),
        ({"actor": "operator:"}, "operator:anna"),
        ({"topic": "audit.PersonalDataRead", "actor": f"customer:{uuid4()}"}, "not recorded"),
    ]
    for params, said in impossible:
        answer = await shop.client("auditor").get("/audit/events", params=params)
        assert answer.status_code == 422, params
        assert said in answer.json()["detail"], params
        assert answer.json()["errors"][0]["field"] in params
    possible: list[dict[str, str]] = [
        {"topic": "saga.Started", "stream_id": str(process), "correlation_id": order_id},
        {"topic": "ordering.OrderPlaced", "correlation_id": order_id},
        {"stream_id": str(rug), "correlation_id": order_id},
    ]
    for params in possible:
        assert (await shop.client("auditor").get("/audit/events", params=params)).status_code == 200, params
    others = await shop.client("operator", "olga").get(
        "/audit/events?topic=audit.PersonalDataRead&actor=operator:oscar"
    )
    assert (others.status_code, "ask an auditor" in others.json()["detail"]) == (403, True)


async def test_a_topic_is_about_orders_exactly_where_its_events_are_found_by_one(shop: Shop) -> None:
    async with shop.following():
        await a_little_history(shop)
        await eventually(lambda: asked_for_payment(shop))
    events = await shop.store.read_log(0, 10**9)
    assert len({event.topic for event in events}) > 10
    assert {event.topic for event in events if event.correlation_id is None} == {
        event.topic for event in events if event.topic not in ABOUT_ONE
    }


async def asked_for_payment(shop: Shop) -> bool:
    """Whether an order has got so far that stock is reserved for it."""
    return bool(await shop.store.read_log(0, 10**9, topics=["saga.AuthorizationRequested"]))


async def test_what_cannot_be_asked_is_rejected_as_a_problem(shop: Shop) -> None:
    for path in BAD:
        answer = await shop.client("auditor").get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json"), path
        assert answer.json()["errors"][0]["field"], path
