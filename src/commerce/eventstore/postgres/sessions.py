"""What every session of a process with the database has: its process's name, and limits on waits and on silent
peers."""

from __future__ import annotations

import asyncio
import os
import select
import socket
from collections import deque
from typing import Any, TypeVar

import psycopg
from psycopg import AsyncConnection
from psycopg.abc import PQGen
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg_pool import AsyncConnectionPool

T = TypeVar("T")

LIMITS = {
    "statement_timeout": "30s",
    "lock_timeout": "10s",
    "idle_in_transaction_session_timeout": "10s",
    "tcp_user_timeout": "3s",
    "tcp_keepalives_idle": "5s",
    "tcp_keepalives_interval": "2s",
    "tcp_keepalives_count": "3",
}
"""Settings of PostgreSQL, by which it ends what waits too long, and frees the locks of a client that is gone or
frozen."""


SLOWEST_STATEMENT_S = 30.0
"""Seconds that a statement of a session may take, unless the caller that opens it says otherwise."""

_GRACE_S = 2.0
_CHECK_TIMEOUT_S = 2.0
_FRESH_S = 1.0
_UNUSED_S = 30.0
"""Seconds after which a session that nobody needed is closed, one after the other."""


class Session(AsyncConnection[Any]):
    """A connection that hangs up on a server which does not answer within `answer_timeout_s`; then it is broken.

    A server that lives ends a statement that takes too long itself; a frozen one, or a silent network, ends nothing,
    and cancelling waits for it too.
    """

    answer_timeout_s = SLOWEST_STATEMENT_S + _GRACE_S
    answered_at = 0.0
    """The loop's time of the last answer."""

    async def wait(self, gen: PQGen[T], *arguments: Any, **options: Any) -> T:
        """Wait for one answer. Raises `psycopg.OperationalError` where none comes."""
        hang_up = asyncio.get_running_loop().call_later(self.answer_timeout_s, self._hang_up)
        try:
            answer = await super().wait(gen, *arguments, **options)
        finally:
            hang_up.cancel()
        self.answered_at = asyncio.get_running_loop().time()
        return answer

    @property
    def is_fresh(self) -> bool:
        """Whether the server answered a moment ago and has said nothing since, as it would to end the session."""
        if asyncio.get_running_loop().time() - self.answered_at > _FRESH_S:
            return False
        unasked = select.poll()
        unasked.register(self.pgconn.socket, select.POLLIN)
        return not unasked.poll(0)

    async def cancel_safe(self, *, timeout: float = 30.0) -> None:  # noqa: ASYNC109 - psycopg's own signature
        """Ask the server to end what it does for us, and hang up on one that does not even take that.

        Raises `psycopg.Error` then.
        """
        try:
            await super().cancel_safe(timeout=min(timeout, _CHECK_TIMEOUT_S))
        except psycopg.Error:
            self._hang_up()
            raise

    def _hang_up(self) -> None:
        """End the connection as if the server had, although somebody waits for it; libpq then says that it is lost."""
        with socket.socket(fileno=os.dup(self.pgconn.socket)) as own:
            own.shutdown(socket.SHUT_RDWR)


class _LatestFirst(deque[Session]):
    """The sessions of a pool that wait, of which the one that was used last goes first: a few do all the work, know its
    statements and need no check, and the others are closed by and by."""

    def popleft(self) -> Session:
        return self.pop()


def pool_of(address: str, slowest: float = SLOWEST_STATEMENT_S, **options: Any) -> AsyncConnectionPool[Session]:
    """A pool, not open yet, of sessions in autocommit mode; `slowest` is the seconds that a statement may take."""

    async def prepare(session: Session) -> None:
        session.answer_timeout_s = slowest + _GRACE_S

    pool = AsyncConnectionPool(
        address,
        connection_class=Session,
        kwargs={"autocommit": True},
        configure=prepare,
        check=_check,
        max_idle=_UNUSED_S,
        open=False,
        **options,
    )
    pool._pool = _LatestFirst()  # psycopg's takes the one that was used first, and has no setting for it
    return pool


async def _check(session: Session) -> None:
    """Whether the server still answers; it has little to do for that. Raises `psycopg.OperationalError`."""
    if session.is_fresh:
        return
    timeout_s, session.answer_timeout_s = session.answer_timeout_s, _CHECK_TIMEOUT_S
    try:
        await session.execute("")
    finally:
        session.answer_timeout_s = timeout_s


def session_address(address: str, application_name: str, slowest: float = SLOWEST_STATEMENT_S) -> str:
    """The address with all of this added; options that it has itself come last, and win.

    The limits are the application role's too; but those are lost with a copy or a restored backup. Raises psycopg's
    `ProgrammingError` for an address that cannot be read.
    """
    limits = {**LIMITS, "statement_timeout": f"{slowest:g}s"}
    options = [f"-c {name}={value}" for name, value in limits.items()]
    return make_conninfo(
        address,
        application_name=application_name,
        connect_timeout=5,
        keepalives_idle=5,
        keepalives_interval=2,
        keepalives_count=3,
        tcp_user_timeout=10_000,
        options=" ".join([*options, str(conninfo_to_dict(address).get("options") or "")]).strip(),
    )
