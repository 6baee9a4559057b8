"""Connections and server on uvicorn: the only module that relies on how uvicorn is made inside.

uvicorn is pinned exactly for it, and `tests/unit/api/test_uvicorn_server.py` names each thing that it relies on.
"""

from __future__ import annotations

import asyncio
import socket
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

import uvicorn
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from api.http.connections import Connections
from api.http.error_handlers import problem_response
from api.http.errors import HEAD_TOO_LARGE, LARGEST_HEAD_BYTES, HeadTooLarge, MalformedRequest, RequestTooSlow
from api.http.request_checks import LARGEST_BODY_BYTES
from api.http.turns import HUNG_UP
from commerce.values.errors import CommerceError, Unavailable

if TYPE_CHECKING:
    from uvicorn.config import Config
    from uvicorn.server import ServerState

HEAD_TIMEOUT_S = 20.0
"""From the start of a connection, or the first byte of a further request, to the last byte of the request's head."""
BODY_TIMEOUT_S = 30.0
"""From the end of a request's head to the last byte of its body."""
PARTING_S = 0.5
"""How long connections stay open at the end, while every answer tells its client that it was the last one; and how
long a client that goes on sending what was rejected has for reading so."""

WRITE_ON = "write_on"
"""The key in a request's scope of a function that lets its answer be written on though the client does not read."""
UNHURRIED = "unhurried"
"""The key in a request's scope of a function that lets its body come for as long as it goes on coming, and its answer
wait until all of that was sent."""
UNREAD_ANSWER_S = 3600
"""The system ends such a connection whose client has acknowledged nothing for this long."""
_LOOK_INTERVAL_S = 0.02
_LAST_ANSWER = (b"connection", b"close")


