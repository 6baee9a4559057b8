"""A party outside that breaks one rule of the protocol: a proxy in front of a simulator, which keeps them all."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from aiohttp import ClientSession, web

Body = dict[str, Any]


@dataclass(frozen=True)
class Call:
    """What the party is asked."""

    method: str
    path: str
    headers: dict[str, str]
    body: Body = field(default_factory=dict)

    @property
    def key(self) -> str:
        return self.headers.get("Idempotency-Key", "")

    @property
    def operation(self) -> str:
        """The last word of the path, such as `capture`; `find` for what came of a key."""
        return "find" if "/operations/" in self.path else self.path.split("?")[0].rsplit("/", 1)[-1]

    def under(self, key: str) -> Call:
        """The same under another key."""
        return replace(self, headers={**self.headers, "Idempotency-Key": key})

    def of(self, **body: object) -> Call:
        """The same with other fields."""
        return replace(self, body={**self.body, **body})


@dataclass(frozen=True)
class Answer:
    """What it answers; `raw` instead of a JSON body."""

    status: int
    body: Body = field(default_factory=dict)
    raw: bytes | None = None


Truth = Callable[[Call], Awaitable[Answer]]
Fault = Callable[[Call, Truth], Awaitable[Answer]]
"""Answers a call, with the help of the party that keeps the rules."""


@asynccontextmanager
async def faulty(truthful_url: str, fault: Fault) -> AsyncIterator[str]:
    """The host and port of a party with this fault, until the block ends."""
    async with ClientSession() as session:

        async def truth(call: Call) -> Answer:
            async with session.request(
                call.method,
                f"{truthful_url}{call.path}",
                headers={name: value for name, value in call.headers.items() if name != "Content-Length"},
                json=call.body if call.method == "POST" else None,
            ) as response:
                return Answer(response.status, await response.json(content_type=None))

        async def serve(request: web.Request) -> web.Response:
            headers = {name: value for name, value in request.headers.items() if name != "Host"}
            body = json.loads(await request.read() or "{}")
            said = await fault(Call(request.method, request.raw_path, headers, body), truth)
            raw = json.dumps(said.body).encode() if said.raw is None else said.raw
            return web.Response(status=said.status, body=raw, content_type="application/json")

        app = web.Application()
        app.router.add_route("*", "/{path:.*}", serve)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        try:
            (address,) = runner.addresses
            yield f"127.0.0.1:{address[1]}"
        finally:
            await runner.cleanup()
