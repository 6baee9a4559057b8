"""Commits the effects of partitions together with their positions: what waits while a commit is written shares
the next one.

Appends go one after the other in any case, as each holds the log's lock until it is on disk; and for small batches, a
commit is most of the work.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import psycopg
from psycopg import AsyncConnection

from commerce.eventstore.append.function import APPEND, append_parameters
from commerce.eventstore.read.log import Pool, connection_from
from commerce.eventstore.subscriptions.subscription import Work
from commerce.values.errors import Unavailable

LARGEST_COMMIT_EVENTS = 1000
"""Events whose effects share a transaction, at most, so that none holds the log's lock for long."""

_LARGE_EVENTS = 100


class CheckpointConflict(Exception):
    """Somebody else worked meanwhile: on this partition, or on a stream that was to be appended to."""


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


@dataclass(slots=True, eq=False)
class _WaitingEffects:
    effects: Effects
    done: bool = False
    error: Exception | None = None


class Committer:
    """Commits for the partitions of one process."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._turn = asyncio.Lock()
        self._waiting: list[_WaitingEffects] = []

    async def commit(self, effects: Effects) -> None:
        """Commit effects and position, or nothing of them. Raises `CheckpointConflict`, `Unavailable`, `psycopg.Error`.

        What a value that cannot be sent raises is its own partition's, too.
        """
        if effects.stands_alone:
            await self._transaction([effects])
            return
        waiting = _WaitingEffects(effects)
        self._waiting.append(waiting)
        try:
            async with self._turn:
                while not waiting.done:
                    await self._commit_next()
        finally:
            if waiting in self._waiting:
                self._waiting.remove(waiting)
        if waiting.error is not None:
            raise waiting.error

    async def _commit_next(self) -> None:
        """Commit for those who wait; whoever is not told of an outcome, as this was cancelled, has a turn of its
        own."""
        together = self._first()
        error = await self._outcome([each.effects for each in together])
        for each in together:
            if error is not None and len(together) > 1 and not _connection_lost(error):
                each.error = await self._outcome([each.effects])
            else:
                each.error = error
            each.done = True
            self._waiting.remove(each)

    def _first(self) -> list[_WaitingEffects]:
        """As many as may share a transaction, and one at least."""
        events = list(accumulate(each.effects.events for each in self._waiting))
        return self._waiting[: max(1, bisect_right(events, LARGEST_COMMIT_EVENTS))]

    async def _outcome(self, together: Sequence[Effects]) -> Exception | None:
        try:
            await self._transaction(together)
        except Exception as error:  # noqa: BLE001 - told to whom it belongs, who may not be the one that commits
            return error
        return None

    async def _transaction(self, together: Sequence[Effects]) -> None:
        """One transaction in one round trip: positions (checked and locked), effects, appends last."""
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
    await connection.execute("BEGIN")
    for each in together:
        await connection.execute(
            "SELECT commerce_advance(%s, %s, %s, %s)", [each.partition, each.stored, each.until, each.generation]
        )
    for statement in (statement for each in together for statement in each.work.statements):
        await connection.execute(statement.sql, statement.parameters)
    appends = [append for each in together for append in each.work.appends]
    if appends:
        await connection.execute(APPEND, append_parameters(appends, whole=True))
    await connection.execute("COMMIT")


def _connection_lost(error: Exception) -> bool:
    return isinstance(error, Unavailable | psycopg.OperationalError)
