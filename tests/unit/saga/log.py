"""A log in memory, and followers that read it as the engine has them do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Coroutine, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar, cast
from uuid import UUID

from commerce.eventstore.event import Event
from commerce.eventstore.followers import Follower, Work
from commerce.eventstore.mapper import MAPPER
from commerce.eventstore.records import Append, Metadata, Recorded
from commerce.eventstore.snapshots import History
from commerce.eventstore.store import EventStore

T = TypeVar("T")
OUTSIDE = Metadata("service:world")


def finish(coroutine: Coroutine[object, object, T]) -> T:
    """The result of a coroutine that has nothing to wait for."""
    try:
        coroutine.send(None)
    except StopIteration as stop:
        return cast(T, stop.value)
    raise AssertionError("it waits")


class Log:
    """Facts in order, with the rules of the real one: a stream goes on where it was, and a batch goes in whole or not."""

    def __init__(self) -> None:
        self.facts: list[Recorded] = []
        self._streams: dict[UUID, list[Recorded]] = defaultdict(list)

    def append(self, commands: Iterable[Append]) -> bool:
        """Whether the streams still were as these commands were decided on; if not, nothing is appended."""
        commands = list(commands)
        if not self._fits(commands):
            return False
        for command in commands:
            for fact in command.events:
                self._record(fact, command.correlation_id)
        return True

    def stream(self, stream: UUID) -> list[Event]:
        return [recorded.event for recorded in self._streams[stream]]

    async def read_streams(self, streams: Iterable[UUID]) -> dict[UUID, list[Recorded]]:
        return {stream: list(self._streams[stream]) for stream in streams}

    async def read_histories(self, streams: Iterable[UUID]) -> dict[UUID, History]:
        facts = {stream: self._streams[stream] for stream in streams}
        return {
            stream: History(self.stream(stream), len(found), found[-1].position if found else 0)
            for stream, found in facts.items()
        }

    def _fits(self, commands: Sequence[Append]) -> bool:
        heads = {stream: len(facts) for stream, facts in self._streams.items()}
        if any(heads.get(stream, 0) != version for command in commands for stream, version in command.unchanged):
            return False
        for command in commands:
            for fact in command.events:
                if fact.originator_version != heads.get(fact.originator_id, 0) + 1:
                    return False
                heads[fact.originator_id] = fact.originator_version
        return True

    def _record(self, fact: Event, correlation_id: UUID | None) -> None:
        stored = MAPPER.to_stored_event(fact)
        position = len(self.facts) + 1
        recorded = Recorded(
            originator_id=fact.originator_id,
            originator_version=stored.originator_version,
            topic=stored.topic,
            state=stored.state,
            id=position,
            recorded_at=datetime(2026, 11, 23, tzinfo=UTC) + timedelta(seconds=position),
            correlation_id=correlation_id,
            causation_id=None,
            actor=OUTSIDE.actor,
            request_id=OUTSIDE.request_id,
        )
        self.facts.append(recorded)
        self._streams[fact.originator_id].append(recorded)


class Reading:
    """A follower as the engine runs it, in two halves, so that the log can move between them."""

    def __init__(self, log: Log, follower: Follower) -> None:
        self._log, self._topics = log, follower.topics or frozenset()
        self._handler = follower.start(cast(EventStore, log), 0)
        self._seen = 0
        self._decided: tuple[Work, int] | None = None

    def decide(self, most: int) -> None:
        """Read up to so many facts, and decide on them."""
        batch = [recorded for recorded in self._log.facts[self._seen :] if recorded.topic in self._topics][:most]
        if batch and self._decided is None:
            self._decided = finish(self._handler.handle(batch)), batch[-1].position

    def commit(self) -> bool:
        """Append what was decided; false when there was nothing."""
        if self._decided is None:
            return False
        work, until = self._decided
        self._decided = None
        if self._log.append(work.appends):
            self._seen = until
            self._handler.committed()
        else:
            self._handler.discarded()
        return True

    def forget(self) -> None:
        """Another process takes over."""
        self._decided = None
        self._handler.discarded()
