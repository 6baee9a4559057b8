"""A payment provider that misbehaves: of the calls that have something done, some are answered as none should be.

It stands in front of the simulator, in its process, so that its ledger still says what was really done. Questions and
the ledger are answered as ever. A file `calm` ends it.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from contextlib import suppress
from pathlib import Path
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Site = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]

_SLOW_S = 3.0
_TOO_SLOW_S = 11.0
"""More than the 10 s that are waited for a payment."""
_HUGE_BYTES = 2 * 2**20
_ENDLESS_PIECES = 400
_PIECE = b"x" * 2**16
NONSENSE = {
    "answer lost": 100,
    "5xx, not done": 60,
    "5xx, done": 40,
    "slow": 40,
    "too slow": 5,
    "429": 30,
    "wrong amount": 10,
    "garbage": 10,
    "huge": 10,
    "endless": 5,
    "redirect": 10,
}
"""How many of 1,000 calls are answered so."""
LOSSES = {"answer lost": 300}
OUTAGE = {"5xx, not done": 1000}
"""Questions are answered, and every call fails."""


class Misbehaving:
    """The simulator behind it, as an ASGI app."""

    def __init__(self, site: Site, in_1000: Mapping[str, int], folder: Path, seed: str) -> None:
        self._site = site
        self._in_1000 = in_1000
        self._folder = folder
        self._random = random.Random(seed)

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer a request, rightly or not."""
        way = self._chosen(scope)
        if way is None:
            await self._site(scope, receive, send)
            return
        with (self._folder / "misdeeds").open("a", encoding="utf-8") as file:
            file.write(f"{way}\n")
        await self._answer(way, scope, receive, send)

    def _chosen(self, scope: MutableMapping[str, Any]) -> str | None:
        if scope["type"] != "http" or scope["method"] != "POST" or (self._folder / "calm").exists():
            return None
        drawn = self._random.randrange(1000)
        for way, share in self._in_1000.items():
            drawn -= share
            if drawn < 0:
                return way
        return None

    async def _answer(self, way: str, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        match way:
            case "5xx, not done":
                await _say(send, 503, b"<html>Bad gateway</html>")
            case "429":
                await _say(send, 429, b"{}", (b"retry-after", b"1"))
            case "redirect":
                await _say(send, 302, b"", (b"location", b"http://127.0.0.1:9/elsewhere"))
            case "slow":
                await asyncio.sleep(_SLOW_S)
                await self._site(scope, receive, send)
            case _:
                status, body = await self._done(scope, receive)
                await _say_wrongly(way, send, receive, status, body)

    async def _done(self, scope: MutableMapping[str, Any], receive: Receive) -> tuple[int, bytes]:
        """Have done what is asked for; the answer, which nobody got yet."""
        said: list[Message] = []

        async def keep(message: Message) -> None:
            said.append(message)

        await self._site(scope, receive, keep)
        return said[0]["status"] if said else 0, b"".join(message.get("body", b"") for message in said)


async def _say_wrongly(way: str, send: Send, receive: Receive, status: int, body: bytes) -> None:
    match way:
        case "answer lost":
            await _cut(send)
        case "5xx, done":
            await _say(send, 500, b"")
        case "too slow":
            await asyncio.sleep(_TOO_SLOW_S)
            await _cut(send)
        case "wrong amount":
            await _say(send, status or 500, _halved(body))
        case "garbage":
            await _say(send, 200, b"\xff\xfe{nothing")
        case "huge":
            await _say(send, 200, b'"' + b"x" * _HUGE_BYTES + b'"')
        case "endless":
            await _endlessly(send, receive)


async def _endlessly(send: Send, receive: Receive) -> None:
    gone = asyncio.ensure_future(_disconnected(receive))
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
    with suppress(OSError):
        for _ in range(_ENDLESS_PIECES):
            if gone.done():
                break
            await send({"type": "http.response.body", "body": _PIECE, "more_body": True})
            await asyncio.sleep(0.01)
    gone.cancel()


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _say(send: Send, status: int, body: bytes, *headers: tuple[bytes, bytes]) -> None:
    own = [(b"content-length", str(len(body)).encode()), (b"content-type", b"application/json"), *headers]
    await send({"type": "http.response.start", "status": status, "headers": own})
    await send({"type": "http.response.body", "body": body})


async def _cut(send: Send) -> None:
    """The server cuts a connection on which less is sent than was announced."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1")]})


def _halved(body: bytes) -> bytes:
    """An answer that names half of what was asked for, if it names an amount."""
    try:
        said = json.loads(body)
    except ValueError:
        return body
    if isinstance(said, dict) and isinstance(said.get("amount"), str):
        said["amount"] = f"{float(said['amount']) / 2:.2f}"
    return json.dumps(said).encode()


def misbehaving(in_1000: Mapping[str, int]) -> Callable[[Any], None]:
    """What puts it in front of the simulator of a process."""

    def patch(module: Any) -> None:
        guarded = module.Guarded

        def guard(site: Any, *terms: Any) -> Misbehaving:
            folder, seed = Path(os.environ["FAULTS_FOLDER"]), os.environ["FAULTS_SEED"]
            return Misbehaving(guarded(site, *terms), in_1000, folder, seed)

        module.Guarded = guard

    return patch
