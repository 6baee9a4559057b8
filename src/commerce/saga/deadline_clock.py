"""The clock of the process manager: appends `DeadlinePassed` for each deadline that is due, and decides nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import cast
from uuid import UUID

import structlog

from commerce.eventstore import Append, Event, EventStore, Recorded, connection_from, in_stream, is_of_one_event
from commerce.runtime.error_text import problem_text
from commerce.saga.deadlines import DeadlineRow, clear_deadlines, soonest_deadlines
from commerce.saga.events import DeadlinePassed, DeadlineSet, ProcessEvent
from commerce.saga.process import Deadline, fold
from commerce.saga.subscription import ACTOR
from commerce.values.errors import StaleVersion, Unavailable

LOOK_INTERVAL_S = 1.0
"""Seconds between two looks, at most: a deadline that was just set may be sooner than all those known."""
RETRY_INTERVAL_S = 60.0
"""Seconds after which a process that could not be handled is tried again."""

_log = structlog.get_logger(__name__)


class DeadlineClock:
    """Runs in every replica of the process manager: the expected version lets only one of them say that a
    deadline passed."""

    def __init__(self, store: EventStore) -> None:
        self.problem: str | None = None
        """What keeps the clock from its work, for health; none while all is well."""
        self._store = store
        self._held_up: dict[UUID, tuple[float, UUID]] = {}
        """Processes that cannot be handled: when each is tried again, and its order."""

    async def run(self) -> None:
        """Look whenever a deadline is due, until cancelled; goes on when the database comes back."""
        task = asyncio.current_task()
        # Python 3.11's wait_for, which the pool uses, may swallow a cancellation.
        while not (task and task.cancelling()):
            try:
                pause = await self.look()
                self.problem = self._told()
            except Unavailable as error:
                if self.problem in (None, self._told()):
                    _log.warning("deadlines wait for the database", reason=str(error))
                self.problem = str(error)
                pause = LOOK_INTERVAL_S
            await asyncio.sleep(min(pause, LOOK_INTERVAL_S))

    async def look(self) -> float:
        """Note all deadlines that are past; answers in how many seconds the next one is due. Raises `Unavailable`.

        A process that cannot be handled holds up only itself: its rows stay, and are left out until it is tried again.
        """
        now = asyncio.get_running_loop().time()
        self._held_up = {process: held for process, held in self._held_up.items() if held[0] > now}
        while True:
            async with connection_from(self._store.pool) as connection:
                rows = await soonest_deadlines(connection, besides=self._held_up)
            due = [row for row in rows if row.seconds_left <= 0]
            if not due:
                return rows[0].seconds_left if rows else LOOK_INTERVAL_S
            await self._note(due)

    async def _note(self, due: Sequence[DeadlineRow]) -> None:
        """Append what passed, then clear the rows; a process that moved meanwhile keeps its row, and is looked at
        again."""
        streams = await self._store.read_streams(row.process_id for row in due)
        settled = await asyncio.gather(*(self._try(row, streams[row.process_id]) for row in due))
        async with connection_from(self._store.pool) as connection:
            await clear_deadlines(connection, [row for row, done in zip(due, settled, strict=True) if done])

    async def _try(self, row: DeadlineRow, history: Sequence[Recorded]) -> bool:
        """Whether this deadline needs no further look; a process that cannot be handled is held up."""
        try:
            return await self._pass(row, history)
        except Exception as error:
            if not is_of_one_event(error):
                raise
            _log.error(
                "a deadline cannot be handled", order_id=str(row.order_id), name=row.name, reason=problem_text(error)
            )
            again_at = asyncio.get_running_loop().time() + RETRY_INTERVAL_S
            self._held_up[row.process_id] = (again_at, row.order_id)
            return False

    def _told(self) -> str | None:
        if not self._held_up:
            return None
        order_id = next(order_id for _, order_id in self._held_up.values())
        return f"deadlines cannot be handled of orders: {len(self._held_up)}, {order_id} among them"

    async def _pass(self, row: DeadlineRow, history: Sequence[Recorded]) -> bool:
        """Whether this deadline needs no further look."""
        process = fold(cast(ProcessEvent, recorded.event) for recorded in history)
        if process is None or Deadline(row.name, row.due_at) not in process.deadlines:
            return True
        passed = DeadlinePassed(order_id=row.order_id, name=row.name)
        in_stream([passed], process.id, after=process.version)
        cause = next(one.position for one in reversed(history) if _sets(one.event, row.name))
        try:
            await self._store.append(Append([passed], row.order_id, ACTOR, causation_id=cause))
        except StaleVersion:
            return False
        return True


def _sets(event: Event, name: str) -> bool:
    return isinstance(event, DeadlineSet) and event.name == name
