"""How a payment's state is read and its facts are recorded by whoever talks to the provider."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from commerce import ids
from commerce.eventstore.records import Append, Metadata
from commerce.eventstore.store import EventStore
from commerce.payments.events import PaymentEvent
from commerce.payments.payment import Payment, fold


async def load_payment(store: EventStore, order_id: UUID) -> Payment | None:
    """The payment of an order as it is now; None where nothing was ever attempted."""
    return fold(recorded.event for recorded in await store.read_stream(ids.payment_id(order_id)))


async def record(
    store: EventStore,
    order_id: UUID,
    facts: Sequence[PaymentEvent],
    metadata: Metadata,
    *,
    causation_id: int | None,
) -> int:
    """Append what was decided on a loaded payment; answers the position of the last fact.

    Raises `StaleVersion` where the payment moved meanwhile: load it and decide again.
    """
    return await store.append(Append(facts, order_id, metadata, causation_id=causation_id))
