"""Runs the subscriptions of one process: leases partitions, works on them, stands by for others, and says how it
goes."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass

import psycopg
import structlog

from commerce.eventstore.errors import CheckpointConflict, VersionMismatch
from commerce.eventstore.store import EventStore
from commerce.eventstore.subscriptions.commits import Committer
from commerce.eventstore.subscriptions.leases import Leases
from commerce.eventstore.subscriptions.partition import Partition, save_seen
from commerce.eventstore.subscriptions.standby import Watch
from commerce.eventstore.subscriptions.stops import forget_stop, note_stop
from commerce.eventstore.subscriptions.subscription import Subscription
from commerce.eventstore.subscriptions.tail import TAIL_PACE_S, Tail
from commerce.runtime.error_text import error_text, problem_text
from commerce.runtime.tasks import end_tasks
from commerce.runtime.watchdog import Stuck
from commerce.values.errors import Unavailable

LEASE_INTERVAL_S = 1.0
SAVE_INTERVAL_S = 0.25
STOP_TIMEOUT_S = 5.0
"""Seconds: between looks at the leases, between stores of positions without effects, and for batches under way at
the end."""

_LONGEST_PAUSE_S = 5.0
"""Seconds until an event that could not be handled is read and tried again, at most."""
_ASIDE_S = 1.0
"""Seconds until a partition that was not for this version of the code is looked at again."""
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one partition that this process holds has come."""

    partition: str
    position: int
    lag: int
    handled: int
    problem: str | None


