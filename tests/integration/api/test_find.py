"""Orders are found by what a support person types; each customer finds their own alone; nobody is found any more who
was forgotten."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest

from api.schemas.customers import EXAMPLE_REGISTRATION
from commerce.eventstore import EventStore, connection_from
from commerce.ordering.events import OrderConfirmed
from commerce.ordering.number import number_of
from projections.engine.projection import make_table
from projections.order_search import forget_person
from projections.orders import ORDERS
from tests.catch_up import catch_up
from tests.integration.api.conftest import ADDRESS, Shop, key, order
from tests.integration.projections.history import History

Json = dict[str, Any]


async def placed(shop: Shop, *lines: tuple[str, int], who: str = "Ada Lovelace", **changed: Any) -> Json:
    """What placing an order answers."""
    body = order(*lines, shipping_address={**ADDRESS, "name": who}, **changed)
    answer = await shop.client("operator").post("/orders", json=body, headers=key())
    assert answer.status_code == 202, answer.text
    accepted: Json = answer.json()
    return accepted


async def confirmed(shop: Shop, order_id: str, tracking_number: str) -> None:
    """The order is confirmed, and a carrier has its shipment."""
    history = History(shop.store)
    history._versions[UUID(order_id)] = 1
    booked = {"tracking_number": tracking_number, "carrier": "Post", "estimated_delivery": "2026-12-01"}
    await history.happens(OrderConfirmed, UUID(order_id), **booked)


async def found(client: httpx2.AsyncClient, **params: str) -> list[str]:
    """The ids of the orders that are found, all pages."""
    ids: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        answer = await client.get("/orders", params={"limit": "2", **params, **cursor})
        assert answer.status_code == 200, answer.text
        ids += [one["order_id"] for one in answer.json()["items"]]
        if answer.json()["next_cursor"] is None:
            return ids
        cursor = {"cursor": answer.json()["next_cursor"]}


async def test_an_order_has_a_number_which_names_it_everywhere(shop: Shop) -> None:
    await shop.stock("lamp")
    operator, headers = shop.client("operator"), key("once")
    for body in (order(), order(reference="INV-7001")):
        accepted, again = [(await operator.post("/orders", json=body, headers=headers)).json() for _ in range(2)]
        assert accepted == again
        headers = key("twice")
        shown = (await operator.get(f"/orders/{accepted['order_id']}")).json()
        assert accepted["number"] == shown["number"]
        story = (await operator.get(f"/orders/{accepted['order_id']}/timeline")).json()["items"]
        assert story[0]["text"].startswith(f"Operator somebody placed order {shown['number']} for a guest")
        assert shown["number"] == number_of(story[0]["position"])
        await shop.show()
        assert await found(operator, number=shown["number"].lower()) == [accepted["order_id"]]
        assert (await operator.get("/orders", params={"q": shown["number"]})).json()["items"] == [shown]
        cancelled = await operator.post(f"/orders/{accepted['order_id']}/cancellation", json={"reason": "no"})
        assert cancelled.json()["number"] == shown["number"]


async def test_orders_are_found_by_everything_that_people_type(shop: Shop) -> None:
    for sku in ("lamp", "caf\u00e9"):
        await shop.stock(sku)
    ada = await placed(shop, ("lamp", 1), ("caf\u00e9", 1), email="Ada@Example.org", reference="INV 7/1")
    grace = await placed(shop, ("lamp", 1), ("lamp", 2), who="Grace Brewster Hopper", email="grace@example.org")
    other = await placed(shop, ("caf\u00e9", 1), who="Ada Čapek-Müller")
    await confirmed(shop, grace["order_id"], "1Z 999-AA1")
    await shop.show()
    operator = shop.client("operator")
    ids = {"ada": ada["order_id"], "grace": grace["order_id"], "other": other["order_id"]}
    wanted: list[tuple[Json, list[str]]] = [
        ({"email": "ada@example.ORG"}, ["ada"]),
        ({"email": "ada@example"}, []),
        ({"name": "ada"}, ["other", "ada"]),
        ({"name": "LOVELACE, ada"}, ["ada"]),
        ({"name": "capek muller"}, ["other"]),
        ({"name": "hopp"}, []),
        ({"sku": "lamp"}, ["grace", "ada"]),
        ({"sku": "cafe\u0301"}, ["other", "ada"]),
        ({"sku": "Lamp"}, []),
        ({"tracking_number": "1z999 aa1"}, ["grace"]),
        ({"q": "1Z999AA1"}, ["grace"]),
        ({"q": " grace@EXAMPLE.org "}, ["grace"]),
        ({"q": "INV 7/1"}, ["ada"]),
        ({"q": "hopper GRACE"}, ["grace"]),
        ({"q": ids["other"].upper()}, ["other"]),
        ({"q": "ada", "sku": "lamp"}, ["ada"]),
        ({"q": "nobody"}, []),
        ({"sku": "lamp", "status": "confirmed"}, ["grace"]),
        ({"sku": "lamp", "name": "ada", "reference": "INV 7/1", "number": ada["number"]}, ["ada"]),
        ({"number": ada["number"], "sku": "tea"}, []),
        ({"number": number_of(10**9)}, []),
    ]
    for params, names in wanted:
        assert await found(operator, **params) == [ids[name] for name in names], params


async def test_orders_are_found_by_when_they_were_placed(shop: Shop) -> None:
    await shop.stock("lamp")
    accepted = [(await placed(shop))["order_id"] for _ in range(3)]
    await shop.show()
    operator = shop.client("operator")
    times = [(await operator.get(f"/orders/{one}")).json()["placed_at"] for one in accepted]
    assert await found(operator, placed_from=times[1]) == [accepted[2], accepted[1]]
    assert await found(operator, placed_to=times[1]) == [accepted[1], accepted[0]]
    assert await found(operator, placed_from=times[1], placed_to=times[1]) == [accepted[1]]
    today, tomorrow = datetime.now(UTC).date(), datetime.now(UTC).date() + timedelta(days=1)
    assert await found(operator, placed_from=f"{today - timedelta(days=1)}", placed_to=f"{tomorrow}") == accepted[::-1]
    assert await found(operator, placed_from=f"{tomorrow}") == []


async def test_customers_find_their_own_orders_alone(shop: Shop) -> None:
    await shop.stock("lamp")
    mine, theirs = str(uuid4()), str(uuid4())
    own = await placed(shop, customer_id=mine, email="we@example.org", reference="A1")
    foreign = await placed(shop, customer_id=theirs, email="we@example.org", reference="B1")
    await shop.show()
    customer = shop.client("customer", mine)
    for params in ({"q": "ada"}, {"email": "we@example.org"}, {"sku": "lamp"}, {"name": "lovelace"}):
        assert await found(customer, **params) == [own["order_id"]], params
    for params in (
        {"number": foreign["number"]},
        {"q": foreign["order_id"]},
        {"reference": "B1"},
        {"customer_id": theirs},
    ):
        assert await found(customer, **params) == [], params


async def test_the_orders_of_a_registered_customer_are_found_by_their_address(shop: Shop) -> None:
    await shop.stock("lamp")
    registered = (await shop.client().post("/customers", json=EXAMPLE_REGISTRATION)).raise_for_status().json()
    theirs = await placed(shop, customer_id=registered["customer_id"])
    await shop.show()
    email = str(EXAMPLE_REGISTRATION["email"]).upper()
    assert await found(shop.client("auditor"), email=email) == [theirs["order_id"]]
    assert await found(shop.client("auditor"), q=email) == [theirs["order_id"]]


@pytest.mark.parametrize(
    ("params", "field", "said"),
    [
        ({"number": "PWK8-KK6D"}, "number", "a sign is wrong or missing"),
        ({"number": "7001"}, "number", "q looks for other texts"),
        ({"q": "ada", "email": "ada@example.org"}, "email", "send one of the two"),
        ({"q": "ada", "number": "PWK8-KK6P"}, "number", "send one of the two"),
        ({"q": ""}, "q", "at least 1"),
        ({"q": "\u200b"}, "q", "blank"),
        ({"name": "-!"}, "name", "letters or digits"),
        ({"email": "ada"}, "email", "one e-mail address"),
        ({"sku": "a/b"}, "sku", "without a slash"),
        ({"placed_from": "2026-02-01", "placed_to": "2026-01-01"}, "placed_from", "exchange them"),
        ({"placed_from": "yesterday"}, "placed_from", "must be a time"),
        ({"nunber": "PWK8-KK6P"}, "nunber", "it takes"),
    ],
)
async def test_what_no_order_can_fit_is_rejected_with_what_to_send_instead(
    shop: Shop, params: Json, field: str, said: str
) -> None:
    answer = await shop.client("operator").get("/orders", params=params)
    assert answer.status_code == 422, answer.text
    assert [one["field"] for one in answer.json()["errors"]] == [field]
    assert said in answer.json()["detail"]


async def terms(store: EventStore, table: str) -> list[tuple[Any, ...]]:
    """What a table's rows are found by."""
    async with connection_from(store.pool) as connection:
        cursor = await connection.execute(f"SELECT term, first, personal FROM {table}_terms ORDER BY 1, 2")
        return await cursor.fetchall()


