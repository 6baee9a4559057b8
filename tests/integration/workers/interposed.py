"""A party outside that answers as a test has it, and passes on everything else to the simulator behind it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import ClientSession, web


@dataclass(frozen=True)
class Says:
    """An answer of the test's own; after `after_s` seconds, or once `after` is set, and with what was asked for done or
    not."""

    status: int = 0
    """0: whatever the simulator says."""
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)
    after_s: float = 0.0
    after: asyncio.Event | None = None
    done: bool = False
    late: bool = False
    """What was asked for is done when the test says so, long after whoever asked has given up."""


Rule = Callable[[str, str], Says | None]
"""What to say to a method and a path; None passes it on."""


@dataclass
class Interposed:
    """Where it listens, what it says, and what it was asked."""

    behind: str
    url: str = ""
    rule: Rule = lambda _method, _path: None
    asked: list[str] = field(default_factory=list)
    held: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)
    """Of each request."""

    def calls(self, ending: str) -> int:
        """How often something was to be done at a path that ends so."""
        return sum(one.startswith("POST") and one.endswith(ending) for one in self.asked)

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request."""
        self.asked.append(f"{request.method} {request.path}")
        self.headers.append(request.headers)
        says = self.rule(request.method, request.path)
        body = await request.read()
        kept = ("Idempotency-Key", "Content-Type")
        whole = (
            request.method,
            request.path_qs,
            {name: request.headers[name] for name in kept if name in request.headers},
            body,
        )
        if says and says.late:
            self.held.append(whole)
        behind = None if says and says.status and not says.done else await self._pass_on(*whole)
        if says is None:
            assert behind is not None
            return behind
        await asyncio.sleep(says.after_s)
        if says.after is not None:
            await says.after.wait()
        if says.status == 0:
            assert behind is not None
            return behind
        return web.json_response(says.body, status=says.status, headers=says.headers)

    async def do_what_is_late(self) -> None:
        """Now the party does what it was asked for, once for each key, as its queue gets to it."""
        for one in self.held:
            await self._pass_on(*one)

    async def _pass_on(self, method: str, path: str, headers: dict[str, str], body: bytes) -> web.Response:
        async with (
            ClientSession() as session,
            session.request(method, self.behind + path, data=body, headers=headers) as found,
        ):
            return web.Response(status=found.status, body=await found.read(), content_type="application/json")


@asynccontextmanager
async def interposed(behind: str, rule: Rule = lambda _method, _path: None) -> AsyncIterator[Interposed]:
    """Listen in front of a simulator until the block ends."""
    party = Interposed(behind, rule=rule)
    runner = web.ServerRunner(web.Server(party.answer, access_log=None), shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        party.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield party
    finally:
        await runner.cleanup()
