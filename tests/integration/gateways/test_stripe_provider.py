"""The adapter for Stripe against a server that keeps intents: every rule of money, equal calls, lost answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from uuid import UUID, uuid4

import pytest

from commerce.outside.errors import PartyUnavailable, Postponed, RequestRejected
from commerce.outside.party import RequestOnRecord
from commerce.payments.ports import (
    ActionRequired,
    Authorized,
    Captured,
    Declined,
    OpenedAuthorization,
    PaymentOutcome,
    PaymentRejected,
    Refunded,
    Voided,
)
from commerce.values.money import Money
from tests.integration.gateways.stripe_desk import OF_OUR_PROTOCOL_ONLY, StripeDesk
from tests.integration.gateways.stripe_front import API_KEY, Fault, Said, StripeFront
from workers.gateways.conformance.check_run import results
from workers.gateways.conformance.payment_checks import PAYMENT_CHECKS
from workers.gateways.conformance.terms import Terms
from workers.gateways.stripe_provider import StripePaymentProvider

PRICE = Money.of("19.99", "EUR")
FIVE = Money.of("5", "EUR")
VISA, DECLINED = "pm_card_visa", "pm_card_chargeCustomerFail"
"""Of Stripe's own test methods; `localstripe` declines no payment by `pm_card_visa_chargeDeclined`."""
NEEDS_AUTHENTICATION = "4000002500003155"
BACK = "https://shop.example/paid"
BROKEN = Said(500, {"error": {"type": "api_error", "message": "Something went wrong."}})


@pytest.fixture
async def provider(stripe_server: StripeFront) -> AsyncIterator[StripePaymentProvider]:
    async with StripePaymentProvider(API_KEY, stripe_server.url) as gateway:
        yield gateway


@pytest.fixture
async def redirecting(stripe_server: StripeFront) -> AsyncIterator[StripePaymentProvider]:
    """Customers are sent somewhere, and come back."""
    async with StripePaymentProvider(API_KEY, stripe_server.url, return_url=BACK) as gateway:
        yield gateway


@pytest.fixture
def order() -> UUID:
    return uuid4()


async def opened(provider: StripePaymentProvider, key: UUID, order: UUID, amount: Money = PRICE) -> str:
    found = await provider.open(key, order, amount, VISA)
    assert isinstance(found, OpenedAuthorization)
    return found.authorization_id


async def held(provider: StripePaymentProvider, order: UUID, amount: Money = PRICE) -> str:
    key = uuid4()
    id_ = await opened(provider, key, order, amount)
    assert await provider.authorize(key, order, amount, VISA, id_) == Authorized(id_, amount)
    return id_


async def _waiting(provider: StripePaymentProvider, stripe: StripeFront, order: UUID) -> tuple[UUID, ActionRequired]:
    """A payment that waits for its customer, under a key."""
    key, card = uuid4(), await stripe.card(NEEDS_AUTHENTICATION)
    found = await provider.open(key, order, PRICE, card)
    assert isinstance(found, OpenedAuthorization)
    waits = await provider.authorize(key, order, PRICE, card, found.authorization_id)
    assert isinstance(waits, ActionRequired)
    assert stripe.returns == {found.authorization_id: BACK}
    return key, waits


@pytest.mark.parametrize("currency", ["EUR", "JPY"])  # the checks' amount of 1.999 KWD cannot be charged at Stripe
async def test_stripe_passes_the_conformance_test_of_a_payment_provider(
    redirecting: StripePaymentProvider, stripe_server: StripeFront, currency: str
) -> None:
    checks = [check for check in PAYMENT_CHECKS if check.name not in OF_OUR_PROTOCOL_ONLY]
    card = await stripe_server.card(NEEDS_AUTHENTICATION)
    terms = Terms(payment_method=VISA, declined_method=DECLINED, action_method=card, currency=currency)
    found = [result async for result in results(checks, StripeDesk(redirecting, terms))]
    assert {(one.name, one.right) for one in found if one.result == "failed"} == set()
    assert {one.name for one in found if one.result == "skipped"} == {"payment-methods", "ledger"}
    assert len(found) == len(PAYMENT_CHECKS) - len(OF_OUR_PROTOCOL_ONLY) > 25


async def test_nothing_is_held_before_the_intent_is_confirmed(
    provider: StripePaymentProvider, stripe_server: StripeFront, order: UUID
) -> None:
    key = uuid4()
    id_ = await opened(provider, key, order)
    [intent] = await stripe_server.intents(order)
    assert (intent["id"], intent["status"], intent["amount_capturable"]) == (id_, "requires_confirmation", 0)
    assert intent["metadata"] == {"order_id": str(order), "request_id": str(key)}
    assert await provider.find_operation(RequestOnRecord(key, "authorize", id_)) is None
    assert await provider.void(uuid4(), id_) == Voided(id_)
    assert await provider.authorize(key, order, PRICE, VISA, id_) == Declined("canceled")


