"""One partition of a subscription: reads a batch, has it handled, and commits its effects together with its
position."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import psycopg

from commerce.eventstore.codec.records import Recorded
from commerce.eventstore.errors import BeyondTheLog, CheckpointConflict, VersionMismatch
from commerce.eventstore.read.log import connection_from
from commerce.eventstore.read.slices import Filter, Slice, read_slice
from commerce.eventstore.store import EventStore
from commerce.eventstore.subscriptions.commits import Committer, Effects
from commerce.eventstore.subscriptions.subscription import Handler, Subscription, Work
from commerce.eventstore.subscriptions.tail import Tail
from commerce.values.errors import Unavailable

FIRST_BATCH_EVENTS = 200
"""Events of the first batch after a process begins, at most, so that others soon get work; each next one may be
twice as large."""


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
        self.filter = Filter(subscription.topics, subscription.partitions, number, subscription.key)
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
        self._limit = min(subscription.batch, FIRST_BATCH_EVENTS)

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
        self.stored = self.seen = int(position)
        self.generation = int(generation)

    def unload(self) -> None:
        """Forget the position, as the partition is no longer ours."""
        self.stored = None
        self._handler.discarded()

    async def step(self) -> bool:
        """Handle the next batch; false when there is none.

        A batch that fails is tried again half as long. Raises `CheckpointConflict` and `Unavailable`, and whatever the
        handler raises once the event that cannot be handled stands alone at the position.
        """
        async with self.lock:
            if self.stored is None:
                await self.load()
            batch = await self._read()
            if not batch.events:
                await self._pass_over(batch)
                self.failed = None
                return batch.more
            try:
                work = await self._handler.handle(batch.events)
                await self._commit(work, batch)
            except Exception as error:
                self.unload()
                self._limit = max(1, len(batch.events) // 2)
                if isinstance(error, CheckpointConflict | Unavailable | psycopg.OperationalError):
                    raise
                self._read_again(batch.until)
                if len(batch.events) == 1:
                    self.failed = batch.events[0]
                    raise
                return True
            self._handler.committed()
            self.failed = None
            self.handled += len(batch.events)
            self._limit = min(self.subscription.batch, self._limit * 2)
            return True

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


async def save_seen(store: EventStore, partitions: Sequence[Partition]) -> None:
    """Store the positions that partitions, whose locks the caller holds, reached without anything to do."""
    async with connection_from(store.pool) as connection:
        cursor = await connection.execute(
            """UPDATE commerce_tracking t SET notification_id = own.seen
               FROM unnest(%s::text[], %s::bigint[], %s::bigint[], %s::int[]) AS own (name, stored, seen, generation)
               WHERE t.application_name = own.name AND t.notification_id = own.stored AND t.generation = own.generation
               RETURNING own.name""",
            [
                [part.name for part in partitions],
                [part.stored for part in partitions],
                [part.seen for part in partitions],
                [part.generation for part in partitions],
            ],
        )
        saved = {row[0] for row in await cursor.fetchall()}
    for partition in partitions:
        if partition.name in saved:
            partition.stored = partition.seen
        else:
            partition.unload()
