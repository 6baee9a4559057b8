"""Whose orders are taken: of anybody, or of customers who are known and active, and of guests or not."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest

from commerce.runtime.settings import Settings
from tests.integration.api.conftest import Shop, key, order
from tests.integration.api.test_customers import registered
from tests.integration.api.test_problems import check


@pytest.fixture
def settings(settings: Settings, request: pytest.FixtureRequest) -> Settings:
    """Settings as a test says, or as they are by themselves."""
    return settings.model_copy(update=getattr(request, "param", {}))


KNOWN = pytest.mark.parametrize("settings", [{"customers": "known"}], indirect=True)


async def test_by_default_an_order_is_anybodys_or_a_guests(shop: Shop) -> None:
    await shop.stock("lamp")
    assert (await shop.client("customer", str(uuid4())).post("/orders", json=order(), headers=key())).is_success
    operator = shop.client("operator")
    assert (await operator.post("/orders", json=order(), headers=key())).is_success
    assert (await operator.post("/orders", json=order(customer_id=str(uuid4())), headers=key())).is_success


@KNOWN
async def test_where_customers_are_to_be_known_others_cannot_order(shop: Shop) -> None:
    await shop.stock("lamp")
    customer_id, stranger, operator = await registered(shop), str(uuid4()), shop.client("operator")
    customer = shop.client("customer", customer_id)
    assert (await customer.post("/orders", json=order(), headers=key())).status_code == 202
    named = order(customer_id=customer_id)
    assert (await operator.post("/orders", json=named, headers=key())).status_code == 202
    for client, body in (
        (shop.client("customer", stranger), order()),
        (operator, order(customer_id=stranger)),
    ):
        problem = check(await client.post("/orders", json=body, headers=key()), 422, "invalid-input")
        assert problem["errors"][0]["field"] == "customer_id"
    assert (await operator.post("/orders", json=order(), headers=key())).status_code == 202  # a guest's


@KNOWN
async def test_who_closed_their_account_cannot_order_and_gets_old_answers_again(shop: Shop) -> None:
    await shop.stock("lamp")
    customer = shop.client("customer", await registered(shop))
    headers = key()
    first = await customer.post("/orders", json=order(), headers=headers)
    await customer.delete("/customers/me")
    again = await customer.post("/orders", json=order(), headers=headers)
    assert (again.status_code, again.json()) == (202, first.json())
    check(await customer.post("/orders", json=order(), headers=key()), 409, "customer-not-active")


@KNOWN
async def test_an_order_that_comes_with_a_change_of_its_customer_is_placed_once_or_not_at_all(shop: Shop) -> None:
    await shop.stock("lamp")
    customer = shop.client("customer", await registered(shop))
    orders = [customer.post("/orders", json=order(), headers=key()) for _ in range(6)]
    changes = [customer.patch("/customers/me", json={"given_name": f"Ada {number}"}) for number in range(6)]
    answers = await asyncio.gather(*orders, customer.delete("/customers/me"), *changes)
    assert {answer.status_code for answer in answers[:6]} <= {202, 409}
    events = await shop.store.read_log(0, 10**9)
    closed = next(event.position for event in events if event.topic == "customers.Deactivated")
    placed = [event.position for event in events if event.topic == "ordering.OrderPlaced"]
    assert len(placed) == sum(answer.status_code == 202 for answer in answers[:6])
    assert all(position < closed for position in placed)


@pytest.mark.parametrize("settings", [{"guests": "refused"}], indirect=True)
async def test_where_guests_are_not_wanted_an_order_needs_a_customer(shop: Shop) -> None:
    await shop.stock("lamp")
    operator = shop.client("operator")
    problem = check(await operator.post("/orders", json=order(), headers=key()), 422, "invalid-input")
    assert problem["errors"][0]["field"] == "customer_id"
    assert (await operator.post("/orders", json=order(customer_id=str(uuid4())), headers=key())).is_success
    assert (await shop.client("customer", str(uuid4())).post("/orders", json=order(), headers=key())).is_success
