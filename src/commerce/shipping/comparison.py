"""Compares the carrier's answer with the request: order, booking, country, number of parcels and
operation. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal
from uuid import UUID

from commerce.shipping.events import ShipmentAnswerDiffered
from commerce.shipping.ports import (
    CARRIER_OPERATIONS,
    Booked,
    BookingOutcome,
    BookingRejected,
    CarriedBooking,
    CarrierStatus,
    UnclearBooking,
)

_DID: dict[CarrierStatus, str] = {"booked": "booked a shipment", "cancelled": "dropped a shipment"}
_TO_DO = {"book": "booking a shipment", "cancel": "dropping the shipment"}
_PIECES = "of pieces:"
"""Another number of parcels is wrong, and of this booking all the same: it is dropped like any other of ours."""

_REASONS = {
    "book": frozenset({"country_not_served", "address_erased"}),
    "cancel": frozenset({"already_collected", "shipment_not_found"}),
}
"""The rejections that make sense of each operation."""


@dataclass(frozen=True, slots=True)
class AskedShipment:
    """What the carrier was asked to do; the booking is the one it named before."""

    operation: Literal["book", "cancel"]
    order_id: UUID
    request_id: UUID
    booking_id: str | None = None


def shipment_difference(asked: AskedShipment, outcome: BookingOutcome | None) -> ShipmentAnswerDiffered | None:
    """How an answer differs from what was asked; None where it does not, or where there is none."""
    if outcome is None:
        return None
    did, booking_id = _answer(outcome)
    elsewhere, named = _elsewhere(asked, outcome.carried, booking_id)
    is_of_ours = all(one.startswith(_PIECES) for one in elsewhere)
    wrong = [*(outcome.carried.unreadable if isinstance(outcome, UnclearBooking) else ()), *elsewhere]
    is_asked = _is_asked(asked, outcome)
    if is_asked and not wrong:
        return None
    wanted = "a shipment" if is_asked and asked.operation == "book" else _TO_DO[asked.operation]
    is_ours = is_of_ours and asked.operation == "book" and not isinstance(outcome, BookingRejected)
    return ShipmentAnswerDiffered(
        order_id=asked.order_id,
        request_id=asked.request_id,
        operation=asked.operation,
        asked=" ".join([wanted, *named]),
        answered=" ".join([did, *wrong]),
        booking_id=booking_id if is_ours else None,
    )


def bound_for(country: str, outcome: BookingOutcome) -> BookingOutcome:
    """The answer to a booking for this country, which is unclear where it names another."""
    carried = outcome.carried
    if not isinstance(outcome, Booked) or carried.country is None or carried.country.upper() == country:
        return outcome
    unreadable = (*carried.unreadable, f"to {carried.country}")
    return UnclearBooking("booked", outcome.booking_id, replace(carried, unreadable=unreadable))


def _answer(outcome: BookingOutcome) -> tuple[str, str | None]:
    """What the carrier says that it did, and which booking that is about."""
    if isinstance(outcome, BookingRejected):
        return f"rejected ({outcome.reason})", None
    return _DID[outcome.status], outcome.booking_id


def _is_asked(asked: AskedShipment, outcome: BookingOutcome) -> bool:
    """Whether an answer is one to this operation."""
    if isinstance(outcome, BookingRejected):
        return outcome.reason in _REASONS[asked.operation]
    return CARRIER_OPERATIONS[outcome.status] == asked.operation


def _elsewhere(asked: AskedShipment, carried: CarriedBooking, booking_id: str | None) -> tuple[list[str], list[str]]:
    """What says that an answer is about something else than was asked; and for each, what was asked."""
    pairs = [
        ("for order", carried.order_id, str(asked.order_id), not carried.is_of_another_order(asked.order_id)),
        (_PIECES, carried.parcels, "1", carried.parcels == "1"),
        ("under", booking_id, asked.booking_id, booking_id == asked.booking_id),
    ]
    wrong = [(word, said, wanted) for word, said, wanted, fits in pairs if said and wanted and not fits]
    of_another = ["for another request"] if carried.is_of_another else []
    return [f"{word} {said}" for word, said, _ in wrong] + of_another, [f"{word} {wanted}" for word, _, wanted in wrong]
