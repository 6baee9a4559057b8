"""The end of the log, read once per process and shared by all of its subscriptions."""

from __future__ import annotations

import asyncio
import contextlib
from bisect import bisect_right
from collections.abc import Callable

import psycopg
import structlog
from psycopg import AsyncConnection, sql

from commerce.eventstore.codec.records import Recorded
from commerce.eventstore.read.log import LogReader
from commerce.eventstore.read.slices import Filter, Slice, read_slice
from commerce.eventstore.subscriptions.announcement import Announcement
from commerce.runtime.error_text import error_text
from commerce.runtime.tasks import end_tasks
from commerce.runtime.watchdog import Stuck
from commerce.values.errors import Unavailable

CHANNEL = "commerce_events"
REQUESTS_CHANNEL = "commerce_requests"
"""Notified where something is asked of workers in a table, so that they need not look again and again."""
KEPT_EVENTS = 4_000
KEPT_BYTES = 32 * 2**20
"""How many events of the end of the log, and how many bytes, stay in memory; a subscription further behind reads from
the database."""

TAIL_PACE_S = 0.01
"""Seconds between two looks at the log, at least: where appends follow each other fast, those in between are
handled together."""

LONE_PACE_S = 0.001
"""Likewise where an order has the system nearly to itself, and would wait for nothing but the clock."""

_LONE_EVENTS, _LONE_ORDERS = 8, 3
"""It has where the last look found so many events at most, and the last so many are of so few orders: an import is one
cause of very many."""

REST_FACTOR = 10
LONGEST_REST_FACTOR = 5
"""A look may take a tenth of the time only: on a busy machine, where it takes longer, the next is up to five
times as late."""

_READ_BATCH_EVENTS = 2_000
_TICK_S = 1.0
"""Seconds after which the log is looked at even if nobody rang."""

_log = structlog.get_logger(__name__)


