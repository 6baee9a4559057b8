"""One person's key is missing: what is theirs says so, and everything else goes on."""

from __future__ import annotations

from uuid import UUID, uuid4

import psycopg
import pytest

from commerce.eventstore.personal_keys import owner_of
from commerce.ordering.commands import load_order
from commerce.values import ids
from tests.conftest import Database
from tests.integration.api.conftest import Shop, key, order

DAMAGE = {
    "gone": "DELETE FROM commerce_keys WHERE owner_id = %s",
    "damaged": "UPDATE commerce_keys SET wrapped = set_byte(wrapped, 20, get_byte(wrapped, 20) # 1)"
    " WHERE owner_id = %s",
    "cut": "UPDATE commerce_keys SET wrapped = '' WHERE owner_id = %s",
}


@pytest.fixture(params=DAMAGE)
async def orders(request: pytest.FixtureRequest, shop: Shop, database: Database) -> tuple[str, str]:
    """Two orders: one whose key is missing, placed by somebody else's process, and one that is well."""
    await shop.stock("lamp")
    placed = [await shop.client("service").post("/orders", json=order(), headers=key()) for _ in range(2)]
    missing, well = (str(answer.raise_for_status().json()["order_id"]) for answer in placed)
    with psycopg.connect(database.admin_url, autocommit=True) as connection:
        assert connection.execute(DAMAGE[request.param].encode(), [missing]).rowcount == 1
    await shop.show()
    return missing, well


async def test_the_page_shows_all_orders_and_one_says_that_its_key_is_missing(
    shop: Shop, orders: tuple[str, str]
) -> None:
    missing, well = orders
    answer = (await shop.client("operator").get("/orders")).raise_for_status().json()
    found = {item["order_id"]: item for item in answer["items"]}
    assert (found[missing]["personal_data"], found[missing]["shipping_address"]) == ("key_missing", None)
    assert (found[well]["personal_data"], found[well]["shipping_address"]["city"]) == ("readable", "London")
    assert found[missing].keys() == found[well].keys()
    alone = (await shop.client("operator").get(f"/orders/{missing}")).raise_for_status().json()
    assert alone == found[missing]


@pytest.mark.parametrize(
    "path",
    [
        "/orders/{}/timeline",
        "/orders/{}/process",
        "/orders/{}/payment",
        "/orders/{}/shipments",
        "/audit/streams/{}/state",
        "/audit/orders/{}/trace",
        "/audit/events?correlation_id={}",
    ],
)
async def test_whatever_else_there_is_of_the_order_is_shown(shop: Shop, orders: tuple[str, str], path: str) -> None:
    for order_id in orders:
        answer = await shop.client("auditor").get(path.format(order_id))
        assert answer.status_code == 200, answer.text
    both = await shop.client("auditor").get("/audit/events?topic=ordering.OrderPlaced")
    told = [item["data"]["shipping_address"] for item in both.raise_for_status().json()["items"]]
    assert told[0] == "key missing"
    assert told[1]["city"] == "London"


async def test_the_order_can_be_cancelled_and_its_key_still_be_restored(shop: Shop, orders: tuple[str, str]) -> None:
    missing = UUID(orders[0])
    operator = shop.client("operator")
    answer = await operator.post(f"/orders/{missing}/cancellation", json={"reason": "nobody knows where to"})
    assert answer.status_code == 202, answer.text
    sealed = (await load_order(shop.store, missing)).cancellation_reason
    assert sealed is not None
    assert owner_of(sealed) == ids.process_id(missing), "a new key under the customer's name would stand in the way"
    assert await shop.store.keys.open(sealed) == "nobody knows where to"
    shown = (await operator.get(f"/orders/{missing}")).json()
    assert (shown["status"], shown["personal_data"]) == ("cancelling", "key_missing")


async def test_a_customers_own_orders_are_shown_though_their_key_is_missing(shop: Shop, database: Database) -> None:
    await shop.stock("lamp")
    customer = str(uuid4())
    client = shop.client("customer", customer)
    (await client.post("/orders", json=order(), headers=key())).raise_for_status()
    with psycopg.connect(database.admin_url, autocommit=True) as connection:
        connection.execute("DELETE FROM commerce_keys WHERE owner_id = %s", [customer])
    await shop.show()
    (item,) = (await shop.client("operator").get("/orders")).raise_for_status().json()["items"]
    assert item["customer_id"] == customer


@pytest.mark.parametrize("damage", DAMAGE)
async def test_a_customer_whose_key_is_missing_orders_on_and_the_key_can_still_be_restored(
    shop: Shop, database: Database, damage: str
) -> None:
    await shop.stock("lamp")
    customer = uuid4()
    client = shop.client("service")
    first = await client.post("/orders", json={**order(), "customer_id": str(customer)}, headers=key())
    await shop.show()
    with psycopg.connect(database.admin_url, autocommit=True) as connection:
        read = "SELECT wrapped FROM commerce_keys WHERE owner_id = %s"
        (kept,) = connection.execute(read, [customer]).fetchone() or (b"",)
        connection.execute(DAMAGE[damage].encode(), [customer])
        second = await client.post("/orders", json={**order(), "customer_id": str(customer)}, headers=key())
        assert second.status_code == 202, second.text
        operator = shop.client("operator")
        shown = [(await operator.get(f"/orders/{one.json()['order_id']}")).json() for one in (first, second)]
        assert [one["personal_data"] for one in shown] == ["key_missing", "readable"]
        if damage != "gone":
            connection.execute("DELETE FROM commerce_keys WHERE owner_id = %s", [customer])
        connection.execute("INSERT INTO commerce_keys (owner_id, wrapped) VALUES (%s, %s)", [customer, kept])
    restored = (await operator.get(f"/orders/{first.json()['order_id']}")).json()
    assert restored["personal_data"] == "readable"
