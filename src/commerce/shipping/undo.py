"""How a shipment is undone, whatever became of it: the next thing to do, decided from its state alone."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from commerce.shipping.shipment import Shipment, Status


@dataclass(frozen=True, slots=True)
class Close:
    """The carrier was never asked, or refused: record `close`."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A booking has no known outcome: ask the carrier what came of `request_id`, record that, and decide again.

    Where the carrier knows nothing of it: `close`.
    """

    request_id: UUID


@dataclass(frozen=True, slots=True)
class Cancel:
    """The carrier has a booking: have it dropped."""

    booking_id: str


@dataclass(frozen=True, slots=True)
class Refuse:
    """The parcel left: record `refuse_cancellation`."""


@dataclass(frozen=True, slots=True)
class Undone:
    """Nothing is left to do."""


Undo = Close | Ask | Cancel | Refuse | Undone


def undo(shipment: Shipment | None) -> Undo:
    """What to do next so that no parcel leaves, or to say that it did."""
    if shipment is None:
        return Close()
    if shipment.status in (Status.CLOSED, Status.CANCELLED):
        return Undone()
    if shipment.status in (Status.DISPATCHED, Status.DELIVERED):
        return Refuse()
    if shipment.booking_id is not None:
        return Cancel(shipment.booking_id)
    if shipment.booking_attempt is None or shipment.status is Status.REFUSED:
        return Close()
    return Ask(shipment.booking_attempt.request_id)
