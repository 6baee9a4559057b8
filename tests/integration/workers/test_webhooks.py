"""Word of the payment provider on a real log and the real provider: early, late, doubled, or about nothing of ours."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from unittest.mock import patch
from uuid import UUID, uuid4

import pytest
from aiohttp import ClientSession

from commerce.outside.errors import TryAgain
from commerce.payments import webhook_commands
from commerce.payments.payment import PaymentOperation
from commerce.payments.ports import Authorized
from commerce.payments.webhook import WebhookMessage
from commerce.payments.webhook_commands import WebhookCommands, receive
from commerce.saga.cases import money_at_risk
from commerce.saga.commands import begun
from commerce.saga.interventions import possible_actions
from commerce.saga.limits import ProcessLimits
from commerce.saga.process import Process, Stage
from commerce.saga.reconciliation_window import ReconciliationWindow
from commerce.saga.subscription import saga_subscription
from commerce.values import ids
from commerce.values.money import Money
from projections.engine.projection import make_tables
from projections.processes import PROCESSES
from tests.catch_up import catch_up
from tests.integration.gateways.stripe_front import API_KEY, StripeFront
from tests.integration.workers.shop import PRICE, Shop, payment_commands, running
from tests.integration.workers.test_payment_commands import DyingProvider, _attempted, _booked, _placed
from tests.waiting import eventually
from workers.gateways.http_provider import HttpPaymentProvider
from workers.gateways.stripe_provider import StripePaymentProvider
from workers.outbox.message_schemas import Command
from workers.outbox.messages import request_of
from workers.payments import payments_app
from workers.reconciliation.comparison import Comparison
from workers.reconciliation.ledgers import ProviderLedger
from workers.relay import relay_app
from workers.saga import saga_app
from workers.shipping import shipping_app

RECEIVED, HANDLED, UNEXPLAINED = (f"payments.Webhook{name}" for name in ("Received", "Handled", "Unexplained"))
UNKNOWN = "payments.UnknownPaymentTold"
DISPUTED, DISPUTE_CLOSED = "payments.Disputed", "payments.DisputeClosed"
ATTEMPTED, AUTHORIZED = "payments.AuthorizationAttempted", "payments.Authorized"
CAPTURE_ATTEMPTED, CAPTURED = "payments.CaptureAttempted", "payments.Captured"
PAID = [ATTEMPTED, AUTHORIZED, CAPTURE_ATTEMPTED, CAPTURED]


@pytest.fixture
async def provider(shop: Shop) -> AsyncIterator[HttpPaymentProvider]:
    async with HttpPaymentProvider(shop.provider_url) as gateway:
        yield gateway


@pytest.fixture
async def dying(shop: Shop) -> AsyncIterator[DyingProvider]:
    async with DyingProvider(shop.provider_url) as gateway:
        yield gateway


def told(authorization_id: str, order_id: UUID | None, kind: str = "authorized") -> WebhookMessage:
    """Word of the provider."""
    return WebhookMessage("http", f"evt_{uuid4()}", kind, authorization_id, order_id, datetime.now(UTC))


async def handled(shop: Shop, provider: HttpPaymentProvider, message: WebhookMessage) -> list[str]:
    """Have a message recorded and handled; answers the topics of its stream."""
    await receive(shop.store, message)
    (recorded, *_) = await shop.store.read_stream(message.stream)
    request = request_of(recorded)
    assert request is not None
    await WebhookCommands(shop.store, provider).handle(request.command)
    return await shop.topics(message.stream)


async def authorization_of(provider: HttpPaymentProvider, order: UUID) -> Authorized:
    """What the provider set aside for an order."""
    key = ids.request_id(ids.process_id(order), "authorize")
    (found,) = await provider.authorizations_under(key, order)
    return found


async def test_word_that_comes_before_the_answer_of_our_own_call_is_no_second_payment(
    shop: Shop, provider: HttpPaymentProvider, dying: DyingProvider
) -> None:
    order = await _placed(shop)
    await _dies(shop, dying, order, PaymentOperation.AUTHORIZE)
    id_ = (await authorization_of(provider, order)).authorization_id
    assert await handled(shop, provider, told(id_, order)) == [RECEIVED, HANDLED]
    assert await shop.payment(order) == [ATTEMPTED, AUTHORIZED]
    await _repeated(shop, provider, order, PaymentOperation.AUTHORIZE)
    await catch_up(shop.store, saga_subscription(ProcessLimits()))
    await _booked(shop, order)
    await _dies(shop, dying, order, PaymentOperation.CAPTURE)
    await handled(shop, provider, told(id_, order, "captured"))
    await _repeated(shop, provider, order, PaymentOperation.CAPTURE)
    assert await shop.payment(order) == PAID
    assert await shop.money(order) == [("authorized", PRICE), ("captured", PRICE)]


async def test_late_doubled_and_reordered_word_changes_nothing(shop: Shop, provider: HttpPaymentProvider) -> None:
    order, id_ = await paid(shop, provider)
    before = await shop.payment(order)
    messages = [told(id_, order, kind) for kind in ("captured", "authorized", "voided", "captured")]
    for message in [*messages, *reversed(messages)]:
        assert await handled(shop, provider, message) == [RECEIVED, HANDLED]
    assert await shop.payment(order) == before
    assert UNEXPLAINED not in await _topics_of_order(shop, order)


async def test_a_message_that_comes_often_is_recorded_once(shop: Shop) -> None:
    message = told("auth_1", uuid4())
    assert sorted(await asyncio.gather(*(receive(shop.store, message) for _ in range(5)))) == [False] * 4 + [True]
    assert await shop.topics(message.stream) == [RECEIVED]


async def test_word_of_an_authorisation_that_nobody_asked_for_is_a_case(
    shop: Shop, provider: HttpPaymentProvider
) -> None:
    order, _ = await paid(shop, provider)
    other = await provider.authorize(uuid4(), order, Money.of("5.00", "EUR"), "pm_card_ok")
    assert isinstance(other, Authorized)
    message = told(other.authorization_id, order)
    assert await handled(shop, provider, message) == [RECEIVED, UNEXPLAINED]
    assert await handled(shop, provider, message) == [RECEIVED, UNEXPLAINED]
    assert other.authorization_id in await _case(shop, order)
    assert await shop.payment(order) == PAID


async def test_money_that_was_moved_by_hand_at_the_provider_is_a_case(
    shop: Shop, provider: HttpPaymentProvider
) -> None:
    order, id_ = await paid(shop, provider)
    await provider.refund(uuid4(), id_, Money.of("1.00", "EUR"))
    assert await handled(shop, provider, told(id_, order, "refunded")) == [RECEIVED, UNEXPLAINED]
    assert "it says that 1.00 EUR is given back" in await _case(shop, order)
    assert await shop.payment(order) == PAID


async def test_the_provider_is_asked_for_the_order_where_the_message_names_none(
    shop: Shop, provider: HttpPaymentProvider
) -> None:
    order, id_ = await paid(shop, provider)
    message = told(id_, None)
    assert await handled(shop, provider, message) == [RECEIVED, HANDLED]
    stream = await shop.store.read_stream(message.stream)
    assert [recorded.correlation_id for recorded in stream] == [None, order]


async def test_a_dispute_is_a_case_until_it_is_over_and_moves_nothing(
    shop: Shop, provider: HttpPaymentProvider
) -> None:
    order, id_ = await paid(shop, provider)
    await catch_up(shop.store, saga_subscription(ProcessLimits()))
    before = await shop.money(order)
    opened = await asked_of_provider(shop, f"/v1/authorizations/{id_}/disputes", {"amount": "5.00"})
    for _ in range(2):
        assert await handled(shop, provider, told(id_, order, "disputed")) == [RECEIVED, HANDLED]
    await catch_up(shop.store, saga_subscription(ProcessLimits()))
    process = await process_of(shop, order)
    assert [(case.kind, case.about) for case in process.cases] == [("dispute", opened["dispute_id"])]
    assert process.cases[0].answer_by == datetime.fromisoformat(opened["answer_by"])
    assert money_at_risk(process) == Money.of("5.00", "EUR")
    await asked_of_provider(shop, f"/v1/disputes/{opened['dispute_id']}/closure", {"outcome": "lost"})
    assert await handled(shop, provider, told(id_, None, "dispute_lost")) == [RECEIVED, HANDLED]
    await catch_up(shop.store, saga_subscription(ProcessLimits()))
    assert (await process_of(shop, order)).cases == ()
    assert await shop.payment(order) == [*PAID, DISPUTED, DISPUTE_CLOSED]
    assert [topic for topic in await shop.topics(order) if "Dispute" in topic] == [
        "ordering.OrderDisputed",
        "ordering.OrderDisputeClosed",
    ]
    assert await shop.money(order) == before


async def test_word_of_a_payment_that_is_no_orders_is_one_case_however_often_it_comes(
    shop: Shop, provider: HttpPaymentProvider
) -> None:
    stranger = uuid4()
    other = await provider.authorize(uuid4(), stranger, Money.of("5.00", "EUR"), "pm_card_ok")
    assert isinstance(other, Authorized)
    for message in (told(other.authorization_id, None), told(other.authorization_id, stranger)):
        assert await handled(shop, provider, message) == [RECEIVED, UNKNOWN]
    process = await _unclaimed(shop, other.authorization_id)
    assert (process.stage, money_at_risk(process)) == (Stage.NO_ORDER, Money.of("5.00", "EUR"))
    assert [case.kind for case in process.cases] == ["unknown_payment"]
    await provider.void(uuid4(), other.authorization_id)
    assert await handled(shop, provider, told(other.authorization_id, None, "voided")) == [RECEIVED, HANDLED]


async def test_what_the_provider_does_not_know_either_is_a_case_of_nobody_knows_how_much(
    shop: Shop, provider: HttpPaymentProvider
) -> None:
    assert await handled(shop, provider, told("auth_nobody", None)) == [RECEIVED, UNKNOWN]
    process = await _unclaimed(shop, "auth_nobody")
    assert (len(process.cases), money_at_risk(process)) == (1, None)
    assert possible_actions(process) == ["resolve", "assignment", "notes"]


async def asked_of_provider(shop: Shop, path: str, body: dict[str, str]) -> dict[str, str]:
    """What the provider says to the bank of a customer."""
    async with ClientSession() as session:
        answer = await session.post(f"{shop.provider_url}{path}", json=body, headers={"Idempotency-Key": str(uuid4())})
        answer.raise_for_status()
        said: dict[str, str] = await answer.json()
        return said


async def process_of(shop: Shop, order: UUID) -> Process:
    return begun(order, [recorded.event for recorded in await shop.store.read_stream(ids.process_id(order))])


async def _unclaimed(shop: Shop, authorization_id: str) -> Process:
    """What the process manager keeps of a payment that is no order's."""
    await catch_up(shop.store, saga_subscription(ProcessLimits()))
    return await process_of(shop, ids.unknown_payment_id("http", authorization_id))


