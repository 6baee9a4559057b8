"""Reading your own writes: a command answers with its log position; a query that names it waits for its read model."""

from __future__ import annotations

import asyncio
import re
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from starlette.types import Scope

from api.http.errors import MalformedRequest
from api.http.turns import end_turn
from commerce.eventstore import Pool, Stop, find_stops
from commerce.values.errors import Unavailable
from projections.engine.progress import log_reached, reached
from projections.engine.projection import Lost, Projection
from projections.engine.soundness import Damage, Soundness

HEADER = "Commerce-Position"
STANDS_STILL = "Commerce-Stands-Still"
STANDS_STILL_KEY = "stands_still"
"""The key in a request's scope of where a read model that its answer shows stands still."""
WAIT_S = 5.0
"""How long a query waits for its read model, and for the log."""

_LOOK_INTERVAL_S = 0.02
_SOUND_FOR_S = 0.25
"""How long the last check of a read model stays valid."""
_LOST_RETRY_S, _STOPPED_RETRY_S = 5, 30
"""What `Retry-After` says."""
POSITIONS = re.compile(r"p1-([0-9a-f]{1,16})")
"""How a position is written for clients."""

ReadModel = Projection[Any]


def write_position(position: int) -> str:
    """A position as clients receive it and send it back."""
    return f"p1-{position:x}"


def read_position(text: str) -> int | None:
    """The position in a text that `write_position` wrote; None for any other text."""
    found = POSITIONS.fullmatch(text)
    position = int(found[1], 16) if found else 2**63
    return position if position < 2**63 else None


def asked_position(request: Request) -> int:
    """The position that a query has to show; 0 if it names none.

    Raises `MalformedRequest` for text that `write_position` never writes.
    """
    text = request.headers.get(HEADER)
    if text is None:
        return 0
    position = read_position(text)
    if position is None:
        raise MalformedRequest(f"{HEADER} is not one of ours; send it as a command answered it, or leave it out")
    return position


def stands_still_headers(scope: Scope) -> list[tuple[bytes, bytes]]:
    """One header for each partition of the read model that stands still: the answer may be out of date there."""
    stops: list[Stop] = scope.get(STANDS_STILL_KEY, [])
    return [
        (
            STANDS_STILL.lower().encode(),
            f"{stop.partition}; position={stop.position}; topic={stop.topic}; "
            f"since={stop.since:%Y-%m-%dT%H:%M:%S%z}".encode("ascii", "replace"),
        )
        for stop in stops
    ]


@dataclass(frozen=True, slots=True)
class _Sound:
    """The result of a check of a read model, valid until a time of the loop's clock."""

    until: float
    damage: Damage | None
    stops: list[Stop]


class ReadModels:
    """Waits for read models to reach a position. One task looks for all waiting requests, and runs only while some
    wait."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._waiting: dict[asyncio.Future[None], tuple[ReadModel | None, int]] = {}
        self._looking: asyncio.Task[None] | None = None
        self._soundness = Soundness(pool)
        self._sound: dict[str, _Sound] = {}

    async def show(self, projection: ReadModel, request: Request) -> Pool:
        """Wait until a read model shows the position that the request names; answers where it is read.

        If the read model stands still beyond that position, the answer says so in a header. Raises `MalformedRequest`;
        `Lost` if rows are lost; `Unavailable` after `WAIT_S`, or at once if it stands still before that position.
        """
        position = asked_position(request)
        stops = await self._stops_of(projection)
        request.scope[STANDS_STILL_KEY] = stops
        for stop in stops:
            if stop.position <= position:
                raise Unavailable(f"the read model cannot show what your {HEADER} names: {stop}", _STOPPED_RETRY_S)
        if position and not await reached(self._pool, projection, position):
            end_turn(request.scope)
            await self.reach(projection, position, request.scope.get("wait_until"))
        return self._pool

    async def _stops_of(self, projection: ReadModel) -> list[Stop]:
        """Where a read model stands still, as of the last check. Raises `Lost` if rows are lost."""
        known, now = self._sound.get(projection.name), asyncio.get_running_loop().time()
        if known is None or now > known.until:
            damage = await self._soundness.damage(projection)
            stops = await find_stops(self._pool, projection.name)
            known = self._sound[projection.name] = _Sound(now + _SOUND_FOR_S, damage, stops)
        if known.damage is not None and known.damage.is_lost:
            raise Lost(f"the read model {projection.name} is being rebuilt, as {known.damage.what}", _LOST_RETRY_S)
        return known.stops

    async def show_log(self, request: Request) -> None:
        """Wait until the log has the position that the request names.

        A log that was restored from a backup may lack a position that a client has seen. Raises as `show` does.
        """
        await self.reach_log(asked_position(request), request)

    async def reach_log(self, position: int, request: Request) -> None:
        """Wait until the log has a position. Raises as `show` does."""
        if position:
            request.scope["wait_until"] = asyncio.get_running_loop().time() + WAIT_S
            if not await log_reached(self._pool, position):
                end_turn(request.scope)
                await self.reach(None, position, request.scope["wait_until"])

    async def reach(self, projection: ReadModel | None, position: int, until: float | None = None) -> None:
        """Wait until a read model, or without one the log itself, has everything up to a position.

        Raises `Unavailable` at `until`, a time of the loop's clock; by default after `WAIT_S`.
        """
        loop = asyncio.get_running_loop()
        done = loop.create_future()
        self._waiting[done] = (projection, position)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look(), name="read models")
        try:
            async with asyncio.timeout_at(loop.time() + WAIT_S if until is None else until):
                await done
        except TimeoutError:
            behind = f"the read model {projection.name}" if projection else "the log"
            raise Unavailable(f"{behind} is behind your {HEADER}; ask again") from None
        finally:
            self._waiting.pop(done, None)

    async def _look(self) -> None:
        while self._waiting:
            try:
                await self._release()
            except Unavailable as error:
                for done in self._waiting:
                    if not done.done():
                        done.set_exception(error)
                return
            await asyncio.sleep(_LOOK_INTERVAL_S)

    async def _release(self) -> None:
        """Release the requests whose position is reached; the lowest position is asked first."""
        by_model: defaultdict[ReadModel | None, list[tuple[int, asyncio.Future[None]]]] = defaultdict(list)
        for done, (projection, position) in self._waiting.items():
            by_model[projection].append((position, done))
        for projection, waiting in by_model.items():
            shown = 0
            for position, done in sorted(waiting, key=lambda one: one[0]):
                if position > shown and not await self._has(projection, position):
                    break
                shown = position
                if not done.done():
                    done.set_result(None)

    async def _has(self, projection: ReadModel | None, position: int) -> bool:
        if projection is None:
            return await log_reached(self._pool, position)
        return await reached(self._pool, projection, position)
