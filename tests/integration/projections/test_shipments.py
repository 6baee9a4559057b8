"""The shipments' read model."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import pytest

from commerce.eventstore import Event
from commerce.shipping.events import (
    BookingAttempted,
    BookingOutcomeUnknown,
    ShipmentCancellationAttempted,
    ShipmentCancellationRefused,
    ShipmentCancelled,
    ShipmentClosed,
    ShipmentDelivered,
    ShipmentDispatched,
    ShipmentRefused,
    ShipmentScheduled,
)
from commerce.shipping.shipment import ShipmentStatus
from commerce.values import ids
from projections.shipments import SHIPMENTS, ShipmentView
from tests.integration.projections.history import History

BOOKED = {"booking_id": "b", "tracking_number": "T1", "carrier": "Post", "estimated_delivery": date(2026, 12, 1)}


async def test_a_shipment_is_followed_from_booking_to_delivery(history: History) -> None:
    order = uuid4()
    for kind, fields in (
        (BookingAttempted, {}),
        (ShipmentScheduled, BOOKED),
        (ShipmentDispatched, {}),
        (ShipmentDelivered, {}),
    ):
        await history.happens(kind, order, **fields)
    await history.is_projected()
    events = await history.store.read_stream(ids.shipment_id(order))
    shipment = ShipmentView(
        shipment_id=ids.shipment_id(order),
        order_id=order,
        status=ShipmentStatus.DELIVERED,
        tracking_number="T1",
        carrier="Post",
        estimated_delivery=date(2026, 12, 1),
        dispatched_at=events[2].recorded_at,
        delivered_at=events[3].recorded_at,
    )
    assert await SHIPMENTS.find(history.store.pool, shipment.shipment_id) == shipment


KINDS_AND_STATUS: list[tuple[list[type[Event]], str]] = [
    ([BookingAttempted], "booking"),
    ([BookingAttempted, ShipmentRefused], "refused"),
    ([BookingAttempted, BookingOutcomeUnknown], "unknown"),
    ([BookingAttempted, BookingOutcomeUnknown, ShipmentClosed], "closed"),
    ([ShipmentClosed], "closed"),
    ([BookingAttempted, ShipmentScheduled], "scheduled"),
    ([BookingAttempted, ShipmentScheduled, ShipmentCancellationAttempted], "cancelling"),
    ([BookingAttempted, ShipmentScheduled, ShipmentCancellationAttempted, ShipmentCancelled], "cancelled"),
    (
        [BookingAttempted, ShipmentScheduled, ShipmentCancellationAttempted, ShipmentCancellationRefused],
        "scheduled",
    ),
    ([BookingAttempted, ShipmentScheduled, ShipmentDispatched, ShipmentCancellationRefused], "dispatched"),
]


@pytest.mark.parametrize(("kinds", "status"), KINDS_AND_STATUS)
async def test_each_event_shows_in_the_status(history: History, kinds: list[type[Event]], status: str) -> None:
    order = uuid4()
    said = {**BOOKED, "reason": "no", "attempts": 5}
    for kind in kinds:
        await history.happens(kind, order, **{name: said[name] for name in said if name in kind.model_fields})
    await history.is_projected()
    shipment = await SHIPMENTS.find(history.store.pool, ids.shipment_id(order))
    assert shipment is not None
    assert shipment.status == status


async def test_an_order_without_a_shipment_has_none(history: History) -> None:
    assert await SHIPMENTS.find(history.store.pool, uuid4()) is None
