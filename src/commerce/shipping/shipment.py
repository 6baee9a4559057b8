"""The shipment of an order: its state, how events change it, and the rules of what may be attempted and recorded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Literal
from uuid import UUID

from commerce.eventstore import Aggregate, Event, first_event, replace
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
from commerce.values import ids


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
    """The last attempt: for which request, and the how many-th."""

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


def evolve(shipment: Shipment | None, event: Event) -> Shipment | None:
    """Apply one event; the first may be an attempted booking or, when an undo came first, the closing."""
    if shipment is None:
        shipment = _begun(event)
    if shipment is None:
        return None
    return replace(shipment, version=event.originator_version, **_changes(shipment, event))


def _changes(shipment: Shipment, event: Event) -> dict[str, Any]:  # noqa: PLR0911, PLR0912 (a case for each event)
    """What an event changes, in one dictionary, as each copy of a shipment with all its fields takes its time."""
    match event:
        case BookingAttempted():
            return {
                "status": ShipmentStatus.BOOKING,
                "booking_attempt": ShipmentAttempt(event.request_id, event.attempt),
            }
        case ShipmentScheduled():
            return _scheduled(shipment, event)
        case ShipmentRefused():
            return _answered(shipment, ShipmentStatus.REFUSED, event.request_id)
        case BookingOutcomeUnknown():
            return _answered(shipment, ShipmentStatus.UNKNOWN, event.request_id)
        case ShipmentAnswerDiffered():
            return _differed(shipment, event)
        case SecondBookingFound():
            return {"seconds": {**shipment.seconds, event.booking_id: False}}
        case SecondBookingCancelled() | SecondBookingKept():
            return {"seconds": {**shipment.seconds, event.booking_id: True}}
        case ShipmentCancellationAttempted():
            return {
                "status": ShipmentStatus.CANCELLING,
                "cancellation_attempt": ShipmentAttempt(event.request_id, event.attempt),
            }
        case ShipmentCancelled():
            return _answered(shipment, ShipmentStatus.CANCELLED, event.request_id)
        case ShipmentCancellationRefused():
            before = ShipmentStatus.DIFFERED if shipment.booking is None else ShipmentStatus.SCHEDULED
            status = before if shipment.status is ShipmentStatus.CANCELLING else shipment.status
            return _answered(shipment, status, event.request_id)
        case ShipmentClosed():
            return {**_answered(shipment, ShipmentStatus.CLOSED, event.request_id), "closed_by": event.request_id}
        case ShipmentDispatched():
            return {"status": ShipmentStatus.DISPATCHED}
        case ShipmentDelivered():
            return {"status": ShipmentStatus.DELIVERED}
        case _:
            return {}


def _begun(event: Event) -> Shipment | None:
    match event:
        case BookingAttempted() | ShipmentClosed():
            return Shipment(event.originator_id, 0, event.order_id, ShipmentStatus.CLOSED)
        case _:
            return None


def _answered(shipment: Shipment, status: ShipmentStatus, request_id: UUID) -> dict[str, Any]:
    return {"status": status, "answered": shipment.answered | {request_id}}


def _scheduled(shipment: Shipment, event: ShipmentScheduled) -> dict[str, Any]:
    """What becomes known only after the closing leaves the undo that closed without its outcome again."""
    return {
        "status": ShipmentStatus.SCHEDULED,
        "answered": shipment.answered - {shipment.closed_by} | {event.request_id},
        "booking": Booking(event.booking_id, event.tracking_number, event.carrier, event.estimated_delivery),
    }


def _differed(shipment: Shipment, event: ShipmentAnswerDiffered) -> dict[str, Any]:
    """An answer to a booking ends its request; one to a cancellation leaves it open, as it is asked again."""
    changes: dict[str, Any] = {"differences": {**shipment.differences, event.request_id: event.answered}}
    if event.operation == "book":
        reopened = {shipment.closed_by} if event.booking_id is not None else set()
        changes |= {
            "status": ShipmentStatus.DIFFERED,
            "answered": shipment.answered - reopened | {event.request_id},
            "unwanted_booking": event.booking_id,
        }
    return changes


def fold(events: Iterable[Event], shipment: Shipment | None = None) -> Shipment | None:
    """The shipment after these events, which begin its stream or follow on `shipment`."""
    for event in events:
        shipment = evolve(shipment, event)
    return shipment


def attempt_booking(shipment: Shipment | None, order_id: UUID, request_id: UUID) -> list[ShipmentEvent]:
    """Before the carrier is asked to take the shipment; no event when this request has its outcome.

    Raises `ShipmentNotOpen` where anything but an attempt of the same request has happened, closing included.
    """
    if shipment is None:
        stream = ids.shipment_id(order_id)
        return [first_event(BookingAttempted, stream, order_id=order_id, request_id=request_id, attempt=1)]
    if request_id in shipment.answered:
        return []
    if shipment.status is not ShipmentStatus.BOOKING or not shipment.attempts(request_id):
        raise ShipmentNotOpen(shipment.order_id, shipment.status, "a booking")
    return [_next_attempt(shipment, BookingAttempted, request_id)]


def call_unanswered(shipment: Shipment, request_id: UUID, detail: str) -> list[ShipmentEvent]:
    """The last attempt of a request had no answer; no event where an outcome, or somebody else's attempt, came
    before."""
    number = shipment.attempts(request_id)
    if not number or request_id in shipment.answered:
        return []
    return [_outcome(shipment, ShipmentCallUnanswered, request_id, attempt=number, detail=detail)]


def call_postponed(
    shipment: Shipment, request_id: UUID, cause: Literal["credential_refused", "busy", "undo_refused"], detail: str
) -> list[ShipmentEvent]:
    """The carrier does not do it now; no event where an outcome, or somebody else's attempt, came before."""
    number = shipment.attempts(request_id)
    if not number or request_id in shipment.answered:
        return []
    return [_outcome(shipment, ShipmentCallPostponed, request_id, attempt=number, cause=cause, detail=detail)]


