"""How a booking at the carrier differs from the shipment that is on record. Pure."""

from __future__ import annotations

from commerce.outside.ledger import DifferenceKind, LedgerDifference
from commerce.shipping.ports import ShipmentAtCarrier
from commerce.shipping.shipment import Shipment, ShipmentStatus

_STANDS = frozenset({ShipmentStatus.SCHEDULED, ShipmentStatus.DISPATCHED, ShipmentStatus.DELIVERED})
_DROPPED = frozenset({ShipmentStatus.CANCELLED, ShipmentStatus.CLOSED, ShipmentStatus.REFUSED})


def shipment_ledger_difference(
    shipment: Shipment | None, booking_id: str, found: ShipmentAtCarrier | None, *, is_over: bool
) -> LedgerDifference | None:
    """What differs about one booking; None where the two ledgers agree.

    `found` is the booking as the carrier shows it, None where it knows none. `is_over` says that the order has ended
    unfulfilled.
    """
    is_booked = found is not None and found.status != "cancelled"
    if shipment is None or shipment.booking_id != booking_id:
        is_looked_after = shipment is not None and booking_id in shipment.seconds
        words = "the carrier has it booked, and it is not on record"
        return _difference("booked_there", booking_id, words) if is_booked and not is_looked_after else None
    if is_booked:
        return _still_booked(shipment, booking_id, is_over=is_over)
    if shipment.status not in _STANDS or is_over:
        return None
    if found is None:
        return _difference("unknown_there", booking_id, "it is on record as booked, and the carrier knows of none")
    return _difference("booking_cancelled", booking_id, "it is on record as booked, and cancelled at the carrier")


def _still_booked(shipment: Shipment, booking_id: str, *, is_over: bool) -> LedgerDifference | None:
    if shipment.status in _DROPPED:
        return _difference("never_undone", booking_id, "the carrier has it booked, and it is on record as cancelled")
    if is_over and shipment.status is ShipmentStatus.SCHEDULED:
        return _difference("never_undone", booking_id, "the carrier still has it booked for an order that has ended")
    return None


def shipment_without_order(found: ShipmentAtCarrier) -> LedgerDifference | None:
    """The difference about a booking that names no order of ours."""
    if found.status == "cancelled":
        return None
    return _difference("no_order", found.booking_id, "the carrier has it booked, and it is no order's of ours")


def _difference(kind: DifferenceKind, booking_id: str, words: str) -> LedgerDifference:
    return LedgerDifference(kind, booking_id, f"shipment {booking_id}: {words}")
