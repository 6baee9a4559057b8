"""What is decided on a shipment: whether the carrier may be asked, and what is recorded of its answer.

An attempt is on record before the call is made; its outcome follows.
"""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from commerce.shipping.errors import BookingHeld, ShipmentNotAttempted, ShipmentNotOpen, ShipmentNotScheduled
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
    ShipmentEvent,
    ShipmentRefused,
    ShipmentScheduled,
)
from commerce.shipping.shipment import Booking, Shipment, ShipmentStatus, ShippingOperation


def book(shipment: Shipment | None, order_id: UUID, request_id: UUID) -> list[ShipmentEvent]:
    """Before the carrier is asked to take the shipment; no event when this request has its outcome.

    Raises `ShipmentNotOpen` where anything but an attempt of the same request has happened, closing included.
    """
    attempts = 0
    if shipment is not None:
        if request_id in shipment.answered:
            return []
        attempts = shipment.attempts(ShippingOperation.SCHEDULE, request_id)
        if shipment.status is not ShipmentStatus.BOOKING or not attempts:
            raise ShipmentNotOpen(shipment.order_id, shipment.status, "a booking")
    return [BookingAttempted(order_id=order_id, request_id=request_id, attempt=attempts + 1)]


def cancel(shipment: Shipment, request_id: UUID) -> list[ShipmentEvent]:
    """Before the carrier is asked to drop the booking; no event when this request has its outcome.

    Raises `ShipmentNotOpen` once the shipment left, or `ShipmentNotScheduled` where no booking is known.
    """
    if request_id in shipment.answered or shipment.status is ShipmentStatus.CANCELLED:
        return []
    if shipment.status in (ShipmentStatus.DISPATCHED, ShipmentStatus.DELIVERED):
        raise ShipmentNotOpen(shipment.order_id, shipment.status, "a cancellation")
    if shipment.booking_id is None:
        raise ShipmentNotScheduled(shipment.order_id, shipment.status)
    attempts = shipment.attempts(ShippingOperation.CANCEL, request_id)
    return [ShipmentCancellationAttempted(order_id=shipment.order_id, request_id=request_id, attempt=attempts + 1)]


def scheduled(
    shipment: Shipment, request_id: UUID, booking: Booking, *, overrules: bool = False
) -> list[ShipmentEvent]:
    """The carrier will take the shipment, even if that becomes known only after the shipment was closed.

    Raises `ShipmentNotAttempted`; `ShipmentNotOpen` after it was rejected, unless the answer `overrules` that.
    """
    _check_attempted(shipment, ShippingOperation.SCHEDULE, request_id)
    if shipment.booking_id is not None:
        return []
    if shipment.status is ShipmentStatus.REFUSED and not overrules:
        raise ShipmentNotOpen(shipment.order_id, shipment.status, "a booking")
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
    _check_attempted(shipment, ShippingOperation.SCHEDULE, request_id)
    if booking_id == shipment.booking_id or booking_id in shipment.seconds:
        return []
    return [SecondBookingFound(order_id=shipment.order_id, request_id=request_id, booking_id=booking_id)]


def second_settled(shipment: Shipment, request_id: UUID, booking_id: str, reason: str | None) -> list[ShipmentEvent]:
    """The carrier dropped the second shipment, or says why not; no event where that is on record."""
    order_id = shipment.order_id
    if shipment.is_settled(booking_id):
        return []
    if reason is None:
        return [SecondBookingCancelled(order_id=order_id, request_id=request_id, booking_id=booking_id)]
    return [SecondBookingKept(order_id=order_id, request_id=request_id, booking_id=booking_id, reason=reason)]


_UNDONE: Mapping[ShipmentStatus, type[ShipmentCancelled | ShipmentClosed]] = {
    ShipmentStatus.CANCELLED: ShipmentCancelled,
    ShipmentStatus.CLOSED: ShipmentClosed,
}


