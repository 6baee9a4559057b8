"""What clients can do with an order: place it, and request its cancellation."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from commerce.eventstore import (
    Accepted,
    Append,
    Event,
    EventStore,
    Idempotency,
    Metadata,
    Sealed,
    StreamDecision,
    WrappedKey,
    handle_command,
    in_stream,
)
from commerce.ordering import order as ordering
from commerce.ordering.order import NewOrder, Order
from commerce.ordering.reference import ReferenceTaken, claim, claimed
from commerce.values.errors import StaleVersion, existing


async def place_order(
    store: EventStore,
    order_id: UUID,
    new: NewOrder,
    metadata: Metadata,
    *,
    keys: Sequence[WrappedKey] = (),
    unchanged: Sequence[tuple[UUID, int]] = (),
    idempotency: Idempotency | None = None,
) -> Accepted:
    """Place an order with priced lines; `keys` are new keys that its sealed parts need.

    `unchanged` are the streams, at their versions, that the prices were read from: the order is placed only if none has
    moved. Raises `InvalidInput`, `StaleVersion` where one has, or where there is such an order, `ReferenceTaken`, and
    what `EventStore.append` raises.
    """
    events: list[Event] = [*in_stream(ordering.place(new), order_id, after=0)]
    reference = new.reference
    if reference:
        events += in_stream([claim(order_id)], reference.claim, after=0)
    append = Append(events, order_id, metadata, keys=keys, idempotency=idempotency, unchanged=unchanged)
    try:
        return Accepted(await store.append(append), version=1)
    except StaleVersion:
        if reference and (taken := claimed([one.event for one in await store.read_stream(reference.claim)])):
            raise ReferenceTaken(taken.order_id) from None
        raise


def placing_position(last: int, *, has_reference: bool) -> int:
    """Where an order was placed, by the last position that its placing has in the log: its reference is claimed right
    after."""
    return last - 1 if has_reference else last


async def request_cancellation(
    store: EventStore,
    order_id: UUID,
    reason: Sealed,
    metadata: Metadata,
    *,
    expected_version: int | None = None,
    keys: Sequence[WrappedKey] = (),
    idempotency: Idempotency | None = None,
) -> Accepted:
    """Request the cancellation of an order, if it still is at `expected_version`; `keys` are new keys that the sealed
    reason needs.

    Raises `NotFound`, `OrderNotOpen`, `StaleVersion`, and what `EventStore.append` raises.
    """

    def decide(history: Sequence[Event]) -> Sequence[Event]:
        order = _found(order_id, history)
        if expected_version is not None and order.version != expected_version:
            raise StaleVersion(f"order {order_id} is at version {order.version}, not {expected_version}; read it again")
        return ordering.request_cancellation(order, reason)

    decision = StreamDecision(order_id, decide, actions=lambda history: ordering.actions_now(ordering.fold(history)))
    return await handle_command(store, decision, metadata, correlation_id=order_id, idempotency=idempotency, keys=keys)


async def load_order(store: EventStore, order_id: UUID) -> Order:
    """An order as it is now. Raises `NotFound`."""
    return _found(order_id, [recorded.event for recorded in await store.read_stream(order_id)])


def _found(order_id: UUID, history: Sequence[Event]) -> Order:
    return existing(ordering.fold(history), f"there is no order {order_id}")
