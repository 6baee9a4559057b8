"""The provider and the carrier, answered in-process: a subscription that appends their outcomes as soon as they
are asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from commerce.eventstore import Append, Event, EventStore, Metadata, Recorded, Stateless, Subscription, Work, in_stream
from commerce.payments import decisions as payment_decisions
from commerce.payments import payment as payments
from commerce.saga.request_events import AuthorizationRequested, CaptureRequested, ShipmentRequested
from commerce.shipping import decisions as shipment_decisions
from commerce.shipping import shipment as shipments
from commerce.shipping.shipment import Booking
from commerce.values import ids

_ACTOR = Metadata("service:gateways")
_TOPICS = frozenset({AuthorizationRequested.TOPIC, CaptureRequested.TOPIC, ShipmentRequested.TOPIC})
_BOOKING = Booking("booking-1", "TRACK-1", "ACME", date(2030, 1, 1))

History = Mapping[UUID, Sequence[Recorded]]


def gateways_subscription() -> Subscription:
    """The world outside, in one partition."""
    return Subscription("gateways", _TOPICS, lambda store, _partition: Gateways(store), partitions=1)


class Gateways(Stateless):
    """Decides by the real aggregates, as the consumers do: an attempt, then its outcome."""

    def __init__(self, store: EventStore) -> None:
        self._store = store

    async def handle(self, batch: Sequence[Recorded]) -> Work:
        """One append for each request."""
        captures = [recorded.event for recorded in batch if isinstance(recorded.event, CaptureRequested)]
        streams = [ids.payment_id(capture.order_id) for capture in captures]
        histories = await self._store.read_streams(streams) if streams else {}
        answers = [(recorded, _answer(recorded.event, histories)) for recorded in batch]
        return Work(
            appends=[
                Append(events, recorded.correlation_id, _ACTOR, causation_id=recorded.position)
                for recorded, events in answers
            ]
        )


def _answer(asked: Event, histories: History) -> Sequence[Event]:
    match asked:
        case AuthorizationRequested():
            return _authorized(asked)
        case CaptureRequested():
            return _captured(asked, histories)
        case ShipmentRequested():
            return _booked(asked)
    raise TypeError(f"{type(asked).__name__} is not for the world outside")


def _authorized(asked: AuthorizationRequested) -> Sequence[Event]:
    attempt = payment_decisions.authorize(None, asked.order_id, asked.request_id, asked.amount, asked.payment_method)
    payment = payments.fold(attempt)
    assert payment is not None
    events = [*attempt, *payment_decisions.authorized(payment, asked.request_id, f"authorization-{asked.order_id}")]
    return in_stream(events, ids.payment_id(asked.order_id), after=0)


def _captured(asked: CaptureRequested, histories: History) -> Sequence[Event]:
    payment = payments.fold(recorded.event for recorded in histories[ids.payment_id(asked.order_id)])
    assert payment is not None
    before = payment.version
    attempt = payment_decisions.capture(payment, asked.request_id, asked.amount)
    payment = payments.fold(attempt, payment)
    assert payment is not None
    events = [*attempt, *payment_decisions.captured(payment, asked.request_id)]
    return in_stream(events, ids.payment_id(asked.order_id), after=before)


def _booked(asked: ShipmentRequested) -> Sequence[Event]:
    attempt = shipment_decisions.book(None, asked.order_id, asked.request_id)
    shipment = shipments.fold(attempt)
    assert shipment is not None
    events = [*attempt, *shipment_decisions.scheduled(shipment, asked.request_id, _BOOKING)]
    return in_stream(events, ids.shipment_id(asked.order_id), after=0)