async def test_a_rebuild_finds_the_same_and_nobody_who_was_forgotten(shop: Shop) -> None:
    await shop.stock("lamp")
    ada, grace = str(uuid4()), (await placed(shop, who="Grace", email="grace@example.org"))["order_id"]
    mine = (await placed(shop, customer_id=ada, email="ada@example.org"))["order_id"]
    await shop.show()
    store, operator = shop.store, shop.client("operator")
    before = await terms(store, "projections.orders")
    async with connection_from(store.pool) as connection:
        await make_table(connection, ORDERS, "projections.orders_rebuild_1")
    again = ORDERS.subscription(name="orders.rebuild-1", table="projections.orders_rebuild_1")
    await catch_up(store, again)
    assert await terms(store, "projections.orders_rebuild_1") == before
    assert len(before) == 7  # lamp twice, ada, lovelace, grace, and two addresses

    assert await forget_person(store.pool, UUID(ada)) == 2 * 3
    for table in ("projections.orders", "projections.orders_rebuild_1"):
        assert len(await terms(store, table)) == 4
    assert await found(operator, email="ada@example.org") == await found(operator, name="ada") == []
    assert await found(operator, sku="lamp") == [mine, grace]
    assert await forget_person(store.pool, UUID(grace)) == 2 * 2
    assert await found(operator, q="grace") == []
