"""Commits the effects of partitions together with their positions: what waits while a commit is written shares
the next one.

Appends go one after the other in any case, as each holds the log's lock until it is on disk; and a commit is most of
the work of a small batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import AsyncConnection

from commerce.eventstore.append.function import APPEND, append_parameters
from commerce.eventstore.errors import CheckpointConflict
from commerce.eventstore.postgres.arrays import bigints, integers, texts
from commerce.eventstore.read.log import Pool, connection_from
from commerce.eventstore.subscriptions.error_groups import is_of_one_event
from commerce.eventstore.subscriptions.subscription import Work
from commerce.runtime.batches import Batches, QueuedItem, up_to
from commerce.values.errors import Unavailable

LARGEST_COMMIT_EVENTS = 1000
"""Events whose effects share a transaction, at most, so that none holds the log's lock for long."""

_LARGE_EVENTS = 100
_ADVANCE = """
    SELECT commerce_advance(own.name, own.stored, own.until, own.generation)
    FROM unnest(%s::text[], %s::bigint[], %s::bigint[], %s::int[]) AS own (name, stored, until, generation)"""


@dataclass(frozen=True, slots=True)
class Effects:
    """What one partition did, and how far it comes by that; `generation` is that of its effects (see `Partition`)."""

    partition: str
    stored: int
    until: int
    generation: int
    events: int
    """How many were handled."""
    work: Work

    @property
    def stands_alone(self) -> bool:
        """Whether it has a transaction of its own.

        It may rest on streams that others would append to in the same one; or it is large and appends nothing, so that
        it can be written side by side with others.
        """
        if not self.work.appends:
            return self.events > _LARGE_EVENTS
        return any(append.unchanged for append in self.work.appends)


class Committer:
    """Commits for the partitions of one process."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._batches: Batches[Effects, None] = Batches(
            "commits", self._commit_all, up_to(LARGEST_COMMIT_EVENTS, lambda effects: effects.events)
        )

    async def commit(self, effects: Effects) -> None:
        """Commit effects and position, or nothing of them. Raises `CheckpointConflict`, `Unavailable`, `psycopg.Error`.

        What a value that cannot be sent raises is its own partition's, too. Where the caller is cancelled, nobody knows
        whether a commit under way went through.
        """
        if effects.stands_alone:
            await self._transaction([effects])
        else:
            await self._batches.ask(effects)

    async def stop(self) -> None:
        """End the commit under way at once."""
        await self._batches.cancel()

    async def _commit_all(self, batch: list[QueuedItem[Effects, None]]) -> None:
        """Commit for those who wait, in one transaction; where that cannot be, each in one of its own."""
        error = await self._outcome([waiting.item for waiting in batch])
        apart = error is not None and len(batch) > 1 and not _connection_lost(error)
        for waiting in batch:
            own_error = await self._outcome([waiting.item]) if apart else error
            if own_error is None:
                waiting.settle(None)
            else:
                waiting.fail(own_error)

    async def _outcome(self, together: Sequence[Effects]) -> Exception | None:
        try:
            await self._transaction(together)
        except Exception as error:  # noqa: BLE001 - told to the partitions that it belongs to
            return error
        return None

    async def _transaction(self, together: Sequence[Effects]) -> None:
        """One transaction in one round trip: positions (checked and locked), effects, appends last.

        What is sent before the pipeline's end is one transaction by itself, as PostgreSQL's protocol has it
        ("Pipelining" in its documentation).
        """
        async with connection_from(self._pool) as connection:
            try:
                async with connection.pipeline():
                    await _send(connection, together)
            except (psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected) as error:
                await connection.rollback()
                raise CheckpointConflict(str(error.diag.message_primary)) from None
            except psycopg.Error:
                with suppress(psycopg.Error):
                    await connection.rollback()
                raise


async def _send(connection: AsyncConnection[Any], together: Sequence[Effects]) -> None:
    positions = [(each.partition, each.stored, each.until, each.generation) for each in together]
    names, stored, until, generations = zip(*positions, strict=True)
    await connection.execute(_ADVANCE, [texts(names), bigints(stored), bigints(until), integers(generations)])
    for statement in (statement for each in together for statement in each.work.statements):
        await connection.execute(statement.sql, statement.parameters)
    appends = [append for each in together for append in each.work.appends]
    if appends:
        await connection.execute(APPEND, append_parameters(appends, whole=True))


def _connection_lost(error: Exception) -> bool:
    return isinstance(error, Unavailable | psycopg.OperationalError) and not is_of_one_event(error)
