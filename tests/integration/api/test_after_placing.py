"""What can be seen of an order's payment, shipments and process, and what people do with shipments."""

from __future__ import annotations

import asyncio
from datetime import date
from uuid import UUID, uuid4

import httpx2

from commerce.eventstore import Append, Metadata, in_stream
from commerce.ordering import order as ordering
from commerce.ordering.commands import load_order
from commerce.payments import decisions as payment_decisions
from commerce.payments import payment as payments
from commerce.runtime.heartbeats import reported
from commerce.shipping import decisions as shipment_decisions
from commerce.shipping import shipment as shipping
from commerce.values import ids
from commerce.values.money import Money
from tests.integration.api.conftest import Shop, key, order
from tests.integration.api.test_problems import check
from tests.waiting import eventually
from workers.runtime.parked_messages import MessageHint, ParkedMessages, message_failure

ARRIVES = date(2026, 12, 1)


async def placed(shop: Shop) -> UUID:
    """A new order for one lamp at 10.00 EUR."""
    await shop.stock("lamp")
    answer = await shop.client("operator").post("/orders", json=order(), headers=key())
    return UUID(answer.json()["order_id"])


async def confirmed(shop: Shop) -> UUID:
    """An order that is paid, booked and confirmed."""
    order_id, request = await placed(shop), uuid4()
    money = payment_decisions.authorize(None, order_id, request, Money.of("10.00", "EUR"), "pm_card_ok")
    payment = payments.fold(money)
    assert payment
    booked = shipment_decisions.book(None, order_id, request)
    shipment = shipping.fold(booked)
    assert shipment
    booking = shipping.Booking("b-1", "TRK-1", "Parcels", ARRIVES)
    money += payment_decisions.authorized(payment, request, "auth_1")
    booked += shipment_decisions.scheduled(shipment, request, booking)
    confirmed = ordering.confirm(await load_order(shop.store, order_id), "TRK-1", "Parcels", ARRIVES)
    events = [
        *in_stream(money, ids.payment_id(order_id), after=0),
        *in_stream(booked, ids.shipment_id(order_id), after=0),
        *in_stream(confirmed, order_id, after=1),
    ]
    await shop.store.append(Append(events, order_id, Metadata("service:test")))
    return order_id


async def test_a_payment_is_shown_from_nothing_to_authorized(shop: Shop) -> None:
    operator = shop.client("operator")
    nothing, ten = {"amount": "0.00", "currency": "EUR"}, {"amount": "10.00", "currency": "EUR"}
    new = await placed(shop)
    assert (await operator.get(f"/orders/{new}/payment")).json() == {
        "order_id": str(new),
        "status": "none",
        "authorized": nothing,
        "captured": nothing,
        "refunded": nothing,
        "refundable": nothing,
        "refunds": [],
        "action": None,
    }
    paid = await confirmed(shop)
    found = (await operator.get(f"/orders/{paid}/payment")).json()
    assert (found["status"], found["authorized"], found["captured"]) == ("authorized", ten, nothing)


async def test_a_shipment_is_dispatched_once_its_order_is_confirmed_and_then_delivered(shop: Shop) -> None:
    operator = shop.client("operator")
    order_id = await confirmed(shop)
    found = (await operator.get(f"/orders/{order_id}/shipments")).json()
    (shipment,) = found["items"]
    path = f"/shipments/{shipment['shipment_id']}"
    assert (shipment["status"], shipment["tracking_number"], found["next_cursor"]) == ("scheduled", "TRK-1", None)
    early = await operator.post(f"{path}/delivery")
    problem = check(early, 409, "shipment-not-dispatched")
    assert (problem["version"], problem["actions"]) == (2, ["dispatch"])
    left = await operator.post(f"{path}/dispatch")
    assert left.json().items() >= {"status": "dispatched", "version": 3, "order_id": str(order_id)}.items()
    assert (await operator.post(f"{path}/dispatch")).json() == left.json()
    arrived = await operator.post(f"{path}/delivery")
    assert arrived.json()["status"] == "delivered"
    (shipment,) = (await operator.get(f"/orders/{order_id}/shipments")).json()["items"]
    assert shipment["dispatched_at"] < shipment["delivered_at"]
    for path_again, first in ((f"{path}/dispatch", left), (f"{path}/delivery", arrived)):
        again = await operator.post(path_again)
        assert (again.json(), again.headers["Commerce-Position"]) == (first.json(), first.headers["Commerce-Position"])


