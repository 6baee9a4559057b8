"""Snapshots: states of long streams, to begin reading with. Only speed rests on them; all of them can be deleted
at any time."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import ModuleType
from typing import Any
from uuid import UUID

import psycopg
import structlog
from eventsourcing.persistence import MapperDeserialisationError, StoredEvent
from eventsourcing.utils import TopicError
from psycopg import AsyncConnection

from commerce.eventstore.codec.event import Event
from commerce.eventstore.codec.mapper import MAPPER
from commerce.eventstore.codec.records import Recorded
from commerce.eventstore.postgres.statement import Statement
from commerce.eventstore.read.log import Pool, connection_from, read_streams_from
from commerce.values.errors import Unavailable

SNAPSHOT_INTERVAL_EVENTS = 200
"""Events between two snapshots of a stream, unless its state is large."""

_log = structlog.get_logger(__name__)


class Snapshot(Event):
    """A stream's state at a version, in place of the events up to it: stored like an event, but never in the log.

    `code` is a fingerprint of the code that made it, as another version may make another state of the same events.
    """

    code: str

    def statement(self) -> Statement:
        """What stores it in place of older ones of its stream."""
        stored = MAPPER.to_stored_event(self)
        place = [stored.originator_id, stored.originator_version]
        return Statement(
            """WITH older AS (DELETE FROM commerce_snapshots WHERE originator_id = %s AND originator_version < %s)
               INSERT INTO commerce_snapshots (originator_id, originator_version, topic, state) VALUES (%s, %s, %s, %s)
               ON CONFLICT (originator_id, originator_version)
               DO UPDATE SET topic = excluded.topic, state = excluded.state""",
            [*place, *place, stored.topic, stored.state],
        )


@dataclass(frozen=True, slots=True)
class StreamHistory:
    """What a stream's state is folded from: its events, the first of them perhaps replaced by a snapshot."""

    events: Sequence[Event]
    version: int
    position: int
    """Where the last event is in the log; 0 without events."""

    @property
    def since(self) -> int:
        """The version that the snapshot stands for, 0 without one."""
        return self.events[0].originator_version if self.events and isinstance(self.events[0], Snapshot) else 0


@dataclass(frozen=True)
class Snapshots:
    """How streams of one kind are snapshotted: `due` answers what a reader of such a history should leave behind,
    if anything.

    The code that matters is the source of `modules`: what folds the events, and their shapes.
    """

    kind: type[Snapshot]
    modules: Sequence[ModuleType]
    due: Callable[[StreamHistory], Snapshot | None]

    @cached_property
    def code(self) -> str:
        """The fingerprint of the code as it is now."""
        sources = "\0".join(inspect.getsource(module) for module in self.modules)
        return hashlib.sha256(sources.encode()).hexdigest()[:16]

    def read(self, stored: StoredEvent) -> Snapshot | None:
        """A stored snapshot, unless other code made it."""
        try:
            snapshot = MAPPER.to_domain_event(stored)
        except (MapperDeserialisationError, TopicError):
            return None
        return snapshot if isinstance(snapshot, self.kind) and snapshot.code == self.code else None


def is_due(since: int, version: int, size: int) -> bool:
    """Whether a stream that went from one version to another should leave a snapshot of `size` parts behind.

    Twice as large a state is stored half as often, so that snapshots never take more writing than the events.
    """
    step = SNAPSHOT_INTERVAL_EVENTS
    while step < size:
        step *= 2
    return version // step > since // step


async def leave_snapshots(pool: Pool, snapshots: Iterable[Snapshot]) -> None:
    """Store snapshots, if that can be done now."""
    for snapshot in snapshots:
        statement = snapshot.statement()
        try:
            async with connection_from(pool) as connection:
                await connection.execute(statement.sql, statement.parameters)
        except (Unavailable, psycopg.Error) as error:
            _log.warning("snapshot not stored", stream=str(snapshot.originator_id), reason=type(error).__name__)


async def read_histories(pool: Pool, streams: Mapping[UUID, Snapshots | None]) -> dict[UUID, StreamHistory]:
    """The histories of streams, each with how it is snapshotted, if it is. Raises `Unavailable`."""
    async with connection_from(pool) as connection:
        begun = await _snapshots(connection, {stream: kind for stream, kind in streams.items() if kind})
        found = await read_streams_from(
            connection, {stream: begun[stream].originator_version if stream in begun else 1 for stream in streams}
        )
        astray = [stream for stream, snapshot in begun.items() if not _continues(snapshot, found[stream])]
        if astray:
            found |= await read_streams_from(connection, dict.fromkeys(astray, 1))
    return {
        stream: _history(None if stream in astray else begun.get(stream), events) for stream, events in found.items()
    }


async def _snapshots(connection: AsyncConnection[Any], kinds: Mapping[UUID, Snapshots]) -> dict[UUID, Snapshot]:
    """The newest snapshots of those streams that have one which this code made."""
    if not kinds:
        return {}
    cursor = connection.cursor(binary=True)
    await cursor.execute(
        """SELECT DISTINCT ON (originator_id) originator_id, originator_version, topic, state FROM commerce_snapshots
           WHERE originator_id = ANY(%b) ORDER BY originator_id, originator_version DESC""",
        [list(kinds)],
    )
    read = {row[0]: kinds[row[0]].read(StoredEvent(*row)) for row in await cursor.fetchall()}
    return {stream: snapshot for stream, snapshot in read.items() if snapshot is not None}


def _continues(snapshot: Snapshot, events: Sequence[Recorded]) -> bool:
    """Whether the events read begin with the last one that the snapshot stands for, as in a log that was not cut."""
    return bool(events) and events[0].originator_version == snapshot.originator_version


def _history(snapshot: Snapshot | None, events: Sequence[Recorded]) -> StreamHistory:
    if not events:
        return StreamHistory((), 0, 0)
    read = events if snapshot is None else events[1:]
    state = [*([snapshot] if snapshot else []), *(recorded.event for recorded in read)]
    return StreamHistory(state, events[-1].originator_version, events[-1].position)