class Engine:
    """The subscriptions of one process, as supervised tasks.

    `at_once` partitions are worked on side by side, else all of them: one that waits for the database lets another one
    fold.
    """

    def __init__(
        self,
        store: EventStore,
        subscriptions: Sequence[Subscription],
        pace: float = TAIL_PACE_S,
        at_once: int | None = None,
    ) -> None:
        self.tail = Tail(store, store.address, store.application_name, _topics(subscriptions), pace)
        self._store = store
        self._leases = Leases(store.address, store.application_name, subscriptions)
        self._committer = Committer(store.pool)
        partitions = (
            Partition(store, subscription, number, self.tail, self._committer)
            for subscription in subscriptions
            for number in range(subscription.partitions)
        )
        self._partitions = {partition.name: partition for partition in partitions}
        self._turns = asyncio.Semaphore(at_once or max(1, len(self._partitions)))
        self._leased = {name: asyncio.Event() for name in self._partitions}
        self._watch = Watch(store.pool, self._leases)
        self._failing: dict[str, str] = {}
        self._rests: dict[str, tuple[float, float]] = {}
        self._aside: set[str] = set()
        self._may_have_stopped: set[str] = set()
        self._tasks: list[asyncio.Task[None]] = []
        self._stopping = asyncio.Event()

    async def start(self) -> None:
        """Begin to follow."""
        await self.tail.start()
        self._tasks = [
            asyncio.create_task(self._work(partition), name=name) for name, partition in self._partitions.items()
        ]
        self._tasks += [
            asyncio.create_task(self._keep_leases(), name="leases"),
            asyncio.create_task(self._keep_positions(), name="positions"),
        ]

    async def stop(self) -> None:
        """Finish the batches under way unless they take long, store the positions, give up the leases."""
        self._stopping.set()
        for event in self._leased.values():
            event.set()
        async with self.tail.refreshed:
            self.tail.refreshed.notify_all()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=STOP_TIMEOUT_S)
            await end_tasks(late)
            await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._committer.stop()
        with suppress(Unavailable, TimeoutError, psycopg.Error):
            async with asyncio.timeout(1):
                await self._save_positions()
        await self._leases.close()
        await self.tail.stop()

    def problems(self) -> dict[str, str]:
        """What is wrong, by part; empty when all is well."""
        found = dict(self._failing)
        if self.tail.problem:
            found["log"] = self.tail.problem
        if not self._leases.connected:
            found["leases"] = "no session with the database"
        found |= {
            task.get_name(): Stuck("ended") for task in self._tasks if task.done() and not self._stopping.is_set()
        }
        return found

    def progress(self) -> list[Progress]:
        """How far each partition that this process holds has come; `lag` is in positions of the log."""
        return [
            Progress(
                name,
                partition.seen,
                max(0, self.tail.head - partition.seen),
                partition.handled,
                self._failing.get(name),
            )
            for name, partition in self._partitions.items()
            if name in self._leases.held
        ]

    async def _work(self, partition: Partition) -> None:
        pause = 0.0
        while not self._stopping.is_set():
            if not self._leased[partition.name].is_set():
                partition.unload()
                await self._leased[partition.name].wait()
                continue
            try:
                async with self._turns:
                    more = not self._stopping.is_set() and await partition.step()
                pause = 0.0
                self._failing.pop(partition.name, None)
                self._rests.pop(partition.name, None)
                self._aside.discard(partition.name)
            except CheckpointConflict as error:
                pause = await self._pause(pause or 0.001, 1.0)
                if pause == 1.0:
                    self._failing[partition.name] = (
                        f"cannot get on after position {partition.seen}: {error_text(error)}"
                    )
                continue
            except (Unavailable, psycopg.OperationalError) as error:
                self._failing[partition.name] = f"waits: {error_text(error)}"
                pause = await self._pause(pause or 0.1, 5.0)
                continue
            except VersionMismatch as error:
                await self._stand_aside(partition, error)
                continue
            except Exception as error:  # noqa: BLE001 - whatever a handler raises stops its partition, and only that
                await self._fail(partition, error)
                continue
            if not more:
                await self._note_well(partition)
                await self._next(partition)

    async def _next(self, partition: Partition) -> None:
        """Wait for events beyond those seen, for the position to turn out to be another one, or for the end."""
        async with self.tail.refreshed:
            await self.tail.refreshed.wait_for(
                lambda: (
                    self.tail.head > partition.seen
                    or partition.stored is None
                    or self._stopping.is_set()
                    or not self._leased[partition.name].is_set()
                )
            )

    async def _note_well(self, partition: Partition) -> None:
        """Once a partition is at the end of the log, it stands still no more, whichever process said so."""
        if partition.name in self._may_have_stopped:
            with suppress(Unavailable, psycopg.Error):
                await forget_stop(self._store.pool, partition.name)
                self._may_have_stopped.discard(partition.name)

    async def _note_stop(self, partition: Partition, error: Exception) -> str:
        """Have everybody see where a partition stands still; answers it in words."""
        self._may_have_stopped.add(partition.name)
        if partition.failed is not None:
            with suppress(Unavailable, psycopg.Error):
                return str(await note_stop(self._store.pool, partition.name, partition.failed, error))
        return f"stands still after position {partition.seen}: {problem_text(error)}"

    async def _fail(self, partition: Partition, error: Exception) -> None:
        """An event could not be handled: say so, let others try, and try again later; events before it go through
        first."""
        name = partition.name
        if name not in self._failing:
            _log.exception("subscription stopped", partition=name, after_position=partition.seen)
        self._failing[name] = await self._note_stop(partition, error)
        pause = min(_LONGEST_PAUSE_S, self._rests.get(name, (0.0, 0.05))[1] * 2)
        self._rests[name] = (asyncio.get_running_loop().time() + pause, pause)
        with suppress(psycopg.Error):
            await self._give_up(name)

    async def _stand_aside(self, partition: Partition, reason: VersionMismatch) -> None:
        """Leave a partition to other versions of the code; that is no failure."""
        if partition.name not in self._aside:
            self._aside.add(partition.name)
            _log.info("stands aside", partition=partition.name, reason=str(reason))
        self._failing.pop(partition.name, None)
        self._rests[partition.name] = (asyncio.get_running_loop().time() + _ASIDE_S, 0.05)
        with suppress(psycopg.Error):
            await self._give_up(partition.name)

    async def _pause(self, previous: float, longest: float) -> float:
        pause = min(longest, previous * 2)
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), pause)
        return pause

    async def _keep_leases(self) -> None:
        while not self._stopping.is_set():
            try:
                if not self._leases.connected:
                    self._lose_leases()
                    await self._leases.connect()
                await self._share_out()
            except psycopg.Error as error:
                _log.warning("leases lost", error=type(error).__name__)
                await self._leases.close()
                self._lose_leases()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), LEASE_INTERVAL_S)

    async def _share_out(self) -> None:
        """Hold a fair share of each subscription's partitions, and free those whose holder stands still."""
        for subscription, share in (await self._leases.shares()).items():
            names = [name for name in self._partitions if name.rpartition(":")[0] == subscription]
            held = [name for name in names if name in self._leases.held]
            for surplus in held[share:]:
                await self._give_up(surplus)
            for name in names:
                if name in self._leases.held or self._rests_now(name) or len(held) >= share:
                    continue
                if await self._take(name):
                    held.append(name)
        with suppress(Unavailable):
            await self._watch_others()

    async def _take(self, name: str) -> bool:
        taken = await self._leases.take(name)
        if taken:
            self._may_have_stopped.add(name)
            self._leased[name].set()
        return taken

    def _rests_now(self, name: str) -> bool:
        """Whether a partition that failed is to be left alone for a while."""
        return name in self._rests and asyncio.get_running_loop().time() < self._rests[name][0]

    async def _give_up(self, name: str) -> None:
        """Let others have a partition, once the batch under way is through."""
        self._leased[name].clear()
        async with self.tail.refreshed:
            self.tail.refreshed.notify_all()
        async with self._partitions[name].lock:
            await self._leases.give_up(name)

    async def _watch_others(self) -> None:
        """Where others get on, nothing fails any more; one that stands still is ended, and what nobody holds is
        taken.

        A partition can be nobody's although there are events for it: a process that is frozen counts when shares are
        made.
        """
        others = [name for name in self._partitions if name not in self._leases.held]
        if not others:
            return
        positions = await self._watch.positions(others)
        for name, position in positions.items():
            if position > self._partitions[name].seen or position >= self.tail.head:
                self._failing.pop(name, None)
        for still in await self._watch.standstills(positions, self.tail.head):
            if still.holder is not None:
                await self._leases.end_holder(still.partition, still.holder, still.position)
            if not self._rests_now(still.partition):
                await self._take(still.partition)

    def _lose_leases(self) -> None:
        for event in self._leased.values():
            event.clear()

    async def _keep_positions(self) -> None:
        while not self._stopping.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), SAVE_INTERVAL_S)
            with suppress(Unavailable, psycopg.Error):
                await self._save_positions()

    async def _save_positions(self) -> None:
        """Store, in one statement, the positions that were reached without anything to do."""
        idle = [
            self._partitions[name] for name in sorted(self._leases.held) if not self._partitions[name].lock.locked()
        ]
        async with AsyncExitStack() as locks:
            for partition in idle:
                await locks.enter_async_context(partition.lock)
            due = [
                partition for partition in idle if partition.stored is not None and partition.seen > partition.stored
            ]
            if due:
                await save_seen(self._store, due)
                await self._wake(due)

    async def _wake(self, partitions: Sequence[Partition]) -> None:
        """Have those look again whose position turned out not to be theirs any more."""
        if any(partition.stored is None for partition in partitions):
            async with self.tail.refreshed:
                self.tail.refreshed.notify_all()


def _topics(subscriptions: Sequence[Subscription]) -> frozenset[str] | None:
    """What the process has to read: None for everything."""
    chosen = [subscription.topics for subscription in subscriptions]
    return None if None in chosen else frozenset().union(*(topics for topics in chosen if topics is not None))
