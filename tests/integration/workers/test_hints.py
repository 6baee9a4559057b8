"""A message on the broker is only a hint: what is asked for, by whom and for how much, is read in the log."""

from __future__ import annotations

from uuid import UUID

import pytest

from commerce.customers.mail_request import MailTokens
from commerce.payments.payment import PaymentOperation
from commerce.shipping.shipment import ShippingOperation
from commerce.staff.accounts import invitation_tokens
from commerce.values import ids
from tests.integration.workers.shop import PRICE, Shop, payment_commands, running, shipping_commands
from workers.gateways.http_carrier import HttpCarrier
from workers.gateways.http_provider import HttpPaymentProvider
from workers.gateways.mail import FileOutbox
from workers.notifications import MailTerms, Notifications
from workers.outbox.message_schemas import Command, IntegrationEvent
from workers.outbox.messages import integration_event_of
from workers.payments import payments_app
from workers.relay import relay_app
from workers.saga import saga_app
from workers.shipping import shipping_app

TERMS = MailTerms(MailTokens(b"s" * 32), invitation_tokens(b"s" * 32))

ASKED = {"authorize", "capture", "schedule"}
"""What the process of a confirmed order asked for, by the operations that it stands for."""


@pytest.mark.parametrize("operation", [*PaymentOperation, *ShippingOperation])
async def test_a_message_with_a_request_id_of_another_kind_moves_nothing(
    shop: Shop, operation: PaymentOperation | ShippingOperation
) -> None:
    order = await _confirmed(shop)
    process = ids.process_id(order)
    before = await _everything(shop, order)
    async with HttpPaymentProvider(shop.provider_url) as provider, HttpCarrier(shop.carrier_url) as carrier:
        for asked in ASKED - {operation.value}:
            forged = Command(order_id=order, process_id=process, request_id=ids.request_id(process, asked), position=1)
            if isinstance(operation, PaymentOperation):
                await payment_commands(shop.store, provider).handle(operation, forged)
            else:
                await shipping_commands(shop.store, carrier).handle(operation, forged)
    assert await _everything(shop, order) == before
    assert await shop.money(order) == [("authorized", PRICE), ("captured", PRICE)]


async def test_a_request_of_another_order_moves_nothing(shop: Shop) -> None:
    order, other = await _confirmed(shop), await shop.place()
    request = ids.request_id(ids.process_id(order), "capture")
    forged = Command(order_id=other, process_id=ids.process_id(order), request_id=request, position=1)
    async with HttpPaymentProvider(shop.provider_url) as provider:
        await payment_commands(shop.store, provider).handle(PaymentOperation.CAPTURE, forged)
    assert await shop.payment(other) == []


async def test_the_cause_of_an_event_is_the_request_in_the_log_and_not_what_the_message_says(shop: Shop) -> None:
    order = await shop.place()
    async with running(saga_app()):
        command = await shop.asked(order, "authorize")
    async with HttpPaymentProvider(shop.provider_url) as provider:
        forged = command.model_copy(update={"position": command.position - 1, "process_id": order})
        await payment_commands(shop.store, provider).handle(PaymentOperation.AUTHORIZE, forged)
    attempted = (await shop.store.read_stream(ids.payment_id(order)))[0]
    assert attempted.causation_id == command.position


@pytest.mark.parametrize(
    ("topic", "moved_by"),
    [
        ("ordering.OrderCancelled", 0),
        ("ordering.OrderShipped", 0),
        ("ordering.OrderRejected", -1),
        ("ordering.OrderConfirmed", -1),
        ("ordering.OrderConfirmed", 1_000_000),
    ],
)
async def test_no_mail_tells_what_the_log_does_not_say(shop: Shop, topic: str, moved_by: int) -> None:
    order = await _confirmed(shop)
    published = integration_event_of((await shop.store.read_stream(order))[-1])
    assert published is not None
    event = IntegrationEvent.model_validate_json(published.body)
    data = event.data.model_copy(update={"position": event.data.position + moved_by})
    forged = event.model_copy(update={"type": topic, "data": data})
    await Notifications(shop.store, FileOutbox(shop.outbox), TERMS).tell(forged)
    assert not shop.outbox.exists()


async def _confirmed(shop: Shop) -> UUID:
    order = await shop.place()
    async with running(saga_app(), relay_app(), payments_app(), shipping_app()):
        assert await shop.ended(order) == "ordering.OrderConfirmed"
    return order


async def _everything(shop: Shop, order: UUID) -> list[str]:
    streams = (order, ids.process_id(order), ids.payment_id(order), ids.shipment_id(order))
    return await shop.topics(*streams)
