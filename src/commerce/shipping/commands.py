"""What can be done with a shipment from outside: let it leave, and note that it arrived."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from commerce.eventstore import Accepted, Event, EventStore, Idempotency, Metadata, StreamDecision, handle_command
from commerce.shipping import shipment as shipping
from commerce.shipping.events import ShipmentEvent
from commerce.shipping.shipment import Shipment
from commerce.values import ids
from commerce.values.errors import NotFound


async def dispatch_shipment(
    store: EventStore, order_id: UUID, metadata: Metadata, *, idempotency: Idempotency | None = None
) -> Accepted:
    """Let the shipment of an order leave; that the order is confirmed is for the caller to check.

    Raises `NotFound`, `CancellationPending`, `ShipmentNotScheduled`, and what `EventStore.append` raises.
    """
    return await _handle(store, order_id, shipping.dispatch, metadata, idempotency)


async def deliver_shipment(
    store: EventStore, order_id: UUID, metadata: Metadata, *, idempotency: Idempotency | None = None
) -> Accepted:
    """Note that the shipment of an order arrived.

    Raises `NotFound`, `ShipmentNotDispatched`, and what `EventStore.append` raises.
    """
    return await _handle(store, order_id, shipping.deliver, metadata, idempotency)


async def _handle(
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

    decision = StreamDecision(ids.shipment_id(order_id), on_history)
    return await handle_command(store, decision, metadata, correlation_id=order_id, idempotency=idempotency)
