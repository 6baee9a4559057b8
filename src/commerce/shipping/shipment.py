"""The shipment of an order: its state, how events change it, and the rules by which it leaves and arrives.

`decisions` says what the carrier may be asked, and what is recorded of its answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from uuid import UUID

from commerce.eventstore import Aggregate, Event
from commerce.shipping.errors import CancellationPending, ShipmentNotDispatched, ShipmentNotScheduled
from commerce.shipping.events import (
    BookingAttempted,
    BookingOutcomeUnknown,
    SecondBookingCancelled,
    SecondBookingFound,
    SecondBookingKept,
    ShipmentAnswerDiffered,
    ShipmentCancellationAttempted,
    ShipmentCancellationRefused,
    ShipmentCancelled,
    ShipmentClosed,
    ShipmentDelivered,
    ShipmentDispatched,
    ShipmentEvent,
    ShipmentRefused,
    ShipmentScheduled,
)


class ShipmentStatus(StrEnum):
    """Where a shipment stands; a name in -ing has an attempt without an outcome."""

    BOOKING = "booking"
    SCHEDULED = "scheduled"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    DIFFERED = "differed"
    """The carrier did something else than it was asked to; a booking that it made is dropped."""
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"
    DISPATCHED = "dispatched"
    DELIVERED = "delivered"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class ShipmentAttempt:
    """The last attempt of an operation: its request, and its number among the request's attempts."""

    request_id: UUID
    number: int


@dataclass(frozen=True, slots=True)
class Booking:
    """What the carrier promised; `id` is the carrier's own."""

    id: str
    tracking_number: str
    carrier: str
    estimated_delivery: date


@dataclass(frozen=True, slots=True)
class Shipment(Aggregate):
    """A shipment at one version of its stream."""

    order_id: UUID
    status: ShipmentStatus
    booking_attempt: ShipmentAttempt | None = None
    cancellation_attempt: ShipmentAttempt | None = None
    answered: frozenset[UUID] = frozenset()
    """The requests that have an outcome, `OutcomeUnknown` included."""
    booking: Booking | None = None
    closed_by: UUID | None = None
    """The undo that found nothing at the carrier."""
    unwanted_booking: str | None = None
    """A booking that differs from what was asked, to be dropped; its id is the carrier's own."""
    seconds: Mapping[str, bool] = field(default_factory=dict)
    """Shipments booked beyond the one on record, by the carrier's own id; and whether what became of each is known."""
    differences: Mapping[UUID, str] = field(default_factory=dict)
    """What was answered last to each request whose answer differed from it."""

    @property
    def booking_id(self) -> str | None:
        """What the carrier calls the booking that it made, as asked or not; none where none is known."""
        return self.unwanted_booking if self.booking is None else self.booking.id

    def attempts(self, request_id: UUID) -> int:
        """How often a request was attempted."""
        made = (self.booking_attempt, self.cancellation_attempt)
        return max((one.number for one in made if one is not None and one.request_id == request_id), default=0)


_STATUS_AFTER: Mapping[type[Event], ShipmentStatus] = {
    BookingAttempted: ShipmentStatus.BOOKING,
    ShipmentScheduled: ShipmentStatus.SCHEDULED,
    ShipmentRefused: ShipmentStatus.REFUSED,
    BookingOutcomeUnknown: ShipmentStatus.UNKNOWN,
    ShipmentCancellationAttempted: ShipmentStatus.CANCELLING,
    ShipmentCancelled: ShipmentStatus.CANCELLED,
    ShipmentClosed: ShipmentStatus.CLOSED,
    ShipmentDispatched: ShipmentStatus.DISPATCHED,
    ShipmentDelivered: ShipmentStatus.DELIVERED,
}
"""Where a shipment stands after an event, whatever came before; the others look at what came before."""


