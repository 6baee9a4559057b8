"""The shipments: how far each order's shipment is, and where it can be followed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import cast, get_args
from uuid import UUID

from commerce.eventstore import Event, Recorded
from commerce.shipping.events import (
    BookingAttempted,
    BookingOutcomeUnknown,
    ShipmentAnswerDiffered,
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
from commerce.shipping.shipment import ShipmentStatus
from projections.engine.projection import Projection, topics_of

_DDL = """
CREATE TABLE {table} (
    shipment_id uuid PRIMARY KEY,
    order_id uuid NOT NULL,
    status text NOT NULL,
    tracking_number text,
    carrier text,
    estimated_delivery date,
    dispatched_at timestamptz,
    delivered_at timestamptz,
    first bigint NOT NULL,
    position bigint NOT NULL
);
CREATE INDEX ON {table} (order_id);
"""


@dataclass(frozen=True, slots=True)
class ShipmentView:
    """A shipment: what the carrier promised, once it took it, and when it left and arrived."""

    shipment_id: UUID
    """The shipment; dispatch and delivery are told under it."""
    order_id: UUID
    """The order."""
    status: ShipmentStatus
    """Where it stands."""
    tracking_number: str | None = None
    """The carrier's number of the shipment; null until it took the shipment on."""
    carrier: str | None = None
    """Who brings the shipment; null until a carrier took it on."""
    estimated_delivery: date | None = None
    """The day the carrier promises; null until it took the shipment on."""
    dispatched_at: datetime | None = None
    """When the shipment left the house; null before."""
    delivered_at: datetime | None = None
    """When the shipment arrived; null before."""


_STATUS: dict[type[Event], ShipmentStatus] = {
    BookingAttempted: ShipmentStatus.BOOKING,
    ShipmentScheduled: ShipmentStatus.SCHEDULED,
    ShipmentRefused: ShipmentStatus.REFUSED,
    BookingOutcomeUnknown: ShipmentStatus.UNKNOWN,
    ShipmentCancellationAttempted: ShipmentStatus.CANCELLING,
    ShipmentCancelled: ShipmentStatus.CANCELLED,
    ShipmentClosed: ShipmentStatus.CLOSED,
    ShipmentDispatched: ShipmentStatus.DISPATCHED,
    ShipmentDelivered: ShipmentStatus.DELIVERED,
}


def fold(row: ShipmentView | None, recorded: Recorded) -> ShipmentView:
    """Apply one event; the first is an attempted booking or, when an undo came first, the closing."""
    event = cast(ShipmentEvent, recorded.event)
    if row is None:
        row = ShipmentView(recorded.stream, event.order_id, ShipmentStatus.CLOSED)
    row = replace(row, status=_STATUS.get(type(event), row.status))
    match event:
        case ShipmentScheduled():
            return replace(
                row,
                tracking_number=event.tracking_number,
                carrier=event.carrier,
                estimated_delivery=event.estimated_delivery,
            )
        case ShipmentAnswerDiffered() if event.operation == "book":
            return replace(row, status=ShipmentStatus.DIFFERED)
        case ShipmentCancellationRefused() if row.status is ShipmentStatus.CANCELLING:
            return replace(
                row, status=ShipmentStatus.DIFFERED if row.tracking_number is None else ShipmentStatus.SCHEDULED
            )
        case ShipmentDispatched():
            return replace(row, dispatched_at=recorded.recorded_at)
        case ShipmentDelivered():
            return replace(row, delivered_at=recorded.recorded_at)
        case _:
            return row


SHIPMENTS = Projection(
    name="shipments",
    version=1,
    topics=topics_of(*get_args(ShipmentEvent)),
    row=ShipmentView,
    ddl=_DDL,
    key="shipment_id",
    fold=fold,
)
