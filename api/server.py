"""Serves the application over HTTP on a socket, and ends without cutting off what is in flight."""

from __future__ import annotations

import asyncio
import gc
import signal
import socket
import sys
from functools import partial
from typing import cast

import structlog
import uvicorn
from fastapi import FastAPI

from api.app import create_app
from api.http.connections import Connections, bound
from api.http.protection import EVERYWHERE
from api.http.uvicorn_server import ApiServer, Connection
from commerce.runtime.settings import Settings
from commerce.values.errors import BadUsage

_log = structlog.get_logger(__name__)

BACKLOG_CONNECTIONS = 4096
UNREAD_TIMEOUT_S = 30
"""The system ends a connection whose client has acknowledged nothing for this long."""
END_TIMEOUT_S = 8
"""How long requests in flight may take to end."""


def listen(settings: Settings) -> socket.socket:
    """The socket that the settings name.

    Raises `BadUsage` where the port is taken, or the host is not this machine's.
    """
    host, port = settings.api_host, settings.api_port
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family, backlog=BACKLOG_CONNECTIONS)
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
    """Serve on a socket until a signal comes.

    Raises `BadUsage` for proxies that are no addresses, and where the keys or the database cannot be used.
    """
    proxies, app = settings.checked_proxies(), create_app(settings)
    async with app.router.lifespan_context(app):
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, _stopped)
        host, port = listening.getsockname()[:2]
        _log.info("listening", host=host, port=port)
        gc.collect()
        gc.freeze()  # what exists now stays: the collector need not look at it again
        await server_of(app, proxies).serve(sockets=[listening])


def server_of(app: FastAPI, proxies: list[str]) -> ApiServer:
    """The server of an application whose lifespan has begun, behind proxies at these addresses, if any."""
    connections = Connections(bound(), app.state.metrics.connections_ended)
    app.state.metrics.watch_connections(connections)
    config = uvicorn.Config(
        app,
        http=cast(type[asyncio.Protocol], partial(Connection, connections)),
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=proxies,
        headers=EVERYWHERE,
        server_header=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=END_TIMEOUT_S,
    )
    return ApiServer(config, app.state.context.release)


def _stopped(_number: int, _frame: object) -> None:
    """Swallow the signal that uvicorn raises once more after it has stopped in order."""