def evolve(shipment: Shipment | None, event: Event) -> Shipment | None:  # noqa: PLR0911 (a case for each event)
    """Apply one event; the first is an attempted booking or, when an undo came first, the closing."""
    version = event.originator_version
    if shipment is None:
        if not isinstance(event, BookingAttempted | ShipmentClosed):
            return None
        shipment = Shipment(event.originator_id, version, event.order_id, ShipmentStatus.CLOSED)
    status = _STATUS_AFTER.get(type(event), shipment.status)
    match event:
        case BookingAttempted():
            attempt = ShipmentAttempt(event.request_id, event.attempt)
            return replace(shipment, version=version, status=status, booking_attempt=attempt)
        case ShipmentCancellationAttempted():
            attempt = ShipmentAttempt(event.request_id, event.attempt)
            return replace(shipment, version=version, status=status, cancellation_attempt=attempt)
        case ShipmentScheduled():
            answered = _reopened(shipment) | {event.request_id}
            booking = Booking(event.booking_id, event.tracking_number, event.carrier, event.estimated_delivery)
            return replace(shipment, version=version, status=status, answered=answered, booking=booking)
        case ShipmentRefused() | BookingOutcomeUnknown() | ShipmentCancelled():
            return replace(shipment, version=version, status=status, answered=shipment.answered | {event.request_id})
        case ShipmentCancellationRefused():
            answered = shipment.answered | {event.request_id}
            return replace(shipment, version=version, status=_before_cancellation(shipment), answered=answered)
        case ShipmentClosed():
            answered = shipment.answered | {event.request_id}
            return replace(shipment, version=version, status=status, answered=answered, closed_by=event.request_id)
        case ShipmentAnswerDiffered():
            return _differed(shipment, event)
        case SecondBookingFound() | SecondBookingCancelled() | SecondBookingKept():
            is_settled = not isinstance(event, SecondBookingFound)
            return replace(shipment, version=version, seconds={**shipment.seconds, event.booking_id: is_settled})
        case _:
            return replace(shipment, version=version, status=status)


def _reopened(shipment: Shipment) -> frozenset[UUID]:
    """The requests that have an outcome, once a booking became known: the undo that closed without one, if any, has to
    begin again."""
    return frozenset(one for one in shipment.answered if one != shipment.closed_by)


def _before_cancellation(shipment: Shipment) -> ShipmentStatus:
    if shipment.status is not ShipmentStatus.CANCELLING:
        return shipment.status
    return ShipmentStatus.DIFFERED if shipment.booking is None else ShipmentStatus.SCHEDULED


def _differed(shipment: Shipment, event: ShipmentAnswerDiffered) -> Shipment:
    """An answer to a booking ends its request; one to a cancellation leaves it open, as it is asked again."""
    differences = {**shipment.differences, event.request_id: event.answered}
    shipment = replace(shipment, version=event.originator_version, differences=differences)
    if event.operation == "cancel":
        return shipment
    answered = shipment.answered if event.booking_id is None else _reopened(shipment)
    return replace(
        shipment,
        status=ShipmentStatus.DIFFERED,
        answered=answered | {event.request_id},
        unwanted_booking=event.booking_id,
    )


def fold(events: Iterable[Event], shipment: Shipment | None = None) -> Shipment | None:
    """The shipment after these events, which begin its stream or follow on `shipment`."""
    for event in events:
        shipment = evolve(shipment, event)
    return shipment


def dispatch(shipment: Shipment) -> list[ShipmentEvent]:
    """Let the shipment leave; that the order is confirmed is for the caller to check.

    Raises `CancellationPending`, or `ShipmentNotScheduled`.
    """
    if shipment.status in (ShipmentStatus.DISPATCHED, ShipmentStatus.DELIVERED):
        return []
    if shipment.status is ShipmentStatus.CANCELLING or shipment.closed_by is not None:
        raise CancellationPending(shipment.order_id)
    if shipment.status is not ShipmentStatus.SCHEDULED:
        raise ShipmentNotScheduled(shipment.order_id, shipment.status)
    return [ShipmentDispatched(order_id=shipment.order_id)]


def deliver(shipment: Shipment) -> list[ShipmentEvent]:
    """Note that the shipment arrived. Raises `ShipmentNotDispatched`."""
    if shipment.status is ShipmentStatus.DELIVERED:
        return []
    if shipment.status is not ShipmentStatus.DISPATCHED:
        raise ShipmentNotDispatched(shipment.order_id, shipment.status)
    return [ShipmentDelivered(order_id=shipment.order_id)]


class ShippingOperation(StrEnum):
    """What is asked of the carrier; the last part of a command's subject."""

    SCHEDULE = "schedule"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class ShippingRequest:
    """Have a shipment collected, or not after all, whatever became of it."""

    order_id: UUID
    request_id: UUID
    operation: ShippingOperation
