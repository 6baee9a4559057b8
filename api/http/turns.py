"""Requests take turns: a fixed number runs at once, and the waiting addresses are served in rotation.

A client that sends thousands of requests at once delays itself, and hardly anybody else.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque

from starlette.types import Scope

from commerce.values.errors import Unavailable

CONCURRENT_COMMANDS = 32
"""Commands that run at the same time in one process: they mostly wait for a commit, which they share."""
CONCURRENT_QUERIES = 16
"""Queries likewise: they need the processor. One that waits for a completion or a read model does not count."""
TURN_TIMEOUT_S = 30.0
"""How long a request waits for its turn."""
STANDSTILL_S = 5.0
"""Waiting requests fail if no turn has ended with an answer for this long: something they all need is down."""

HUNG_UP = "hung_up"
"""The key in a request's scope of a function that says whether its client has hung up: then it need not begin."""
_KEY = "turn"


class Turn:
    """The right of one request to run."""

    def __init__(self, line: TurnQueue) -> None:
        self._line: TurnQueue | None = line

    def end(self, *, unavailable: bool = False) -> None:
        """Let the next request begin; a second call does nothing. `unavailable`: a part of the system was down."""
        if self._line is not None:
            line, self._line = self._line, None
            if not unavailable:
                line._moved = asyncio.get_running_loop().time()
            line._pass_on()


class TurnQueue:
    """The running and the waiting requests of one kind, in one process."""

    def __init__(self, concurrent_requests: int) -> None:
        self._most = self._free = concurrent_requests
        self._moved = 0.0
        """When a turn last began without waiting, or ended with an answer, by the loop's clock."""
        self._lines: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()

    @property
    def running(self) -> int:
        """How many run."""
        return self._most - self._free

    @property
    def waiting(self) -> int:
        """How many wait for their turn."""
        return sum(not one.done() for line in self._lines.values() for one in line)

    async def take(self, scope: Scope) -> Turn:
        """Wait for a turn. Raises `Unavailable` after `TURN_TIMEOUT_S`, or if nothing moves for `STANDSTILL_S`."""
        if self._free:
            self._free -= 1
            self._moved = asyncio.get_running_loop().time()
        else:
            await self._wait(scope["client"][0] if scope.get("client") else "")
        return Turn(self)

    async def _wait(self, address: str) -> None:
        loop = asyncio.get_running_loop()
        mine = loop.create_future()
        self._lines.setdefault(address, deque()).append(mine)
        until = loop.time() + TURN_TIMEOUT_S
        try:
            while not mine.done() and (left := min(until, self._moved + STANDSTILL_S) - loop.time()) > 0:
                await asyncio.wait((mine,), timeout=left)
        except asyncio.CancelledError:
            if not mine.cancel():  # its turn came at the same moment
                self._pass_on()
            raise
        if mine.cancel():
            raise Unavailable("too many requests wait for their turn")

    def _pass_on(self) -> None:
        while self._lines:
            address, line = self._lines.popitem(last=False)
            following = line.popleft()
            if line:
                self._lines[address] = line
            if not following.done():
                following.set_result(None)
                return
        self._free += 1


class Turns:
    """The queues of one process: one for queries, one for commands."""

    def __init__(self) -> None:
        self.lines = {"query": TurnQueue(CONCURRENT_QUERIES), "command": TurnQueue(CONCURRENT_COMMANDS)}

    async def take(self, scope: Scope) -> Turn:
        """Wait for a turn. Raises `Unavailable` as `TurnQueue.take` does."""
        turn = scope[_KEY] = await self.lines["query" if scope["method"] == "GET" else "command"].take(scope)
        return turn


def end_turn(scope: Scope) -> None:
    """Let the next request begin, because this one is about to wait for something outside this process."""
    turn: Turn | None = scope.get(_KEY)
    if turn is not None:
        turn.end()
