"""HTTP calls to a party outside: short timeouts, few connections, and a sharp line between an answer and none."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self, TypeVar
from urllib.parse import quote
from uuid import UUID

from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientSession,
    ClientTimeout,
    DummyCookieJar,
    TCPConnector,
    encode_basic_auth,
)
from yarl import URL

from commerce.errors import BadUsage, CommerceError, Unavailable

WHOLE_CALL = 5.0
"""Seconds for all steps of a call together, against an answer that drips; whoever calls repeats it later."""

TIMEOUT = ClientTimeout(total=WHOLE_CALL, connect=2.0, sock_connect=1.0, sock_read=2.0)
"""Seconds: for a connection to be free or made, for it to be made, and between two pieces of the answer."""

KEEP_ALIVE = 4.0
"""Idle connections are dropped before a usual server (5 s) drops them, or a call would be lost with them."""

Done = TypeVar("Done")
NotDone = TypeVar("NotDone")

_HEADERS = {"Accept": "application/json", "User-Agent": "commerce"}
_PASSWORD = re.compile(r"//.*@")
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
    """A client of one party, used as an async context manager; `unavailable` makes the error raised where no answer was had."""

    def __init__(self, base_url: str, unavailable: Callable[[str], Unavailable]) -> None:
        """Raises `BadUsage` for an address that is not HTTP; a name and password in it are sent with each call."""
        address = _address(base_url)
        self._unavailable = unavailable
        self._base = str(address.with_user(None)).rstrip("/")
        self._headers = {**_HEADERS, **_credentials(address)}
        self._session: ClientSession | None = None

    async def __aenter__(self) -> Self:
        """Proxies of the environment are not used, as parties may be local."""
        self._session = ClientSession(
            connector=TCPConnector(keepalive_timeout=KEEP_ALIVE),
            timeout=TIMEOUT,
            headers=self._headers,
            cookie_jar=DummyCookieJar(),
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close all connections; no call may be under way."""
        if self._session is not None:
            await self._session.close()

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

    async def _request(
        self, method: str, path: str, headers: Mapping[str, str], body: Mapping[str, object] | None
    ) -> Reply:
        assert self._session is not None, "a caller is entered first"
        url = URL(self._base + path, encoded=True)
        try:
            async with self._session.request(
                method, url, headers=headers, json=body, allow_redirects=False
            ) as response:
                status, answer = response.status, await response.read()
        except (ClientError, TimeoutError, OSError) as error:
            raise self._unavailable(_no_answer(error)) from error
        try:
            content = json.loads(answer)
        except ValueError:
            raise self._unavailable(f"answered {status} with something that is not JSON") from None
        if status >= 500 or status in _TRY_AGAIN:
            raise self._unavailable(f"answered {status}")
        if not isinstance(content, dict):
            raise self._unavailable("answered with something that is not an object")
        return Reply(status, content)


class Gateway:
    """What both gateways do around their `Caller`: they are entered and left."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def __aenter__(self) -> Self:
        await self._caller.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._caller.__aexit__(kind, error, trace)


def _address(text: str) -> URL:
    shown = _PASSWORD.sub("//", text)
    try:
        address = URL(text)
    except ValueError:
        raise BadUsage(f"{shown!r} is not an address") from None
    if address.scheme not in {"http", "https"} or not address.host:
        raise BadUsage(f"{shown!r} is not an http:// or https:// address")
    if ":" in (address.user or ""):
        raise BadUsage(f"the name in the address of {shown!r} has a colon, which cannot be sent (RFC 7617)")
    return address


def _credentials(address: URL) -> dict[str, str]:
    if address.user is None and address.password is None:
        return {}
    return {"Authorization": encode_basic_auth(address.user or "", address.password or "")}


def _no_answer(error: Exception) -> str:
    match error:
        case TimeoutError():
            return "gave no answer in time"
        case ClientConnectorError():
            return "cannot be reached"
    return f"gave no answer ({type(error).__name__})"


def path(*parts: str) -> str:
    """A path of parts that may hold any character."""
    return "/" + "/".join(quote(part, safe="") for part in parts)
