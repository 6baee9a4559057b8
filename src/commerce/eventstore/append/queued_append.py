"""A command in the append queue: what it changes, how long it is tried, and what its caller is told."""

from __future__ import annotations

from collections.abc import Hashable, Set
from dataclasses import dataclass
from typing import Literal

from commerce.eventstore.append.function import Conflict
from commerce.eventstore.codec.records import Append
from commerce.eventstore.errors import KeyExists, Repeated
from commerce.runtime.batches import QueuedItem
from commerce.values.errors import StaleVersion, Unavailable

_NOTHING: Set[Hashable] = frozenset()


@dataclass(slots=True, eq=False)
class QueuedAppend:
    """One command, with the loop's time at which it is given up."""

    command: Append
    until: float
    writes: Set[Hashable]
    """The streams, keys and requests that it changes, and that others of its batch may neither change nor rest on."""
    rests_on: Set[Hashable]
    """The streams that must not have moved."""
    unsure: bool = False
    """Whether it was sent once and the answer was lost."""

    @classmethod
    def of(cls, command: Append, until: float) -> QueuedAppend:
        """A command that is to be tried until a time."""
        writes: set[Hashable] = {event.originator_id for event in command.events}
        if command.keys:
            writes.update(key.owner_id for key in command.keys)
        if command.idempotency:
            writes.add((command.idempotency.scope, command.idempotency.key))
        rests_on = {stream for stream, _ in command.unchanged} if command.unchanged else _NOTHING
        return cls(command, until, writes, rests_on)


WaitingAppend = QueuedItem[QueuedAppend, int]
"""A queued command whose caller waits for the position of its last event."""


def settle_append(waiting: WaitingAppend, answer: int | Conflict | Literal["unknown"]) -> None:
    """Tell the caller what the append function, or the log, says."""
    if isinstance(answer, int):
        waiting.settle(answer)
    elif answer == "unknown":
        waiting.fail(Unavailable("the connection was lost; whether this was recorded is unknown"))
    elif answer == "repeated":
        waiting.fail(Repeated("this request was accepted before"))
    elif answer == "key":
        waiting.fail(KeyExists("this person's key exists already"))
    elif answer == "closed":
        waiting.fail(Unavailable("the master key was rotated, and this process does not have the new one yet", 3))
    else:
        waiting.fail(StaleVersion("somebody else was faster; read and decide again"))
