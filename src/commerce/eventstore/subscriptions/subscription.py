"""What a subscription is: a name, the topics it reads, and a handler that turns a batch of events into effects."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

from commerce.eventstore.codec.records import Append, Recorded
from commerce.eventstore.postgres.statement import Statement

if TYPE_CHECKING:
    from commerce.eventstore.store import EventStore

DEFAULT_PARTITIONS = 4
"""Into how many parts a subscription whose work is per order is divided, unless it says otherwise."""


BATCH_EVENTS = 1000
"""How many events a subscription handles in one transaction at most, unless it says otherwise."""


@dataclass(frozen=True, slots=True)
class Work:
    """The effects of one batch: committed in one transaction with the subscription's position, or not at all."""

    statements: Sequence[Statement] = field(default=())
    appends: Sequence[Append] = field(default=())


EMPTY_WORK = Work()
"""A batch without effects."""


class Handler(Protocol):
    """The part of a subscription that does its work, for one partition; it may keep a cache between batches."""

    async def handle(self, batch: Sequence[Recorded]) -> Work:
        """Turn events, in log order, into effects. May read; must not write.

        Raises `EventFailed` to name the event that it cannot handle. For any other error the engine looks for that
        event itself.
        """
        ...

    def committed(self) -> None:
        """The effects of the last batch are in the database: a cache may take them over."""
        ...

    def discarded(self) -> None:
        """The last batch was not committed, or another process worked meanwhile: a cache must be thrown away."""
        ...


class Stateless:
    """A handler without a cache needs neither of these."""

    def committed(self) -> None:
        """Nothing to take over."""

    def discarded(self) -> None:
        """Nothing to throw away."""


def _no_further_sequences(_recorded: Recorded) -> Sequence[str]:
    return ()


@dataclass(frozen=True, slots=True)
class Subscription:
    """Reads the log in order, and commits its effect and its position together.

    `topics` None means all. `start(store, partition)` makes the handler of one partition. Events are divided by a hash
    of `key`, which also names the sequence that an event belongs to: those of a sequence are handled in order.
    """

    name: str
    topics: frozenset[str] | None
    start: Callable[[EventStore, int], Handler]
    partitions: int = DEFAULT_PARTITIONS
    key: Literal["correlation_id", "originator_id"] = "correlation_id"
    batch: int = BATCH_EVENTS
    """Events handled in one transaction, at most."""
    version: int = 1
    """Of the code that makes its effects; where they are of another version, this code stands aside."""
    begins: bool = True
    """Whether it begins at the start of the log where it has no position; else it stands aside there."""
    parks: bool = True
    """Whether an event that cannot be handled is parked with its sequence; else its partition stands still there."""
    pace_s: float = 0.0
    """It looks at what is new once in so many seconds, at most: what comes meanwhile goes into one transaction. A
    subscription that is behind does not pause."""
    further_sequences: Callable[[Recorded], Sequence[str]] = _no_further_sequences
    """What else an event waits for, such as the stock items that it is about. Must not raise."""

    def sequence_of(self, recorded: Recorded) -> str:
        """The sequence that an event belongs to: its key or, without one, its stream."""
        return str(getattr(recorded, self.key) or recorded.originator_id)

    def sequences_of(self, recorded: Recorded) -> list[str]:
        """All sequences that an event waits for, its own first."""
        return [self.sequence_of(recorded), *self.further_sequences(recorded)]
