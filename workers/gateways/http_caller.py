"""HTTP calls to a party outside: bounded time, few connections, and a sharp line between an answer and none."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import TracebackType
from typing import Self
from urllib.parse import quote
from uuid import UUID

from aiohttp import ClientError, ClientSession, encode_basic_auth
from yarl import URL

from commerce.outside.call_identity import identity_headers
from commerce.outside.errors import Cause, PartyUnavailable, Postponed, RequestRejected
from commerce.values.errors import BadUsage, Unavailable
from workers.gateways.http_session import (
    IDENTITY,
    AnswerTooLong,
    ending_within,
    no_answer,
    open_session,
    read_answer,
    retry_after_s,
)
from workers.gateways.party_text import LONGEST_DETAIL_CHARACTERS, cleaned_answer, code

_PASSWORD = re.compile(r"//.*@")
_CREDENTIAL = frozenset({401, 403, 407})
_BUSY = frozenset({423, 425, 429})
_NOTHING_DONE = frozenset({400, 405, 406, 410, 411, 413, 414, 415, 422, 431, 451})
"""Statuses that say by themselves that a request was not handled, whatever stands in the body."""

_SAYS_BY_ITSELF = _NOTHING_DONE | {402, 409}
"""Statuses that mean the same under any body, also one that is no JSON: declined, and in progress, besides those."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: an HTTP status below 500 and a JSON object."""

    status: int
    body: Mapping[str, object]
    pause_s: float | None = None
    """After how many seconds it asks to be asked again."""


class HttpCaller:
    """A client of one party, used as an async context manager; `unavailable` makes the error raised where no
    answer was had."""

    def __init__(
        self,
        base_url: str,
        unavailable: Callable[[str], Unavailable],
        call_timeout_s: float = 10.0,
        service: str | None = None,
    ) -> None:
        """Raises `BadUsage` for an address that is not HTTP; a name and password in it are sent with each call.

        An answer is awaited to its end for `call_timeout_s` seconds, also one that drips. The party is told which
        `service` calls.
        """
        address = _address(base_url)
        self._call_timeout_s = call_timeout_s
        self._unavailable = unavailable
        self._base = str(address.with_user(None)).rstrip("/")
        self._headers = {**IDENTITY, "User-Agent": "commerce", **_credentials(address)}
        if service is not None:
            self._headers["Commerce-Service"] = service
        self._session: ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = open_session(self._call_timeout_s, self._headers)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close all connections; no call may be under way."""
        if self._session is not None:
            await self._session.close()

    async def post(
        self, path: str, key: UUID, body: Mapping[str, object], call_timeout_s: float | None = None
    ) -> Reply:
        """Ask for something to be done under an idempotency key; the error says nothing about whether it was.

        The answer is awaited for `call_timeout_s` seconds, where it is not for as long as that of any other call.
        """
        return await self._request("POST", path, {"Idempotency-Key": str(key)}, body, call_timeout_s)

    async def get(self, path: str) -> Reply:
        """Ask how things are."""
        return await self._request("GET", path, {}, None)

    async def _request(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: Mapping[str, object] | None,
        call_timeout_s: float | None = None,
    ) -> Reply:
        assert self._session is not None, "a caller is entered first"
        url = URL(self._base + path, encoded=True)
        timeout = ending_within(call_timeout_s or self._call_timeout_s)
        try:
            async with self._session.request(
                method,
                url,
                headers={**headers, **identity_headers()},
                json=body,
                allow_redirects=False,
                timeout=timeout,
            ) as response:
                status, answer = response.status, await read_answer(response)
                pause_s = retry_after_s(response.headers)
        except AnswerTooLong as error:
            raise self._unavailable(str(error)) from None
        except (ClientError, TimeoutError, OSError) as error:
            raise self._unavailable(no_answer(error)) from error
        if status in _CREDENTIAL:
            raise self.postponed(f"rejects our credential ({status})", "credential_refused")
        if status in _BUSY:
            raise self.postponed(f"answered {status}", "busy", pause_s)
        try:
            return Reply(status, self._object(status, answer), pause_s)
        except PartyUnavailable as error:
            error.pause_s = pause_s
            raise

    def _object(self, status: int, answer: bytes) -> dict[str, object]:
        """The JSON object of an answer; nothing where its status says enough without one. Raises the error for no
        answer."""
        try:
            content = _parsed(answer)
        except (ValueError, RecursionError, ArithmeticError):
            if status in _SAYS_BY_ITSELF:
                return {}
            raise self._unavailable(f"answered {status} with something that is not JSON") from None
        if status >= 500 or status == 408:
            raise self._unavailable(f"answered {status}")
        if isinstance(content, dict):
            return content
        if status in _SAYS_BY_ITSELF:
            return {}
        raise self._unavailable("answered with something that is not an object")

    def postponed(self, what: str, cause: Cause, pause_s: float | None = None) -> Postponed:
        """The error for a party that does not do it now."""
        return Postponed(str(self._unavailable(what)), cause, pause_s)

    def problem_without_code(self, reply: Reply) -> Unavailable | RequestRejected:
        """The error for a rejection that does not say in words that we know why: its status has to be enough."""
        match reply.body:
            case {"code": str(named), "detail": str(detail)} if (
                reply.status != 409 or named == "idempotency_key_reused"
            ):
                return RequestRejected(
                    code(named, f"http_{reply.status}"), cleaned_answer(detail, LONGEST_DETAIL_CHARACTERS)
                )
        if reply.status == 409:
            return self.postponed("answered 409: it is busy with this", "busy", reply.pause_s)
        if reply.status in _NOTHING_DONE:
            return RequestRejected(f"http_{reply.status}", "")
        return self._unavailable(f"answered {reply.status} without saying why")


def _parsed(answer: bytes) -> object:
    """JSON with exact numbers; a name that comes twice, or NaN, says nothing certain.

    Raises `ValueError`, `RecursionError`, and `ArithmeticError` for exponents beyond all bounds.
    """
    return json.loads(answer, parse_float=Decimal, parse_constant=_no_number, object_pairs_hook=_object)


def _no_number(text: str) -> object:
    raise ValueError(f"{text} is not a number")


def _object(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name comes twice")
    return found


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


def path(*parts: str) -> str:
    """A path of parts that may hold any character."""
    return "/" + "/".join(quote(part, safe="") for part in parts)
