"""Reading your own writes: a command answers with its position in the log, and a query that names it waits for its read model."""

from __future__ import annotations

import asyncio
import re
from collections import defaultdict
from typing import Any

from fastapi import Request

from api.refusals import MalformedRequest
from commerce.errors import Unavailable
from commerce.eventstore.reading import Pool
from projections.consistency import reached
from projections.projection import Projection

HEADER = "Commerce-Position"
PATIENCE = 5.0
"""Seconds for which a query waits for its read model."""

_LOOK_EVERY = 0.02
_POSITION = re.compile(r"p1-([0-9a-f]{1,16})")

ReadModel = Projection[Any]


def write_position(position: int) -> str:
    """A position as clients get it, and send it back unread."""
    return f"p1-{position:x}"


def read_position(text: str) -> int:
    """The position that a client sends back. Raises `MalformedRequest` for what is not one of ours."""
    found = _POSITION.fullmatch(text)
    position = int(found[1], 16) if found else 2**63
    if position >= 2**63:
        raise MalformedRequest(f"{HEADER} is not one of ours; send it as a command answered it, or leave it out")
    return position


def asked_position(request: Request) -> int:
    """The position that a query has to show, 0 where it names none. Raises `MalformedRequest`."""
    text = request.headers.get(HEADER)
    return 0 if text is None else read_position(text)


class ReadModels:
    """Waits until read models have reached a position; one task looks for all that wait, and only while anybody does."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._waiting: dict[asyncio.Future[None], tuple[ReadModel, int]] = {}
        self._looking: asyncio.Task[None] | None = None

    async def show(self, projection: ReadModel, request: Request) -> None:
        """Wait until a read model shows what the request asks for.

        Raises `MalformedRequest`, and `Unavailable` after `PATIENCE` seconds.
        """
        position = asked_position(request)
        if position:
            await self.reach(projection, position)

    async def reach(self, projection: ReadModel, position: int) -> None:
        """Wait until a read model shows everything up to a position. Raises `Unavailable` after `PATIENCE` seconds."""
        done = asyncio.get_running_loop().create_future()
        self._waiting[done] = (projection, position)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look(), name="read models")
        try:
            async with asyncio.timeout(PATIENCE):
                await done
        except TimeoutError:
            raise Unavailable(f"the read model {projection.name} is behind your {HEADER}; ask again") from None
        finally:
            self._waiting.pop(done, None)

    async def _look(self) -> None:
        while self._waiting:
            try:
                await self._release()
            except Unavailable as error:
                for done in self._waiting:
                    _fail(done, error)
                return
            await asyncio.sleep(_LOOK_EVERY)

    async def _release(self) -> None:
        """Let go whoever waits for what is reached; a read model is asked for the lowest position first, and no further."""
        by_model: defaultdict[ReadModel, list[tuple[int, asyncio.Future[None]]]] = defaultdict(list)
        for done, (projection, position) in self._waiting.items():
            by_model[projection].append((position, done))
        for projection, waiting in by_model.items():
            shown = 0
            for position, done in sorted(waiting, key=lambda one: one[0]):
                if position > shown and not await reached(self._pool, projection, position):
                    break
                shown = position
                if not done.done():
                    done.set_result(None)


def _fail(done: asyncio.Future[None], error: Unavailable) -> None:
    if not done.done():
        done.set_exception(error)