async def test_who_cancels_may_wait_for_what_is_decided(shop: Shop) -> None:
    operator, order_id = shop.client("operator"), await confirmed(shop)
    path, body = f"/orders/{order_id}/cancellation", {"reason": "moved"}
    accepted = await operator.post(path, json=body, headers={"Prefer": "wait=0"})
    assert (accepted.status_code, accepted.headers["Preference-Applied"]) == (202, "wait=0")
    waiting = asyncio.create_task(operator.post(path, json=body, headers={"Prefer": "wait=30"}))
    present = await load_order(shop.store, order_id)
    undone = in_stream(ordering.cancel(present), order_id, after=present.version)
    await shop.store.append(Append(undone, order_id, Metadata("service:test")))
    answer = await waiting
    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    assert (answer.headers["Preference-Applied"], answer.headers["ETag"]) == ("wait=30", '"4"')
    later = await operator.post(path, json=body, headers={"Prefer": "respond-async"})
    assert (later.status_code, later.headers["Preference-Applied"]) == (202, "respond-async")


async def test_a_shipment_of_an_order_that_is_not_confirmed_stays(shop: Shop) -> None:
    operator = shop.client("operator")
    order_id = await confirmed(shop)
    await operator.post(f"/orders/{order_id}/cancellation", json={"reason": "moved"})
    answer = await operator.post(f"/shipments/{ids.shipment_id(order_id)}/dispatch")
    check(answer, 409, "order-not-confirmed")
    for missing in (uuid4(), order_id):
        assert (await operator.post(f"/shipments/{missing}/dispatch")).status_code == 404


async def test_a_process_says_what_it_waits_for(shop: Shop) -> None:
    operator = shop.client("operator")
    order_id = await placed(shop)
    begun = (await operator.get(f"/orders/{order_id}/process")).json()
    assert (begun["waiting_for"], begun["next"]) == ("its process to begin", "reserve the stock")
    async with shop.following():
        rejected = await operator.post("/orders", json=order(("lamp", 11)), headers={**key(), "Prefer": "wait=20"})

        async def stands(order_id: UUID | str, *expected: str | None) -> bool:
            process = (await operator.get(f"/orders/{order_id}/process")).json()
            return (process["stage"], process["waiting_for"]) == expected

        await eventually(lambda: stands(rejected.json()["order_id"], "compensated", None))
        await eventually(lambda: stands(order_id, "running", "the payment to be authorised"))
    waiting = (await operator.get(f"/orders/{order_id}/process")).json()
    await shop.show()
    assert [f"{one['step']} {one['state']}" for one in waiting["steps"]] == [
        "stock done",
        "authorization asked",
        "shipment ahead",
        "capture ahead",
    ]
    assert (await operator.get("/ops/processes")).json()["items"] == [{**waiting, "steps": []}]
    assert (await operator.get("/ops/processes", params={"overdue": "true"})).json()["items"] == []


async def test_a_process_says_so_while_something_of_its_order_is_parked(shop: Shop) -> None:
    operator, customer = shop.client("operator"), shop.client("customer", str(uuid4()))
    await shop.stock("lamp")
    placed_by_customer = await customer.post("/orders", json=order(), headers=key())
    order_id = placed_by_customer.raise_for_status().json()["order_id"]
    path, hint = f"/orders/{order_id}/process", MessageHint("commands.payments.void", b"{}", 1, UUID(order_id))
    why = (await operator.get(path)).json()["why"]
    await ParkedMessages(shop.store, "payments", never).park(hint, message_failure(ZeroDivisionError()))
    async with shop.store.pool.connection() as connection:
        await connection.execute(
            "INSERT INTO commerce_tracking (application_name, notification_id, version) VALUES ('saga:0', 0, 1)"
        )
        await connection.execute(
            """INSERT INTO commerce_parked_sequences (subscription, sequence, position, partition)
               VALUES ('saga', %s, 1, 0)""",
            [order_id],
        )
    assert (await operator.get(path)).json()["why"] == f"{why}; parked by payments, saga, see GET /ops/parked"
    assert (await customer.get(path)).json()["why"] is None


async def never(_hint: MessageHint) -> None:
    """Nothing is tried again here."""


