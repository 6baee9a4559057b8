"""An order over HTTP, seen through on the real parts: PostgreSQL, NATS, separate processes, provider and carrier
over HTTP."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest

from tests.system.conftest import ADDRESS, Shop, System
from tests.waiting import eventually

UNDONE: dict[str, tuple[str, list[str], list[str]]] = {
    "pm_card_declined": ("payment_declined", ["declined 20.00"], []),
    "pm_card_error": ("payment_unavailable", [], []),
}


async def test_an_order_ends_confirmed_with_stock_money_shipment_and_mail(shop: Shop, system: System) -> None:
    await shop.stock("lamp", 5)
    order = await shop.order("lamp", 2)
    assert (order["status"], order["total"]) == ("confirmed", {"amount": "20.00", "currency": "EUR"})
    assert order["tracking_number"]
    assert order["estimated_delivery"]
    assert await shop.ledger(order["order_id"]) == ["authorized 20.00", "captured 20.00"]
    assert await shop.shipments(order["order_id"]) == ["booked"]

    async def reserved() -> bool:
        return await shop.stock_of("lamp") == (5, 2, 3)

    await eventually(reserved)
    outbox = system.home / "outbox"
    await eventually(lambda: any(order["order_id"] in mail.name for mail in outbox.iterdir()))
    (mail,) = [mail for mail in outbox.iterdir() if order["order_id"] in mail.name]
    text = mail.read_text(encoding="utf-8")
    assert order["tracking_number"] in text
    assert order["estimated_delivery"] in text
    assert ADDRESS["name"] in text


@pytest.mark.parametrize("method", UNDONE)
async def test_an_order_that_cannot_be_paid_is_rejected_and_undone(shop: Shop, system: System, method: str) -> None:
    reason, booked, shipments = UNDONE[method]
    sku = f"for {method}"
    await shop.stock(sku, 5)
    order = await shop.order(sku, 2, payment_method=method)
    await undone(shop, system, order, sku, reason)
    assert await shop.ledger(order["order_id"]) == booked
    assert await shop.shipments(order["order_id"]) == shipments


async def test_a_method_that_the_provider_does_not_know_is_rejected_at_once(shop: Shop) -> None:
    await shop.stock("for cash", 5)
    lines = [{"sku": "for cash", "quantity": 1}]
    order = {"currency": "EUR", "lines": lines, "shipping_address": ADDRESS, "payment_method": "cash"}

    async def refused() -> bool:
        answer = await shop.client.post("/orders", json=order, headers={"Idempotency-Key": str(uuid4())})
        return answer.status_code == 422 and "pm_card_ok" in answer.json()["detail"]

    await eventually(refused)


async def test_an_order_that_cannot_be_shipped_is_rejected_and_its_money_let_go(shop: Shop, system: System) -> None:
    await shop.stock("penguin food", 5)
    order = await shop.order("penguin food", 2, country="AQ")
    await undone(shop, system, order, "penguin food", "shipping_unavailable")
    assert await shop.ledger(order["order_id"]) == ["authorized 20.00", "voided 20.00"]
    assert "booked" not in await shop.shipments(order["order_id"])


async def test_an_order_for_more_than_is_in_stock_is_rejected(shop: Shop, system: System) -> None:
    await shop.stock("rare", 5)
    order = await shop.order("rare", 6)
    await undone(shop, system, order, "rare", "out_of_stock")
    assert await shop.ledger(order["order_id"]) == []


async def undone(shop: Shop, system: System, order: dict[str, str], sku: str, reason: str) -> None:
    """Rejected for a reason, as the last of all events, and all five pieces are available."""
    assert (order["status"], order["reason"]) == ("rejected", reason)
    assert (await shop.events(system, order["order_id"]))[-1] == "ordering.OrderRejected"

    async def available() -> bool:
        return await shop.stock_of(sku) == (5, 0, 5)

    await eventually(available)


@pytest.mark.parametrize("method", ["pm_card_flaky", "pm_card_timeout"])
async def test_a_provider_that_stumbles_is_asked_again_and_charges_once(shop: Shop, method: str) -> None:
    sku = f"for {method}"
    await shop.stock(sku, 5)
    order = await shop.order(sku, payment_method=method)

    async def confirmed() -> bool:
        return bool((await shop.client.get(f"/orders/{order['order_id']}")).json()["status"] == "confirmed")

    await eventually(confirmed)
    assert await shop.ledger(order["order_id"]) == ["authorized 10.00", "captured 10.00"]


async def test_what_is_in_stock_is_sold_once(shop: Shop) -> None:
    """200 orders at once, by 50 clients, for 100 pieces."""
    await shop.stock("ticket", 100)
    orders = await asyncio.gather(*(shop.order("ticket") for _ in range(200)))
    unfinished = [order["order_id"] for order in orders if order["status"] == "placed"]
    for order_id in unfinished:

        async def ended(order_id: str = order_id) -> bool:
            return bool((await shop.client.get(f"/orders/{order_id}")).json()["status"] != "placed")

        await eventually(ended)
    final = [(await shop.client.get(f"/orders/{order['order_id']}")).json() for order in orders]
    assert sorted({order["status"] for order in final}) == ["confirmed", "rejected"]
    assert [order["status"] for order in final].count("confirmed") == 100
    assert {order["reason"] for order in final if order["status"] == "rejected"} == {"out_of_stock"}

    async def sold() -> bool:
        return await shop.stock_of("ticket") == (100, 100, 0)

    await eventually(sold)


async def test_the_same_request_twenty_times_at_once_is_one_order(shop: Shop) -> None:
    await shop.stock("book", 100)
    body = {
        "currency": "EUR",
        "lines": [{"sku": "book", "quantity": 1}],
        "shipping_address": ADDRESS,
        "payment_method": "pm_card_ok",
    }
    headers = {"Idempotency-Key": str(uuid4())}
    answers = await asyncio.gather(*(shop.client.post("/orders", json=body, headers=headers) for _ in range(20)))
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.text for answer in answers}) == 1
    other = await shop.client.post("/orders", json={**body, "payment_method": "pm_card_declined"}, headers=headers)
    assert other.status_code == 422
    assert other.headers["content-type"] == "application/problem+json"

    async def sold() -> bool:
        return await shop.stock_of("book") == (100, 1, 99)

    await eventually(sold)


async def test_a_confirmed_order_can_be_cancelled_until_its_shipment_leaves(shop: Shop, system: System) -> None:
    await shop.stock("chair", 5)
    order = await shop.order("chair", 2)
    answer = await shop.client.post(f"/orders/{order['order_id']}/cancellation", json={"reason": "changed my mind"})
    assert answer.status_code == 202

    async def cancelled() -> bool:
        return bool((await shop.client.get(f"/orders/{order['order_id']}")).json()["status"] == "cancelled")

    await eventually(cancelled)
    assert (await shop.events(system, order["order_id"]))[-1] == "ordering.OrderCancelled"
    assert await shop.ledger(order["order_id"]) == ["authorized 20.00", "captured 20.00", "refunded 20.00"]
    assert await shop.shipments(order["order_id"]) == ["booked", "cancelled"]

    async def available() -> bool:
        return await shop.stock_of("chair") == (5, 0, 5)

    await eventually(available)


async def test_a_shipment_that_left_is_shipped_then_delivered_and_not_cancelled(shop: Shop) -> None:
    await shop.stock("sofa", 5)
    order = await shop.order("sofa", 2)
    found = (await shop.client.get(f"/orders/{order['order_id']}/shipments")).raise_for_status().json()
    (shipment,) = found["items"]
    (await shop.client.post(f"/shipments/{shipment['shipment_id']}/dispatch")).raise_for_status()

    async def status() -> str:
        return str((await shop.client.get(f"/orders/{order['order_id']}")).json()["status"])

    async def shipped() -> bool:
        return await status() == "shipped" and await shop.stock_of("sofa") == (3, 0, 3)

    await eventually(shipped)
    answer = await shop.client.post(f"/orders/{order['order_id']}/cancellation", json={"reason": "too late"})
    assert answer.status_code == 409
    (await shop.client.post(f"/shipments/{shipment['shipment_id']}/delivery")).raise_for_status()

    async def delivered() -> bool:
        return await status() == "delivered"

    await eventually(delivered)


async def test_an_order_of_nothing_but_free_unstocked_things_is_confirmed_without_money(shop: Shop) -> None:
    free = {"name": "A leaflet", "price": {"amount": "0", "currency": "EUR"}, "stocked": False}
    (await shop.client.put("/products/leaflet", json=free)).raise_for_status()
    order = await shop.order("leaflet")
    assert order["status"] == "confirmed"
    assert await shop.ledger(order["order_id"]) == []
