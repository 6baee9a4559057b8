"""A payment that waits for its customer, over HTTP: shown with the order, waited for, and tried in another way."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from commerce.payments import customer_decisions, decisions
from commerce.payments.methods import keep_methods
from commerce.values.money import Money
from tests.integration.api.conftest import Shop, key, order
from tests.integration.api.test_problems import check
from tests.integration.api.test_refunds import happens, payment_of

URL = "https://bank.example/1"
UNTIL = datetime(2030, 1, 1, tzinfo=UTC)


async def needs_customer(shop: Shop, order_id: UUID) -> None:
    """The provider wants the customer to act."""
    request, amount = uuid4(), Money.of("10.00", "EUR")
    await happens(shop, order_id, [*decisions.authorize(None, order_id, request, amount, "pm_card_action")])
    payment = await payment_of(shop, order_id)
    assert payment
    await happens(shop, order_id, [*customer_decisions.action_required(payment, request, "auth_1", URL, UNTIL)])


async def waiting(shop: Shop, customer: str) -> UUID:
    """A customer's order for a lamp, whose payment waits for them."""
    await shop.stock("lamp")
    placed = await shop.client("customer", customer).post("/orders", json=order(), headers=key())
    order_id = UUID(placed.json()["order_id"])
    await needs_customer(shop, order_id)
    return order_id


async def test_an_order_its_payment_and_the_list_say_where_the_customer_has_to_go(shop: Shop) -> None:
    customer = str(uuid4())
    client, order_id = shop.client("customer", customer), await waiting(shop, customer)
    await shop.show()
    expected = {"redirect_url": URL, "until": "2030-01-01T00:00:00.000000Z", "failure": None}
    shown = await client.get(f"/orders/{order_id}")
    assert _action(shown.json()["payment_action"]) == expected
    (listed,) = (await client.get("/orders")).json()["items"]
    assert _action(listed["payment_action"]) == expected
    payment = (await client.get(f"/orders/{order_id}/payment")).json()
    assert (payment["status"], _action(payment["action"])) == ("action_required", expected)
    assert (await client.get(f"/orders/{order_id}", params={"version": "1"})).json()["payment_action"] is None
    told = (await client.get(f"/orders/{order_id}/timeline")).json()["items"][-1]
    assert "confirm" in told["text"]
    assert URL not in str(told)


async def test_who_waits_for_an_order_is_answered_when_its_customer_is_needed(shop: Shop) -> None:
    await shop.stock("lamp")
    client, headers = shop.client("operator"), key()
    waits = asyncio.create_task(client.post("/orders", json=order(), headers={**headers, "Prefer": "wait=30"}))
    placed = await client.post("/orders", json=order(), headers=headers)
    await needs_customer(shop, UUID(placed.json()["order_id"]))
    answer = await waits
    assert (answer.status_code, answer.json()["status"]) == (200, "placed")
    assert answer.json()["payment_action"]["redirect_url"] == URL


async def test_another_attempt_is_recorded_once_for_those_who_may_and_while_it_makes_sense(shop: Shop) -> None:
    customer = str(uuid4())
    await keep_methods(shop.store.pool, ["pm_card_ok", "pm_card_third"])
    client, order_id = shop.client("customer", customer), await waiting(shop, customer)
    path, other, headers = f"/orders/{order_id}/payment/attempts", {"payment_method": "pm_card_ok"}, key()
    first, again = [await client.post(path, json=other, headers=headers) for _ in range(2)]
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert first.status_code == 202
    assert (await client.post(path, json={"payment_method": "pm_cash"}, headers=key())).status_code == 422
    assert (await client.post(path, json=other)).status_code == 400
    assert (await shop.client("customer", str(uuid4())).post(path, json=other, headers=key())).status_code == 404
    for body in ({"payment_method": "pm_card_third"}, {}):  # the latter would change nothing
        reused = await client.post(path, json=body, headers=headers)
        assert (reused.status_code, reused.json()["type"]) == (422, "/docs/problems/idempotency-key-reused")
    back = key()
    unchanged, same = [await client.post(path, json={}, headers=back) for _ in range(2)]
    assert (unchanged.status_code, unchanged.json()) == (202, same.json())
    assert (await client.post(path, json=other, headers=back)).status_code == 422
    payment = await payment_of(shop, order_id)
    assert payment
    assert (payment.tries.asked, payment.tries.chosen) == (2, "pm_card_ok")
    request = payment.attempted["authorize"].request_id
    await happens(shop, order_id, [*decisions.authorized(payment, request, "auth_1")])
    late = await client.post(path, json={}, headers=key())
    assert check(late, 409, "no-action-awaited")["actions"] == []


def _action(shown: dict[str, Any]) -> dict[str, Any]:
    """With its time in one spelling."""
    until = datetime.fromisoformat(shown["until"])
    assert until - UNTIL == timedelta()
    return {**shown, "until": "2030-01-01T00:00:00.000000Z"}
