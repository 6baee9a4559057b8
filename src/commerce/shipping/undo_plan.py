"""How a shipment is undone, whatever became of it: the next thing to do, decided from its state alone. `commands.py`
does it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from commerce.shipping.shipment import Shipment, ShipmentStatus, ShippingOperation


@dataclass(frozen=True, slots=True)
class CloseShipment:
    """The carrier was never asked, or rejected: record `close`."""


@dataclass(frozen=True, slots=True)
class AskCarrier:
    """A booking has no known outcome: ask the carrier what came of `request_id`, record that, and decide again.

    Where the carrier knows nothing of it: `close`.
    """

    request_id: UUID


@dataclass(frozen=True, slots=True)
class CancelBooking:
    """The carrier has a booking: have it dropped."""

    booking_id: str


@dataclass(frozen=True, slots=True)
class ShipmentLeft:
    """The shipment left: record `cancellation_refused`."""


@dataclass(frozen=True, slots=True)
class ShipmentUndone:
    """Nothing is left to do."""


Undo = CloseShipment | AskCarrier | CancelBooking | ShipmentLeft | ShipmentUndone


def next_undo_step(shipment: Shipment | None) -> Undo:
    """What to do next so that no shipment leaves, or to say that it did."""
    if shipment is None:
        return CloseShipment()
    if shipment.status in (ShipmentStatus.CLOSED, ShipmentStatus.CANCELLED):
        return ShipmentUndone()
    if shipment.status in (ShipmentStatus.DISPATCHED, ShipmentStatus.DELIVERED):
        return ShipmentLeft()
    if shipment.booking_id is not None:
        return CancelBooking(shipment.booking_id)
    attempt = shipment.attempted.get(ShippingOperation.SCHEDULE)
    if attempt is None or shipment.status is ShipmentStatus.REFUSED:
        return CloseShipment()
    return AskCarrier(attempt.request_id)
