"""The shipment of an order: its state, how events change it, and the rules of what may be attempted and recorded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Literal
from uuid import UUID

from commerce.eventstore import Aggregate, Event
from commerce.shipping.errors import (
    BookingHeld,
    CancellationPending,
    ShipmentNotAttempted,
    ShipmentNotDispatched,
    ShipmentNotOpen,
    ShipmentNotScheduled,
)
from commerce.shipping.events import (
    BookingAttempted,
    BookingOutcomeUnknown,
    SecondBookingCancelled,
    SecondBookingFound,
    SecondBookingKept,
    ShipmentAnswerDiffered,
    ShipmentCallPostponed,
    ShipmentCallUnanswered,
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
class ShipmentDifference:
    """How the carrier's answer differs from what it was asked, in words; and the booking that is surely this
    order's."""

    operation: Literal["book", "cancel"]
    asked: str
    answered: str
    booking_id: str | None = None


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


def attempt_booking(shipment: Shipment | None, order_id: UUID, request_id: UUID) -> list[ShipmentEvent]:
    """Before the carrier is asked to take the shipment; no event when this request has its outcome.

    Raises `ShipmentNotOpen` where anything but an attempt of the same request has happened, closing included.
    """
    attempts = 0
    if shipment is not None:
        if request_id in shipment.answered:
            return []
        attempts = shipment.attempts(request_id)
        if shipment.status is not ShipmentStatus.BOOKING or not attempts:
            raise ShipmentNotOpen(shipment.order_id, shipment.status, "a booking")
    return [BookingAttempted(order_id=order_id, request_id=request_id, attempt=attempts + 1)]


def call_unanswered(shipment: Shipment, request_id: UUID, detail: str) -> list[ShipmentEvent]:
    """The last attempt of a request had no answer. No event where the request has an outcome, or another request was
    attempted after it."""
    number = _open_attempt(shipment, request_id)
    if not number:
        return []
    return [ShipmentCallUnanswered(order_id=shipment.order_id, request_id=request_id, attempt=number, detail=detail)]


def call_postponed(
    shipment: Shipment, request_id: UUID, cause: Literal["credential_refused", "busy", "undo_refused"], detail: str
) -> list[ShipmentEvent]:
    """The carrier does not do it now. No event where the request has an outcome, or another was attempted after it."""
    number = _open_attempt(shipment, request_id)
    if not number:
        return []
    return [
        ShipmentCallPostponed(
            order_id=shipment.order_id, request_id=request_id, attempt=number, cause=cause, detail=detail
        )
    ]


def scheduled(shipment: Shipment, request_id: UUID, booking: Booking) -> list[ShipmentEvent]:
    """The carrier will take the shipment, even if that becomes known only after the shipment was closed.

    Raises `ShipmentNotAttempted`, or `ShipmentNotOpen` after it was rejected.
    """
    events = found_scheduled(shipment, request_id, booking)
    if events and shipment.status is ShipmentStatus.REFUSED:
        raise ShipmentNotOpen(shipment.order_id, shipment.status, "a booking")
    return events


def found_scheduled(shipment: Shipment, request_id: UUID, booking: Booking) -> list[ShipmentEvent]:
    """It came to light that the carrier takes the shipment, whatever is on record; no event where that is.

    Raises `ShipmentNotAttempted`.
    """
    _check_attempted(shipment.booking_attempt, request_id)
    if shipment.booking_id is not None:
        return []
    return [
        ShipmentScheduled(
            order_id=shipment.order_id,
            request_id=request_id,
            booking_id=booking.id,
            tracking_number=booking.tracking_number,
            carrier=booking.carrier,
            estimated_delivery=booking.estimated_delivery,
        )
    ]


def second_found(shipment: Shipment, request_id: UUID, booking_id: str) -> list[ShipmentEvent]:
    """The carrier booked once more for the same request; no event where that is on record. Raises
    `ShipmentNotAttempted`."""
    _check_attempted(shipment.booking_attempt, request_id)
    if booking_id == shipment.booking_id or booking_id in shipment.seconds:
        return []
    return [SecondBookingFound(order_id=shipment.order_id, request_id=request_id, booking_id=booking_id)]


def second_cancelled(shipment: Shipment, request_id: UUID, booking_id: str) -> list[ShipmentEvent]:
    """The carrier dropped the second shipment; no event where what became of it is on record."""
    if shipment.seconds.get(booking_id, True):
        return []
    return [SecondBookingCancelled(order_id=shipment.order_id, request_id=request_id, booking_id=booking_id)]


def second_kept(shipment: Shipment, request_id: UUID, booking_id: str, reason: str) -> list[ShipmentEvent]:
    """The carrier does not drop it; no event where what became of it is on record."""
    if shipment.seconds.get(booking_id, True):
        return []
    return [SecondBookingKept(order_id=shipment.order_id, request_id=request_id, booking_id=booking_id, reason=reason)]


