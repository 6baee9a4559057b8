"""The shipment of an order: its state, how events change it, and the rules by which it leaves and arrives.

`decisions` says what the carrier may be asked, and what is recorded of its answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from functools import reduce
from uuid import UUID

from commerce.eventstore import Event
from commerce.outside.call_state import Attempt, CallState
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


class ShippingOperation(StrEnum):
    """What is asked of the carrier; the last part of a command's subject."""

    SCHEDULE = "schedule"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Booking:
    """What the carrier promised; `id` is the carrier's own."""

    id: str
    tracking_number: str
    carrier: str
    estimated_delivery: date


@dataclass(frozen=True, slots=True)
class Shipment(CallState):
    """A shipment at one version of its stream."""

    status: ShipmentStatus
    booking: Booking | None = None
    unwanted_booking: str | None = None
    """A booking that differs from what was asked, to be dropped; its id is the carrier's own."""

    @property
    def booking_id(self) -> str | None:
        """What the carrier calls the booking that it made, as asked or not; none where none is known."""
        return self.unwanted_booking if self.booking is None else self.booking.id


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

_OPERATIONS: Mapping[type[Event], ShippingOperation] = {
    BookingAttempted: ShippingOperation.SCHEDULE,
    ShipmentCancellationAttempted: ShippingOperation.CANCEL,
}


_OUTCOMES = (
    ShipmentScheduled,
    ShipmentRefused,
    BookingOutcomeUnknown,
    ShipmentCancelled,
    ShipmentCancellationRefused,
    ShipmentClosed,
)
"""The events with which a request has its outcome, whatever came before."""


def evolve(shipment: Shipment | None, event: Event) -> Shipment | None:  # noqa: PLR0911 (a case for each event)
    """Apply one event; the first is an attempted booking or, when an undo came first, the closing."""
    if shipment is None:
        if not isinstance(event, BookingAttempted | ShipmentClosed):
            return None
        shipment = Shipment(event.originator_id, event.originator_version, event.order_id, ShipmentStatus.CLOSED)
    after = replace(
        shipment,
        version=event.originator_version,
        status=_STATUS_AFTER.get(type(event), shipment.status),
        answered=shipment.answered | {event.request_id} if isinstance(event, _OUTCOMES) else shipment.answered,
    )
    match event:
        case BookingAttempted() | ShipmentCancellationAttempted():
            attempt = Attempt(event.request_id, event.attempt)
            return replace(after, attempted={**shipment.attempted, _OPERATIONS[type(event)]: attempt})
        case ShipmentScheduled():
            booking = Booking(event.booking_id, event.tracking_number, event.carrier, event.estimated_delivery)
            return replace(after, answered=after.reopened, booking=booking)
        case ShipmentCancellationRefused():
            return replace(after, status=_before_cancellation(shipment))
        case ShipmentClosed():
            return replace(after, closed_by=event.request_id)
        case ShipmentAnswerDiffered():
            return _differed(after, event)
        case SecondBookingFound() | SecondBookingCancelled() | SecondBookingKept():
            is_settled = not isinstance(event, SecondBookingFound)
            return replace(after, seconds={**shipment.seconds, event.booking_id: is_settled})
    return after


def _before_cancellation(shipment: Shipment) -> ShipmentStatus:
    if shipment.status is not ShipmentStatus.CANCELLING:
        return shipment.status
    return ShipmentStatus.DIFFERED if shipment.booking is None else ShipmentStatus.SCHEDULED


def _differed(shipment: Shipment, event: ShipmentAnswerDiffered) -> Shipment:
    """An answer to a booking ends its request; one to a cancellation leaves it open, as it is asked again."""
    shipment = replace(shipment, differences={**shipment.differences, event.request_id: event.answered})
    if event.operation == "cancel":
        return shipment
    return replace(
        shipment,
        status=ShipmentStatus.DIFFERED,
        answered=(shipment.answered if event.booking_id is None else shipment.reopened) | {event.request_id},
        unwanted_booking=event.booking_id,
    )


def actions_now(shipment: Shipment | None) -> list[str]:
    """What clients may report of a shipment now; see `RuleBroken`."""
    match shipment and shipment.status:
        case ShipmentStatus.SCHEDULED:
            return ["dispatch"]
        case ShipmentStatus.DISPATCHED:
            return ["delivery"]
    return []


def fold(events: Iterable[Event], shipment: Shipment | None = None) -> Shipment | None:
    """The shipment after these events, which begin its stream or follow on `shipment`."""
    return reduce(evolve, events, shipment)


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


@dataclass(frozen=True, slots=True)
class ShippingRequest:
    """Have a shipment collected, or not after all, whatever became of it."""

    order_id: UUID
    request_id: UUID
    operation: ShippingOperation
