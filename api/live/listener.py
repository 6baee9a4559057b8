"""One listener: what it wants to hear of, and what waits to be sent to it, whose amount has a bound."""

from __future__ import annotations

import asyncio
import contextlib

from api.live.blocks import Ending, Viewer
from commerce.audit.search import EventFilter

QUEUED_EVENTS = 500
QUEUED_BYTES = 256 * 1024
"""What may wait to be sent to one listener; with more it is dropped, and reads on from the log when it is back."""


class Listener:
    """Somebody who hears of events that fulfil a filter."""

    def __init__(self, wanted: EventFilter, viewer: Viewer) -> None:
        self.wanted = wanted
        self.viewer = viewer
        self.ended: asyncio.Future[Ending] = asyncio.get_running_loop().create_future()
        """Done when the stream has to end."""
        self._queue: list[tuple[int, bytes]] = []
        self._bytes = 0
        self._came = asyncio.Event()

    def push(self, position: int, block: bytes) -> None:
        """Have an event be sent; the stream ends if too much waits already."""
        if self._queue and (len(self._queue) >= QUEUED_EVENTS or self._bytes + len(block) > QUEUED_BYTES):
            self.end(Ending.DROPPED)
        if not self.ended.done():
            self._queue.append((position, block))
            self._bytes += len(block)
            self._came.set()

    async def take(self, seconds: float) -> list[tuple[int, bytes]]:
        """All that waits to be sent, with its positions; nothing if nothing comes for so long."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._came.wait()
        self._came.clear()
        taken, self._queue, self._bytes = self._queue, [], 0
        return taken

    def end(self, ending: Ending) -> None:
        """Have the stream end; the first reason counts."""
        if not self.ended.done():
            self.ended.set_result(ending)
