"""What can be done with webhook endpoints: by operators, and by the worker that cannot deliver to one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from commerce.eventstore import (
    Accepted,
    Event,
    EventStore,
    Idempotency,
    Metadata,
    PersonKey,
    SealedSecret,
    StreamDecision,
    handle_command,
)
from commerce.values.errors import existing
from commerce.webhooks import endpoint as endpoints
from commerce.webhooks.endpoint import Endpoint, EndpointTerms, NewSecret
from commerce.webhooks.events import DisabledReason, EndpointAdded

BY_WORKER = Metadata("service:webhooks")


async def add_endpoint(
    store: EventStore,
    endpoint_id: UUID,
    terms: EndpointTerms,
    secret: SealedSecret,
    metadata: Metadata,
    *,
    key: PersonKey,
    idempotency: Idempotency,
) -> Accepted:
    """Tell another system what happens from now on; `key` is what its secret is sealed with.

    Raises what `endpoint.add` and `EventStore.append` raise.
    """
    decision = StreamDecision(endpoint_id, lambda history: endpoints.add(history, terms, secret))
    return await handle_command(store, decision, metadata, idempotency=idempotency, keys=key.new)


async def change_endpoint(
    store: EventStore,
    endpoint_id: UUID,
    changed: Callable[[EndpointTerms], EndpointTerms],
    enabled: bool | None,
    metadata: Metadata,
) -> Accepted:
    """Have an endpoint be as described, and enabled or disabled where that is said. Raises `NotFound`, and what
    `EventStore.append` raises."""

    def decide(endpoint: Endpoint) -> Sequence[Event]:
        events = list(endpoints.change(endpoint, changed(endpoint.terms)))
        if enabled is not None:
            events += endpoints.enable(endpoint) if enabled else endpoints.disable(endpoint, "by_operator")
        return events

    return await _handle(store, endpoint_id, decide, metadata)


async def rotate_secret(
    store: EventStore,
    endpoint_id: UUID,
    new: NewSecret,
    metadata: Metadata,
    *,
    idempotency: Idempotency,
) -> Accepted:
    """Sign deliveries with another secret, and for a while with both. Raises `NotFound`, and what `endpoint.rotate` and
    `EventStore.append` raise."""
    return await _handle(
        store,
        endpoint_id,
        lambda endpoint: endpoints.rotate(endpoint, new),
        metadata,
        idempotency,
    )


async def disable_endpoint(store: EventStore, endpoint_id: UUID, reason: DisabledReason) -> Accepted:
    """Tell an endpoint nothing any more until somebody enables it, as it does not take deliveries. Raises `NotFound`,
    and what `EventStore.append` raises."""
    return await _handle(store, endpoint_id, lambda endpoint: endpoints.disable(endpoint, reason), BY_WORKER)


async def replay_deliveries(
    store: EventStore, endpoint_id: UUID, after: int, metadata: Metadata, *, idempotency: Idempotency
) -> Accepted:
    """Deliver once more all that stands after a position. Raises `NotFound`, and what `endpoint.replay` and
    `EventStore.append` raise."""
    return await _handle(store, endpoint_id, lambda endpoint: endpoints.replay(endpoint, after), metadata, idempotency)


async def replay_delivery(store: EventStore, endpoint_id: UUID, position: int, metadata: Metadata) -> Accepted:
    """Deliver the event at a position once more. Raises `NotFound`, and what `endpoint.replay_delivery` and
    `EventStore.append` raise."""
    return await _handle(store, endpoint_id, lambda endpoint: endpoints.replay_delivery(endpoint, position), metadata)


async def remove_endpoint(store: EventStore, endpoint_id: UUID, metadata: Metadata) -> Accepted:
    """Tell an endpoint nothing any more; a repeat is no new event. Raises `NotFound` for one that never was, and what
    `EventStore.append` raises."""

    def decide(history: Sequence[Event]) -> Sequence[Event]:
        if not any(isinstance(event, EndpointAdded) for event in history):
            existing(None, _missing(endpoint_id))
        return endpoints.remove(endpoints.fold(history))

    return await handle_command(store, StreamDecision(endpoint_id, decide), metadata)


async def load_endpoint(store: EventStore, endpoint_id: UUID) -> Endpoint:
    """An endpoint as it is now. Raises `NotFound`."""
    history = await store.read_stream(endpoint_id)
    return existing(endpoints.fold(recorded.event for recorded in history), _missing(endpoint_id))


async def _handle(
    store: EventStore,
    endpoint_id: UUID,
    decide: Callable[[Endpoint], Sequence[Event]],
    metadata: Metadata,
    idempotency: Idempotency | None = None,
) -> Accepted:
    decision = StreamDecision(
        endpoint_id,
        lambda history: decide(existing(endpoints.fold(history), _missing(endpoint_id))),
        actions=lambda history: endpoints.actions_now(endpoints.fold(history)),
    )
    return await handle_command(store, decision, metadata, idempotency=idempotency)


def _missing(endpoint_id: UUID) -> str:
    return f"there is no webhook endpoint {endpoint_id}"
