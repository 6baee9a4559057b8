"""Group commit: commands of one process that arrive while an append is under way go into the next one together.

There is one append queue per process. Where many commands wait, so that the processor limits it and not the
commit, it sends them in two halves: while the database handles one, the other is answered and made ready (ADR 15).
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Hashable
from functools import partial
from itertools import chain
from time import perf_counter, thread_time

import psycopg
import structlog

from commerce.eventstore.append.queued_append import QueuedAppend, WaitingAppend
from commerce.eventstore.append.session import AppendSession
from commerce.eventstore.codec.records import Append
from commerce.runtime.batches import Batches
from commerce.values.errors import Unavailable, first_line

LARGEST_BATCH_COMMANDS = 512
SMALLEST_HALF_COMMANDS = 24
LONGEST_QUEUE_COMMANDS = 4096
APPEND_TIMEOUT_S = 8.0
"""Seconds for which a command waits and is tried through lost connections before it is given up."""

_WORTH_HALVING = 0.3
"""The share of the time in which Python works, from which on halves are faster; below it appends mostly wait."""

_SECOND_SESSION_PAUSE_S = 30.0
"""Seconds for which one session does it all where the database had none left for a second."""

_log = structlog.get_logger(__name__)


class AppendQueue:
    """Collects appends into batches; a conflict is the conflicting command's own, the rest of the batch goes
    through."""

    def __init__(self, address: str) -> None:
        self._loop = asyncio.get_running_loop()
        self._first = AppendSession(address, self._note)
        self._second = AppendSession(address, self._note)
        append = partial(self._append, self._first)
        self._batches: Batches[QueuedAppend, int] = Batches("append queue", append, self._choose)
        self._second_task: asyncio.Task[None] | None = None
        self._second_from = 0.0
        self._answered = (perf_counter(), thread_time())
        self._load = 0.0
        self._open = False
        self.problem: str | None = None
        """What the database said of the last append that it rejected; None once one went through."""
        self.rejected_at = 0.0
        self.batch_sizes: Counter[int] = Counter()
        """How many batches there were of how many commands."""

    @property
    def length(self) -> int:
        """How many commands wait."""
        return len(self._batches.waiting)

    @property
    def alive(self) -> bool:
        """Whether commands are taken and appended."""
        return self._open and not self._batches.has_failed

    async def start(self) -> None:
        """Connect, so that a wrong address is noticed here, and take commands from now on."""
        await self._first.connected()
        self._open = True

    async def stop(self) -> None:
        """Finish what was taken, then disconnect."""
        self._open = False
        while self._batches.is_running or self._second_is_running:
            await self._batches.finish()
            if self._second_task is not None:
                await self._second_task
        for session in (self._first, self._second):
            await session.disconnect()

    async def append(self, command: Append) -> int:
        """Append one command's events; answers the position of the last once they are durable.

        Raises `StaleVersion` where a stream has moved, `Repeated`, `KeyExists`, and `Unavailable` where the queue is
        full, the queue is closing, or the database cannot be reached (then the outcome is unknown).
        """
        if not self.alive:
            raise Unavailable("this process is stopping; ask another one")
        if self.length >= LONGEST_QUEUE_COMMANDS:
            raise Unavailable("too many commands are waiting")
        return await self._batches.ask(QueuedAppend.of(command, self._loop.time() + APPEND_TIMEOUT_S))

    async def _append(self, session: AppendSession, batch: list[WaitingAppend]) -> None:
        self.batch_sizes[len(batch)] += 1
        if self.length and self._may_halve() and not self._second_is_running:
            self._second_task = asyncio.create_task(self._run_second(), name="second append")
        try:
            await session.append(batch)
        except Exception as error:
            _log.exception("append failed", commands=len(batch))
            raise Unavailable(f"the command could not be recorded: {type(error).__name__}") from error
        finally:
            self._measure_load(len(batch))

    async def _run_second(self) -> None:
        """Append beside the first session for as long as that is faster."""
        try:
            await self._second.connected()
        except (psycopg.OperationalError, OSError) as error:
            _log.warning("no second session for appends", error=first_line(error))
            self._second_from = self._loop.time() + _SECOND_SESSION_PAUSE_S
            return
        while self._may_halve() and await self._batches.handle_next(partial(self._append, self._second)):
            pass

    @property
    def _second_is_running(self) -> bool:
        return self._second_task is not None and not self._second_task.done()

    def _may_halve(self) -> bool:
        """Whether enough commands wait for two appends at a time to be faster."""
        return (
            self._unanswered >= 2 * SMALLEST_HALF_COMMANDS
            and self._load >= _WORTH_HALVING
            and self._loop.time() >= self._second_from
        )

    @property
    def _unanswered(self) -> int:
        """How many commands wait or are under way."""
        return self.length + sum(map(len, self._batches.under_way))

    def _measure_load(self, commands: int) -> None:
        """Note the share of processor time of this thread, the event loop's, since the last answer."""
        now, worked = perf_counter(), thread_time()
        before, worked_before = self._answered
        if commands >= SMALLEST_HALF_COMMANDS:
            self._load = (worked - worked_before) / (now - before)
        self._answered = now, worked

    def _note(self, problem: str | None) -> None:
        """Keep what the database says against the last append."""
        self.problem = problem
        if problem is not None:
            self.rejected_at = self._loop.time()

    def _choose(self, queue: deque[WaitingAppend]) -> list[WaitingAppend]:
        """The next batch: commands that do not touch what another one before them changes; the rest keeps its order."""
        limit = min(LARGEST_BATCH_COMMANDS, self._unanswered // 2) if self._may_halve() else LARGEST_BATCH_COMMANDS
        touched: set[Hashable] = set()
        for waiting in chain.from_iterable(self._batches.under_way):
            touched |= waiting.item.writes
            touched |= waiting.item.rests_on
        batch: list[WaitingAppend] = []
        later: list[WaitingAppend] = []
        while queue and len(batch) < limit:
            waiting = queue.popleft()
            if waiting.is_over:
                continue
            if touched.isdisjoint(waiting.item.writes) and touched.isdisjoint(waiting.item.rests_on):
                batch.append(waiting)
            else:
                later.append(waiting)
            touched |= waiting.item.writes
        queue.extendleft(reversed(later))
        return batch
