"""An HTTP client for a terminal: tokens, bounded retries, bounded answers, and errors that say on one line what is
wrong."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import aclosing
from http import HTTPStatus
from typing import Any

import httpx2
import stamina
from httpx2 import USE_CLIENT_DEFAULT

from commerce.values.errors import BadUsage, CommerceError, Unavailable
from commerce.values.text import cleaned

LONGEST_WAIT_S = 30
"""Seconds for which the API keeps a placing open."""
TIMEOUT = httpx2.Timeout(10.0, read=LONGEST_WAIT_S + 30.0)
LARGEST_ANSWER_BYTES = 64 * 1024**2
"""Of a body; a page of a hundred orders with a thousand lines each has less."""
_WHOLE_ANSWER_S = LONGEST_WAIT_S + 60.0
_OF_THE_WIRE = frozenset({"content-encoding", "content-length", "transfer-encoding"})
_MOST_ATTEMPTS = 10
_LONGEST_PAUSE_S = 10.0
_RETRY_TIMEOUT_S = 60.0
_LONGEST_DETAIL_CHARACTERS = 1_000
"""Characters of a problem that are shown."""


class ApiRejection(CommerceError):
    """What was asked will not be done; asking again would change nothing."""

    def __init__(self, status: int, detail: str, kind: str = "") -> None:
        super().__init__(detail)
        self.status = status
        self.kind = kind
        """The problem's type (RFC 9457), without what all types begin with; empty where none was named."""

    @property
    def concerns_the_asker(self) -> bool:
        """Whether every other request will be rejected for the same reason."""
        return self.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)


class RejectedValues(ApiRejection, BadUsage):
    """What was asked with cannot be accepted, whatever the state of things: bad use, where somebody typed it."""


class BearerToken(httpx2.Auth):
    """Sends a token, and a new one as soon as the old one is good no more."""

    def __init__(self, issue: Callable[[], str]) -> None:
        self._issue = issue
        self._token: str | None = None
        self._turn = asyncio.Lock()

    async def async_auth_flow(self, request: httpx2.Request) -> AsyncGenerator[httpx2.Request, httpx2.Response]:
        """See `httpx2.Auth`. Raises what `issue` raises; one that is at work keeps nobody else waiting."""
        async with self._turn:
            self._token = self._token or await asyncio.to_thread(self._issue)
        request.headers["Authorization"] = f"Bearer {self._token}"
        answer = yield request
        if answer.status_code == httpx2.codes.UNAUTHORIZED:
            async with self._turn:
                if request.headers["Authorization"] == f"Bearer {self._token}":
                    self._token = await asyncio.to_thread(self._issue)
            request.headers["Authorization"] = f"Bearer {self._token}"
            yield request