async def test_a_process_says_so_while_the_party_that_it_waits_for_does_not_answer(shop: Shop) -> None:
    said = "authorize is paused for 42 s more, orders wait"

    async def problems() -> dict[str, str]:
        return {"payment provider": said, "carrier": "another party", "broker": "not connected"}

    operator, customer = shop.client("operator"), shop.client("customer", str(uuid4()))
    await shop.stock("lamp")
    placed_by_customer = await customer.post("/orders", json=order(), headers=key())
    order_id = placed_by_customer.raise_for_status().json()["order_id"]

    async def waits_for(client: httpx2.AsyncClient, expected: str) -> bool:
        process = (await client.get(f"/orders/{order_id}/process")).json()
        return bool(process["waiting_for"] == expected)

    async with shop.following(), reported(shop.store.pool, {"payments": problems}):
        told = f"the payment to be authorised; the payment provider: {said}"
        await eventually(lambda: waits_for(operator, told))
        assert await waits_for(customer, "the payment to be authorised"), (
            "customers are not told of the shop's troubles"
        )
        listed = (await operator.get("/ops/processes", headers={})).json()["items"]
        assert [one["waiting_for"] for one in listed] == [told]
    assert await waits_for(operator, "the payment to be authorised")


async def test_sales_are_reported_by_day_and_by_sku(shop: Shop) -> None:
    operator = shop.client("operator")
    await confirmed(shop)
    await placed(shop)
    await shop.show()
    ten = {"amount": "10.00", "currency": "EUR"}
    by_day = (await operator.get("/reports/sales")).json()
    sold = {"units": 1, "revenue": ten, "refunded": {"amount": "0.00", "currency": "EUR"}}
    assert by_day == {"items": [{"day": by_day["items"][0]["day"], **sold}], "next_cursor": None}
    by_sku = (await operator.get("/reports/sales", params={"group": "sku"})).json()["items"]
    assert by_sku == [{"sku": "lamp", **sold}]
    assert (await operator.get("/reports/sales", params={"to": "2020-01-01"})).json()["items"] == []
    wrong = await operator.get("/reports/sales", params={"from": "2026-02-01", "to": "2026-01-01"})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "to")


async def test_orders_are_reported_by_hour_and_by_day_with_why_some_were_rejected(shop: Shop) -> None:
    auditor = shop.client("auditor")
    await confirmed(shop)
    second = await placed(shop)
    rejected = ordering.reject(await load_order(shop.store, second), "out_of_stock")
    await shop.store.append(Append(list(in_stream(rejected, second, after=1)), second, Metadata("service:test")))
    await shop.show()
    for group in ("minute", "hour", "day"):
        (found,) = (await auditor.get("/reports/orders", params={"by": group})).json()["items"]
        del found["begin"]
        statuses = {"confirmed": 1, "rejected": 1}
        assert found == {"orders": 2, "statuses": statuses, "rejections": {"out_of_stock": 1}}
    assert (await auditor.get("/reports/orders", params={"to": "2020-01-01"})).json()["items"] == []
    for wrong, field in (
        ({"from": "2026-02-01", "to": "2026-01-01"}, "to"),
        ({"from": "2025-01-01", "to": "2026-01-02", "by": "day"}, "from"),
        ({"from": "2026-01-01", "to": "2026-02-01"}, "from"),
        ({"to": "2026-02-01", "by": "minute"}, "by"),
    ):
        answer = await auditor.get("/reports/orders", params=wrong)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)


async def test_what_is_computed_whole_comes_in_pages_too(shop: Shop) -> None:
    operator = shop.client("operator")
    whole = [
        (one["name"], one["partition"]) for one in (await operator.get("/ops/subscriptions?limit=100")).json()["items"]
    ]
    found: list[tuple[str, int]] = []
    cursor: dict[str, str] = {}
    while True:
        page = (await operator.get("/ops/subscriptions", params={"limit": 7, **cursor})).json()
        assert 1 <= len(page["items"]) <= 7
        found += [(one["name"], one["partition"]) for one in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert found == whole
    for path in ("/ops/subscriptions?", "/ops/workers?", "/reports/sales?", "/reports/sales?group=sku&"):
        for wrong in ("limit=101", "limit=0", "cursor=nonsense"):
            assert (await operator.get(path + wrong)).status_code == 422, (path, wrong)


async def test_subscriptions_say_how_far_behind_they_are(shop: Shop) -> None:
    operator = shop.client("operator")
    await placed(shop)
    before = {
        (one["name"], one["partition"]): one for one in (await operator.get("/ops/subscriptions")).json()["items"]
    }
    assert sum(one["lag"] for (name, _), one in before.items() if name == "orders") == 1
    assert {name for name, _ in before} >= {"orders", "stock", "saga", "inventory"}
    await shop.show()
    after = (await operator.get("/ops/subscriptions")).json()["items"]
    assert [one["lag"] for one in after if one["is_read_model"]] == [0] * sum(one["is_read_model"] for one in after)
