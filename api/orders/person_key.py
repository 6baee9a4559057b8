"""The key that seals what people write about an order."""

from __future__ import annotations

from contextlib import suppress

from commerce.eventstore import DataErased, EventStore, MissingKey, PersonKey
from commerce.values import ids
from projections.orders import OrderRow


async def key_of_order(store: EventStore, order: OrderRow) -> PersonKey:
    """The customer's key, or for a guest the order's own.

    If that key is lost, the process's key is used: a new key in its place would prevent its restoration. If both were
    destroyed, what is written from then on has a key of its own.
    """
    with suppress(MissingKey):
        key = await store.keys.of(order.state.customer_id or order.order_id)
        if not key.new:
            return key
    with suppress(DataErased):
        return await store.keys.of(ids.process_id(order.order_id))
    return await store.keys.of(ids.notes_after_erasure_id(order.order_id))
