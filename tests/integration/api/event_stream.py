"""A listener of server-sent events, as the specification has it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2


@dataclass(frozen=True)
class Told:
    """One event."""

    id: str
    type: str
    data: Any

    @property
    def position(self) -> int:
        """The place in the log."""
        return int(self.data["position"])


@dataclass
class Stream:
    """An open stream: its events one by one, and what else came."""

    answer: httpx2.Response
    last_id: str = ""
    comments: int = 0
    retry: int | None = None
    events: AsyncIterator[Told] = field(init=False)

    def __post_init__(self) -> None:
        self.events = self._events()

    async def next(self) -> Told:
        """The next event."""
        return await anext(self.events)

    async def take(self, number: int) -> list[Told]:
        """The next events."""
        return [await self.next() for _ in range(number)]

    async def rest(self) -> list[Told]:
        """All events until the stream ends."""
        return [told async for told in self.events]

    async def _events(self) -> AsyncIterator[Told]:
        kind, data = "message", ""
        async for line in self.answer.aiter_lines():
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if not line:
                if data:
                    yield Told(self.last_id, kind, json.loads(data))
                kind, data = "message", ""
            elif not name:
                self.comments += 1
            elif name == "id":
                self.last_id = value
            elif name == "retry":
                self.retry = int(value)
            elif name == "event":
                kind = value
            elif name == "data":
                data += value


@asynccontextmanager
async def listening(client: httpx2.AsyncClient, path: str, after: str | None = None) -> AsyncIterator[Stream]:
    """Listen at a path, after the event with this id."""
    headers = {} if after is None else {"Last-Event-ID": after}
    async with client.stream("GET", path, headers=headers) as answer:
        assert answer.status_code == 200, await answer.aread()
        yield Stream(answer)
