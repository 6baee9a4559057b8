"""Waits for the next signed head of the log, for those who ask for something that the newest one does not cover yet."""

from __future__ import annotations

import sys
import time
from collections.abc import Awaitable, Callable

from commerce.evidence.heads import CHANNEL, newest_heads
from commerce.evidence.tree import Connection
from commerce.values.errors import Unavailable

WAIT_TIMEOUT_S = 30.0
"""For so long at most; while the log grows, a head is signed every five seconds."""
_LOOK_INTERVAL_S = 1.0
"""So often it is looked at without having been told of a head."""


async def wait_for_head(
    connection: Connection, ready: Callable[[], Awaitable[bool]], what: str, limit_s: float
) -> None:
    """Wait until `ready`, looking again after each head that is signed; says so once it has to wait.

    Raises `Unavailable`, saying `what` is not signed, where `limit_s` seconds were not enough.
    """
    if await ready():
        return
    print(f"{what} not signed yet; waits for the next head, at most {limit_s:.0f} s", file=sys.stderr)
    await connection.execute(f"LISTEN {CHANNEL}".encode())
    until = time.monotonic() + limit_s
    while not await ready():
        left = until - time.monotonic()
        if left <= 0:
            raise Unavailable(
                f"{what} not signed yet, after {limit_s:.0f} s; the worker `projections` signs the log, and"
                " `commerce doctor` says how it is"
            )
        async for _ in connection.notifies(timeout=min(left, _LOOK_INTERVAL_S), stop_after=1):
            pass


async def wait_for_first_head(connection: Connection, limit_s: float = WAIT_TIMEOUT_S) -> None:
    """Wait until any head was signed, as after a first start. Raises `Unavailable` where that takes longer."""

    async def is_there() -> bool:
        return bool(await newest_heads(connection))

    await wait_for_head(connection, is_there, "the log is", limit_s)