class RetryingClient(httpx2.AsyncClient):
    """Sends each request until it is answered for good. Every one can be repeated: by its nature, or by its
    idempotency key.

    A request raises `ApiRejection` for what will not be done, and `Unavailable` for what was not answered in a minute
    of trying.
    """

    async def send(
        self,
        request: httpx2.Request,
        *,
        stream: bool = False,
        auth: Any = USE_CLIENT_DEFAULT,
        follow_redirects: Any = USE_CLIENT_DEFAULT,
    ) -> httpx2.Response:
        """See `httpx2.AsyncClient.send`. An answer is read whole, also where `stream` says otherwise."""
        try:
            async for attempt in stamina.retry_context(_pause, attempts=_MOST_ATTEMPTS, timeout=_RETRY_TIMEOUT_S):
                with attempt:
                    answer = await self._whole(request, auth, follow_redirects)
                    _raise_for(answer)
        except httpx2.TransportError as error:
            what = str(error) or type(error).__name__
            raise Unavailable(f"{self.base_url} does not answer: {what}") from None
        return answer

    async def lines(self, path: str, params: Mapping[str, str]) -> AsyncIterator[bytes]:
        """The whole lines of an answer in lines of JSON, as they come; it is not begun again.

        Raises `ApiRejection`, and `Unavailable` where it does not begin, or ends before its end.
        """
        request = self.build_request("GET", path, params=params, headers={"Accept": "application/x-ndjson"})
        request.headers["Accept-Encoding"] = "identity"
        rest = b""
        try:
            answer = await super().send(request, stream=True)
            async with aclosing(answer):
                if not answer.is_success:
                    await answer.aread()
                    _raise_for(answer)
                async for piece in answer.aiter_raw():
                    *whole, rest = (rest + piece).split(b"\n")
                    for line in whole:
                        yield line + b"\n"
                    if len(rest) > LARGEST_ANSWER_BYTES:
                        raise Unavailable(f"{request.url} answers with a line of more than any of ours has")
        except httpx2.TransportError as error:
            raise Unavailable(f"{self.base_url} does not answer to the end: {error or type(error).__name__}") from None

    async def require_answer(self, path: str) -> None:
        """Raises `BadUsage` where no system is: that is told at once, without trying for a minute."""
        request = self.build_request("GET", path)
        try:
            await self._whole(request, None, USE_CLIENT_DEFAULT)
        except httpx2.TransportError:
            raise BadUsage(f"no system answers at {request.url}; start one with `commerce up`") from None

    async def _whole(self, request: httpx2.Request, auth: Any, follow_redirects: Any) -> httpx2.Response:
        """The whole answer, within a time and a size, and never compressed, as little may unfold to much. Raises
        `TransportError`."""
        request.headers["Accept-Encoding"] = "identity"
        body = bytearray()
        try:
            async with asyncio.timeout(_WHOLE_ANSWER_S):
                answer = await super().send(request, stream=True, auth=auth, follow_redirects=follow_redirects)
                async with aclosing(answer):
                    async for piece in answer.aiter_raw():
                        body += piece
                        if len(body) > LARGEST_ANSWER_BYTES:
                            raise httpx2.ReadError(f"an answer of more than {LARGEST_ANSWER_BYTES // 1024**2} MiB")
        except TimeoutError:
            raise httpx2.ReadTimeout(f"no whole answer within {_WHOLE_ANSWER_S:.0f} s") from None
        headers = [(name, value) for name, value in answer.headers.multi_items() if name.lower() not in _OF_THE_WIRE]
        return httpx2.Response(answer.status_code, headers=headers, content=bytes(body), request=request)


def _raise_for(answer: httpx2.Response) -> None:
    if answer.is_success:
        return
    request, problem = answer.request, _problem_document(answer)
    detail = f"{request.method} {request.url.path} answered {answer.status_code}: {_problem(answer, problem)}"
    if answer.status_code == httpx2.codes.SERVICE_UNAVAILABLE:
        raise Unavailable(detail, retry_after=_seconds(answer.headers.get("Retry-After", "")))
    kind = str((problem or {}).get("type", "")).rpartition("/")[2]
    rejection = RejectedValues if answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY else ApiRejection
    raise rejection(answer.status_code, detail, kind)


def _pause(error: Exception) -> bool | float:
    """Whether to try again; a float says after how many seconds."""
    if isinstance(error, Unavailable):
        return min(float(error.retry_after), _LONGEST_PAUSE_S)
    return isinstance(error, httpx2.TransportError)


def _seconds(retry_after: str) -> int:
    return int(retry_after[:9]) if retry_after.isascii() and retry_after.isdigit() else 1


def _problem_document(answer: httpx2.Response) -> dict[str, Any] | None:
    try:
        problem = answer.json()
    except (ValueError, RecursionError):
        return None
    return problem if isinstance(problem, dict) else None


def _problem(answer: httpx2.Response, problem: dict[str, Any] | None) -> str:
    """What an RFC 9457 problem says, or the beginning of whatever else came; on one line, as it goes to a terminal."""
    if problem is None:
        return cleaned(answer.text, _LONGEST_DETAIL_CHARACTERS)
    said = str(problem.get("detail") or problem.get("title"))
    errors = [each for each in problem.get("errors") or [] if isinstance(each, dict)]
    fields = "".join(
        f"; {each.get('field')}: {each.get('message')}" for each in errors if str(each.get("message")) not in said
    )
    return cleaned(f"{said}{fields}", _LONGEST_DETAIL_CHARACTERS)
