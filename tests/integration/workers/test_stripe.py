"""Orders that are paid through Stripe, from their placing to their end."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest

from commerce.payments.ports import PROVIDER_CALLS
from tests.integration.gateways.stripe_front import API_KEY, Fault, Said, StripeFront
from tests.integration.workers.shop import PRICE, Shop, running
from tests.waiting import eventually
from workers.payments import payments_app
from workers.relay import relay_app
from workers.saga import saga_app
from workers.shipping import shipping_app

CONFIRMED = "ordering.OrderConfirmed"
ATTEMPTED, OPENED = "payments.AuthorizationAttempted", "payments.AuthorizationOpened"
AUTHORIZED = "payments.Authorized"
CAPTURE_ATTEMPTED, CAPTURED = "payments.CaptureAttempted", "payments.Captured"
CENTS = int(PRICE.replace(".", ""))
VISA = "pm_card_visa"
BROKEN = Said(500, {"error": {"type": "api_error", "message": "Something went wrong."}})


@pytest.fixture
def stripe_shop(shop: Shop, stripe_server: StripeFront, environment: pytest.MonkeyPatch) -> Shop:
    """A shop whose payments worker calls Stripe."""
    environment.setenv("COMMERCE_PROVIDER", "stripe")
    environment.setenv("COMMERCE_STRIPE_API_KEY", API_KEY)
    environment.setenv("COMMERCE_STRIPE_API_BASE", stripe_server.url)
    environment.delenv("COMMERCE_PROVIDER_URL")
    environment.setattr("workers.runtime.consumers.growing", lambda *_args, **_options: 0.05)
    environment.setattr("commerce.outside.calls.growing", lambda *_args, **_options: 0.05)
    return shop


async def money(server: StripeFront, order: UUID) -> list[tuple[str, int, list[int]]]:
    """What became of each intent of an order: its state, what was taken, and what was given back."""
    intents = await server.intents(order)
    return [(one["status"], one["amount_received"], await server.refunds(one["id"])) for one in intents]


async def test_an_order_is_paid(stripe_shop: Shop, stripe_server: StripeFront) -> None:
    async with running(saga_app(), relay_app(), payments_app(), shipping_app()):
        order = await stripe_shop.place(VISA)
        assert await stripe_shop.ended(order) == CONFIRMED
    assert await stripe_shop.payment(order) == [ATTEMPTED, OPENED, AUTHORIZED, CAPTURE_ATTEMPTED, CAPTURED]
    assert await money(stripe_server, order) == [("succeeded", CENTS, [])]


@pytest.mark.parametrize("method", ["pm_card_chargeCustomerFail", "pm_card_ok", "needs authentication"])
async def test_an_order_that_cannot_be_paid_so_is_rejected(
    stripe_shop: Shop, stripe_server: StripeFront, method: str
) -> None:
    if method == "needs authentication":
        method = await stripe_server.card("4000002500003155")
    async with running(saga_app(), relay_app(), payments_app(), shipping_app()):
        order = await stripe_shop.place(method)
        assert await stripe_shop.ended(order) == "ordering.OrderRejected payment_declined"
    assert {state for state, _, _ in await money(stripe_server, order)} <= {"requires_payment_method", "canceled"}


async def test_an_order_that_cannot_be_shipped_has_its_money_let_go(
    stripe_shop: Shop, stripe_server: StripeFront
) -> None:
    async with running(saga_app(), relay_app(), payments_app(), shipping_app()):
        order = await stripe_shop.place(VISA, "AQ")
        assert await stripe_shop.ended(order) == "ordering.OrderRejected shipping_unavailable"
    assert (await stripe_shop.payment(order))[-1] == "payments.Voided"
    assert await money(stripe_server, order) == [("canceled", 0, [])]


async def test_a_confirmed_order_that_is_cancelled_gets_its_money_back(
    stripe_shop: Shop, stripe_server: StripeFront
) -> None:
    async with running(saga_app(), relay_app(), payments_app(), shipping_app()):
        order = await stripe_shop.place(VISA)
        assert await stripe_shop.ended(order) == CONFIRMED
        await stripe_shop.cancel(order)

        async def is_cancelled() -> bool:
            return await stripe_shop.ended(order) == "ordering.OrderCancelled"

        await eventually(is_cancelled)
    assert await money(stripe_server, order) == [("succeeded", CENTS, [CENTS])]


@pytest.mark.parametrize("path", ["/v1/payment_intents", "/confirm", "/capture"])
async def test_a_lost_answer_costs_nothing(stripe_shop: Shop, stripe_server: StripeFront, path: str) -> None:
    faults = [Fault(is_done=True)]
    stripe_server.rule = lambda method, at: faults.pop() if faults and method == "POST" and at.endswith(path) else None
    async with running(saga_app(), relay_app(), payments_app(), shipping_app()):
        order = await stripe_shop.place(VISA)
        assert await stripe_shop.ended(order) == CONFIRMED
    assert await money(stripe_server, order) == [("succeeded", CENTS, [])]


async def test_an_order_whose_payment_stripe_cannot_handle_is_rejected_and_holds_nothing(
    stripe_shop: Shop, stripe_server: StripeFront
) -> None:
    stripe_server.rule = lambda _method, path: Fault(BROKEN) if path.endswith("/confirm") else None
    async with running(saga_app(), relay_app(), payments_app(), shipping_app()):
        order = await stripe_shop.place(VISA)
        assert await stripe_shop.ended(order) == "ordering.OrderRejected payment_unavailable"
    assert stripe_server.calls("/confirm") == PROVIDER_CALLS.attempts
    assert (await stripe_shop.payment(order))[-2:] == ["payments.VoidAttempted", "payments.Closed"]
    assert await money(stripe_server, order) == [("canceled", 0, [])]


async def test_while_stripe_is_away_an_order_waits_also_where_nothing_was_opened(
    stripe_shop: Shop, stripe_server: StripeFront
) -> None:
    stripe_server.rule = lambda _method, _path: Fault(Said(503, "<html>we will be back"))
    async with running(saga_app(), relay_app(), payments_app(), shipping_app(), until_well=False):
        order = await stripe_shop.place(VISA)

        async def is_put_off_for_good() -> bool:
            told = await stripe_shop.payment(order)
            return told.count("payments.CallPostponed") > PROVIDER_CALLS.attempts

        await eventually(is_put_off_for_good)
        stripe_server.rule = lambda _method, _path: None
        assert await stripe_shop.ended(order) == CONFIRMED
    assert await money(stripe_server, order) == [("succeeded", CENTS, [])]


async def test_rate_limits_cost_no_attempts(stripe_shop: Shop, stripe_server: StripeFront) -> None:
    limit = Said(429, {"error": {"type": "invalid_request_error", "code": "rate_limit"}}, {"Retry-After": "0"})
    faults = [Fault(limit)] * (PROVIDER_CALLS.attempts + 2)
    stripe_server.rule = lambda _method, path: faults.pop() if faults and path.endswith("/confirm") else None
    async with running(saga_app(), relay_app(), payments_app(), shipping_app()):
        order = await stripe_shop.place(VISA)
        assert await stripe_shop.ended(order) == CONFIRMED
    assert (await stripe_shop.payment(order)).count("payments.CallPostponed") == PROVIDER_CALLS.attempts + 2
    assert await money(stripe_server, order) == [("succeeded", CENTS, [])]


async def test_an_order_waits_for_a_key_that_is_taken_again(
    stripe_shop: Shop, stripe_server: StripeFront, environment: pytest.MonkeyPatch
) -> None:
    environment.setattr("commerce.outside.calls.CREDENTIAL_PAUSE_S", 0.05)
    stripe_server.api_key = "sk_test_another"
    payments = payments_app()
    async with running(saga_app(), relay_app(), payments, shipping_app()):
        order = await stripe_shop.place(VISA)

        async def is_said() -> bool:
            return "COMMERCE_STRIPE_API_KEY" in (await payments.problems()).get("payment provider", "")

        await eventually(is_said)
        asked = stripe_server.calls("/v1/payment_intents")
        await asyncio.sleep(0.5)
        assert stripe_server.calls("/v1/payment_intents") == asked  # meanwhile it is only asked
        stripe_server.api_key = API_KEY
        assert await stripe_shop.ended(order) == CONFIRMED
    assert (await stripe_shop.payment(order))[:2] == [ATTEMPTED, "payments.CallPostponed"]


async def test_money_that_stripe_holds_otherwise_than_asked_is_let_go(
    stripe_shop: Shop, stripe_server: StripeFront
) -> None:
    def wrong(_method: str, path: str) -> Fault | None:
        return Fault(Said(200, _intent(path))) if path.endswith("/confirm") else None

    stripe_server.rule = wrong
    async with running(saga_app(), relay_app(), payments_app(), shipping_app()):
        order = await stripe_shop.place(VISA)
        assert await stripe_shop.ended(order) == "ordering.OrderRejected payment_unavailable"
    assert "payments.AnswerDiffered" in await stripe_shop.payment(order)
    assert await money(stripe_server, order) == [("canceled", 0, [])]


def _intent(path: str) -> dict[str, object]:
    """An answer that says that another amount is held."""
    return {
        "id": path.split("/")[-2],
        "object": "payment_intent",
        "amount": CENTS,
        "amount_capturable": CENTS - 1,
        "currency": "eur",
        "status": "requires_capture",
        "metadata": {},
    }