async def test_while_our_own_call_may_be_under_way_word_of_it_waits(shop: Shop, provider: HttpPaymentProvider) -> None:
    order = await _placed(shop)
    await _attempted(shop, order)
    with pytest.raises(TryAgain):
        await handled(shop, provider, told("auth_soon", order))
    assert await shop.payment(order) == [ATTEMPTED]
    with patch.object(webhook_commands, "_UNDER_WAY_LIMIT", timedelta(0)):
        assert await handled(shop, provider, told("auth_soon", order)) == [RECEIVED, UNEXPLAINED]


async def test_word_on_the_way_through_the_workers_ends_handled(shop: Shop) -> None:
    async with running(saga_app(), relay_app(), payments_app(), shipping_app()):
        order = await shop.place()
        assert await shop.ended(order) == "ordering.OrderConfirmed"
        async with HttpPaymentProvider(shop.provider_url) as provider:
            id_ = (await authorization_of(provider, order)).authorization_id
        messages = [told(id_, order), told(id_, None, "captured")]
        for message in messages:
            await receive(shop.store, message)
            await _ends(shop, message)
    assert await shop.payment(order) == PAID


async def test_word_of_stripe_is_asked_for_by_the_intent(
    shop: Shop, stripe_server: StripeFront, environment: pytest.MonkeyPatch
) -> None:
    environment.setenv("COMMERCE_PROVIDER", "stripe")
    environment.setenv("COMMERCE_STRIPE_API_KEY", API_KEY)
    environment.setenv("COMMERCE_STRIPE_API_BASE", stripe_server.url)
    async with running(saga_app(), relay_app(), payments_app(), shipping_app()):
        order = await shop.place("pm_card_visa")
        assert await shop.ended(order) == "ordering.OrderConfirmed"
        (intent,) = await stripe_server.intents(order)
        for named in (order, None):
            message = told(intent["id"], named, "payment_intent.succeeded")
            await receive(shop.store, message)
            assert await _ends(shop, message) == [RECEIVED, HANDLED]
        unknown = told("pi_nobody", order)
        await receive(shop.store, unknown)
        assert await _ends(shop, unknown) == [RECEIVED, UNEXPLAINED]
        stripe_server.disputed[intent["id"]] = "needs_response"
        await make_tables(shop.store.pool, [PROCESSES])
        async with StripePaymentProvider(API_KEY, stripe_server.url) as stripe:
            at_once = ReconciliationWindow(timedelta(0), timedelta(0))
            found = await Comparison(shop.store, ProviderLedger(stripe, "stripe"), at_once).run()
        assert found.problem is None
        assert {one.about: one.kind for one in found.differences}[order] == "disputed_there"
        for status in ("under_review", "lost"):
            stripe_server.disputed[intent["id"]] = status
            message = told(intent["id"], None, "charge.dispute.updated")
            await receive(shop.store, message)
            assert await _ends(shop, message) == [RECEIVED, HANDLED]
        assert (await shop.payment(order))[-2:] == [DISPUTED, DISPUTE_CLOSED]


