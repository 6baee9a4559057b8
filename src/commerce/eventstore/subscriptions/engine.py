"""Runs the subscriptions of one process: leases partitions, works on them, stands by for others, and says how it
goes."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass

import psycopg
import structlog

from commerce.eventstore.store import EventStore
from commerce.eventstore.subscriptions.commits import Committer
from commerce.eventstore.subscriptions.leases import Leases
from commerce.eventstore.subscriptions.partition import Partition, save_seen
from commerce.eventstore.subscriptions.runner import Runner
from commerce.eventstore.subscriptions.standby import Watch
from commerce.eventstore.subscriptions.subscription import Subscription
from commerce.eventstore.subscriptions.tail import Tail
from commerce.runtime.tasks import end_tasks
from commerce.runtime.watchdog import Stuck
from commerce.values.errors import Unavailable

LEASE_INTERVAL_S = 1.0
SAVE_INTERVAL_S = 0.25
STOP_TIMEOUT_S = 5.0
"""Seconds: between looks at the leases, between stores of positions without effects, and for batches under way at
the end."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one partition that this process holds has come."""

    partition: str
    position: int
    lag: int
    handled: int
    parked: int
    """Events that wait aside, as they or one before them could not be handled."""
    problem: str | None


class Engine:
    """The subscriptions of one process, as supervised tasks.

    `pace` is the seconds between two batches of a partition, at least. At most `concurrent_partitions` are worked on
    side by side, else all of them: one that waits for the database lets another one fold. Who hands in the `tail` that
    several engines of a process share starts and stops it.
    """

    def __init__(
        self,
        store: EventStore,
        subscriptions: Sequence[Subscription],
        pace: float | None = None,
        concurrent_partitions: int | None = None,
        tail: Tail | None = None,
    ) -> None:
        self._has_own_tail = tail is None
        self.tail = tail or Tail(store, _topics(subscriptions), pace, known=store.known_topics)
        self._store = store
        self._leases = Leases(store.address, subscriptions)
        self._committer = Committer(store.pool)
        partitions = [
            Partition(store, subscription, number, self.tail, self._committer)
            for subscription in subscriptions
            for number in range(subscription.partitions)
        ]
        self._stopping = asyncio.Event()
        turns = asyncio.Semaphore(concurrent_partitions or max(1, len(partitions)))
        self._runners = {
            partition.name: Runner(
                partition,
                tail=self.tail,
                pool=store.pool,
                turns=turns,
                stopping=self._stopping,
                give_up=self._give_up,
                pace_s=max(partition.subscription.pace_s, 0.0 if self._has_own_tail else pace or 0.0),
            )
            for partition in partitions
        }
        self._watch = Watch(store.pool, self._leases)
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begin to follow."""
        if self._has_own_tail:
            await self.tail.start()
        self._tasks = [asyncio.create_task(runner.run(), name=name) for name, runner in self._runners.items()]
        self._tasks += [
            asyncio.create_task(self._keep_leases(), name="leases"),
            asyncio.create_task(self._keep_positions(), name="positions"),
        ]

    async def stop(self) -> None:
        """Finish the batches under way unless they take long, store the positions, give up the leases."""
        self._stopping.set()
        for runner in self._runners.values():
            runner.leased.set()
        await self.tail.wake()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=STOP_TIMEOUT_S)
            await end_tasks(late)
            await asyncio.gather(*self._tasks, return_exceptions=True)
            self._tasks.clear()  # what a task was cancelled in stays open while the task is kept
        await self._committer.stop()
        with suppress(Unavailable, TimeoutError, psycopg.Error):
            async with asyncio.timeout(1):
                await self._save_positions()
        await self._leases.close()
        if self._has_own_tail:
            await self.tail.stop()

    def problems(self) -> dict[str, str]:
        """What is wrong, by part; empty when all is well."""
        found = {name: runner.problem for name, runner in self._runners.items() if runner.problem is not None}
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
        head = self.tail.head
        held = [runner for name, runner in self._runners.items() if name in self._leases.held]
        each = [(runner.partition, runner.problem) for runner in held]
        return [
            Progress(own.name, own.seen, max(0, head - own.seen), own.handled, own.parked.count, problem)
            for own, problem in each
        ]

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
            runners = [one for one in self._runners.values() if one.partition.subscription.name == subscription]
            held = [one for one in runners if one.partition.name in self._leases.held]
            for surplus in held[share:]:
                await self._give_up(surplus)
            for runner in runners:
                if runner.partition.name in self._leases.held or runner.rests or len(held) >= share:
                    continue
                if await self._take(runner):
                    held.append(runner)
        with suppress(Unavailable):
            await self._watch_others()

    async def _take(self, runner: Runner) -> bool:
        taken = await self._leases.take(runner.partition.name)
        if taken:
            runner.may_have_stopped = True
            runner.leased.set()
        return taken

    async def _give_up(self, runner: Runner) -> None:
        """Let others have a partition, once the batch under way is through."""
        runner.leased.clear()
        await self.tail.wake()
        async with runner.partition.lock:
            await self._leases.give_up(runner.partition.name)

    async def _watch_others(self) -> None:
        """Where others get on, nothing fails any more; one that stands still is ended, and what nobody holds is
        taken.

        A partition can be nobody's although there are events for it: a process that is frozen counts when shares are
        made.
        """
        others = [name for name in self._runners if name not in self._leases.held]
        if not others:
            return
        positions = await self._watch.positions(others)
        for name, position in positions.items():
            if position > self._runners[name].partition.seen or position >= self.tail.head:
                self._runners[name].problem = None
        for still in await self._watch.standstills(positions, self.tail.head):
            if still.holder is not None:
                await self._leases.end_holder(still.partition, still.holder, still.position)
            if not self._runners[still.partition].rests:
                await self._take(self._runners[still.partition])

    def _lose_leases(self) -> None:
        for runner in self._runners.values():
            runner.leased.clear()

    async def _keep_positions(self) -> None:
        while not self._stopping.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), SAVE_INTERVAL_S)
            with suppress(Unavailable, psycopg.Error):
                await self._save_positions()

    async def _save_positions(self) -> None:
        """Store, in one statement, the positions that were reached without anything to do."""
        held = [self._runners[name].partition for name in sorted(self._leases.held)]
        idle = [partition for partition in held if not partition.lock.locked()]
        async with AsyncExitStack() as locks:
            for partition in idle:
                await locks.enter_async_context(partition.lock)
            due = [
                partition for partition in idle if partition.stored is not None and partition.seen > partition.stored
            ]
            if due:
                await save_seen(self._store, due)
            if any(partition.stored is None for partition in due):  # its position is no longer the one we know
                await self.tail.wake()


def _topics(subscriptions: Sequence[Subscription]) -> frozenset[str] | None:
    """What the process has to read: None for everything."""
    chosen = [subscription.topics for subscription in subscriptions]
    return None if None in chosen else frozenset().union(*(topics for topics in chosen if topics is not None))
