"""People who look at the console's live page of today, and what they are told of the day's orders."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import cast

_PLACED = re.compile(rb'orders\?placed_from=[0-9-]+\\">(\d+)<')
"""The number of today's orders in what the page is sent."""
_BEGIN_WITHIN_S = 60.0


class Viewer(asyncio.Protocol):
    """A connection, and when it was told of how many orders."""

    def __init__(self, request: bytes) -> None:
        self.told: list[tuple[float, int]] = []
        """When, by `time.perf_counter`, and how many orders there were."""
        self.begun = asyncio.Event()
        self._request = request
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        now = time.perf_counter()
        *blocks, self._rest = (self._rest + data).split(b"\n\n")
        for block in blocks:
            if found := _PLACED.search(block):
                self.told.append((now, int(found[1])))
                self.begun.set()

    @property
    def orders(self) -> int:
        """How many orders it was told of last."""
        return self.told[-1][1] if self.told else 0

    def knew(self, orders: int) -> float:
        """When it was told of so many orders."""
        return next(at for at, known in self.told if known >= orders)


@asynccontextmanager
async def viewing(url: str, cookies: str, number: int) -> AsyncIterator[list[Viewer]]:
    """So many viewers, each with a connection of its own, who have seen the page."""
    host, port = url.removeprefix("http://").split(":")
    request = f"GET /console/live HTTP/1.1\r\nHost: {host}:{port}\r\nCookie: {cookies}\r\n\r\n".encode()
    loop = asyncio.get_running_loop()
    viewers = []
    try:
        for _ in range(number):
            _, viewer = await loop.create_connection(partial(Viewer, request), host, int(port))
            viewers.append(viewer)
        async with asyncio.timeout(_BEGIN_WITHIN_S):
            await asyncio.gather(*(viewer.begun.wait() for viewer in viewers))
        yield viewers
    finally:
        for viewer in viewers:
            viewer.transport.close()