async def _ends(shop: Shop, message: WebhookMessage) -> list[str]:
    async def is_over() -> bool:
        return len(await shop.topics(message.stream)) == 2

    await eventually(is_over)
    return await shop.topics(message.stream)


async def paid(shop: Shop, provider: HttpPaymentProvider) -> tuple[UUID, str]:
    order = await _placed(shop)
    await payment_commands(shop.store, provider).handle(
        PaymentOperation.AUTHORIZE, await shop.command(order, "authorize")
    )
    await _booked(shop, order)
    await payment_commands(shop.store, provider).handle(PaymentOperation.CAPTURE, await shop.command(order, "capture"))
    return order, (await authorization_of(provider, order)).authorization_id


async def _dies(shop: Shop, dying: DyingProvider, order: UUID, operation: PaymentOperation) -> None:
    command = await shop.command(order, operation.value)
    with pytest.raises(asyncio.CancelledError):
        await payment_commands(shop.store, dying).handle(operation, command)


async def _repeated(shop: Shop, provider: HttpPaymentProvider, order: UUID, operation: PaymentOperation) -> None:
    command: Command = await shop.command(order, operation.value)
    await payment_commands(shop.store, provider).handle(operation, command)


async def _topics_of_order(shop: Shop, order: UUID) -> list[str]:
    events = await shop.store.read_log(0, await shop.store.head())
    return [recorded.topic for recorded in events if recorded.correlation_id == order]


async def _case(shop: Shop, order: UUID) -> str:
    """What the process manager says of the order's one case."""
    await catch_up(shop.store, saga_subscription(ProcessLimits()))
    events = [recorded.event for recorded in await shop.store.read_stream(ids.process_id(order))]
    (case,) = [event for event in events if event.TOPIC == "saga.CaseOpened"]
    return str(getattr(case, "detail"))  # noqa: B009
