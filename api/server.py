"""Serves the application over HTTP on a socket, and ends without cutting off what is in flight."""

from __future__ import annotations

import asyncio
import gc
import signal
import socket
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import cast

import structlog
import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from api.app import create_app
from api.http.connections import Connection, Connections, bound
from commerce.runtime.settings import Settings
from commerce.values.errors import BadUsage

_log = structlog.get_logger(__name__)

BACKLOG_CONNECTIONS = 4096
UNREAD_TIMEOUT_S = 30
"""Seconds after which a client that takes nothing of an answer is given up."""
END_TIMEOUT_S = 8
"""Seconds that requests in flight are given to end."""
PARTING_S = 0.5
"""Seconds for which connections stay open at the end, and clients are told with each answer that it was the last
one."""

_LOOK_INTERVAL_S = 0.02
_LAST_ANSWER = (b"connection", b"close")


class ApiServer(uvicorn.Server):
    """A server that, once it is told to stop, lets nobody wait for the end of an order any longer."""

    def __init__(self, config: uvicorn.Config, before_end: Callable[[], None]) -> None:
        super().__init__(config)
        self._before_end = before_end

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no new connections, take leave of those that are there, and finish the requests in flight."""
        self._before_end()
        for server in self.servers:
            server.close()
        self._say_goodbye()
        await self._parted()
        await super().shutdown(sockets)

    def _say_goodbye(self) -> None:
        """Have every answer from now on end its connection; requests that have begun hold the headers of that
        moment."""
        headers = [*self.server_state.default_headers, _LAST_ANSWER]
        self.server_state.default_headers = headers
        for connection in self.server_state.connections:
            if isinstance(connection, HttpToolsProtocol) and connection.cycle is not None:
                connection.cycle.default_headers = headers

    async def _parted(self) -> None:
        """Wait until the clients have left: a request that is under way to a connection as it is closed would be
        lost."""
        until = time.monotonic() + PARTING_S
        while self.server_state.connections and time.monotonic() < until:  # noqa: ASYNC110 - uvicorn tells nobody when one ends
            await asyncio.sleep(_LOOK_INTERVAL_S)


def listen(settings: Settings) -> socket.socket:
    """The socket that the settings name. Raises `BadUsage` where the port is taken or the host is not this
    machine's."""
    host, port = settings.api_host, settings.api_port
    try:
        listening = socket.create_server((host, port), family=_family(host), backlog=BACKLOG_CONNECTIONS)
    except OSError as error:
        raise BadUsage(
            f"the API cannot listen on {host} port {port}: {error.strerror}; set COMMERCE_API_HOST or COMMERCE_API_PORT"
        ) from None
    except OverflowError:
        raise BadUsage(f"COMMERCE_API_PORT is {port}; a port is 0 to 65535") from None
    if sys.platform == "linux":  # its connections have it from this socket
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNREAD_TIMEOUT_S * 1000)
    return listening


async def serve(settings: Settings, listening: socket.socket) -> None:
    """Serve on a socket until told to stop. Raises `BadUsage` where the keys or the database cannot be used."""
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, _stopped)
        host, port = listening.getsockname()[:2]
        _log.info("listening", host=host, port=port)
        gc.collect()
        gc.freeze()  # what is there now stays, and need not be looked at again and again
        await server_of(app).serve(sockets=[listening])


def server_of(app: FastAPI) -> ApiServer:
    """The server of an application whose lifespan has begun."""
    connections = Connections(bound(), app.state.metrics.connections_ended)
    app.state.metrics.watch_connections(connections)
    config = uvicorn.Config(
        app,
        http=cast(type[asyncio.Protocol], partial(Connection, connections)),
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,  # nothing asks where a request came from
        server_header=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=END_TIMEOUT_S,
    )
    return ApiServer(config, app.state.parts.completions.release)


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _stopped(_number: int, _frame: object) -> None:
    """Swallow the signal that uvicorn raises once more after it has stopped in order."""
