"""A TCP proxy that loses what a network loses: a request, an answer, or everything from now on without closing."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Literal
from urllib.parse import urlsplit, urlunsplit

Fault = Literal["request lost", "answer lost", "silent"]


class Proxy:
    """Stands between a client and PostgreSQL. `fault` is what happens to the next message; while `open` is not
    set, nobody gets through."""

    def __init__(self, url: str) -> None:
        self.fault: Fault | None = None
        self.happened = asyncio.Event()
        self.open = asyncio.Event()
        self.open.set()
        self._target = urlsplit(url)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.setblocking(False)
        self._connections: set[asyncio.Task[None]] = set()

    @property
    def address(self) -> str:
        """Where to connect to instead."""
        credentials = self._target.netloc.rpartition("@")[0]
        return urlunsplit(self._target._replace(netloc=f"{credentials}@127.0.0.1:{self._listener.getsockname()[1]}"))

    async def run(self) -> None:
        """Pass on until cancelled."""
        try:
            while True:
                client, _ = await asyncio.get_running_loop().sock_accept(self._listener)
                task = asyncio.create_task(self._serve(client))
                self._connections.add(task)
                task.add_done_callback(self._connections.discard)
        finally:
            self._listener.close()
            await _end(self._connections)

    async def _serve(self, client: socket.socket) -> None:
        assert self._target.hostname
        with client, socket.create_connection((self._target.hostname, self._target.port or 5432)) as server:
            client.setblocking(False)
            server.setblocking(False)
            ways: set[asyncio.Task[None]] = set()
            try:
                await self.open.wait()
                ways = {
                    asyncio.create_task(self._pass_on(client, server, "request lost")),
                    asyncio.create_task(self._pass_on(server, client, "answer lost")),
                }
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                await _end(ways)

    async def _pass_on(self, source: socket.socket, target: socket.socket, lost: Fault) -> None:
        loop = asyncio.get_running_loop()
        with suppress(ConnectionError):
            while data := await loop.sock_recv(source, 65536):
                if self.fault == lost:
                    self.fault = None
                    self.happened.set()
                    return
                if self.fault == "silent":
                    self.happened.set()
                    await asyncio.Event().wait()
                await loop.sock_sendall(target, data)


async def _end(tasks: set[asyncio.Task[None]]) -> None:
    ending = list(tasks)
    for task in ending:
        task.cancel()
    await asyncio.gather(*ending, return_exceptions=True)


@asynccontextmanager
async def proxied(url: str) -> AsyncIterator[Proxy]:
    """A proxy to a database."""
    proxy = Proxy(url)
    running = asyncio.create_task(proxy.run())
    try:
        yield proxy
    finally:
        await _end({running})