def already_undone(shipment: Shipment, request_id: UUID) -> list[ShipmentEvent]:
    """Another undo was faster: this one has its outcome with that."""
    if request_id in shipment.answered:
        return []
    match shipment.status:
        case ShipmentStatus.CANCELLED:
            return [ShipmentCancelled(order_id=shipment.order_id, request_id=request_id)]
        case ShipmentStatus.CLOSED:
            return [ShipmentClosed(order_id=shipment.order_id, request_id=request_id)]
        case _:
            return []


def refused(shipment: Shipment, request_id: UUID, reason: str) -> list[ShipmentEvent]:
    """The carrier does not take the shipment; no event where an outcome, or the closing, came before.

    Raises `ShipmentNotAttempted`.
    """
    _check_attempted(shipment.booking_attempt, request_id)
    if shipment.status is not ShipmentStatus.BOOKING:
        return []
    return [ShipmentRefused(order_id=shipment.order_id, request_id=request_id, reason=reason)]


def answer_differed(shipment: Shipment, request_id: UUID, difference: ShipmentDifference) -> list[ShipmentEvent]:
    """The carrier's answer is about something else; no event where it is on record, or what it says was known before.

    Raises `ShipmentNotAttempted`.
    """
    if difference.operation == "book":
        _check_attempted(shipment.booking_attempt, request_id)
        is_known = shipment.booking_id is not None or shipment.status is ShipmentStatus.REFUSED
    else:
        _check_attempted(shipment.cancellation_attempt, request_id)
        is_known = request_id in shipment.answered or shipment.status is ShipmentStatus.CANCELLED
    if is_known or shipment.differences.get(request_id) == difference.answered:
        return []
    return [
        ShipmentAnswerDiffered(
            order_id=shipment.order_id,
            request_id=request_id,
            operation=difference.operation,
            asked=difference.asked,
            answered=difference.answered,
            booking_id=difference.booking_id,
        )
    ]


def outcome_unknown(shipment: Shipment, request_id: UUID) -> list[ShipmentEvent]:
    """Give up on a booking without knowing what came of it; no event where an outcome, or the closing, came before.

    Raises `ShipmentNotAttempted`.
    """
    _check_attempted(shipment.booking_attempt, request_id)
    if shipment.status is not ShipmentStatus.BOOKING:
        return []
    return [
        BookingOutcomeUnknown(order_id=shipment.order_id, request_id=request_id, attempts=shipment.attempts(request_id))
    ]


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


def attempt_cancellation(shipment: Shipment, request_id: UUID) -> list[ShipmentEvent]:
    """Before the carrier is asked to drop the booking; no event when this request has its outcome.

    Raises `ShipmentNotOpen` once the shipment left, or `ShipmentNotScheduled` where no booking is known.
    """
    if request_id in shipment.answered or shipment.status is ShipmentStatus.CANCELLED:
        return []
    if shipment.status in (ShipmentStatus.DISPATCHED, ShipmentStatus.DELIVERED):
        raise ShipmentNotOpen(shipment.order_id, shipment.status, "a cancellation")
    if shipment.booking_id is None:
        raise ShipmentNotScheduled(shipment.order_id, shipment.status)
    return [
        ShipmentCancellationAttempted(
            order_id=shipment.order_id, request_id=request_id, attempt=shipment.attempts(request_id) + 1
        )
    ]


def cancelled(shipment: Shipment, request_id: UUID) -> list[ShipmentEvent]:
    """The carrier dropped the booking. Raises `ShipmentNotAttempted`."""
    if request_id in shipment.answered or shipment.status is ShipmentStatus.CANCELLED:
        return []
    _check_attempted(shipment.cancellation_attempt, request_id)
    return [ShipmentCancelled(order_id=shipment.order_id, request_id=request_id)]


def refuse_cancellation(shipment: Shipment, request_id: UUID, reason: str) -> list[ShipmentEvent]:
    """The shipment left before it could be stopped, as the stream says, or as the carrier answered an attempt.

    Raises `ShipmentNotAttempted`.
    """
    if request_id in shipment.answered or shipment.status is ShipmentStatus.CANCELLED:
        return []
    if shipment.status not in (ShipmentStatus.DISPATCHED, ShipmentStatus.DELIVERED):
        _check_attempted(shipment.cancellation_attempt, request_id)
    return [ShipmentCancellationRefused(order_id=shipment.order_id, request_id=request_id, reason=reason)]


def close(shipment: Shipment | None, order_id: UUID, request_id: UUID) -> list[ShipmentEvent]:
    """End a shipment for which the carrier has no booking, so that no attempt can follow. Raises `BookingHeld`."""
    if shipment is not None:
        if shipment.status in (ShipmentStatus.CLOSED, ShipmentStatus.CANCELLED):
            return []
        if shipment.booking_id is not None:
            raise BookingHeld(order_id, shipment.status)
    return [ShipmentClosed(order_id=order_id, request_id=request_id)]


def _check_attempted(attempt: ShipmentAttempt | None, request_id: UUID) -> None:
    if attempt is None or attempt.request_id != request_id:
        raise ShipmentNotAttempted(request_id)


def _open_attempt(shipment: Shipment, request_id: UUID) -> int:
    """The number of the last attempt of a request that has no outcome; 0 where there is no such attempt."""
    return 0 if request_id in shipment.answered else shipment.attempts(request_id)
