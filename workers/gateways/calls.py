"""HTTP calls to a party outside: short timeouts, few connections, and a sharp line between an answer and none."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self, TypeVar
from urllib.parse import SplitResult, quote, unquote, urlsplit
from uuid import UUID

import httpx2

from commerce.errors import BadUsage, CommerceError, Unavailable

TIMEOUT = httpx2.Timeout(connect=1.0, read=2.0, write=2.0, pool=2.0)
"""Seconds for each step of a call; whoever calls repeats it later, so waiting longer helps nobody."""

WHOLE_CALL = 5.0
"""Seconds for all steps together, against an answer that drips."""

KEPT = httpx2.Limits(max_connections=None, max_keepalive_connections=1, keepalive_expiry=4.0)
"""Idle connections are dropped before a usual server (5 s) drops them, or a call would be lost with them."""

Done = TypeVar("Done")
NotDone = TypeVar("NotDone")

_HEADERS = {"Accept": "application/json", "User-Agent": "commerce"}
_EXTENSIONS = {"timeout": TIMEOUT.as_dict()}
_TRY_AGAIN = frozenset({408, 425, 429})


class RequestRejected(CommerceError):
    """The other side says that our request is wrong in itself; nothing happened and repeating it helps nobody."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: an HTTP status below 500 and a JSON object."""

    status: int
    body: Mapping[str, object]


class Caller:
    """A client of one party; `unavailable` makes the error that is raised where no answer was had.

    Each call under way has a connection of its own, the one that became idle last: a pool of all of them looks at every idle
    one, twice per call. So there are as many as calls were ever under way at once.
    """

    def __init__(self, base_url: str, unavailable: Callable[[str], Unavailable]) -> None:
        """Raises `BadUsage` for an address that is not HTTP; proxies of the environment are not used, as parties may be local."""
        address = urlsplit(base_url)
        if address.scheme not in {"http", "https"}:
            raise BadUsage(f"{base_url!r} is not an http:// or https:// address")
        self._unavailable = unavailable
        self._base_url = base_url.rstrip("/")
        self._headers = {**_HEADERS, **_credentials(address)}
        self._tls = httpx2.create_ssl_context(trust_env=False)
        self._idle: list[httpx2.AsyncHTTPTransport] = []

    async def post(self, path: str, key: UUID, body: Mapping[str, object]) -> Reply:
        """Ask for something to be done under an idempotency key; the error says nothing about whether it was."""
        return await self._request("POST", path, {"Idempotency-Key": str(key)}, body)

    async def get(self, path: str) -> Reply:
        """Ask how things are."""
        return await self._request("GET", path, {}, None)

    def either(self, outcome: object, done: type[Done], not_done: type[NotDone]) -> Done | NotDone:
        """The outcome, if it is one of the two that a request can have; anything else counts as no answer."""
        if isinstance(outcome, done | not_done):
            return outcome
        raise self._unavailable(f"answered with {type(outcome).__name__} to something else")

    async def aclose(self) -> None:
        """Close all connections; no call may be under way."""
        while self._idle:
            await self._idle.pop().aclose()

    async def _request(
        self, method: str, path: str, headers: Mapping[str, str], body: Mapping[str, object] | None
    ) -> Reply:
        try:
            request = httpx2.Request(
                method, self._base_url + path, headers={**self._headers, **headers}, json=body, extensions=_EXTENSIONS
            )
            async with asyncio.timeout(WHOLE_CALL):
                response = await self._send(request)
            content = response.json()
        except (httpx2.RequestError, TimeoutError) as error:
            raise self._unavailable(f"gave no answer ({type(error).__name__})") from error
        except ValueError:
            raise self._unavailable(f"answered {response.status_code} with something that is not JSON") from None
        if response.status_code >= 500 or response.status_code in _TRY_AGAIN:
            raise self._unavailable(f"answered {response.status_code}")
        if not isinstance(content, dict):
            raise self._unavailable("answered with something that is not an object")
        return Reply(response.status_code, content)

    async def _send(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request, and read the whole answer. Raises `httpx2.RequestError`."""
        transport = self._idle.pop() if self._idle else httpx2.AsyncHTTPTransport(verify=self._tls, limits=KEPT)
        try:
            response = await transport.handle_async_request(request)
            await response.aread()
        finally:
            self._idle.append(transport)
        return response


class Closing:
    """What both gateways do around their `Caller`: they are entered and left."""

    _caller: Caller

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._caller.aclose()


def _credentials(address: SplitResult) -> dict[str, str]:
    """The header for a name and password that stand in an address, as in `https://name:password@host` (RFC 7617)."""
    if address.username is None and address.password is None:
        return {}
    pair = f"{unquote(address.username or '')}:{unquote(address.password or '')}"
    return {"Authorization": f"Basic {b64encode(pair.encode()).decode()}"}


def path(*parts: str) -> str:
    """A path of parts that may hold any character."""
    return "/" + "/".join(quote(part, safe="") for part in parts)