def already_undone(shipment: Shipment, request_id: UUID) -> list[ShipmentEvent]:
    """Another undo was faster: this one has its outcome with that."""
    kind = _UNDONE.get(shipment.status)
    if kind is None or request_id in shipment.answered:
        return []
    return [kind(order_id=shipment.order_id, request_id=request_id)]


def refused(shipment: Shipment, request_id: UUID, reason: str) -> list[ShipmentEvent]:
    """The carrier does not take the shipment; no event where an outcome, or the closing, came before.

    Raises `ShipmentNotAttempted`.
    """
    _check_attempted(shipment, ShippingOperation.SCHEDULE, request_id)
    if shipment.status is not ShipmentStatus.BOOKING:
        return []
    return [ShipmentRefused(order_id=shipment.order_id, request_id=request_id, reason=reason)]


def answer_differed(shipment: Shipment, found: ShipmentAnswerDiffered) -> list[ShipmentEvent]:
    """The carrier's answer is about something else; no event where it is on record, or what it says was known before.

    Raises `ShipmentNotAttempted`.
    """
    request_id = found.request_id
    if found.operation == "book":
        _check_attempted(shipment, ShippingOperation.SCHEDULE, request_id)
        is_known = shipment.booking_id is not None or shipment.status is ShipmentStatus.REFUSED
    else:
        _check_attempted(shipment, ShippingOperation.CANCEL, request_id)
        is_known = request_id in shipment.answered or shipment.status is ShipmentStatus.CANCELLED
    if is_known or shipment.differences.get(request_id) == found.answered:
        return []
    return [found.model_copy()]  # `found` keeps no place in the stream, as this may be decided again


def unknown(shipment: Shipment, request_id: UUID) -> list[ShipmentEvent]:
    """Give up on a booking without knowing what came of it; no event where an outcome, or the closing, came before.

    Raises `ShipmentNotAttempted`.
    """
    _check_attempted(shipment, ShippingOperation.SCHEDULE, request_id)
    if shipment.status is not ShipmentStatus.BOOKING:
        return []
    attempts = shipment.attempts(ShippingOperation.SCHEDULE, request_id)
    return [BookingOutcomeUnknown(order_id=shipment.order_id, request_id=request_id, attempts=attempts)]


def cancelled(shipment: Shipment, request_id: UUID) -> list[ShipmentEvent]:
    """The carrier dropped the booking. Raises `ShipmentNotAttempted`."""
    if request_id in shipment.answered or shipment.status is ShipmentStatus.CANCELLED:
        return []
    _check_attempted(shipment, ShippingOperation.CANCEL, request_id)
    return [ShipmentCancelled(order_id=shipment.order_id, request_id=request_id)]


def cancellation_refused(shipment: Shipment, request_id: UUID, reason: str) -> list[ShipmentEvent]:
    """The shipment left before it could be stopped, as the stream says, or as the carrier answered an attempt.

    Raises `ShipmentNotAttempted`.
    """
    if request_id in shipment.answered or shipment.status is ShipmentStatus.CANCELLED:
        return []
    if shipment.status not in (ShipmentStatus.DISPATCHED, ShipmentStatus.DELIVERED):
        _check_attempted(shipment, ShippingOperation.CANCEL, request_id)
    return [ShipmentCancellationRefused(order_id=shipment.order_id, request_id=request_id, reason=reason)]


def close(shipment: Shipment | None, order_id: UUID, request_id: UUID) -> list[ShipmentEvent]:
    """End a shipment for which the carrier has no booking, so that no attempt can follow. Raises `BookingHeld`."""
    if shipment is not None:
        if shipment.status in (ShipmentStatus.CLOSED, ShipmentStatus.CANCELLED):
            return []
        if shipment.booking_id is not None:
            raise BookingHeld(order_id, shipment.status)
    return [ShipmentClosed(order_id=order_id, request_id=request_id)]


def _check_attempted(shipment: Shipment, operation: ShippingOperation, request_id: UUID) -> None:
    if not shipment.attempts(operation, request_id):
        raise ShipmentNotAttempted(request_id)
