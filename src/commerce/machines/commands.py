"""What operators can do with the API keys of services: issue, replace and revoke them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from commerce.eventstore import Accepted, Event, EventStore, Idempotency, Metadata, StreamDecision, handle_command
from commerce.machines import api_key
from commerce.machines.api_key import ApiKey, NewApiKey
from commerce.machines.key_text import digest_of
from commerce.values import ids
from commerce.values.errors import existing


async def issue_key(store: EventStore, new: NewApiKey, metadata: Metadata, *, idempotency: Idempotency) -> Accepted:
    """Give a service a key. Raises what `api_key.issue` and `EventStore.append` raise."""
    decision = StreamDecision(
        ids.api_key_id(digest_of(new.key)), lambda history: api_key.issue(api_key.fold(history), new)
    )
    return await handle_command(store, decision, metadata, idempotency=idempotency)


async def replace_key(
    store: EventStore, key_id: UUID, new: NewApiKey, ends_at: datetime, metadata: Metadata, *, idempotency: Idempotency
) -> Accepted:
    """Give a service a key in the place of another one, which ends at `ends_at`.

    Raises `NotFound`, and what `api_key.replaced`, `api_key.issue` and `EventStore.append` raise.
    """
    successor = ids.api_key_id(digest_of(new.key))

    def decide(history: Sequence[Event]) -> Sequence[Event]:
        return api_key.replaced(_existing(history, key_id), successor, ends_at, new.asked_at)

    issued = StreamDecision(successor, lambda history: api_key.issue(api_key.fold(history), new, key_id))
    replaced = StreamDecision(
        key_id, decide, actions=lambda history: api_key.actions_now(_existing(history, key_id), new.asked_at)
    )
    return await handle_command(store, replaced, metadata, alongside=[issued], idempotency=idempotency)


async def revoke_key(store: EventStore, key_id: UUID, metadata: Metadata) -> Accepted:
    """Have a key not accepted any more; a repeat is no new event. Raises `NotFound`, and what `EventStore.append`
    raises."""
    decision = StreamDecision(key_id, lambda history: api_key.revoke(_existing(history, key_id)))
    return await handle_command(store, decision, metadata)


async def load_key(store: EventStore, key_id: UUID) -> ApiKey:
    """A key as it is now. Raises `NotFound`."""
    history = await store.read_stream(key_id)
    return _existing([recorded.event for recorded in history], key_id)


def _existing(history: Sequence[Event], key_id: UUID) -> ApiKey:
    return existing(api_key.fold(history), f"there is no key {key_id}")
