"""Payments that need their customer, on a real log and the real provider: confirmed, not, late, twice, otherwise."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Literal
from uuid import UUID

import httpx2
import pytest

from commerce.payments.attempt_commands import request_attempt
from commerce.payments.customer_actions import CUSTOMER_TIME
from commerce.payments.events import PaymentActionFailed, PaymentActionRequired, PaymentDeclined
from commerce.payments.payment import PaymentOperation
from commerce.payments.ports import PaymentOutcome
from commerce.saga.limits import ProcessLimits
from commerce.saga.subscription import saga_subscription
from commerce.values import ids
from tests.catch_up import catch_up
from tests.integration.gateways.stripe_front import API_KEY, StripeFront
from tests.integration.gateways.test_stripe_provider import NEEDS_AUTHENTICATION
from tests.integration.workers.shop import BY_TEST, PRICE, Shop, payment_commands, running
from tests.integration.workers.test_webhooks import HANDLED, RECEIVED, handled, told
from tests.waiting import eventually
from workers.gateways.http_provider import HttpPaymentProvider
from workers.payments import payments_app
from workers.relay import relay_app
from workers.saga import saga_app
from workers.shipping import shipping_app

ACTION = "pm_card_action"
ATTEMPTED, AUTHORIZED, DECLINED = (f"payments.{name}" for name in ("AuthorizationAttempted", "Authorized", "Declined"))
REQUIRED, FAILED, ASKED = (f"payments.{name}" for name in ("ActionRequired", "ActionFailed", "AttemptRequested"))
OVER = timedelta(0)


class DyingProvider(HttpPaymentProvider):
    """The process ends when the provider has let go of something, and nothing is on record yet."""

    async def void(self, key: UUID, authorization_id: str) -> PaymentOutcome:
        await super().void(key, authorization_id)
        raise asyncio.CancelledError


@pytest.fixture
async def provider(shop: Shop) -> AsyncIterator[HttpPaymentProvider]:
    async with HttpPaymentProvider(shop.provider_url) as gateway:
        yield gateway


async def look(shop: Shop, provider: HttpPaymentProvider, order: UUID, customer_time: timedelta = OVER) -> list[str]:
    """Handle the request for the authorisation, as it comes first, or again; answers the payment's topics."""
    await catch_up(shop.store, saga_subscription(ProcessLimits()))
    command = await shop.command(order, "authorize")
    await payment_commands(shop.store, provider, customer_time).handle(PaymentOperation.AUTHORIZE, command)
    return await shop.payment(order)


async def waiting(shop: Shop, provider: HttpPaymentProvider, customer_time: timedelta = CUSTOMER_TIME) -> UUID:
    """An order whose payment waits for its customer."""
    order = await shop.place(ACTION)
    assert await look(shop, provider, order, customer_time) == [ATTEMPTED, REQUIRED]
    return order


async def last(shop: Shop, order: UUID) -> PaymentActionRequired:
    """What the provider wanted last."""
    history = await shop.store.read_stream(ids.payment_id(order))
    return [event for one in history if isinstance(event := one.event, PaymentActionRequired)][-1]


async def acts(
    action: PaymentActionRequired, answer: Literal["confirmation", "rejection"] = "confirmation", *, twice: bool = False
) -> str:
    """The customer does what they were sent for; answers the page that they see."""
    async with httpx2.AsyncClient(trust_env=False, verify=False) as browser:
        for _ in range(1 + twice):
            page = (await browser.post(f"{action.redirect_url}/{answer}")).raise_for_status()
    return page.text


async def test_nothing_is_held_before_the_customer_confirms_and_it_is_held_once_however_often(
    shop: Shop, provider: HttpPaymentProvider
) -> None:
    order = await waiting(shop, provider)
    assert await look(shop, provider, order) == [ATTEMPTED, REQUIRED]
    assert await shop.money(order) == []
    await acts(await last(shop, order), twice=True)
    for _ in range(2):
        assert await look(shop, provider, order) == [ATTEMPTED, REQUIRED, AUTHORIZED]
    assert await shop.money(order) == [("authorized", PRICE)]


async def test_the_provider_is_asked_before_the_order_is_given_up_and_what_is_given_up_can_never_hold_money(
    shop: Shop, provider: HttpPaymentProvider
) -> None:
    in_time, never = [await waiting(shop, provider, OVER) for _ in range(2)]
    await acts(await last(shop, in_time))
    assert await look(shop, provider, in_time) == [ATTEMPTED, REQUIRED, AUTHORIZED]
    assert await look(shop, provider, never) == [ATTEMPTED, REQUIRED, FAILED, DECLINED]
    assert "is over" in await acts(await last(shop, never))
    assert await shop.money(never) == []
    (*_, declined) = await shop.store.read_stream(ids.payment_id(never))
    assert isinstance(declined.event, PaymentDeclined)
    assert declined.event.decline_reason == "customer_did_not_act"


