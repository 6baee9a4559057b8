"""How a booking at the carrier differs from what is on record: every kind of difference, and none."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal
from uuid import UUID

import pytest

from commerce.eventstore import Event, in_stream
from commerce.shipping.events import (
    BookingAttempted,
    SecondBookingFound,
    ShipmentCancellationAttempted,
    ShipmentCancelled,
    ShipmentDispatched,
    ShipmentScheduled,
)
from commerce.shipping.ledger import shipment_ledger_difference, shipment_without_order
from commerce.shipping.ports import ShipmentAtCarrier
from commerce.shipping.shipment import Shipment, fold
from commerce.values import ids

ORDER = UUID(int=1)
REQUEST: dict[str, Any] = {"order_id": ORDER, "request_id": UUID(int=2)}
ATTEMPTED = BookingAttempted(**REQUEST, attempt=1)
SCHEDULED = ShipmentScheduled(
    **REQUEST, booking_id="ship_1", tracking_number="T1", carrier="C", estimated_delivery=date(2026, 12, 1)
)
CANCELLED = (ShipmentCancellationAttempted(**REQUEST, attempt=1), ShipmentCancelled(**REQUEST))
LEFT = ShipmentDispatched(order_id=ORDER)


def shipment(*events: Event) -> Shipment | None:
    return fold(in_stream([ATTEMPTED, *events], ids.shipment_id(ORDER), after=0))


def at_carrier(status: Literal["booked", "collected", "cancelled"], id_: str = "ship_1") -> ShipmentAtCarrier:
    return ShipmentAtCarrier(id_, str(ORDER), status)


@pytest.mark.parametrize(
    ("events", "found", "is_over"),
    [
        ([SCHEDULED], at_carrier("booked"), False),
        ([SCHEDULED, LEFT], at_carrier("collected"), False),
        ([SCHEDULED, CANCELLED[0]], at_carrier("booked"), False),
        ([SCHEDULED, CANCELLED[0]], at_carrier("cancelled"), False),
        ([SCHEDULED, *CANCELLED], at_carrier("cancelled"), True),
        ([SCHEDULED, *CANCELLED], None, True),
        ([SCHEDULED], at_carrier("cancelled"), True),
        ([SCHEDULED], at_carrier("cancelled", "ship_2"), False),
        ([], None, False),
    ],
)
def test_ledgers_that_say_the_same_agree(events: list[Event], found: ShipmentAtCarrier | None, is_over: bool) -> None:
    id_ = found.booking_id if found else "ship_1"
    assert shipment_ledger_difference(shipment(*events), id_, found, is_over=is_over) is None


@pytest.mark.parametrize(
    ("events", "found", "is_over", "kind"),
    [
        ([SCHEDULED], at_carrier("cancelled"), False, "booking_cancelled"),
        ([SCHEDULED, LEFT], at_carrier("cancelled"), False, "booking_cancelled"),
        ([SCHEDULED], None, False, "unknown_there"),
        ([SCHEDULED, *CANCELLED], at_carrier("booked"), False, "never_undone"),
        ([SCHEDULED, *CANCELLED], at_carrier("collected"), True, "never_undone"),
        ([SCHEDULED], at_carrier("booked"), True, "never_undone"),
        ([SCHEDULED], at_carrier("booked", "ship_2"), False, "booked_there"),
        ([], at_carrier("booked"), False, "booked_there"),
    ],
)
def test_a_difference_says_of_what_kind_it_is(
    events: list[Event], found: ShipmentAtCarrier | None, is_over: bool, kind: str
) -> None:
    id_ = found.booking_id if found else "ship_1"
    seen = shipment_ledger_difference(shipment(*events), id_, found, is_over=is_over)
    assert seen is not None
    assert (seen.kind, seen.party_id, seen.amount) == (kind, id_, None)
    assert seen.detail.startswith(f"shipment {id_}: ")


def test_what_is_looked_after_already_is_none() -> None:
    second = SecondBookingFound(**REQUEST, booking_id="ship_2")
    found = at_carrier("booked", "ship_2")
    assert shipment_ledger_difference(shipment(SCHEDULED, second), "ship_2", found, is_over=False) is None


def test_a_booking_without_an_order_is_one_while_it_stands() -> None:
    seen = shipment_without_order(at_carrier("booked", "ship_9"))
    assert seen is not None
    assert seen.kind == "no_order"
    assert shipment_without_order(at_carrier("cancelled", "ship_9")) is None
