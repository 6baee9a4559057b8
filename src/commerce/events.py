"""Every event that this version of the code knows; whoever reads the whole log imports it, so that all topics can
be decoded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from commerce.audit.events import AuditEvent
from commerce.catalog.events import ProductEvent
from commerce.eventstore import Event
from commerce.inventory.events import ReservationEvent, StockItemEvent
from commerce.ordering.events import OrderEvent, ReferenceEvent
from commerce.payments.events import PaymentEvent
from commerce.saga.events import ProcessEvent
from commerce.shipping.events import ShipmentEvent

_CONTEXTS = (
    OrderEvent,
    ReferenceEvent,
    StockItemEvent,
    ReservationEvent,
    PaymentEvent,
    ShipmentEvent,
    ProductEvent,
    ProcessEvent,
    AuditEvent,
)

EVENTS: Mapping[str, type[Event]] = {
    kind.TOPIC: kind for context in _CONTEXTS for kind in (get_args(context) or (context,))
}
"""The events by topic, as `open_store` wants to know them."""