class Connection(HttpToolsProtocol):
    """A connection that ends when its client is too slow; a client that has begun a request gets the reason as an
    answer."""

    def __init__(
        self,
        connections: Connections,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.address = ""
        self._all = connections
        self._timer: asyncio.TimerHandle | None = None
        self._in_head = self._in_body = False
        self._came_at: float | None = None
        """When something of a body came last that may take its time; None for any other."""
        self._unread_ms = 0
        self._head_bytes = self._unwanted_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin, and await the head of the first request."""
        super().connection_made(transport)
        self.address = self.client[0] if self.client else ""
        if not self._all.admit(self):
            self._reject(Unavailable("there are as many connections as can be served"))
            return
        self._all.idle(self)
        self._await(HEAD_TIMEOUT_S, self._on_no_head)

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._stop_timer()
        self._all.forget(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on; a head has to arrive in time, and within its bound."""
        if self.transport.is_closing():
            return
        if self._timer is None:  # nothing is awaited: another request begins
            self._await(HEAD_TIMEOUT_S, self._on_no_head)
        super().data_received(data)
        if not self._in_head:
            self._head_bytes = 0
            return
        self._head_bytes += len(data)
        if self._head_bytes > LARGEST_HEAD_BYTES:
            self._all.ended("head-too-large")
            self._reject(HeadTooLarge(HEAD_TOO_LARGE))

    def on_message_begin(self) -> None:
        """A head begins."""
        self._in_head, self._unwanted_bytes = True, 0
        self._await(HEAD_TIMEOUT_S, self._on_no_head)
        super().on_message_begin()
        scope = cast(dict[str, object], self.scope)
        scope[HUNG_UP] = self.transport.is_closing
        scope[WRITE_ON] = self.flow.resume_writing
        scope[UNHURRIED] = self._take_time

    def on_headers_complete(self) -> None:
        """A request begins; await its body."""
        self._in_head, self._in_body = False, True
        self._all.busy(self)
        self._await(BODY_TIMEOUT_S, self._on_no_body)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Read on; what comes after the answer is read for nothing, so that the client gets to reading the answer, and
        within a bound."""
        super().on_body(body)
        if self._came_at is not None:
            self._came_at = self.loop.time()
        if self.cycle.response_complete and self._unwanted_bytes <= LARGEST_BODY_BYTES:
            self._unwanted_bytes += len(body)
            if self._unwanted_bytes > LARGEST_BODY_BYTES:
                self._all.ended("unwanted-body")
                self.flow.pause_reading()
                self._await(PARTING_S, self.transport.close)

    def on_message_complete(self) -> None:
        """The whole request has arrived."""
        self._in_body = False
        self._stop_timer()
        if self._unwanted_bytes > LARGEST_BODY_BYTES:
            self.flow.resume_reading()
        super().on_message_complete()
        if self.cycle.response_complete:  # it was rejected before all of it arrived
            self._all.idle(self)
            self._await(HEAD_TIMEOUT_S, self._on_no_head)

    def on_response_complete(self) -> None:
        """The answer is sent."""
        self._hurry()
        another = bool(self.pipeline)
        super().on_response_complete()
        if not another and not self._in_body:
            self._all.idle(self)

    def send_400_response(self, msg: str) -> None:
        """Reject what is not HTTP/1.1."""
        self._reject(MalformedRequest("this is no request of HTTP/1.1; its method, path or headers cannot be read"))

    def _await(self, seconds: float, late: Callable[[], None]) -> None:
        self._stop_timer()
        self._timer = self.loop.call_later(seconds, late)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _on_no_head(self) -> None:
        if self.cycle is not None and not self.cycle.response_complete:  # an earlier request is still being answered
            self._await(HEAD_TIMEOUT_S, self._on_no_head)
            return
        self._all.ended("no-head")
        if self._in_head:
            self._reject(RequestTooSlow(f"the head of the request did not come within {HEAD_TIMEOUT_S:g} s"))
        else:
            self.transport.close()

    def _take_time(self) -> None:
        """Let the body come for as long as it goes on coming, and the answer be unread meanwhile."""
        self._came_at = self.loop.time()
        self._unread_ms = self._acknowledged_within(UNREAD_ANSWER_S * 1000)

    def _hurry(self) -> None:
        if self._came_at is not None:
            self._came_at = None
            self._acknowledged_within(self._unread_ms)

    def _acknowledged_within(self, milliseconds: int) -> int:
        """Have the system end the connection whose client acknowledges nothing for so long; answers what it was."""
        found = self.transport.get_extra_info("socket")
        if sys.platform != "linux" or found is None or self.transport.is_closing():
            return milliseconds
        before: int = found.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)
        found.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, milliseconds)
        return before

    def _on_no_body(self) -> None:
        if self._came_at is not None:
            quiet_s = 0.0 if self.flow.read_paused else self.loop.time() - self._came_at
            if quiet_s < BODY_TIMEOUT_S:
                self._await(BODY_TIMEOUT_S - quiet_s, self._on_no_body)
                return
        self._all.ended("no-body")
        if self.cycle.response_started:
            self.transport.close()
        else:
            self._reject(RequestTooSlow(f"the body did not come within {BODY_TIMEOUT_S:g} s"))

    def _reject(self, error: CommerceError) -> None:
        """Answer instead of the application, which sees the client hang up, and end the connection."""
        if self.transport.is_closing():
            return
        answer = problem_response(error)
        headers = [*self.server_state.default_headers, *answer.raw_headers, (b"connection", b"close")]
        lines = b"".join(b"%b: %b\r\n" % header for header in headers)
        self.transport.write(STATUS_LINE[answer.status_code] + lines + b"\r\n" + bytes(answer.body))
        self.transport.close()


class ApiServer(uvicorn.Server):
    """A server that takes leave of its clients before it ends; `before_end` lets go of those that wait."""

    def __init__(self, config: uvicorn.Config, before_end: Callable[[], None]) -> None:
        super().__init__(config)
        self._before_end = before_end

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept no new connections, say goodbye on the open ones, and finish the requests in flight."""
        self._before_end()
        for server in self.servers:
            server.close()
        self._say_goodbye()
        await self._await_leaving()
        await super().shutdown(sockets)

    def _say_goodbye(self) -> None:
        """Make every further answer end its connection; requests under way hold their own list of headers."""
        headers = [*self.server_state.default_headers, _LAST_ANSWER]
        self.server_state.default_headers = headers
        for connection in self.server_state.connections:
            if isinstance(connection, Connection) and connection.cycle is not None:
                connection.cycle.default_headers = headers

    async def _await_leaving(self) -> None:
        """Wait until the clients have left: a request that arrives at a closing connection is lost."""
        until = time.monotonic() + PARTING_S
        while self.server_state.connections and time.monotonic() < until:  # noqa: ASYNC110 - no event tells
            await asyncio.sleep(_LOOK_INTERVAL_S)
