"""Payment commands on a real log and the real provider: repeated, interrupted, overtaken by their undo."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import psycopg
import pytest

from commerce.eventstore import Append, Event, in_stream
from commerce.outside.errors import PartyUnavailable, TryAgain
from commerce.payments import decisions as payment_decisions
from commerce.payments import payment as payments
from commerce.payments.events import PaymentCallUnanswered
from commerce.payments.payment import PaymentOperation
from commerce.payments.ports import PROVIDER_CALLS, Authorized, Captured, Declined, PaymentRejected
from commerce.saga.limits import ProcessLimits
from commerce.saga.subscription import saga_subscription
from commerce.shipping import decisions as shipment_decisions
from commerce.shipping import shipment as shipments
from commerce.values import ids
from commerce.values.money import Money
from tests.catch_up import catch_up
from tests.conftest import Database
from tests.integration.workers.shop import BOOKING, BY_TEST, PRICE, Shop, payment_commands
from workers.gateways.http_provider import HttpPaymentProvider
from workers.outbox.message_schemas import Command

ATTEMPTED, AUTHORIZED = "payments.AuthorizationAttempted", "payments.Authorized"
UNANSWERED = "payments.CallUnanswered"


class DyingProvider(HttpPaymentProvider):
    """The process ends when the provider has done it and nothing is on record yet."""

    async def authorize(
        self, key: UUID, order_id: UUID, amount: Money, payment_method: str, opened_id: str | None = None
    ) -> Authorized | Declined:
        await super().authorize(key, order_id, amount, payment_method)
        raise asyncio.CancelledError

    async def capture(self, key: UUID, authorization_id: str, amount: Money) -> Captured | PaymentRejected:
        await super().capture(key, authorization_id, amount)
        raise asyncio.CancelledError


class SilentProvider(HttpPaymentProvider):
    """Nothing is ever done, and nobody is told."""

    async def authorize(
        self, key: UUID, order_id: UUID, amount: Money, payment_method: str, opened_id: str | None = None
    ) -> Authorized | Declined:
        raise PartyUnavailable("the payment provider answered 500")


@pytest.fixture
async def provider(shop: Shop) -> AsyncIterator[HttpPaymentProvider]:
    async with HttpPaymentProvider(shop.provider_url) as gateway:
        yield gateway


@pytest.fixture
async def dying(shop: Shop) -> AsyncIterator[DyingProvider]:
    async with DyingProvider(shop.provider_url) as gateway:
        yield gateway


async def test_a_command_that_comes_twice_and_at_once_charges_once(shop: Shop, provider: HttpPaymentProvider) -> None:
    order = await _placed(shop)
    await _at_once(shop, provider, PaymentOperation.AUTHORIZE, await _command(shop, order, "authorize"))
    await _booked(shop, order)
    await _at_once(shop, provider, PaymentOperation.CAPTURE, await _command(shop, order, "capture"))
    assert await shop.money(order) == [("authorized", PRICE), ("captured", PRICE)]
    outcomes = [topic for topic in await shop.payment(order) if not topic.endswith("Attempted")]
    assert outcomes == [AUTHORIZED, "payments.Captured"]


async def test_a_call_whose_process_died_is_repeated_under_the_same_key(
    shop: Shop, provider: HttpPaymentProvider, dying: DyingProvider
) -> None:
    order = await _placed(shop)
    command = await _command(shop, order, "authorize")
    with pytest.raises(asyncio.CancelledError):
        await payment_commands(shop.store, dying).handle(PaymentOperation.AUTHORIZE, command)
    assert await shop.payment(order) == [ATTEMPTED]
    await payment_commands(shop.store, provider).handle(PaymentOperation.AUTHORIZE, command)
    assert await shop.payment(order) == [ATTEMPTED, ATTEMPTED, AUTHORIZED]
    assert await shop.money(order) == [("authorized", PRICE)]


async def test_each_call_that_had_no_answer_is_on_record_with_what_came_instead(shop: Shop) -> None:
    order = await _placed(shop)
    async with SilentProvider(shop.provider_url) as silent:
        commands = payment_commands(shop.store, silent)
        command = await _command(shop, order, "authorize")
        await commands.handle(PaymentOperation.AUTHORIZE, command)
    told = [recorded.event for recorded in await shop.store.read_stream(ids.payment_id(order))]
    assert [event.TOPIC for event in told] == [ATTEMPTED, UNANSWERED] * PROVIDER_CALLS.attempts + [
        "payments.OutcomeUnknown"
    ]
    noted = [(event.attempt, event.detail) for event in told if isinstance(event, PaymentCallUnanswered)]
    assert noted == [(number, "the payment provider answered 500") for number in range(1, PROVIDER_CALLS.attempts + 1)]


async def test_an_undo_that_comes_first_closes_the_payment_to_the_attempt(
    shop: Shop, provider: HttpPaymentProvider
) -> None:
    order = await _placed(shop)
    authorize = await _command(shop, order, "authorize")
    await _cancelled(shop, order)
    commands = payment_commands(shop.store, provider)
    await commands.handle(PaymentOperation.VOID, await _command(shop, order, "void"))
    await commands.handle(PaymentOperation.AUTHORIZE, authorize)
    assert await shop.payment(order) == ["payments.Closed"]
    assert await shop.money(order) == []


async def test_an_undo_waits_until_what_is_under_way_is_known(shop: Shop, provider: HttpPaymentProvider) -> None:
    order = await _placed(shop)
    await _attempted(shop, order)
    await _cancelled(shop, order)
    with pytest.raises(TryAgain) as command:
        await payment_commands(shop.store, provider).handle(PaymentOperation.VOID, await _command(shop, order, "void"))
    assert command.value.delay is not None
    assert 9.0 < command.value.delay <= 11.0
    assert await shop.payment(order) == [ATTEMPTED]


async def test_an_undo_of_what_the_provider_did_unheard_gives_it_back(
    shop: Shop, provider: HttpPaymentProvider, dying: DyingProvider
) -> None:
    order = await _placed(shop)
    with pytest.raises(asyncio.CancelledError):
        await payment_commands(shop.store, dying).handle(
            PaymentOperation.AUTHORIZE, await _command(shop, order, "authorize")
        )
    await _cancelled(shop, order)
    await _at_once(shop, provider, PaymentOperation.VOID, await _command(shop, order, "void"))
    assert (await shop.payment(order))[:2] == [ATTEMPTED, AUTHORIZED]
    assert (await shop.payment(order))[-1] == "payments.Voided"
    assert await shop.money(order) == [("authorized", PRICE), ("voided", PRICE)]


async def test_a_capture_that_nobody_heard_of_is_refunded_by_the_undo(
    shop: Shop, provider: HttpPaymentProvider, dying: DyingProvider
) -> None:
    order = await _placed(shop)
    commands = payment_commands(shop.store, provider)
    await commands.handle(PaymentOperation.AUTHORIZE, await _command(shop, order, "authorize"))
    await _booked(shop, order)
    with pytest.raises(asyncio.CancelledError):
        await payment_commands(shop.store, dying).handle(
            PaymentOperation.CAPTURE, await _command(shop, order, "capture")
        )
    await _cancelled(shop, order)
    await _unbooked(shop, order)
    await _at_once(shop, provider, PaymentOperation.REFUND, await _command(shop, order, "refund"))
    assert await shop.money(order) == [("authorized", PRICE), ("captured", PRICE), ("refunded", PRICE)]
    assert (await shop.payment(order))[-1] == "payments.Refunded"


async def test_an_authorisation_found_after_the_payment_was_closed_is_voided(
    shop: Shop, provider: HttpPaymentProvider
) -> None:
    order = await _placed(shop)
    authorize = await _command(shop, order, "authorize")
    await _attempted(shop, order)
    await _cancelled(shop, order)
    await _closed(shop, order)
    await provider.authorize(authorize.request_id, order, Money.of(PRICE, "EUR"), "pm_card_ok")
    commands = payment_commands(shop.store, provider)
    await commands.handle(PaymentOperation.AUTHORIZE, authorize)
    await commands.handle(PaymentOperation.VOID, await _command(shop, order, "late void"))
    assert (await shop.payment(order))[1:] == [
        "payments.Closed",
        AUTHORIZED,
        "payments.VoidAttempted",
        "payments.Voided",
    ]
    assert await shop.money(order) == [("authorized", PRICE), ("voided", PRICE)]


async def test_past_the_providers_memory_of_a_key_it_is_only_asked(
    shop: Shop, database: Database, provider: HttpPaymentProvider
) -> None:
    order = await _placed(shop)
    await _attempted(shop, order)
    with psycopg.connect(database.admin_url) as owner:
        owner.execute("UPDATE commerce_events SET recorded_at = recorded_at - interval '25 hours'")
    command = await _command(shop, order, "authorize")
    await payment_commands(shop.store, provider).handle(PaymentOperation.AUTHORIZE, command)
    assert await shop.payment(order) == [ATTEMPTED, "payments.OutcomeUnknown"]
    undo = await _command(shop, order, "void")  # nobody knows any more what is held: it stays open, and is a case
    await payment_commands(shop.store, provider).handle(PaymentOperation.VOID, undo)
    assert await shop.payment(order) == [ATTEMPTED, "payments.OutcomeUnknown"]
    assert await shop.money(order) == []


async def _at_once(shop: Shop, provider: HttpPaymentProvider, operation: PaymentOperation, command: Command) -> None:
    """Three processes handle the same message; what is told to try again does so."""

    async def handle() -> None:
        for _ in range(10):
            try:
                await payment_commands(shop.store, provider).handle(operation, command)
            except TryAgain as later:
                await asyncio.sleep(min(later.delay or 0.1, 0.2))
            else:
                return
        pytest.fail("it never ends")

    await asyncio.gather(handle(), handle(), handle())


async def _placed(shop: Shop) -> UUID:
    order = await shop.place()
    await _follow(shop)
    return order


async def _follow(shop: Shop) -> None:
    await catch_up(shop.store, saga_subscription(ProcessLimits()))


async def _command(shop: Shop, order: UUID, command: str) -> Command:
    """The message that the relay makes of a process's request."""
    await _follow(shop)
    return await shop.command(order, command)


