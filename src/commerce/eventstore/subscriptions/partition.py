"""One partition of a subscription: reads a batch, has it handled, and commits its effects together with its
position; parks what cannot be handled, and tries it again."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import structlog
from eventsourcing.utils import TopicError

from commerce.eventstore.codec.records import Recorded
from commerce.eventstore.errors import BeyondTheLog, CheckpointConflict, EventFailed, VersionMismatch
from commerce.eventstore.postgres.arrays import bigints, integers, texts
from commerce.eventstore.read.log import connection_from, read_events
from commerce.eventstore.read.slices import Filter, Slice, read_slice
from commerce.eventstore.store import EventStore
from commerce.eventstore.subscriptions.commits import Committer, Effects
from commerce.eventstore.subscriptions.culprit_search import CulpritSearch, named_culprit
from commerce.eventstore.subscriptions.error_groups import Failure, is_of_one_event
from commerce.eventstore.subscriptions.parked import DRAINED_EVENTS, ParkedEvent, ParkedQueue, Waiting
from commerce.eventstore.subscriptions.subscription import EMPTY_WORK, Handler, Subscription, Work
from commerce.eventstore.subscriptions.tail import Tail

FIRST_BATCH_EVENTS = 200
"""Events of the first batch after a process begins, at most, so that others soon get work; each next one may be
twice as large."""

_log = structlog.get_logger(__name__)


class Partition:
    """Works on one partition.

    `stored` is the position in the database, None while it is unknown. `seen` is the position up to which every event
    is handled or is for other partitions. `generation` grows by one with each rebuild of the effects; effects computed
    from an older generation are rejected.
    """

    def __init__(
        self,
        store: EventStore,
        subscription: Subscription,
        number: int,
        tail: Tail | None = None,
        committer: Committer | None = None,
    ) -> None:
        self.subscription = subscription
        self.name = f"{subscription.name}:{number}"
        parts = (subscription.partitions, number, subscription.key)
        self.filter = Filter(subscription.topics, *parts, store.known_topics)
        self.lock = asyncio.Lock()
        self.stored: int | None = None
        self.seen = 0
        self.handled = 0
        self.failed: Recorded | None = None
        """The event that could not be handled; None once all before and after it can."""
        self._store = store
        self._tail = tail
        self._committer = committer or Committer(store.pool)
        self._handler: Handler = subscription.start(store, number)
        self.generation = 0
        self.parked = ParkedQueue(subscription, number)
        self._search = CulpritSearch()
        self._limit = min(subscription.batch, FIRST_BATCH_EVENTS)
        self._parked_limit = DRAINED_EVENTS

    async def load(self) -> None:
        """Read the position again, as after a new lease or an error; a subscription that is new begins at the start of
        the log.

        Raises `VersionMismatch` where the effects are of another version of the code, or no more wanted, and
        `BeyondTheLog`.
        """
        self._handler.discarded()
        async with connection_from(self._store.pool) as connection:
            if self.subscription.begins:
                await connection.execute(
                    """INSERT INTO commerce_tracking (application_name, notification_id, version)
                       VALUES (%s, 0, %s) ON CONFLICT DO NOTHING""",
                    [self.name, self.subscription.version],
                )
            cursor = await connection.execute(
                """SELECT notification_id, generation, (SELECT last_value FROM commerce_events_notification_id_seq)
                   FROM commerce_tracking WHERE application_name = %s AND version = %s""",
                [self.name, self.subscription.version],
            )
            row = await cursor.fetchone()
            if row is None:
                raise VersionMismatch(f"{self.name} is not for version {self.subscription.version} of the code")
            position, generation, drawn = row
            if position > drawn:
                raise BeyondTheLog(
                    f"the position of {self.name} is {position}, and the log has not come beyond {drawn} yet"
                )
            await self.parked.load(connection)
        self.stored = self.seen = int(position)
        self.generation = int(generation)

    def unload(self) -> None:
        """Forget the position, as the partition is no longer ours."""
        self.stored = None
        self._handler.discarded()

    async def step(self) -> bool:
        """Try what is parked, if it is time, and handle the next batch; false when there is none.

        A batch that fails is tried again in parts, until the event that cannot be handled stands alone: it is parked.
        Raises `CheckpointConflict`, `Unavailable` and errors of the database that no event is to blame for, and
        whatever the handler raises for an event that cannot be parked.
        """
        async with self.lock:
            if self.stored is None:
                await self.load()
            tried = self.parked.look_is_due and await self._try_parked()
            if self.stored is None:
                await self.load()
            batch = self._search.cut(await self._read())
            if not batch.events:
                await self._pass_over(batch)
                self.failed = None
                return batch.more or tried
            await self._take(batch)
            return True

    async def _take(self, batch: Slice) -> None:
        """Handle a batch, but for what has to wait behind parked events."""
        events, behind = await self._divided(batch.events)
        try:
            work = await self._handle(events)
            if behind:
                work = replace(work, statements=[*work.statements, self.parked.to_park(behind)])
            await self._commit(work, batch)
        except Exception as error:
            stored = self.stored
            self.unload()
            if not _is_to_blame(events, error):
                self._limit = max(1, len(batch.events) // 2)
                raise
            self._read_again(batch.until)
            if len(events) > 1:
                self._search.failed(events, error)
                return
            self.failed = events[0]
            if not self.subscription.parks:
                raise
            await self._park(stored, events[0], behind, error)
            self._search.passed(events[0].position)
        else:
            if events:
                self._handler.committed()
            self.parked.count += len(behind)
            self._search.passed(batch.until)
            self._limit = min(self.subscription.batch, self._limit * 2)
        self.failed = None
        self.handled += len(batch.events)

    async def _divided(self, batch: Sequence[Recorded]) -> tuple[Sequence[Recorded], Sequence[Waiting]]:
        """What of a batch can be handled, as it is to be read, and what has to wait."""
        if not self.parked.concerns(batch):
            return batch, ()
        async with connection_from(self._store.pool) as connection:
            events = await self.parked.corrected(connection, batch)
            return await self.parked.divide(connection, events)

    async def _handle(self, events: Sequence[Recorded]) -> Work:
        for recorded in events:
            if self.filter.has_unknown(recorded):
                unknown = TopicError(f"this version of the code does not know {recorded.topic}")
                raise EventFailed(recorded.position) from unknown
        return await self._handler.handle(events) if events else EMPTY_WORK

    async def _park(self, stored: int | None, failed: Recorded, behind: Sequence[Waiting], error: Exception) -> None:
        """Leave an event aside, and move on from `stored` to beyond it. Raises `TooManyParked`, and as `_commit`."""
        assert stored is not None  # the batch was read from there
        async with connection_from(self._store.pool) as connection:
            await self.parked.require_room(connection)
        before = [waiting for waiting in behind if waiting.recorded.position < failed.position]
        statements = [self.parked.to_park(before)] if before else []
        work = Work([*statements, self.parked.to_park_failed(failed, error)])
        done = 1 + len(before)
        await self._committer.commit(Effects(self.name, stored, failed.position, self.generation, done, work))
        about = {"sequence": self.subscription.sequence_of(failed), "topic": failed.topic}
        failure = Failure.of(error)
        about |= {"place": failure.group.place, "problem": failure.problem}
        _log.warning("event parked", partition=self.name, position=failed.position, **about)

    async def _try_parked(self) -> bool:
        """Handle the parked events whose time has come, in order, under the lock of the position, which stays; false
        where there are none."""
        async with connection_from(self._store.pool) as connection:
            due = await self.parked.turns(connection, self._parked_limit)
            found = await read_events(
                connection, "notification_id = ANY(%b) ORDER BY notification_id", [[row.position for row in due]]
            )
            corrected = await self.parked.corrected(connection, found)
        events = [recorded for recorded in corrected if self.filter.reads(recorded.topic)]
        if due:
            await self._drain(due, events)
            self.parked.look_at_once()
        return bool(due)

    async def _drain(self, due: Sequence[ParkedEvent], events: Sequence[Recorded]) -> None:
        """Handle parked events together; those that are left out, or gone from the log, are parked no more."""
        stored = self.stored
        try:
            work = await self._handle(events)
            await self._commit_in_place(replace(work, statements=[self.parked.to_unpark(due), *work.statements]), due)
        except Exception as error:
            self.unload()
            if not _is_to_blame(due, error):
                raise
            named = due if len(due) == 1 else [row for row in due if row.position == named_culprit(events, error)]
            if named:
                self.stored = stored
                await self._commit_in_place(Work([self.parked.to_park_again(named[0], error)]), named[:1])
            else:
                self._parked_limit = max(1, len(due) // 2)
        else:
            if events:
                self._handler.committed()
            self._parked_limit = min(DRAINED_EVENTS, self._parked_limit * 2)
            self.handled += len(due)
            self.parked.count -= len(due)

    async def _commit_in_place(self, work: Work, parked: Sequence[ParkedEvent]) -> None:
        """Commit what became of parked events, while nobody else moves the position."""
        assert self.stored is not None  # the caller loaded it
        await self._committer.commit(Effects(self.name, self.stored, self.stored, self.generation, len(parked), work))

    async def _pass_over(self, batch: Slice) -> None:
        """Move on to where there is nothing for this partition; on a long way, others must see that it moves."""
        self.seen = max(self.seen, batch.until)
        if batch.more:
            await save_seen(self._store, [self])

    async def _read(self) -> Slice:
        if self._tail is None:
            return await read_slice(self._store.pool, self.seen, self.filter, self._limit)
        return await self._tail.read(self.seen, self.filter, self._limit)

    def _read_again(self, until: int) -> None:
        """What could not be handled is read from the log again: by then somebody may have taken it out."""
        if self._tail is not None:
            self._tail.forget(until)

    async def _commit(self, work: Work, batch: Slice) -> None:
        assert self.stored is not None  # a batch was read from there
        effects = Effects(self.name, self.stored, batch.until, self.generation, len(batch.events), work)
        await self._committer.commit(effects)
        self.stored = self.seen = batch.until


def _is_to_blame(events: Sequence[object], error: Exception) -> bool:
    """Whether one of these events is the reason for an error, rather than the times."""
    return bool(events) and is_of_one_event(error) and not isinstance(error, CheckpointConflict)


async def save_seen(store: EventStore, partitions: Sequence[Partition]) -> None:
    """Store the positions that partitions, whose locks the caller holds, reached without anything to do."""
    async with connection_from(store.pool) as connection:
        cursor = await connection.execute(
            """UPDATE commerce_tracking t SET notification_id = own.seen
               FROM unnest(%s::text[], %s::bigint[], %s::bigint[], %s::int[]) AS own (name, stored, seen, generation)
               WHERE t.application_name = own.name AND t.notification_id = own.stored AND t.generation = own.generation
               RETURNING own.name""",
            [
                texts([part.name for part in partitions]),
                bigints([part.stored for part in partitions]),
                bigints([part.seen for part in partitions]),
                integers([part.generation for part in partitions]),
            ],
        )
        saved = {row[0] for row in await cursor.fetchall()}
    for partition in partitions:
        if partition.name in saved:
            partition.stored = partition.seen
        else:
            partition.unload()
