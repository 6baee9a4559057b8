"""What the carrier's answers say, as the operations of our protocol: outcomes, read strictly."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import get_args

from commerce.shipping.ports import (
    CARRIER_OPERATIONS,
    Booked,
    BookingCancelled,
    BookingOutcome,
    BookingRejected,
    CarriedBooking,
    ShipmentAtCarrier,
    ShipmentState,
    UnclearBooking,
)
from workers.gateways.http_ledger import zoned_time
from workers.gateways.party_text import LONGEST_DETAIL_CHARACTERS, cleaned_answer, other_operation, usable

BOOKING_REJECTIONS = frozenset({"country_not_served", "already_collected", "shipment_not_found"})


def booking_success(
    body: Mapping[str, object], operation: object = None, *, is_of_another: bool = False
) -> BookingOutcome | None:
    """What an answer of 2xx says; None where it says nothing that we understand.

    `operation` is what it says that it is the outcome of, where it was asked what came of a key.
    """
    status = next((one for one in CARRIER_OPERATIONS if one == body.get("status")), None)
    if status is None:
        return None
    unreadable = list(other_operation(operation, CARRIER_OPERATIONS, status))
    booking = _id(body, "shipment_id", unreadable)
    if status == "cancelled":
        carried = _carried(body, is_of_another, unreadable)
        is_clear = booking is not None and not unreadable and not is_of_another
        return BookingCancelled(booking, carried) if booking and is_clear else UnclearBooking(status, booking, carried)
    tracking = _id(body, "tracking_number", unreadable)
    carrier, estimate = body.get("carrier"), _day(body.get("estimated_delivery"), unreadable)
    name = cleaned_answer(carrier) if isinstance(carrier, str) else ""
    if not name:
        unreadable.append("without naming its carrier")
    carried = _carried(body, is_of_another, unreadable)
    if booking is None or tracking is None or estimate is None or unreadable or is_of_another:
        return UnclearBooking(status, booking, carried)
    return Booked(booking, tracking, name, estimate, carried)


def booking_rejection(body: Mapping[str, object], *, is_of_another: bool = False) -> BookingRejected | None:
    """What an answer of 4xx says; None where it does not say in words that we know that nothing was done."""
    code = body.get("code")
    if not isinstance(code, str) or code not in BOOKING_REJECTIONS:
        return None
    return BookingRejected(
        code, cleaned_answer(body.get("detail") or "", LONGEST_DETAIL_CHARACTERS), _carried(body, is_of_another, [])
    )


def booking_state(body: Mapping[str, object]) -> ShipmentAtCarrier | None:
    """A booking as it stands; None where it cannot be read."""
    id_, order_id = usable(body.get("shipment_id")), body.get("order_id")
    status = next((one for one in get_args(ShipmentState) if one == body.get("status")), None)
    if id_ is None or status is None:
        return None
    order = None if order_id is None else cleaned_answer(order_id)
    return ShipmentAtCarrier(id_, order, status, zoned_time(body.get("moved_at")))


def _id(body: Mapping[str, object], name: str, unreadable: list[str]) -> str | None:
    """An id that can be kept as it is: cut or cleaned, it were another's."""
    given = body.get(name)
    if given is None:
        unreadable.append(f"without naming its {name}")
    elif usable(given) is None:
        unreadable.append(f"with a {name} that cannot be used ({cleaned_answer(given, 40)!r})")
    return usable(given)


def _day(given: object, unreadable: list[str]) -> date | None:
    """A day as the carrier says it, however far it is: what it promises is not ours to judge."""
    try:
        return date.fromisoformat(str(given))
    except ValueError:
        unreadable.append(f"without a day of delivery that can be read ({cleaned_answer(given, 40)!r})")
        return None


def _carried(body: Mapping[str, object], is_of_another: bool, unreadable: list[str]) -> CarriedBooking:
    named = {
        name: None if body.get(name) is None else cleaned_answer(body[name])
        for name in ("order_id", "country", "parcels")
    }
    return CarriedBooking(**named, unreadable=tuple(unreadable), is_of_another=is_of_another)