async def _append(shop: Shop, order: UUID, stream: UUID, events: list[Event]) -> None:
    events = in_stream(events, stream, after=len(await shop.store.read_stream(stream)))
    await shop.store.append(Append(events, order, BY_TEST))
    await _follow(shop)


async def _attempted(shop: Shop, order: UUID) -> None:
    request = ids.request_id(ids.process_id(order), "authorize")
    events = payment_decisions.authorize(None, order, request, Money.of(PRICE, "EUR"), "pm_card_ok")
    await _append(shop, order, ids.payment_id(order), [*events])


async def _closed(shop: Shop, order: UUID) -> None:
    payment = payments.fold(recorded.event for recorded in await shop.store.read_stream(ids.payment_id(order)))
    closed = payment_decisions.close(payment, order, ids.request_id(ids.process_id(order), "void"))
    await _append(shop, order, ids.payment_id(order), [*closed])


async def _cancelled(shop: Shop, order: UUID) -> None:
    await shop.cancel(order)
    await _follow(shop)


async def _booked(shop: Shop, order: UUID) -> None:
    await _follow(shop)
    request = ids.request_id(ids.process_id(order), "schedule")
    events = shipment_decisions.book(None, order, request)
    shipment = shipments.fold(events)
    assert shipment is not None
    await _append(
        shop, order, ids.shipment_id(order), [*events, *shipment_decisions.scheduled(shipment, request, BOOKING)]
    )


async def _unbooked(shop: Shop, order: UUID) -> None:
    request = ids.request_id(ids.process_id(order), "cancel shipment")
    history = await shop.store.read_stream(ids.shipment_id(order))
    shipment = shipments.fold(recorded.event for recorded in history)
    assert shipment is not None
    events = shipment_decisions.cancel(shipment, request)
    shipment = shipments.fold(events, shipment)
    assert shipment is not None
    await _append(shop, order, ids.shipment_id(order), [*events, *shipment_decisions.cancelled(shipment, request)])
