"""Runs one partition: batch after batch while this process holds its lease, with pauses where something is wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import psycopg
import structlog

from commerce.eventstore.errors import CheckpointConflict, VersionMismatch
from commerce.eventstore.read.log import Pool
from commerce.eventstore.subscriptions.partition import Partition
from commerce.eventstore.subscriptions.stops import forget_stop, note_stop
from commerce.eventstore.subscriptions.tail import Tail
from commerce.runtime.error_text import error_text, problem_text
from commerce.values.errors import Unavailable

_SHORTEST_REST_S = 0.05
_LONGEST_REST_S = 5.0
"""Seconds until an event that could not be handled is read and tried again: each time twice as many."""
_ASIDE_S = 1.0
"""Seconds until a partition that was not for this version of the code is looked at again."""
_log = structlog.get_logger(__name__)


class Runner:
    """`turns` bounds how many partitions are worked on side by side; `give_up` lets other processes have the
    partition; `pace_s` is the seconds between two looks at what is new. Those of one pace look at the same moments, so
    that what they do goes into one commit."""

    def __init__(
        self,
        partition: Partition,
        *,
        tail: Tail,
        pool: Pool,
        turns: asyncio.Semaphore,
        stopping: asyncio.Event,
        give_up: Callable[[Runner], Awaitable[None]],
        pace_s: float = 0.0,
    ) -> None:
        self.partition = partition
        self.leased = asyncio.Event()
        self.problem: str | None = None
        self.may_have_stopped = False
        """Whether the database may say that the partition stands still."""
        self._tail = tail
        self._pool = pool
        self._turns = turns
        self._stopping = stopping
        self._give_up = give_up
        self._pace_s = pace_s
        self._next_look = 0.0
        self._is_aside = False
        self._rest_s = _SHORTEST_REST_S
        self._rests_until = 0.0

    @property
    def rests(self) -> bool:
        """Whether a partition that failed is to be left alone for a while."""
        return asyncio.get_running_loop().time() < self._rests_until

    async def run(self) -> None:
        """Work until the process stops."""
        pause = 0.0
        while not self._stopping.is_set():
            if not self.leased.is_set():
                self.partition.unload()
                await self.leased.wait()
                continue
            try:
                async with self._turns:
                    more = not self._stopping.is_set() and await self.partition.step()
            except CheckpointConflict as error:
                pause = await self._pause(pause or 0.001, 1.0)
                if pause == 1.0:
                    self.problem = f"cannot get on after position {self.partition.seen}: {error_text(error)}"
            except (Unavailable, psycopg.OperationalError) as error:
                self.problem = f"waits: {error_text(error)}"
                pause = await self._pause(pause or 0.1, 5.0)
            except VersionMismatch as error:
                await self._stand_aside(error)
            except Exception as error:  # noqa: BLE001 - whatever a handler raises stops its partition, and only that
                await self._fail(error)
            else:
                pause = 0.0
                self.problem, self._is_aside = None, False
                self._rest_s, self._rests_until = _SHORTEST_REST_S, 0.0
                if not more:
                    await self._note_well()
                    await self._next()

    async def _next(self) -> None:
        """Wait for events beyond those seen, for the position to turn out to be another one, for parked events to be
        due, or for the end."""
        now = asyncio.get_running_loop().time()
        if self._next_look > now:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), self._next_look - now)
        with suppress(TimeoutError):
            async with asyncio.timeout(self.partition.parked.look_in_s), self._tail.refreshed:
                await self._tail.refreshed.wait_for(
                    lambda: (
                        self._tail.head > self.partition.seen
                        or self.partition.stored is None
                        or self._stopping.is_set()
                        or not self.leased.is_set()
                    )
                )
        now = asyncio.get_running_loop().time()
        self._next_look = (now // self._pace_s + 1) * self._pace_s if self._pace_s else now

    async def _note_well(self) -> None:
        """Once a partition is at the end of the log, it stands still no more, whichever process said so."""
        if self.may_have_stopped:
            with suppress(Unavailable, psycopg.Error):
                await forget_stop(self._pool, self.partition.name)
                self.may_have_stopped = False

    async def _note_stop(self, error: Exception) -> str:
        """Have everybody see where the partition stands still; answers it in words."""
        self.may_have_stopped = True
        if self.partition.failed is not None:
            with suppress(Unavailable, psycopg.Error):
                return str(await note_stop(self._pool, self.partition.name, self.partition.failed, error))
        return f"stands still after position {self.partition.seen}: {problem_text(error)}"

    async def _fail(self, error: Exception) -> None:
        """An event could not be handled: say so, let others try, and try again later; events before it go through
        first."""
        if self.problem is None:
            _log.exception("subscription stopped", partition=self.partition.name, after_position=self.partition.seen)
        self.problem = await self._note_stop(error)
        self._rest_s = min(_LONGEST_REST_S, self._rest_s * 2)
        await self._rest(self._rest_s)

    async def _stand_aside(self, reason: VersionMismatch) -> None:
        """Leave the partition to other versions of the code; that is no failure."""
        if not self._is_aside:
            self._is_aside = True
            _log.info("stands aside", partition=self.partition.name, reason=str(reason))
        self.problem, self._rest_s = None, _SHORTEST_REST_S
        await self._rest(_ASIDE_S)

    async def _rest(self, seconds: float) -> None:
        self._rests_until = asyncio.get_running_loop().time() + seconds
        with suppress(psycopg.Error):
            await self._give_up(self)

    async def _pause(self, previous: float, longest: float) -> float:
        pause = min(longest, previous * 2)
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), pause)
        return pause
