"""What can be done with a parcel from outside: let it leave, and note that it arrived."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from commerce import ids
from commerce.command import Accepted, Decision, carry_out
from commerce.errors import NotFound
from commerce.eventstore.event import Event
from commerce.eventstore.records import Idempotency, Metadata
from commerce.eventstore.store import EventStore
from commerce.shipping import shipment as shipping
from commerce.shipping.events import ShipmentEvent
from commerce.shipping.shipment import Shipment


async def dispatch_shipment(
    store: EventStore, order_id: UUID, metadata: Metadata, *, idempotency: Idempotency | None = None
) -> Accepted:
    """Let the parcel of an order leave; that the order is confirmed is for the caller to check.

    Raises `NotFound`, `CancellationPending`, `ShipmentNotScheduled`, and what `EventStore.append` raises.
    """
    return await _carry_out(store, order_id, shipping.dispatch, metadata, idempotency)


async def deliver_shipment(
    store: EventStore, order_id: UUID, metadata: Metadata, *, idempotency: Idempotency | None = None
) -> Accepted:
    """Note that the parcel of an order arrived.

    Raises `NotFound`, `ShipmentNotDispatched`, and what `EventStore.append` raises.
    """
    return await _carry_out(store, order_id, shipping.deliver, metadata, idempotency)


async def _carry_out(
    store: EventStore,
    order_id: UUID,
    decide: Callable[[Shipment], list[ShipmentEvent]],
    metadata: Metadata,
    idempotency: Idempotency | None,
) -> Accepted:
    def on_history(history: Sequence[Event]) -> Sequence[Event]:
        shipment = shipping.fold(history)
        if shipment is None:
            raise NotFound(f"order {order_id} has no shipment")
        return decide(shipment)

    decision = Decision(ids.shipment_id(order_id), on_history)
    return await carry_out(store, decision, metadata, correlation_id=order_id, idempotency=idempotency)
