"""How a command is carried out: load, decide, append, and decide again where somebody else was faster."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID
from weakref import WeakValueDictionary

from commerce.errors import StaleVersion
from commerce.eventstore.event import Event
from commerce.eventstore.records import Append, Idempotency, Metadata, WrappedKey
from commerce.eventstore.snapshots import Snapshots, leave_snapshots
from commerce.eventstore.store import EventStore

TRIES = 20
"""How often a command is decided before its conflict is the caller's; among processes that collide, one always gets through."""

_turns: WeakValueDictionary[UUID, asyncio.Lock] = WeakValueDictionary()
"""The commands of one process on one stream take turns, so that only those of other processes conflict with them."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """A command was carried out: what it did can be seen from `position` on; its stream is at `version`."""

    position: int
    version: int


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to be decided on one stream: from all its facts to the ones that follow."""

    stream: UUID
    decide: Callable[[Sequence[Event]], Sequence[Event]]
    snapshots: Snapshots | None = None
    """For a long stream, whose first facts may come as a snapshot."""


async def carry_out(
    store: EventStore,
    decision: Decision,
    metadata: Metadata,
    *,
    alongside: Sequence[Decision] = (),
    correlation_id: UUID | None = None,
    idempotency: Idempotency | None = None,
    keys: Sequence[WrappedKey] = (),
) -> Accepted:
    """Decide on a stream, and on others `alongside`, and append the facts of all of them together, with new keys they need.

    Decides again, up to `TRIES` times, where a stream moved meanwhile; without new facts nothing is appended. Raises what the
    decisions raise, `StaleVersion`, and what `EventStore.append` raises.
    """
    wish = Append([], correlation_id, metadata, keys=keys, idempotency=idempotency)
    async with _turns.setdefault(decision.stream, asyncio.Lock()):
        for _ in range(TRIES - 1):
            try:
                return await _try(store, [decision, *alongside], wish)
            except StaleVersion:
                continue
        return await _try(store, [decision, *alongside], wish)


async def _try(store: EventStore, decisions: Sequence[Decision], wish: Append) -> Accepted:
    histories = await store.read_histories({one.stream: one.snapshots for one in decisions})
    decided = [list(one.decide(histories[one.stream].events)) for one in decisions]
    version = histories[decisions[0].stream].version + len(decided[0])
    facts = [fact for part in decided for fact in part]
    if not facts:
        return Accepted(max(history.position for history in histories.values()), version)
    position = await store.append(replace(wish, events=facts))
    due = (one.snapshots.due(histories[one.stream]) for one in decisions if one.snapshots)
    await leave_snapshots(store.pool, [snapshot for snapshot in due if snapshot])
    return Accepted(position, version)
