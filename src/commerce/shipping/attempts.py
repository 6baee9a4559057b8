"""What the carrier may be asked to do with a shipment: each attempt is on record before the call is made."""

from __future__ import annotations

from uuid import UUID

from commerce.shipping.errors import ShipmentNotOpen, ShipmentNotScheduled
from commerce.shipping.events import BookingAttempted, ShipmentCancellationAttempted, ShipmentEvent
from commerce.shipping.shipment import Shipment, ShipmentStatus


def book(shipment: Shipment | None, order_id: UUID, request_id: UUID) -> list[ShipmentEvent]:
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
    return [
        ShipmentCancellationAttempted(
            order_id=shipment.order_id, request_id=request_id, attempt=shipment.attempts(request_id) + 1
        )
    ]
