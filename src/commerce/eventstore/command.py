"""How a command is handled: load, decide, append, and decide again where somebody else was faster."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from uuid import UUID
from weakref import WeakValueDictionary

from commerce.eventstore.codec.event import Event, in_stream
from commerce.eventstore.codec.records import Append, Idempotency, Metadata, WrappedKey
from commerce.eventstore.read.snapshots import Snapshots, StreamHistory, leave_snapshots
from commerce.eventstore.store import EventStore
from commerce.values.errors import StaleVersion, saying_how_it_stands

MOST_TRIES = 20
"""How often a command is decided before its conflict is the caller's; among processes that collide, one always
gets through."""

_turns: WeakValueDictionary[UUID, asyncio.Lock] = WeakValueDictionary()
"""The commands of one process on one stream take turns, so that only those of other processes conflict with them."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """A command was handled: what it did can be seen from `position` on; its stream is at `version`."""

    position: int
    version: int


@dataclass(frozen=True, slots=True)
class StreamDecision:
    """What is to be decided on one stream: from all its events to the ones that follow, which need no place yet."""

    stream: UUID
    decide: Callable[[Sequence[Event]], Sequence[Event]]
    snapshots: Snapshots | None = None
    """For a long stream, whose first events may come as a snapshot."""
    actions: Callable[[Sequence[Event]], Sequence[str]] | None = None
    """What may be done after these events, which a refusal says, with the version; None where clients do not know the
    stream."""


async def handle_command(
    store: EventStore,
    decision: StreamDecision,
    metadata: Metadata,
    *,
    alongside: Sequence[StreamDecision] = (),
    correlation_id: UUID | None = None,
    idempotency: Idempotency | None = None,
    keys: Sequence[WrappedKey] = (),
) -> Accepted:
    """Decide on a stream, and on others `alongside`, and append the events of all of them together, with new keys
    they need.

    Decides again, up to `MOST_TRIES` times, where a stream moved meanwhile; without new events nothing is appended, and
    the request is remembered all the same. Raises what the decisions raise, `StaleVersion`, and what
    `EventStore.append` raises.
    """
    command = Append([], correlation_id, metadata, keys=keys, idempotency=idempotency)
    async with _turns.setdefault(decision.stream, asyncio.Lock()):
        for _ in range(MOST_TRIES - 1):
            with suppress(StaleVersion):
                return await _try(store, [decision, *alongside], command)
        return await _try(store, [decision, *alongside], command)


async def _try(store: EventStore, decisions: Sequence[StreamDecision], command: Append) -> Accepted:
    histories = await store.read_histories({one.stream: one.snapshots for one in decisions})
    decided = [decided_on(one, histories[one.stream]) for one in decisions]
    version = histories[decisions[0].stream].version + len(decided[0])
    events = [event for part in decided for event in part]
    if not events:
        position = max(history.position for history in histories.values())
        if command.idempotency is not None:
            await store.remember(command.idempotency, position)
        return Accepted(position, version)
    position = await store.append(replace(command, events=events))
    due = (one.snapshots.due(histories[one.stream]) for one in decisions if one.snapshots)
    await leave_snapshots(store.pool, [snapshot for snapshot in due if snapshot])
    return Accepted(position, version)


def decided_on(decision: StreamDecision, history: StreamHistory) -> list[Event]:
    """The events that a decision leads to, in their places. Raises what deciding raises."""
    actions = decision.actions
    if actions is None:
        return in_stream(decision.decide(history.events), decision.stream, after=history.version)
    with saying_how_it_stands(history.version, lambda: actions(history.events)):
        return in_stream(decision.decide(history.events), decision.stream, after=history.version)