def scheduled(shipment: Shipment, request_id: UUID, booking: Booking) -> list[ShipmentEvent]:
    """The carrier will take the shipment, even if that becomes known only after the shipment was closed.

    Raises `ShipmentNotAttempted`, or `ShipmentNotOpen` after it was rejected.
    """
    _check_attempted(shipment.booking_attempt, request_id)
    if shipment.booking_id is not None:
        return []
    if shipment.status is ShipmentStatus.REFUSED:
        raise ShipmentNotOpen(shipment.order_id, shipment.status, "a booking")
    return [_scheduled_as(shipment, request_id, booking)]


def found_scheduled(shipment: Shipment, request_id: UUID, booking: Booking) -> list[ShipmentEvent]:
    """It came to light that the carrier takes the shipment, whatever is on record; no event where that is.

    Raises `ShipmentNotAttempted`.
    """
    _check_attempted(shipment.booking_attempt, request_id)
    return [] if shipment.booking_id is not None else [_scheduled_as(shipment, request_id, booking)]


def second_found(shipment: Shipment, request_id: UUID, booking_id: str) -> list[ShipmentEvent]:
    """The carrier booked once more for the same request; no event where that is on record. Raises
    `ShipmentNotAttempted`."""
    _check_attempted(shipment.booking_attempt, request_id)
    if booking_id == shipment.booking_id or booking_id in shipment.seconds:
        return []
    return [_outcome(shipment, SecondBookingFound, request_id, booking_id=booking_id)]


def second_cancelled(shipment: Shipment, request_id: UUID, booking_id: str) -> list[ShipmentEvent]:
    """The carrier dropped the second shipment; no event where what became of it is on record."""
    if shipment.seconds.get(booking_id, True):
        return []
    return [_outcome(shipment, SecondBookingCancelled, request_id, booking_id=booking_id)]


def second_kept(shipment: Shipment, request_id: UUID, booking_id: str, reason: str) -> list[ShipmentEvent]:
    """The carrier does not drop it; no event where what became of it is on record."""
    if shipment.seconds.get(booking_id, True):
        return []
    return [_outcome(shipment, SecondBookingKept, request_id, booking_id=booking_id, reason=reason)]


def already_undone(shipment: Shipment, request_id: UUID) -> list[ShipmentEvent]:
    """Another undo was faster: this one has its outcome with that."""
    if request_id in shipment.answered or shipment.status not in (ShipmentStatus.CANCELLED, ShipmentStatus.CLOSED):
        return []
    kind = ShipmentCancelled if shipment.status is ShipmentStatus.CANCELLED else ShipmentClosed
    return [_outcome(shipment, kind, request_id)]


