"""The events of a webhook (a stream for each message of the provider): the schema of record.

What the message says beyond these fields is not kept: it may be personal, and nothing is decided on it.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

from commerce.eventstore import Event
from commerce.values.money import Money


class WebhookReceived(Event):
    """The provider told, under its own `event_id`, that something became of an authorisation.

    `request_id` is the stream's own id. `order_id` is the order that the message names, where it names one.
    """

    TOPIC: ClassVar[str] = "payments.WebhookReceived"
    SENTENCE: ClassVar[str] = "The payment provider sent word of {kind} ({event_id}); it is asked what is so"

    order_id: UUID | None
    request_id: UUID
    provider: Literal["http", "stripe"]
    event_id: str
    kind: str
    authorization_id: str
    sent_at: datetime


class WebhookHandled(Event):
    """The provider was asked what became of the authorisation, and what was new is on record in the payment."""

    TOPIC: ClassVar[str] = "payments.WebhookHandled"
    SENTENCE: ClassVar[str] = "The payment provider was asked what became of {authorization_id}: {found}"

    order_id: UUID | None
    request_id: UUID
    authorization_id: str
    found: Literal["nothing new", "news, now on record"]


class UnknownPaymentTold(Event):
    """The provider tells of a payment that is no order's of ours; `amount` is what it holds or took, if it says so.

    `stands_for` is an id of the payment's own, in an order's place: all that is told of it has this correlation.
    """

    TOPIC: ClassVar[str] = "payments.UnknownPaymentTold"
    SENTENCE: ClassVar[str] = "The payment provider tells of a payment that is no order's: {detail}"

    stands_for: UUID
    request_id: UUID
    authorization_id: str
    amount: Money | None
    detail: str


class WebhookUnexplained(Event):
    """What the provider says of the authorisation does not follow from anything that it was asked for."""

    TOPIC: ClassVar[str] = "payments.WebhookUnexplained"
    SENTENCE: ClassVar[str] = "What the payment provider says does not follow from what it was asked for: {detail}"

    order_id: UUID
    request_id: UUID
    authorization_id: str
    detail: str


WebhookOutcome = WebhookHandled | WebhookUnexplained | UnknownPaymentTold
"""What came of a message."""

WebhookEvent = WebhookReceived | WebhookOutcome
