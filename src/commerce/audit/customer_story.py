"""An order's story as its customer is told it: what became of their order, money and shipment, and nothing of how
the shop works.

What is not listed here is not told: neither events, nor their fields, nor who of the shop did something.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from commerce.audit.data import Data, data_of
from commerce.audit.filled_sentences import fill, numbered
from commerce.audit.items import Item, opened_events, sentence
from commerce.audit.languages import ENGLISH, ToldLanguage
from commerce.eventstore import Event, KeyRing, Recorded
from commerce.ordering import events as ordering
from commerce.payments import events as payments
from commerce.shipping import events as shipping


@dataclass(frozen=True, slots=True)
class Told:
    """The sentence for a kind of event, and those of its fields that customers see."""

    words: str
    fields: tuple[str, ...] = ()


_TOLD: Mapping[type[Event], Told] = {
    ordering.OrderPlaced: Told(
        "{who} placed {order}: {lines}; {total} in all, to be paid with {payment_method}",
        (
            "customer_id",
            "currency",
            "lines",
            "total",
            "shipping_address",
            "payment_method",
            "email",
            "phone",
            "reference",
        ),
    ),
    ordering.OrderConfirmed: Told(
        "The order is confirmed: {carrier} brings it under {tracking_number}, by {estimated_delivery}",
        ("tracking_number", "carrier", "estimated_delivery"),
    ),
    ordering.OrderRejected: Told("The order could not be handled: {reason}", ("reason",)),
    ordering.OrderCancellationRequested: Told("{who} asked for the order to be cancelled"),
    ordering.OrderCancellationRefused: Told("The order could not be cancelled any more: {cause}", ("cause",)),
    ordering.OrderCancelled: Told("The order is cancelled"),
    ordering.OrderShipped: Told("The order is on its way"),
    ordering.OrderDelivered: Told("The order has arrived"),
    payments.PaymentAuthorized: Told("{amount} set aside for the order", ("amount",)),
    payments.PaymentDeclined: Told("The payment was declined"),
    payments.PaymentActionRequired: Told("The payment waits for you to confirm it, until {until}", ("until",)),
    payments.PaymentActionFailed: Told("The payment was not confirmed; it can be tried in another way"),
    payments.PaymentCaptured: Told("{amount} paid", ("amount",)),
    payments.PaymentAnswerDiffered: Told("The payment did not go as agreed; it is being put right"),
    payments.PaymentVoided: Told("The money set aside is free again"),
    payments.PaymentRefunded: Told("{amount} given back", ("amount",)),
    payments.PaymentRefundRequested: Told("{amount} is to be given back", ("amount", "lines")),
    shipping.ShipmentScheduled: Told(
        "{carrier} takes the shipment: tracking number {tracking_number}, expected {estimated_delivery}",
        ("tracking_number", "carrier", "estimated_delivery"),
    ),
    shipping.ShipmentDispatched: Told("The shipment left the house"),
    shipping.ShipmentDelivered: Told("The shipment arrived"),
}

_IN_THEIR_OWN_WORDS = Told("You asked for the order to be cancelled: {reason}", ("reason",))
"""A cancellation's reason, where the customer gave it; one of the shop's is the shop's own affair."""

_UNREADABLE = "What happened here cannot be shown at the moment"

SENTENCES = (*(told.words for told in (*_TOLD.values(), _IN_THEIR_OWN_WORDS)), _UNREADABLE)
"""All that customers are told."""

TOPICS = tuple(kind.TOPIC for kind in _TOLD)
"""The kinds of events that customers see."""


async def customers_items(
    keys: KeyRing, events: Sequence[tuple[Recorded, str]], language: ToldLanguage = ENGLISH
) -> list[Item]:
    """Events of `TOPICS`, each for the one whose order it is: their actor, such as `customer:3f0e4c6e-…`."""
    opened = await opened_events(keys, [recorded for recorded, _ in events], names_staff=False)
    return [
        _item(recorded, event, customer, language)
        for (recorded, event), (_, customer) in zip(opened, events, strict=True)
    ]


def _item(recorded: Recorded, event: Event | str, customer: str, language: ToldLanguage) -> Item:
    own = recorded.actor == customer
    text, data = language.text(_UNREADABLE), Data()
    if isinstance(event, Event):
        told = _told(event, own)
        who = language.text("you") if own else language.text("the shop")
        text = sentence(fill(told.words, event, who, numbered(event, recorded.position, language), language))
        data = {name: value for name, value in data_of(event).items() if name in told.fields}
    return Item(
        position=recorded.position,
        recorded_at=recorded.recorded_at,
        topic=recorded.topic,
        stream_id=recorded.stream,
        version=recorded.originator_version,
        actor=customer if own else recorded.actor.partition(":")[0],
        correlation_id=recorded.correlation_id,
        causation_id=recorded.causation_id,
        text=text,
        data=data,
    )


def _told(event: Event, own: bool) -> Told:
    return _IN_THEIR_OWN_WORDS if own and isinstance(event, ordering.OrderCancellationRequested) else _TOLD[type(event)]