def refused(shipment: Shipment, request_id: UUID, reason: str) -> list[ShipmentEvent]:
    """The carrier does not take the shipment; no event where an outcome, or the closing, came before.

    Raises `ShipmentNotAttempted`.
    """
    _check_attempted(shipment.booking_attempt, request_id)
    if shipment.status is not ShipmentStatus.BOOKING:
        return []
    return [_outcome(shipment, ShipmentRefused, request_id, reason=reason)]


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
        _outcome(
            shipment,
            ShipmentAnswerDiffered,
            request_id,
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
    return [_outcome(shipment, BookingOutcomeUnknown, request_id, attempts=shipment.attempts(request_id))]


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
    return [shipment.event(ShipmentDispatched, order_id=shipment.order_id)]


def deliver(shipment: Shipment) -> list[ShipmentEvent]:
    """Note that the shipment arrived. Raises `ShipmentNotDispatched`."""
    if shipment.status is ShipmentStatus.DELIVERED:
        return []
    if shipment.status is not ShipmentStatus.DISPATCHED:
        raise ShipmentNotDispatched(shipment.order_id, shipment.status)
    return [shipment.event(ShipmentDelivered, order_id=shipment.order_id)]


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
    return [_next_attempt(shipment, ShipmentCancellationAttempted, request_id)]


def cancelled(shipment: Shipment, request_id: UUID) -> list[ShipmentEvent]:
    """The carrier dropped the booking. Raises `ShipmentNotAttempted`."""
    if request_id in shipment.answered or shipment.status is ShipmentStatus.CANCELLED:
        return []
    _check_attempted(shipment.cancellation_attempt, request_id)
    return [_outcome(shipment, ShipmentCancelled, request_id)]


def refuse_cancellation(shipment: Shipment, request_id: UUID, reason: str) -> list[ShipmentEvent]:
    """The shipment left before it could be stopped, as the stream says, or as the carrier answered an attempt.

    Raises `ShipmentNotAttempted`.
    """
    if request_id in shipment.answered or shipment.status is ShipmentStatus.CANCELLED:
        return []
    if shipment.status not in (ShipmentStatus.DISPATCHED, ShipmentStatus.DELIVERED):
        _check_attempted(shipment.cancellation_attempt, request_id)
    return [_outcome(shipment, ShipmentCancellationRefused, request_id, reason=reason)]


def close(shipment: Shipment | None, order_id: UUID, request_id: UUID) -> list[ShipmentEvent]:
    """End a shipment for which the carrier has no booking, so that no attempt can follow. Raises `BookingHeld`."""
    if shipment is None:
        return [first_event(ShipmentClosed, ids.shipment_id(order_id), order_id=order_id, request_id=request_id)]
    if shipment.status in (ShipmentStatus.CLOSED, ShipmentStatus.CANCELLED):
        return []
    if shipment.booking_id is not None:
        raise BookingHeld(shipment.order_id, shipment.status)
    return [_outcome(shipment, ShipmentClosed, request_id)]


def _scheduled_as(shipment: Shipment, request_id: UUID, booking: Booking) -> ShipmentEvent:
    return _outcome(
        shipment,
        ShipmentScheduled,
        request_id,
        booking_id=booking.id,
        tracking_number=booking.tracking_number,
        carrier=booking.carrier,
        estimated_delivery=booking.estimated_delivery,
    )


def _check_attempted(attempt: ShipmentAttempt | None, request_id: UUID) -> None:
    if attempt is None or attempt.request_id != request_id:
        raise ShipmentNotAttempted(request_id)


def _next_attempt(
    shipment: Shipment, kind: type[BookingAttempted] | type[ShipmentCancellationAttempted], request_id: UUID
) -> ShipmentEvent:
    number = shipment.attempts(request_id) + 1
    return shipment.event(kind, order_id=shipment.order_id, request_id=request_id, attempt=number)


def _outcome(shipment: Shipment, kind: type[ShipmentEvent], request_id: UUID, **fields: object) -> ShipmentEvent:
    return shipment.event(kind, order_id=shipment.order_id, request_id=request_id, **fields)
