"""A message of the provider about one authorisation: its state, what is recorded of it, and what it may mean. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import reduce
from typing import Literal
from uuid import UUID

from commerce.eventstore import Aggregate, Event
from commerce.payments.payment import Payment, PaymentStatus
from commerce.payments.ports import PaymentAtProvider
from commerce.payments.webhook_events import UnknownPaymentTold, WebhookHandled, WebhookReceived, WebhookUnexplained
from commerce.values import ids
from commerce.values.money import Money


@dataclass(frozen=True, slots=True)
class WebhookMessage:
    """What is read of a message whose signature is right."""

    provider: Literal["http", "stripe"]
    event_id: str
    kind: str
    authorization_id: str
    order_id: UUID | None
    sent_at: datetime

    @property
    def stream(self) -> UUID:
        """The stream of the message: the same however often the provider sends it."""
        return ids.webhook_id(self.provider, self.event_id)

    def received(self) -> WebhookReceived:
        """The event that records it."""
        return WebhookReceived(
            order_id=self.order_id,
            request_id=self.stream,
            provider=self.provider,
            event_id=self.event_id,
            kind=self.kind,
            authorization_id=self.authorization_id,
            sent_at=self.sent_at,
        )


@dataclass(frozen=True, slots=True)
class Webhook(Aggregate):
    """A message at one version of its stream."""

    provider: str
    order_id: UUID | None
    authorization_id: str
    is_handled: bool = False

    @property
    def stands_for(self) -> UUID:
        """What stands in an order's place where the authorisation is no order's."""
        return ids.unknown_payment_id(self.provider, self.authorization_id)


def evolve(webhook: Webhook | None, event: Event) -> Webhook | None:
    """Apply one event."""
    match event:
        case WebhookReceived():
            id_, version = event.originator_id, event.originator_version
            return Webhook(id_, version, event.provider, event.order_id, event.authorization_id)
        case WebhookHandled() | WebhookUnexplained() | UnknownPaymentTold() if webhook is not None:
            return replace(webhook, version=event.originator_version, is_handled=True)
    return webhook


def fold(events: Iterable[Event], webhook: Webhook | None = None) -> Webhook | None:
    """The message after these events."""
    return reduce(evolve, events, webhook)


def is_on_record(payment: Payment, authorization_id: str) -> bool:
    """Whether an authorisation is known to be this payment's."""
    known = (payment.authorization_id, payment.opened_id, *payment.seconds, *payment.tries.ended)
    return authorization_id in known


def unexplained(payment: Payment, authorization_id: str, found: PaymentAtProvider | None) -> str | None:
    """Why what the provider says of an authorisation follows from nothing on record, in words; None where it does.

    The state has been asked for after everything on record became so, and no request is without an outcome.
    """
    if not is_on_record(payment, authorization_id):
        if found is not None and not found.moved:
            return None  # one that was opened, and never used
        return f"it tells of the authorisation {authorization_id}, which nobody asked it for"
    if authorization_id in payment.tries.ended and found is not None and found.moved:
        return f"it says that money moved under {authorization_id}, which it had let go of"
    if found is None or authorization_id != payment.party_id or payment.status is PaymentStatus.DIFFERED:
        return None  # what came twice, or differs from what was asked, is looked after already
    for what, says, known in _sums(payment, found):
        if says != known:
            return f"it says that {says} is {what} under {authorization_id}, and {known} is on record"
    return None


def of_no_order(webhook: Webhook, found: PaymentAtProvider | None) -> WebhookHandled | UnknownPaymentTold:
    """What a message about no order of ours comes to: somebody has to look where it is, or may be, about money."""
    id_ = webhook.authorization_id
    amount = None if found is None else found.held + found.captured - found.refunded
    if amount is not None and not amount:
        return WebhookHandled(order_id=None, request_id=webhook.id, authorization_id=id_, found="nothing new")
    return UnknownPaymentTold(
        stands_for=webhook.stands_for,
        request_id=webhook.id,
        authorization_id=id_,
        amount=amount,
        detail=f"it tells of the authorisation {id_}, which is no order's of ours",
    )


def _sums(payment: Payment, found: PaymentAtProvider) -> list[tuple[str, Money, Money]]:
    """What the provider says, and what is on record, of each sum."""
    nothing = found.captured - found.captured
    is_held = payment.status is PaymentStatus.AUTHORIZED
    return [
        ("held", found.held, payment.authorized if is_held and payment.authorized else nothing),
        ("taken", found.captured, payment.captured or nothing),
        ("given back", found.refunded, payment.refunded or nothing),
    ]
