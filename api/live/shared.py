"""What all see alike who may see the same: made once for all of them, at most once in a second, and told of as it
changes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping
from dataclasses import dataclass
from weakref import WeakValueDictionary

from pydantic_core import to_json
from starlette.types import Send

from api.context import AppContext
from api.live.blocks import KEEP_ALIVE
from api.live.stream import KEEP_ALIVE_S, LiveStream
from commerce.audit.search import EventFilter
from commerce.values.errors import Unavailable
from projections.orders import ORDERS
from projections.processes import PROCESSES
from projections.sales import SALES

PACE_S = 1.0
"""From one making to the next, at least."""
FOLLOWED = (ORDERS, PROCESSES, SALES)
"""The read models that such pages show."""
READ_WITHIN_S = 0.5
"""How long read models are waited for that are to take in what was appended; those that take longer are shown as they
are, and once more a pace later."""
REFRESH_S = 5.0
"""The same at most, while somebody looks: ages grow, and that a process stays away is no event."""

Parts = Mapping[str, str]
"""The parts of a page by their ids, as HTML."""
Make = Callable[[], Awaitable[Parts]]
NOTHING = EventFilter(streams=())
"""What a listener wants who is told of no event by itself."""


@dataclass(frozen=True, slots=True)
class Made:
    """Parts as they were made: the how manieth time, and when by the loop's clock."""

    parts: Parts
    number: int
    at: float


class SharedParts:
    """The parts of one page for all who may see the same.

    One of those who look makes them, in their own name, while the others wait for it; if they leave meanwhile, the next
    one does.
    """

    def __init__(self, context: AppContext) -> None:
        self._tail, self._read_models = context.tail, context.read_models
        self._made = Made({}, 0, float("-inf"))
        self._waiting, self._making = asyncio.Lock(), asyncio.Lock()
        self._head = 0
        self._is_early = False
        """Whether they were made as something was appended, which read models may not have taken in yet."""

    async def now(self, make: Make) -> Made:
        """The present parts, which are no older than `PACE_S`."""
        async with self._making:
            if self._age() >= PACE_S:
                await self._renew(make)
            return self._made

    async def after(self, number: int, make: Make) -> Made:
        """The parts once they were made anew since: after something was appended to the log and read models have taken
        it in, and after `REFRESH_S`."""
        if self._made.number > number:
            return self._made
        async with self._waiting:  # one waits for the log; the others find what it made
            if self._made.number > number:
                return self._made
            await asyncio.sleep(PACE_S - self._age())
            if not self._is_early:
                await self._tail.changed(self._head, max(0.0, REFRESH_S - self._age()))
            taken_in = await self._taken_in()
            async with self._making:
                if self._made.number <= number or self._age() >= PACE_S:
                    await self._renew(make, taken_in)
        return self._made

    async def _taken_in(self) -> int:
        """The position up to which the read models surely have everything: the head, or 0 where they do not reach it
        soon."""
        head, until = self._tail.head, asyncio.get_running_loop().time() + READ_WITHIN_S
        waits = [self._read_models.reach(one, head, until) for one in FOLLOWED]
        late = [found for found in await asyncio.gather(*waits, return_exceptions=True) if found is not None]
        for error in late:
            if not isinstance(error, Unavailable):
                raise error
        return 0 if late else head

    def _age(self) -> float:
        return asyncio.get_running_loop().time() - self._made.at

    async def _renew(self, make: Make, taken_in: int = 0) -> None:
        """The head is looked at first, so that what comes meanwhile has them made again."""
        before, self._head = self._head, self._tail.head
        self._is_early = self._head > max(before, taken_in)
        began = asyncio.get_running_loop().time()
        self._made = Made(await make(), self._made.number + 1, began)


class SharedPages:
    """The parts of pages that somebody of this process looks at now."""

    def __init__(self) -> None:
        self._pages: WeakValueDictionary[Hashable, SharedParts] = WeakValueDictionary()

    def of(self, context: AppContext, key: Hashable) -> SharedParts:
        """Those of a page, by everything that they differ by: what may be seen, and in which language."""
        found = self._pages.get(key)
        if found is None:
            found = self._pages[key] = SharedParts(context)
        return found


class PartsStream(LiveStream):
    """The answer that tells a browser of each part of a page that is not as it was, as a JSON object by their ids."""

    shared: SharedParts
    make: Make

    async def _write(self, send: Send) -> None:
        self._context.feed.join(self._listener)  # so that it ends with the process, and the log's bell is heard
        sent: Parts = {}
        number, loop = 0, asyncio.get_running_loop()
        await send({"type": "http.response.body", "body": KEEP_ALIVE, "more_body": True})
        written = loop.time()
        while True:
            made = await self.shared.after(number, self.make)
            number = made.number
            changed = {name: html for name, html in made.parts.items() if sent.get(name) != html}
            if changed or loop.time() - written >= KEEP_ALIVE_S:
                block = b"data: %b\n\n" % to_json(changed) if changed else KEEP_ALIVE
                await send({"type": "http.response.body", "body": block, "more_body": True})
                sent, written = made.parts, loop.time()
