"""Tells all listeners of one process what is appended to the log: it is read once, and handed on in memory."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from uuid import UUID

from api.http.errors import TooManyRequests
from api.live.blocks import Ending, Shown, Viewer, blocks_of
from api.live.listener import Listener
from api.orders.completion import ENDS
from commerce.audit.search import fulfils
from commerce.eventstore import EventStore, Filter, Recorded, Tail
from commerce.runtime.tasks import end_tasks
from commerce.values.errors import Unavailable

STREAMS_OF_CUSTOMER = 10
"""How many streams one customer may have open at one process."""
_READ_BATCH_EVENTS = 100
"""Handed on to perhaps all listeners before other tasks have their turn."""
_LONGEST_WAIT_S = 60.0
_RETRY_S = 1.0
_ALL_RETRY_S = 5
"""What `Retry-After` says where there are as many listeners as there may be."""


class Feed:
    """The listeners of one process, by the order or the stream that they hear of, or of the whole log.

    The end of the log keeps all events while somebody listens, and otherwise only those that `Completions` needs.
    """

    def __init__(self, store: EventStore, most: int) -> None:
        self._store = store
        self._most = most
        self._seen = 0
        """Up to this position everything was handed on, or is about to be."""
        self._open: Counter[str | None] = Counter()
        self._all: set[Listener] = set()
        self._of_log: set[Listener] = set()
        """Those who hear of every order and stream."""
        self._of_order: dict[UUID, set[Listener]] = {}
        self._of_stream: dict[UUID, set[Listener]] = {}
        self._joined = asyncio.Event()
        self._released = False
        self._tail: Tail | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def awaited(self) -> bool:
        """Whether anybody listens."""
        return bool(self._all)

    @property
    def streams(self) -> int:
        """How many streams are open."""
        return self._open.total()

    @property
    def alive(self) -> bool:
        """Whether listeners would be told."""
        return self._task is not None and not self._task.done()

    def start(self, tail: Tail) -> None:
        """Hand on what is found at this end of the log from now on."""
        self._tail = tail
        self._task = asyncio.create_task(self._follow(tail), name="feed")

    async def stop(self) -> None:
        """Let go of all listeners, and hand nothing on any more."""
        self.release()
        if self._task is not None:
            await end_tasks([self._task])
            await asyncio.gather(self._task, return_exceptions=True)

    def release(self) -> None:
        """Let go of all listeners, as the process is about to stop."""
        self._released = True
        for listener in self._all:
            listener.end(Ending.CLOSING)

    @contextmanager
    def admitted(self, customer: str | None) -> Iterator[None]:
        """While one stream is open.

        Raises `Unavailable` where there are as many as there may be, and `TooManyRequests` where a customer has too
        many.
        """
        if self._released or self.streams >= self._most:
            raise Unavailable("there are as many listeners as this process can have; try again", _ALL_RETRY_S)
        if customer is not None and self._open[customer] >= STREAMS_OF_CUSTOMER:
            raise TooManyRequests(f"you have {STREAMS_OF_CUSTOMER} streams open already; end one first", _ALL_RETRY_S)
        self._open[customer] += 1
        try:
            yield
        finally:
            self._open[customer] -= 1
            if not self._open[customer]:
                del self._open[customer]

    def join(self, listener: Listener) -> int:
        """Tell a listener of every event beyond a position, which is the answer; what is before it reads itself."""
        assert self._tail is not None
        if not self._all:
            self._tail.keep(None)
            self._seen = self._tail.head
            self._joined.set()
        self._all.add(listener)
        if not listener.wanted.indexed:
            self._of_log.add(listener)
        for index, key in self._places_of(listener):
            index.setdefault(key, set()).add(listener)
        if self._released:
            listener.end(Ending.CLOSING)
        return self._seen

    def leave(self, listener: Listener) -> None:
        """Tell a listener nothing any more."""
        if listener not in self._all:
            return
        self._all.discard(listener)
        self._of_log.discard(listener)
        for index, key in self._places_of(listener):
            index[key].discard(listener)
            if not index[key]:
                del index[key]
        if not self._all and self._tail is not None:
            self._joined.clear()
            self._tail.keep(ENDS)

    def _places_of(self, listener: Listener) -> Iterator[tuple[dict[UUID, set[Listener]], UUID]]:
        """Where a listener is found: by its order, and by each of its streams."""
        if listener.wanted.correlation_id is not None:
            yield self._of_order, listener.wanted.correlation_id
        for stream in listener.wanted.streams or ():
            yield self._of_stream, stream

    def _who_hears(self, recorded: Recorded) -> Iterator[Listener]:
        of_order = self._of_order.get(recorded.correlation_id, ()) if recorded.correlation_id else ()
        of_stream = self._of_stream.get(recorded.stream, ())
        for listener in {*of_order, *of_stream, *self._of_log}:
            if fulfils(recorded, listener.wanted):
                yield listener

    async def _follow(self, tail: Tail) -> None:
        while True:
            await self._joined.wait()
            await tail.changed(self._seen, _LONGEST_WAIT_S)
            try:
                found = await tail.read(self._seen, Filter(None), _READ_BATCH_EVENTS)
            except Unavailable:  # the tail says so in its `problem`
                await asyncio.sleep(_RETRY_S)
                continue
            self._seen = found.until  # who joins while this is handed on begins here
            heard = [(recorded, listener) for recorded in found.events for listener in self._who_hears(recorded)]
            blocks = await self._blocks([(recorded, listener.viewer) for recorded, listener in heard])
            for recorded, listener in heard:
                listener.push(recorded.position, blocks[recorded.position, listener.viewer])

    async def _blocks(self, shown: Sequence[tuple[Recorded, Viewer]]) -> dict[Shown, bytes]:
        """The text of events; tried until people's keys can be read."""
        while True:
            try:
                return await blocks_of(self._store, shown) if shown else {}
            except Unavailable:
                await asyncio.sleep(_RETRY_S)