class Tail:
    """Follows the end of the log for one process; woken by NOTIFY, and by a tick should a ring be lost.

    `refreshed` is notified after each look at the log. Rows of `topics` only are kept, until `keep` names others, and
    of those that are not `known`, as in `Filter`; None keeps all. While nobody is `awaiting` what it finds, the tick
    alone makes it look. `pace` is the seconds between two looks, at least; None goes by what there is to do.
    """

    def __init__(
        self,
        reader: LogReader,
        topics: frozenset[str] | None,
        pace: float | None = None,
        *,
        known: frozenset[str] | None = None,
        awaiting: Callable[[], bool] = lambda: True,
    ) -> None:
        self.refreshed = asyncio.Condition()
        self.head = 0
        self._problem: str | None = "not started"
        self._reader = reader
        self._topics = topics
        self._known = known
        self._pace = pace
        self._awaiting = awaiting
        self._events: list[Recorded] = []
        self._bytes = 0
        self._found = 0
        self._start = 0
        self._rung = asyncio.Event()
        self._requested: list[asyncio.Event] = []
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def problem(self) -> str | None:
        """What keeps the end of the log from being followed; none while all is well."""
        ended = [task.get_name() for task in self._tasks if task.done()]
        return Stuck(f"ended: {', '.join(ended)}") if ended else self._problem

    async def start(self) -> None:
        """Begin at the present end of the log."""
        self._start = self.head = await self._reader.head()
        self._problem = None
        self._tasks = [
            asyncio.create_task(self._listen(), name="bell"),
            asyncio.create_task(self._follow(), name="tail"),
        ]

    async def stop(self) -> None:
        """Stop looking."""
        await end_tasks(self._tasks)
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()  # what a task was cancelled in stays open while the task is kept

    def keep(self, topics: frozenset[str] | None) -> None:
        """Keep rows of other topics from now on: of events before the present end, what is wanted is read from the
        log."""
        if topics != self._topics:
            self._topics = topics
            self.forget(self.head)

    def requests(self) -> asyncio.Event:
        """An event of the caller's own, which is set whenever something may have been asked of workers in a table."""
        requested = asyncio.Event()
        self._requested.append(requested)
        return requested

    async def wake(self) -> None:
        """Have those who wait for `refreshed` look again, as something else has changed for them."""
        async with self.refreshed:
            self.refreshed.notify_all()

    async def changed(self, beyond: int, timeout: float) -> bool:  # noqa: ASYNC109 - a wait on a condition, not on I/O
        """Wait until the log's end is past a position; false when `timeout` seconds went by."""
        try:
            async with asyncio.timeout(timeout), self.refreshed:
                await self.refreshed.wait_for(lambda: self.head > beyond)
        except TimeoutError:
            return False
        return True

    async def read(self, after: int, chosen: Filter, limit: int) -> Slice:
        """At most `limit` events after a position; from memory if they are there."""
        if after < self._start:
            head = self.head
            found = await read_slice(self._reader.pool, after, chosen, limit)
            # the log can end before the head that was seen: its last row was taken out of it
            return found if found.events or found.more else Slice((), max(found.until, head))
        begin = bisect_right(self._events, after, key=_position)
        events: list[Recorded] = []
        for recorded in self._events[begin:]:
            if chosen.takes(recorded):
                events.append(recorded)
                if len(events) == limit:
                    return Slice(events, recorded.position)
        return Slice(events, max(self.head, after))

    def forget(self, until: int) -> None:
        """Let go of the events up to a position: who wants them reads them from the log again."""
        begin = bisect_right(self._events, until, key=_position)
        self._bytes -= sum(len(event.state) for event in self._events[:begin])
        del self._events[:begin]
        self._start = max(self._start, until)

    async def _follow(self) -> None:
        loop = asyncio.get_running_loop()
        next_look = loop.time()
        while True:
            await asyncio.sleep(next_look - loop.time())
            began = loop.time()
            self._rung.clear()
            try:
                full = await self._refresh()
                self._problem = None
            except (Unavailable, psycopg.Error) as error:
                self._problem = error_text(error)
                full = False
            next_look = began + self._pause_s(loop.time() - began)
            if not full:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._rung.wait(), _TICK_S)

    def _pause_s(self, took_s: float) -> float:
        """From the beginning of a look to the next."""
        if self._pace is None and self._is_lone:
            return max(LONE_PACE_S, took_s)
        pace = self._pace or TAIL_PACE_S
        return min(max(pace, REST_FACTOR * took_s), LONGEST_REST_FACTOR * pace)

    @property
    def _is_lone(self) -> bool:
        orders = {event.correlation_id for event in self._events[-_LONE_EVENTS:]}
        return self._found <= _LONE_EVENTS and len(orders) <= _LONE_ORDERS

    async def _refresh(self) -> bool:
        """Take over what is new; true when there may be more."""
        topics = self._topics
        head, events = await self._reader.read_beyond(self.head, topics, _READ_BATCH_EVENTS, self._known)
        self._found = len(events)
        if topics is not self._topics:
            return True  # others are kept by now: they are looked for at once
        if head <= self.head:
            return False
        full = len(events) == _READ_BATCH_EVENTS
        async with self.refreshed:
            self._events += events
            self._bytes += sum(len(event.state) for event in events)
            self._trim()
            self.head = events[-1].position if full else head
            self.refreshed.notify_all()
        return full

    def _trim(self) -> None:
        surplus = 0
        while len(self._events) - surplus > KEPT_EVENTS or self._bytes > KEPT_BYTES:
            self._bytes -= len(self._events[surplus].state)
            surplus += 1
        if surplus:
            self._start = self._events[surplus - 1].position
            del self._events[:surplus]

    async def _listen(self) -> None:
        while True:
            try:
                connection = await AsyncConnection.connect(self._reader.address, autocommit=True)
                try:
                    for channel in (CHANNEL, REQUESTS_CHANNEL):
                        await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
                    self._rung.set()
                    self._tell_of_requests()
                    async for notice in connection.notifies():
                        if notice.channel == REQUESTS_CHANNEL:
                            self._tell_of_requests()
                        elif self._awaiting():
                            await self._hear(Announcement.read(notice.payload))
                finally:
                    await connection.close()  # waits for nothing, so that no second cancellation can keep it open
            except psycopg.Error as error:
                _log.warning("bell lost, ticking on", error=type(error).__name__)
            await asyncio.sleep(_TICK_S)

    async def _hear(self, announced: Announcement | None) -> None:
        """Look at what was appended, unless that was seen, or there is nothing to keep in it, nor before it."""
        if announced is not None and announced.last <= self.head:
            return
        if announced is None or announced.first != self.head + 1 or any(map(self._keeps, announced.topics)):
            self._rung.set()
            return
        async with self.refreshed:
            self.head = max(self.head, announced.last)
            self.refreshed.notify_all()

    def _keeps(self, topic: str) -> bool:
        if self._topics is None or topic in self._topics:
            return True
        return self._known is not None and topic not in self._known

    def _tell_of_requests(self) -> None:
        for requested in self._requested:
            requested.set()


def _position(recorded: Recorded) -> int:
    return recorded.id
