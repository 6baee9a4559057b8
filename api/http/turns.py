"""Requests take turns: so many are worked on at once, and the addresses that wait are served one after the other.

Whoever sends thousands at once waits for itself, and hardly anybody else for it.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque

from starlette.types import Scope

from commerce.values.errors import Unavailable

CONCURRENT_COMMANDS = 32
"""Commands that one process works on at the same time: they mostly wait for their commit, and are committed
together."""
CONCURRENT_QUERIES = 16
"""Queries likewise: they need the processor. Those that wait for an order to end, or for a read model, do not count."""
TURN_TIMEOUT_S = 30.0
"""Seconds for which a request waits for its turn."""
STANDSTILL_S = 5.0
"""Seconds after which nobody waits any longer because no turn ended with an answer: what all work with is away."""

HUNG_UP = "hung_up"
"""In a request's scope, what tells whether its client has hung up: what nobody waits for any more need not begin."""
_KEY = "turn"


class Turn:
    """The right of one request to be worked on."""

    def __init__(self, line: TurnQueue) -> None:
        self._line: TurnQueue | None = line

    def end(self, *, unavailable: bool = False) -> None:
        """Let the next one begin; more than once does no harm. One that found a part of the system away moves
        nothing."""
        if self._line is not None:
            line, self._line = self._line, None
            if not unavailable:
                line._moved = asyncio.get_running_loop().time()
            line._pass_on()


class TurnQueue:
    """Who is worked on in this process, and who waits, of those that ask for one kind of work."""

    def __init__(self, at_once: int) -> None:
        self._at_once = self._free = at_once
        self._moved = 0.0
        """When a turn last began at once, or ended with an answer, by the clock of the loop."""
        self._lines: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()

    @property
    def running(self) -> int:
        """How many are worked on."""
        return self._at_once - self._free

    @property
    def waiting(self) -> int:
        """How many wait for their turn."""
        return sum(not one.done() for line in self._lines.values() for one in line)

    async def take(self, scope: Scope) -> Turn:
        """Wait for a turn. Raises `Unavailable` after `TURN_TIMEOUT_S`, and where nothing has moved for
        `STANDSTILL_S`."""
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
    """The lines of one process."""

    def __init__(self) -> None:
        self.lines = {"query": TurnQueue(CONCURRENT_QUERIES), "command": TurnQueue(CONCURRENT_COMMANDS)}

    async def take(self, scope: Scope) -> Turn:
        """Wait for a turn. Raises `Unavailable` as `TurnQueue.take` does."""
        turn = scope[_KEY] = await self.lines["query" if scope["method"] == "GET" else "command"].take(scope)
        return turn


def end_turn(scope: Scope) -> None:
    """Let the next one begin, as this request is about to wait for what happens elsewhere."""
    turn: Turn | None = scope.get(_KEY)
    if turn is not None:
        turn.end()
