"""A log in memory, and subscriptions that read it as the engine has them do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Coroutine, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar, cast
from uuid import UUID

from commerce.eventstore import (
    Append,
    Event,
    EventStore,
    Metadata,
    Recorded,
    StreamHistory,
    Subscription,
    Work,
    in_stream,
)
from commerce.eventstore.codec.mapper import MAPPER

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
    """Events in order, with the rules of the real one: a stream goes on where it was, and a batch goes in whole
    or not."""

    def __init__(self) -> None:
        self.events: list[Recorded] = []
        self._streams: dict[UUID, list[Recorded]] = defaultdict(list)

    def append(self, commands: Iterable[Append]) -> bool:
        """Whether the streams still were as these commands were decided on; if not, nothing is appended."""
        commands = list(commands)
        if not self._fits(commands):
            return False
        for command in commands:
            for event in command.events:
                self._record(event, command)
        return True

    def say(self, stream: UUID, events: Sequence[Event], order_id: UUID | None) -> bool:
        """Append what somebody outside decided on a stream as it is now."""
        events = in_stream(events, stream, after=len(self._streams[stream]))
        return self.append([Append(events, order_id, OUTSIDE)])

    def stream(self, stream: UUID) -> list[Event]:
        return [recorded.event for recorded in self._streams[stream]]

    async def read_streams(self, streams: Iterable[UUID]) -> dict[UUID, list[Recorded]]:
        return {stream: list(self._streams[stream]) for stream in streams}

    async def read_histories(self, streams: Iterable[UUID]) -> dict[UUID, StreamHistory]:
        events = {stream: self._streams[stream] for stream in streams}
        return {
            stream: StreamHistory(self.stream(stream), len(found), found[-1].position if found else 0)
            for stream, found in events.items()
        }

    def _fits(self, commands: Sequence[Append]) -> bool:
        heads = {stream: len(events) for stream, events in self._streams.items()}
        if any(heads.get(stream, 0) != version for command in commands for stream, version in command.unchanged):
            return False
        for command in commands:
            for event in command.events:
                if event.originator_version != heads.get(event.originator_id, 0) + 1:
                    return False
                heads[event.originator_id] = event.originator_version
        return True

    def _record(self, event: Event, command: Append) -> None:
        stored = MAPPER.to_stored_event(event)
        position = len(self.events) + 1
        recorded = Recorded(
            originator_id=event.originator_id,
            originator_version=stored.originator_version,
            topic=stored.topic,
            state=stored.state,
            id=position,
            recorded_at=datetime(2026, 11, 23, tzinfo=UTC) + timedelta(seconds=position),
            correlation_id=command.correlation_id,
            causation_id=command.causation_id,
            actor=OUTSIDE.actor,
            request_id=OUTSIDE.request_id,
        )
        self.events.append(recorded)
        self._streams[event.originator_id].append(recorded)


class Reading:
    """A subscription as the engine runs it, in two halves, so that the log can move between them."""

    def __init__(self, log: Log, subscription: Subscription) -> None:
        self._log, self._topics = log, subscription.topics or frozenset()
        self._handler = subscription.start(cast(EventStore, log), 0)
        self._seen = 0
        self._decided: tuple[Work, int] | None = None

    def decide(self, most: int) -> None:
        """Read up to so many events, and decide on them."""
        batch = [recorded for recorded in self._log.events[self._seen :] if recorded.topic in self._topics][:most]
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
