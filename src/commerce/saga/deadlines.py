"""The clock of the process manager: writes into the log that a deadline has passed, and decides nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, cast
from uuid import UUID

import structlog
from psycopg.rows import class_row

from commerce.eventstore import Append, EventStore, Recorded, connection_from, in_stream
from commerce.saga.events import DeadlinePassed, DeadlineSet, ProcessEvent
from commerce.saga.process import Deadline, fold
from commerce.saga.subscription import ACTOR
from commerce.values.errors import StaleVersion, Unavailable

LOOK_INTERVAL_S = 1.0
"""Seconds between two looks, at most: a deadline that was just set may be sooner than all those known."""

_BATCH_DEADLINES = 200

_log = structlog.get_logger(__name__)


class _DueDeadline(NamedTuple):
    process_id: UUID
    name: str
    order_id: UUID
    due_at: datetime
    seconds_left: float


class DeadlineClock:
    """Runs in every replica of the process manager: the expected version lets only one of them say that a
    deadline passed."""

    def __init__(self, store: EventStore) -> None:
        self.problem: str | None = None
        """What keeps the clock from its work, for health; none while all is well."""
        self._store = store

    async def run(self) -> None:
        """Look whenever a deadline is due, until cancelled; goes on when the database comes back."""
        task = asyncio.current_task()
        while not (
            task and task.cancelling()
        ):  # Python 3.11's wait_for, which the pool uses, may swallow a cancellation
            try:
                pause = await self.look()
                self.problem = None
            except Unavailable as error:
                if self.problem is None:
                    _log.warning("deadlines wait for the database", reason=str(error))
                self.problem = str(error)
                pause = LOOK_INTERVAL_S
            await asyncio.sleep(min(pause, LOOK_INTERVAL_S))

    async def look(self) -> float:
        """Note all deadlines that are past; answers in how many seconds the next one is due. Raises `Unavailable`."""
        while True:
            rows = await self._soonest()
            due = [row for row in rows if row.seconds_left <= 0]
            if not due:
                return rows[0].seconds_left if rows else LOOK_INTERVAL_S
            await self._note(due)

    async def _soonest(self) -> list[_DueDeadline]:
        async with connection_from(self._store.pool) as connection:
            cursor = connection.cursor(row_factory=class_row(_DueDeadline))
            await cursor.execute(
                """SELECT process_id, name, order_id, due_at,
                          extract(epoch FROM due_at - clock_timestamp())::float8 AS seconds_left
                   FROM commerce_deadlines ORDER BY due_at LIMIT %s""",
                [_BATCH_DEADLINES],
            )
            return await cursor.fetchall()

    async def _note(self, due: Sequence[_DueDeadline]) -> None:
        """Append what passed, then clear the rows; a process that moved meanwhile keeps its row, and is looked at
        again."""
        streams = await self._store.read_streams(row.process_id for row in due)
        settled = await asyncio.gather(*(self._pass(row, streams[row.process_id]) for row in due))
        await self._clear([row for row, done in zip(due, settled, strict=True) if done])

    async def _pass(self, row: _DueDeadline, history: Sequence[Recorded]) -> bool:
        """Whether this deadline needs no further look."""
        process = fold(cast(ProcessEvent, recorded.event) for recorded in history)
        if process is None or process.deadline != Deadline(row.name, row.due_at):
            return True
        passed = DeadlinePassed(order_id=row.order_id, name=row.name)
        in_stream([passed], process.id, after=process.version)
        cause = next(one.position for one in reversed(history) if one.topic == DeadlineSet.TOPIC)
        try:
            await self._store.append(Append([passed], row.order_id, ACTOR, causation_id=cause))
        except StaleVersion:
            return False
        return True

    async def _clear(self, rows: Sequence[_DueDeadline]) -> None:
        """A row that was set again meanwhile has another `due_at`, and stays."""
        columns = [[row.process_id for row in rows], [row.name for row in rows], [row.due_at for row in rows]]
        async with connection_from(self._store.pool) as connection:
            await connection.execute(
                """DELETE FROM commerce_deadlines d
                   USING unnest(%s::uuid[], %s::text[], %s::timestamptz[]) AS past (process_id, name, due_at)
                   WHERE d.process_id = past.process_id AND d.name = past.name AND d.due_at = past.due_at""",
                columns,
            )
