"""The open connections of one API process, whose number has a bound.

At the bound, the address with the most idle connections loses the oldest of them to a new connection.
"""

from __future__ import annotations

import resource
from collections import OrderedDict
from typing import TYPE_CHECKING

import structlog
from prometheus_client import Counter

if TYPE_CHECKING:
    from api.http.uvicorn_server import Connection

MOST_CONNECTIONS = 5_000
"""The bound of a process that may open enough files."""

_OTHER_FILES = 256
"""Open files that are no connections of clients: the database's, libraries, logs."""

_log = structlog.get_logger(__name__)


class Connections:
    """All open connections, and the idle ones (without a request under way) by address, the oldest first."""

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
        """Take a new one in; False if the bound is reached and no connection is idle."""
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
        """Count a connection that this side ends."""
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


def bound() -> int:
    """How many connections a process can have: as many as it may open files, at most `MOST_CONNECTIONS`."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_CONNECTIONS + _OTHER_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(hard, wanted)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return MOST_CONNECTIONS if soft == resource.RLIM_INFINITY else max(16, min(MOST_CONNECTIONS, soft - _OTHER_FILES))
