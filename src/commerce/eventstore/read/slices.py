"""Slices of the log: the events after a position that are meant for one partition of a subscription."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, LiteralString
from uuid import UUID

from commerce.eventstore.codec.records import Recorded
from commerce.eventstore.read.log import (
    OF_TOPICS,
    Pool,
    connection_from,
    head_of,
    of_topics,
    read_events,
    topic_context,
)

WINDOW_POSITIONS = 50_000
"""Positions that one statement searches for events that pass a filter, at most, so that none takes long in a long
log."""

BATCH_BYTES = 16 * 2**20
"""A batch from the database ends with the event that makes it so large."""

Key = Literal["correlation_id", "originator_id"]


@dataclass(frozen=True, slots=True)
class Slice:
    """Events that a subscription reads, in order, and the position up to which there are no others for it."""

    events: Sequence[Recorded]
    until: int
    more: bool = False
    """Whether the log is known to go on beyond."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which events are meant for one partition of a subscription.

    Where all topics that this code has are `known`, another one of the same bounded contexts passes, too: nobody can
    tell that it is not meant, so that it must not be passed over.
    """

    topics: frozenset[str] | None
    partitions: int = 1
    partition: int = 0
    key: Key = "correlation_id"
    known: frozenset[str] | None = None

    def takes(self, recorded: Recorded) -> bool:
        """Whether an event passes."""
        return self.reads(recorded.topic) and (
            self.partitions == 1 or partition_of(getattr(recorded, self.key), self.partitions) == self.partition
        )

    def has_unknown(self, recorded: Recorded) -> bool:
        """Whether an event that passes is of a topic that is not known, which no handler could read."""
        return self.topics is not None and self.known is not None and recorded.topic not in self.known

    def reads(self, topic: str) -> bool:
        """Whether events of a topic pass."""
        if self.topics is None or topic in self.topics:
            return True
        is_unknown = self.known is not None and topic not in self.known
        return is_unknown and topic_context(topic) in map(topic_context, self.topics)


def partition_of(key: UUID | None, partitions: int) -> int:
    """A hash of the key: its last byte, which is random in every UUID we use; events without a key go to
    partition 0."""
    return 0 if key is None else key.bytes[15] % partitions


_CONDITION: dict[Key, LiteralString] = {
    "correlation_id": "coalesce(get_byte(uuid_send(correlation_id), 15) %% %b, 0) = %b",
    "originator_id": "get_byte(uuid_send(originator_id), 15) %% %b = %b",
}


async def read_slice(pool: Pool, after: int, chosen: Filter, limit: int) -> Slice:
    """The same from the database: the head first, then the events, so that an event that comes between is not
    passed over."""
    async with connection_from(pool) as connection:
        head = await head_of(connection)
        until = min(head, after + WINDOW_POSITIONS)
        events = await read_events(
            connection,
            "bytes < %b ORDER BY notification_id",
            [
                after,
                until,
                *of_topics(chosen.topics, chosen.known),
                chosen.partitions,
                chosen.partition,
                limit,
                BATCH_BYTES,
            ],
            f"""(SELECT *, sum(octet_length(state)) OVER (ORDER BY notification_id) - octet_length(state) AS bytes
                 FROM commerce_events
                 WHERE notification_id > %b AND notification_id <= %b AND {OF_TOPICS}
                   AND {_CONDITION[chosen.key]}
                 ORDER BY notification_id LIMIT %b) AS due""",
        )
    if len(events) == limit or sum(len(event.state) for event in events) >= BATCH_BYTES:
        until = events[-1].position
    return Slice(events, max(until, after), until < head)
