"""The connections of one API process: nobody keeps one without asking something, and their number has a bound.

Where the bound is reached, the address that has most of them without a request under way loses the oldest of those.
"""

from __future__ import annotations

import asyncio
import resource
from collections import OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

import structlog
from prometheus_client import Counter
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from api.http.errors import HEAD_TOO_LARGE, LARGEST_HEAD_BYTES, HeadTooLarge, MalformedRequest, RequestTooSlow
from api.http.problems import before_the_application
from api.http.turns import HUNG_UP
from commerce.values.errors import CommerceError, Unavailable

if TYPE_CHECKING:
    from uvicorn.config import Config
    from uvicorn.server import ServerState

HEAD_TIMEOUT_S = 20.0
"""Seconds from a connection's begin, or from the first byte of a further request, to the last byte of the
request's head."""
BODY_TIMEOUT_S = 30.0
"""Seconds from a request's head to the last byte of its body."""
MOST_CONNECTIONS = 5_000
"""Connections of a process, where it may open enough files."""

_OTHER_FILES = 256
"""Files that are no connections of clients: the database's, libraries, logs."""

_log = structlog.get_logger(__name__)


class Connections:
    """Which connections there are, and which of them have no request under way, by address and the oldest first."""

    def __init__(self, most: int, ended: Counter) -> None:
        self.most = most
        self._ended = ended
        self._open: set[Connection] = set()
        self._idle: dict[str, OrderedDict[Connection, None]] = {}
        self._full = False

    @property
    def count(self) -> int:
        """How many are open."""
        return len(self._open)

    def admit(self, connection: Connection) -> bool:
        """Take a new one in; False where all that there are have a request under way."""
        if len(self._open) >= self.most and not self._make_room():
            self.ended("too-many")
            return False
        self._open.add(connection)
        return True

    def idle(self, connection: Connection) -> None:
        """A connection has no request under way from now on."""
        if connection in self._open:
            self._idle.setdefault(connection.address, OrderedDict())[connection] = None

    def busy(self, connection: Connection) -> None:
        """A connection has a request under way from now on."""
        of_address = self._idle.get(connection.address)
        if of_address is not None and connection in of_address:
            del of_address[connection]
            if not of_address:
                del self._idle[connection.address]

    def forget(self, connection: Connection) -> None:
        """A connection has ended."""
        self._open.discard(connection)
        self.busy(connection)
        if self._full and len(self._open) < self.most * 0.9:
            self._full = False

    def ended(self, reason: str) -> None:
        """Count one that is ended from this side."""
        self._ended.labels(reason).inc()

    def _make_room(self) -> bool:
        if not self._full:
            self._full = True
            _log.warning("connections are at their bound; those without a request end first", bound=self.most)
        if not self._idle:
            return False
        of_address = max(self._idle.values(), key=len)
        oldest = next(iter(of_address))
        self.forget(oldest)
        self.ended("too-many")
        oldest.transport.close()
        return True


class Connection(HttpToolsProtocol):
    """A connection that ends where its client takes too long, and is told why where it began to ask."""

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
        self._head_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin: the head of the first request is awaited."""
        super().connection_made(transport)
        self.address = self.client[0] if self.client else ""
        if not self._all.admit(self):
            self._refuse(Unavailable("there are as many connections as can be served"))
            return
        self._all.idle(self)
        self._await(HEAD_TIMEOUT_S, self._on_no_head)

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._stop_timer()
        self._all.forget(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on; a head has to be whole in time, and within its bound."""
        if self.transport.is_closing():
            return
        if self._timer is None:  # nothing was awaited: another request may begin
            self._await(HEAD_TIMEOUT_S, self._on_no_head)
        super().data_received(data)
        if not self._in_head:
            self._head_bytes = 0
            return
        self._head_bytes += len(data)
        if self._head_bytes > LARGEST_HEAD_BYTES:
            self._all.ended("head-too-large")
            self._refuse(HeadTooLarge(HEAD_TOO_LARGE))

    def on_message_begin(self) -> None:
        """A head begins."""
        self._in_head = True
        self._await(HEAD_TIMEOUT_S, self._on_no_head)
        super().on_message_begin()
        cast(dict[str, object], self.scope)[HUNG_UP] = self.transport.is_closing

    def on_headers_complete(self) -> None:
        """A request begins; its body is awaited."""
        self._in_head, self._in_body = False, True
        self._all.busy(self)
        self._await(BODY_TIMEOUT_S, self._on_no_body)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """A request has come whole."""
        self._in_body = False
        self._stop_timer()
        super().on_message_complete()
        if self.cycle.response_complete:  # it was rejected before it had come whole
            self._all.idle(self)
            self._await(HEAD_TIMEOUT_S, self._on_no_head)

    def on_response_complete(self) -> None:
        """An answer is sent."""
        another = bool(self.pipeline)
        super().on_response_complete()
        if not another and not self._in_body:
            self._all.idle(self)

    def send_400_response(self, msg: str) -> None:
        """Reject what is not HTTP."""
        self._refuse(MalformedRequest("this is no request of HTTP/1.1; its method, path or headers cannot be read"))

    def _await(self, seconds: float, late: Callable[[], None]) -> None:
        self._stop_timer()
        self._timer = self.loop.call_later(seconds, late)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _on_no_head(self) -> None:
        if self.cycle is not None and not self.cycle.response_complete:  # the answer to an earlier one comes first
            self._await(HEAD_TIMEOUT_S, self._on_no_head)
            return
        self._all.ended("no-head")
        if self._in_head:
            self._refuse(RequestTooSlow(f"the head of the request did not come within {HEAD_TIMEOUT_S:g} s"))
        else:
            self.transport.close()

    def _on_no_body(self) -> None:
        self._all.ended("no-body")
        if self.cycle.response_started:
            self.transport.close()
        else:
            self._refuse(RequestTooSlow(f"the body did not come within {BODY_TIMEOUT_S:g} s"))

    def _refuse(self, error: CommerceError) -> None:
        """Answer past the application, for which it is as if the client hung up, and end the connection."""
        if self.transport.is_closing():
            return
        answer = before_the_application(error)
        headers = [*self.server_state.default_headers, *answer.raw_headers, (b"connection", b"close")]
        lines = b"".join(b"%b: %b\r\n" % header for header in headers)
        self.transport.write(STATUS_LINE[answer.status_code] + lines + b"\r\n" + bytes(answer.body))
        self.transport.close()


def bound() -> int:
    """How many connections a process can have: as many files as the system lets it open, at most `MOST_CONNECTIONS`."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_CONNECTIONS + _OTHER_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(hard, wanted)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return MOST_CONNECTIONS if soft == resource.RLIM_INFINITY else max(16, min(MOST_CONNECTIONS, soft - _OTHER_FILES))