@pytest.mark.parametrize(("price", "units"), [(Money.of("2000", "JPY"), 2000), (Money.of("1.230", "KWD"), 1230)])
async def test_currencies_with_no_and_with_three_minor_digits_are_exact(
    provider: StripePaymentProvider, stripe_server: StripeFront, order: UUID, price: Money, units: int
) -> None:
    id_ = await held(provider, order, price)
    assert await provider.capture(uuid4(), id_, price) == Captured(id_, price)
    back = await provider.refund(uuid4(), id_, price)
    assert isinstance(back, Refunded)
    assert back.amount == price
    [intent] = await stripe_server.intents(order)
    assert (intent["amount"], intent["currency"], intent["amount_received"]) == (units, price.currency.lower(), units)
    assert await stripe_server.refunds(id_) == [units]


async def test_two_equal_refunds_under_different_keys_are_two_and_no_more_is_given_back_than_was_taken(
    provider: StripePaymentProvider, stripe_server: StripeFront, order: UUID
) -> None:
    id_ = await held(provider, order)
    await provider.capture(uuid4(), id_, PRICE)
    keys = [uuid4() for _ in range(3)]
    made = [await provider.refund(key, id_, FIVE) for key in keys]
    assert len({one.refund_id for one in made if isinstance(one, Refunded)}) == 3
    assert await provider.refund(uuid4(), id_, FIVE) == PaymentRejected("amount_too_large", "")
    assert await stripe_server.refunds(id_) == [500, 500, 500]
    for key, one in zip(keys, made, strict=True):
        assert await provider.find_operation(RequestOnRecord(key, "refund", id_)) == one


async def test_a_payment_that_needs_the_customer_holds_nothing_and_never_will(
    provider: StripePaymentProvider, stripe_server: StripeFront, order: UUID
) -> None:
    key, card = uuid4(), await stripe_server.card(NEEDS_AUTHENTICATION)
    found = await provider.open(key, order, PRICE, card)
    assert isinstance(found, OpenedAuthorization)
    for _ in range(2):
        assert await provider.authorize(key, order, PRICE, card, found.authorization_id) == Declined("action_required")
    [intent] = await stripe_server.intents(order)
    assert intent["status"] == "canceled"


async def test_a_customer_who_confirms_has_the_money_set_aside(
    redirecting: StripePaymentProvider, stripe_server: StripeFront, order: UUID
) -> None:
    key, waits = await _waiting(redirecting, stripe_server, order)
    request = RequestOnRecord(key, "authorize", waits.authorization_id)
    assert waits.redirect_url.startswith("https://hooks.stripe.com/")
    assert await redirecting.find_operation(request) == waits
    at_stripe = await redirecting.find_payment(waits.authorization_id)
    assert at_stripe is not None
    assert not at_stripe.moved
    await stripe_server.authenticate(waits.authorization_id, succeeds=True)
    assert await redirecting.find_operation(request) == Authorized(waits.authorization_id, PRICE)
    assert await redirecting.capture(uuid4(), waits.authorization_id, PRICE) == Captured(waits.authorization_id, PRICE)
    assert await redirecting.find_operation(request) == Authorized(waits.authorization_id, PRICE)


async def test_what_a_customer_did_not_confirm_is_declined_and_ends_for_good(
    redirecting: StripePaymentProvider, stripe_server: StripeFront, order: UUID
) -> None:
    key, waits = await _waiting(redirecting, stripe_server, order)
    await stripe_server.authenticate(waits.authorization_id, succeeds=False)
    request = RequestOnRecord(key, "authorize", waits.authorization_id)
    assert await redirecting.find_operation(request) == Declined("payment_intent_authentication_failure")
    assert await redirecting.void(uuid4(), waits.authorization_id) == Voided(waits.authorization_id)
    assert await redirecting.find_operation(request) == Declined("canceled")


async def test_twenty_equal_calls_at_once_hold_money_once(
    provider: StripePaymentProvider, stripe_server: StripeFront, order: UUID
) -> None:
    key = uuid4()

    async def patiently(call: str, *arguments: object) -> PaymentOutcome:
        while True:
            try:
                outcome: PaymentOutcome = await getattr(provider, call)(*arguments)
            except Postponed:
                await asyncio.sleep(0.05)
            else:
                return outcome

    found = await asyncio.gather(*(patiently("open", key, order, PRICE, VISA) for _ in range(20)))
    assert len(set(found)) == 1
    assert isinstance(found[0], OpenedAuthorization)
    id_ = found[0].authorization_id
    outcomes = await asyncio.gather(*(patiently("authorize", key, order, PRICE, VISA, id_) for _ in range(20)))
    assert set(outcomes) == {Authorized(id_, PRICE)}
    taken = await asyncio.gather(*(patiently("capture", uuid4(), id_, PRICE) for _ in range(20)))
    assert sum(isinstance(one, Captured) for one in taken) == 1
    assert {one for one in taken if not isinstance(one, Captured)} == {PaymentRejected("already_captured", "")}
    back_key = uuid4()
    back = await asyncio.gather(*(patiently("refund", back_key, id_, PRICE) for _ in range(20)))
    assert len(set(back)) == 1
    assert [(one["status"], one["amount_received"]) for one in await stripe_server.intents(order)] == [
        ("succeeded", 1999)
    ]
    assert await stripe_server.refunds(id_) == [1999]


