"""How many commands are handled together: one read for all of them, and appends that share a transaction.

Each stands for itself: what one of them breaks is its own, and one that was accepted before is answered as it was.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from commerce.eventstore.codec.event import Event
from commerce.eventstore.codec.records import Append, Idempotency, Metadata, WrappedKey
from commerce.eventstore.command import MOST_TRIES, StreamDecision, decided_on
from commerce.eventstore.errors import Repeated
from commerce.eventstore.read.snapshots import Snapshot, StreamHistory, leave_snapshots
from commerce.eventstore.store import EventStore, Remembered
from commerce.values.errors import CommerceError, StaleVersion


@dataclass(frozen=True, slots=True)
class KeyedCommand:
    """A command that is handled once, however often it comes."""

    scope: str
    key: str
    fingerprint: bytes
    decisions: Sequence[StreamDecision]
    """The first is on the stream whose version is answered; the others are decided alongside."""
    answer: Callable[[int], bytes]
    """The answer without its position (JSON), from that version."""
    keys: Sequence[WrappedKey] = ()

    def idempotency(self, version: int) -> Idempotency:
        """What a repeat is recognised by and answered with."""
        return Idempotency(self.scope, self.key, self.fingerprint, self.answer(version))


Outcome = Remembered | CommerceError
"""What became of a command: its answer, perhaps of before, or why it was not accepted."""


@dataclass(slots=True)
class _Decided:
    """A command with the events that it leads to."""

    number: int
    events: list[Event]
    idempotency: Idempotency
    position: int


async def handle_commands(store: EventStore, commands: Sequence[KeyedCommand], metadata: Metadata) -> list[Outcome]:
    """Handle commands in their order, where they are about the same stream; each one's outcome.

    A conflict with somebody else is decided again, up to `MOST_TRIES` times. Raises `Unavailable` where nothing can be
    read; what could not be appended is an outcome.
    """
    outcomes: dict[int, Outcome] = {}
    repeats = await store.remembered_among([(one.scope, one.key) for one in commands])
    for number, command in enumerate(commands):
        if (before := repeats.get((command.scope, command.key))) is not None:
            outcomes[number] = before
    tries = [0] * len(commands)
    waiting = [number for number in range(len(commands)) if number not in outcomes]
    while waiting:
        now, later = _apart(commands, waiting)
        again = []
        for number, outcome in (await _handled(store, commands, now, metadata)).items():
            tries[number] += 1
            if isinstance(outcome, StaleVersion) and tries[number] < MOST_TRIES:
                again.append(number)
            else:
                outcomes[number] = outcome
        waiting = sorted(again + later)
    return [outcomes[number] for number in range(len(commands))]


def _apart(commands: Sequence[KeyedCommand], waiting: Sequence[int]) -> tuple[list[int], list[int]]:
    """Commands of which no two are about the same stream, and those that come after them."""
    now: list[int] = []
    later: list[int] = []
    touched: set[UUID] = set()
    for number in waiting:
        streams = {one.stream for one in commands[number].decisions}
        (now if touched.isdisjoint(streams) else later).append(number)
        touched |= streams
    return now, later


async def _handled(
    store: EventStore, commands: Sequence[KeyedCommand], numbers: Sequence[int], metadata: Metadata
) -> dict[int, Outcome]:
    streams = {one.stream: one.snapshots for number in numbers for one in commands[number].decisions}
    histories = await store.read_histories(streams)
    outcomes: dict[int, Outcome] = {}
    decided: list[_Decided] = []
    for number in numbers:
        try:
            decided.append(_decide(number, commands[number], histories))
        except CommerceError as error:
            outcomes[number] = error
    appended = [one for one in decided if one.events]
    unchanged = [one for one in decided if not one.events]
    results: list[int | BaseException] = await asyncio.gather(
        *(
            store.append(
                Append(one.events, None, metadata, keys=commands[one.number].keys, idempotency=one.idempotency)
            )
            for one in appended
        ),
        return_exceptions=True,
    )
    repeated: list[int] = []
    for one, result in zip(appended, results, strict=True):
        if isinstance(result, Repeated):
            repeated.append(one.number)
        elif isinstance(result, CommerceError):
            outcomes[one.number] = result
        elif isinstance(result, BaseException):
            raise result
        else:
            outcomes[one.number] = Remembered(one.idempotency.fingerprint, one.idempotency.answer, result)
    first = await store.remember_each([(one.idempotency, one.position) for one in unchanged])
    for one, is_first in zip(unchanged, first, strict=True):
        if is_first:
            outcomes[one.number] = Remembered(one.idempotency.fingerprint, one.idempotency.answer, one.position)
        else:
            repeated.append(one.number)
    before = await store.remembered_among([(commands[one].scope, commands[one].key) for one in repeated])
    for number in repeated:
        found = before.get((commands[number].scope, commands[number].key))
        outcomes[number] = found or StaleVersion("the same request is being forgotten; send it again")
    await _leave_due(store, commands, [one.number for one in appended], histories)
    return outcomes


def _decide(number: int, command: KeyedCommand, histories: dict[UUID, StreamHistory]) -> _Decided:
    parts = [decided_on(one, histories[one.stream]) for one in command.decisions]
    version = histories[command.decisions[0].stream].version + len(parts[0])
    position = max(histories[one.stream].position for one in command.decisions)
    return _Decided(number, [event for part in parts for event in part], command.idempotency(version), position)


async def _leave_due(
    store: EventStore, commands: Sequence[KeyedCommand], numbers: Sequence[int], histories: dict[UUID, StreamHistory]
) -> None:
    due: list[Snapshot | None] = [
        one.snapshots.due(histories[one.stream])
        for number in numbers
        for one in commands[number].decisions
        if one.snapshots
    ]
    await leave_snapshots(store.pool, [snapshot for snapshot in due if snapshot])
