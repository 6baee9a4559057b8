"""Who prefers to wait (RFC 7240) for what a command begins is answered with its end, or 202 when the time is over."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import UUID, uuid4

import httpx2
import psycopg

from commerce.eventstore import Append, Metadata, in_stream
from commerce.ordering import order as ordering
from commerce.ordering.commands import load_order
from commerce.payments import customer_decisions, decisions
from commerce.saga.limits import ProcessLimits
from commerce.saga.subscription import saga_subscription
from commerce.values import ids
from commerce.values.money import Money
from tests.catch_up import catch_up
from tests.conftest import Database
from tests.integration.api.conftest import Shop, key, order
from tests.integration.api.test_cases import settled
from tests.integration.api.test_erasure import job_of, let_end
from tests.integration.api.test_payment_attempts import UNTIL, waiting
from tests.integration.api.test_refunds import by_amount, euros, happens, paid, payment_of

WAITS, WAITS_NOT = {"Prefer": "wait=30"}, {"Prefer": "wait=0"}


async def ended(
    client: httpx2.AsyncClient,
    path: str,
    body: Mapping[str, object],
    then: Callable[[dict[str, Any]], Awaitable[object]],
) -> httpx2.Response:
    """The answer to who waits, while `then` happens to what was accepted."""
    sent = key()
    accepted = await client.post(path, json=body, headers={**sent, **WAITS_NOT})
    assert (accepted.status_code, accepted.headers["Preference-Applied"]) == (202, "wait=0"), accepted.text
    waits = asyncio.create_task(client.post(path, json=body, headers={**sent, **WAITS}))
    await then(accepted.json())
    answer = await waits
    assert (answer.status_code, answer.headers["Preference-Applied"]) == (200, "wait=30"), answer.text
    return answer


async def test_refunds_shipments_and_rebuilds_are_waited_for(shop: Shop, database: Database) -> None:
    operator, order_id = shop.client("operator"), await paid(shop)

    async def refunded(accepted: dict[str, Any]) -> None:
        refund_id, payment = UUID(accepted["refund_id"]), await payment_of(shop, order_id)
        assert payment
        await happens(shop, order_id, [*decisions.refund(payment, refund_id, Money.of("3.00", "EUR"))])
        payment = await payment_of(shop, order_id)
        assert payment
        await happens(shop, order_id, [*decisions.refunded(payment, refund_id)])

    answer = await ended(operator, f"/orders/{order_id}/refunds", by_amount("3.00"), refunded)
    assert (answer.json()["status"], answer.json()["left"]) == ("refunded", euros("7.00"))
    assert int(answer.headers["Commerce-Position"].partition("-")[2], 16) == await shop.store.head() - 1  # and a look

    async def shipped(_: dict[str, Any]) -> None:
        present = await load_order(shop.store, order_id)
        moved = in_stream(ordering.ship(present), order_id, after=present.version)
        await shop.store.append(Append(moved, order_id, Metadata("service:saga")))

    dispatch = f"/shipments/{ids.shipment_id(order_id)}/dispatch"
    answer = await ended(operator, dispatch, {}, shipped)
    assert answer.json()["status"] == "dispatched"
    plain = await operator.post(dispatch)
    assert (plain.status_code, "Preference-Applied" in plain.headers) == (200, False)
    delivery = await operator.post(f"/shipments/{ids.shipment_id(order_id)}/delivery", headers=WAITS_NOT)
    assert (delivery.status_code, delivery.headers["Location"]) == (202, f"/api/v1/orders/{order_id}")

    async def rebuilt(job: dict[str, Any]) -> None:
        with psycopg.connect(database.admin_url) as owner:
            owner.execute("UPDATE commerce_upkeep SET ended_at = clock_timestamp() WHERE id = %s", [job["id"]])

    assert (await ended(operator, "/ops/projections/orders/rebuild", {}, rebuilt)).json()["status"] == "done"


async def test_an_attempt_at_a_payment_is_waited_for_and_the_end_of_an_earlier_one_is_no_answer(shop: Shop) -> None:
    customer = str(uuid4())
    client, order_id = shop.client("customer", customer), await waiting(shop, customer)

    async def tried(_: dict[str, Any]) -> None:
        payment = await payment_of(shop, order_id)
        assert payment
        request = payment.attempted["authorize"].request_id
        await happens(shop, order_id, [*customer_decisions.action_failed(payment, request, "replaced")])
        payment = await payment_of(shop, order_id)
        assert payment
        again = decisions.authorize(payment, order_id, request, Money.of("10.00", "EUR"), "pm_other")
        await happens(shop, order_id, [*again])
        payment = await payment_of(shop, order_id)
        assert payment
        await happens(
            shop,
            order_id,
            [*customer_decisions.action_required(payment, request, "auth_2", "https://bank.example/2", UNTIL)],
        )

    answer = await ended(client, f"/orders/{order_id}/payment/attempts", {"payment_method": "pm_other"}, tried)
    assert answer.json()["payment_action"]["redirect_url"] == "https://bank.example/2"


async def test_an_erasure_and_what_an_intervention_leads_to_are_waited_for(shop: Shop) -> None:
    await shop.stock("lamp", quantity=0)
    operator = shop.client("operator")
    guests = (await operator.post("/orders", json=order(), headers=key())).raise_for_status().json()["order_id"]

    async def erased(_: dict[str, Any]) -> None:
        await let_end(shop, guests)
        for _again in range(2):
            await job_of(shop).look()
            await shop.show()

    answer = await ended(operator, f"/orders/{guests}/erasure", {}, erased)
    assert (answer.json()["status"], answer.json()["certificate"]["orders"]) == ("completed", 1)

    await shop.stock("lamp")
    given_up = (await operator.post("/orders", json=order(), headers=key())).raise_for_status().json()["order_id"]
    path = f"/ops/processes/{given_up}/compensate"

    async def undone(_: dict[str, Any]) -> None:
        await settled(shop)

    await catch_up(shop.store, saga_subscription(ProcessLimits()))
    answer = await ended(operator, path, {"reason": "placed twice"}, undone)
    assert answer.json()["action"] == "compensate"
    assert answer.json()["recorded"][0]["topic"] == "saga.Intervened"
    assert "placed twice" in answer.json()["recorded"][0]["text"]