@pytest.mark.parametrize("operation", ["confirm", "capture", "cancel"])
async def test_a_lost_answer_is_had_again_under_the_same_key_or_found(
    provider: StripePaymentProvider, stripe_server: StripeFront, order: UUID, operation: str
) -> None:
    key, faults = uuid4(), [Fault(is_done=True)]
    id_ = await opened(provider, key, order) if operation == "confirm" else await held(provider, order)
    stripe_server.rule = lambda _method, path: faults.pop() if faults and path.endswith(f"/{operation}") else None
    calls: dict[str, tuple[Callable[[], Awaitable[PaymentOutcome]], PaymentOutcome]] = {
        "confirm": (lambda: provider.authorize(key, order, PRICE, VISA, id_), Authorized(id_, PRICE)),
        "capture": (lambda: provider.capture(key, id_, PRICE), Captured(id_, PRICE)),
        "cancel": (lambda: provider.void(key, id_), Voided(id_)),
    }
    call, outcome = calls[operation]
    with pytest.raises(PartyUnavailable, match="gave no answer"):
        await call()
    asked = {"confirm": "authorize", "capture": "capture", "cancel": "void"}[operation]
    assert await provider.find_operation(RequestOnRecord(key, asked, id_)) == outcome
    assert await call() == outcome
    assert len(await stripe_server.intents(order)) == 1


async def test_a_refund_whose_answer_is_lost_is_found_by_its_request(
    provider: StripePaymentProvider, stripe_server: StripeFront, order: UUID
) -> None:
    key, faults = uuid4(), [Fault(is_done=True)]
    id_ = await held(provider, order)
    await provider.capture(uuid4(), id_, PRICE)
    stripe_server.rule = lambda method, path: faults.pop() if faults and path == "/v1/refunds" else None
    with pytest.raises(PartyUnavailable):
        await provider.refund(key, id_, FIVE)
    found = await provider.find_operation(RequestOnRecord(key, "refund", id_))
    assert isinstance(found, Refunded)
    assert await provider.refund(key, id_, FIVE) == found
    assert await stripe_server.refunds(id_) == [500]


async def test_an_error_of_stripes_own_that_its_key_repeats_for_ever_hides_nothing(
    provider: StripePaymentProvider, stripe_server: StripeFront, order: UUID
) -> None:
    key = uuid4()
    id_ = await opened(provider, key, order)
    stripe_server.rule = lambda _method, path: Fault(BROKEN, is_done=True) if path.endswith("/confirm") else None
    for _ in range(3):
        assert await provider.authorize(key, order, PRICE, VISA, id_) == Authorized(id_, PRICE)
    stripe_server.rule = lambda _method, path: Fault(BROKEN) if path.endswith("/capture") else None
    with pytest.raises(PartyUnavailable, match="Stripe answered 500"):
        await provider.capture(uuid4(), id_, PRICE)


async def test_a_key_stands_for_one_request(provider: StripePaymentProvider, order: UUID) -> None:
    key = uuid4()
    await opened(provider, key, order)
    with pytest.raises(RequestRejected, match="idempotency_key_reused"):
        await provider.open(key, order, FIVE, VISA)


async def test_a_credential_that_is_not_taken_is_found_without_doing_anything(
    provider: StripePaymentProvider, stripe_server: StripeFront, order: UUID
) -> None:
    asked = RequestOnRecord(uuid4(), "authorize")
    await provider.check_credential(asked)
    stripe_server.api_key = "sk_test_another"
    with pytest.raises(Postponed) as put_off:
        await provider.check_credential(asked)
    assert put_off.value.cause == "credential_refused"
    assert stripe_server.asked == ["GET /v1/payment_intents"] * 2
    with pytest.raises(Postponed):
        await opened(provider, uuid4(), order)


async def test_a_payment_method_that_stripe_does_not_know_is_declined(
    provider: StripePaymentProvider, stripe_server: StripeFront, order: UUID
) -> None:
    assert await provider.open(uuid4(), order, PRICE, "pm_card_ok") == Declined("unknown_payment_method")
    assert await stripe_server.intents(order) == []