async def test_what_the_bank_declined_can_be_paid_in_another_way(shop: Shop, provider: HttpPaymentProvider) -> None:
    order = await waiting(shop, provider)
    action = await last(shop, order)
    await acts(action, "rejection")
    assert await handled(shop, provider, told(action.authorization_id, order, "declined")) == [RECEIVED, HANDLED]
    assert await shop.payment(order) == [ATTEMPTED, REQUIRED, FAILED]
    await request_attempt(shop.store, order, "pm_card_declined", BY_TEST)
    assert await look(shop, provider, order) == [ATTEMPTED, REQUIRED, FAILED, ASKED, ATTEMPTED, FAILED]
    await request_attempt(shop.store, order, "pm_card_ok", BY_TEST)
    assert (await look(shop, provider, order))[-3:] == [ASKED, ATTEMPTED, AUTHORIZED]
    assert await shop.money(order) == [("declined", PRICE)] * 2 + [("authorized", PRICE)]


async def test_another_way_to_pay_ends_the_first_unless_the_customer_was_faster(
    shop: Shop, provider: HttpPaymentProvider
) -> None:
    order, faster = [await waiting(shop, provider) for _ in range(2)]
    first = await last(shop, order)
    await acts(await last(shop, faster))
    for one in (order, faster):
        await request_attempt(shop.store, one, ACTION, BY_TEST)
    assert await look(shop, provider, faster) == [ATTEMPTED, REQUIRED, ASKED, AUTHORIZED]
    assert await look(shop, provider, order) == [ATTEMPTED, REQUIRED, ASKED, FAILED, ATTEMPTED, REQUIRED]
    assert "is over" in await acts(first)
    await acts(await last(shop, order))
    assert (await look(shop, provider, order))[-1] == AUTHORIZED
    for one in (order, faster):
        assert await shop.money(one) == [("authorized", PRICE)]


async def test_a_process_that_died_between_two_ways_to_pay_is_followed_by_one_that_goes_on(
    shop: Shop, provider: HttpPaymentProvider
) -> None:
    order = await waiting(shop, provider)
    await request_attempt(shop.store, order, "pm_card_ok", BY_TEST)
    async with DyingProvider(shop.provider_url) as dying:
        with pytest.raises(asyncio.CancelledError):
            await look(shop, dying, order)
    assert await shop.payment(order) == [ATTEMPTED, REQUIRED, ASKED]
    assert await look(shop, provider, order) == [ATTEMPTED, REQUIRED, ASKED, FAILED, ATTEMPTED, AUTHORIZED]
    failed = [one.event for one in await shop.store.read_stream(ids.payment_id(order)) if one.topic == FAILED]
    assert [event.reason for event in failed if isinstance(event, PaymentActionFailed)] == ["voided"]
    assert await shop.money(order) == [("authorized", PRICE)]


async def test_an_order_that_is_cancelled_meanwhile_can_never_hold_money(
    shop: Shop, provider: HttpPaymentProvider
) -> None:
    order = await waiting(shop, provider)
    await shop.cancel(order)
    await catch_up(shop.store, saga_subscription(ProcessLimits()))
    command = await shop.command(order, "void")
    await payment_commands(shop.store, provider).handle(PaymentOperation.VOID, command)
    assert (await shop.payment(order))[-2:] == ["payments.VoidAttempted", "payments.Closed"]
    assert "is over" in await acts(await last(shop, order))
    assert await shop.money(order) == []


async def test_with_stripe_and_through_the_workers_each_order_is_paid_by_one_intent(
    shop: Shop, stripe_server: StripeFront, environment: pytest.MonkeyPatch
) -> None:
    set_up = {"PROVIDER": "stripe", "STRIPE_API_KEY": API_KEY, "STRIPE_API_BASE": stripe_server.url}
    for name, value in (set_up | {"PAYMENT_RETURN_URL": "https://shop.example/paid"}).items():
        environment.setenv(f"COMMERCE_{name}", value)
    async with running(saga_app(), relay_app(), payments_app(), shipping_app()):
        confirmed, rejected = [await shop.place(await stripe_server.card(NEEDS_AUTHENTICATION)) for _ in range(2)]
        for order in (confirmed, rejected):
            await _has(shop, order, REQUIRED)
            (intent,) = await stripe_server.intents(order)
            await stripe_server.authenticate(intent["id"], succeeds=order == confirmed)
            await request_attempt(shop.store, order, None, BY_TEST)
        await _has(shop, rejected, FAILED)
        await request_attempt(shop.store, rejected, "pm_card_visa", BY_TEST)
        for order in (confirmed, rejected):
            assert await shop.ended(order) == "ordering.OrderConfirmed"
    assert [one["status"] for one in await stripe_server.intents(confirmed)] == ["succeeded"]
    assert sorted(one["status"] for one in await stripe_server.intents(rejected)) == ["canceled", "succeeded"]


async def _has(shop: Shop, order: UUID, topic: str) -> None:
    async def has() -> bool:
        return topic in await shop.payment(order)

    await eventually(has)
