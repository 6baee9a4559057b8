"""A party outside that does what it is asked, and says something else of it: a proxy in front of a simulator."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import ClientSession, web

Body = dict[str, Any]
Lie = Callable[[str, Body], Body | bytes | None]
"""What is answered instead, by the last part of the path asked and the true answer; None leaves it as it is."""


@asynccontextmanager
async def lying(truthful_url: str, lie: Lie) -> AsyncIterator[str]:
    """The address of the liar, until the block ends."""
    async with ClientSession() as session:

        async def answer(request: web.Request) -> web.Response:
            headers = {name: value for name, value in request.headers.items() if name != "Host"}
            async with session.request(
                request.method, f"{truthful_url}{request.raw_path}", headers=headers, data=await request.read()
            ) as response:
                status, true = response.status, await response.json(content_type=None)
            place = "operations" if "/operations/" in request.path else request.path.rsplit("/", 1)[-1]
            said = lie(place, true)
            if isinstance(said, bytes):
                return web.Response(status=status, body=said, content_type="application/json")
            return web.json_response(true if said is None else said, status=status)

        app = web.Application()
        app.router.add_route("*", "/{path:.*}", answer)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        try:
            (address,) = runner.addresses
            yield f"http://127.0.0.1:{address[1]}"
        finally:
            await runner.cleanup()
