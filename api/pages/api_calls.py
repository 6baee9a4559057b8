"""Asks the API's own routes in this process, in the name of who looks at a page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import Request
from pydantic_core import from_json, to_json
from starlette.types import Message, Receive, Scope, Send

from api.http.form_body import FORM
from api.http.methods import IS_HEAD
from api.queries.consistency import HEADER, STANDS_STILL_KEY

Document = Mapping[str, Any]
"""A JSON object that the API answers."""
QueryValue = str | int | bool | list[str] | None

_OF_MATCHING = ("path_params", "endpoint", "route", "caller", IS_HEAD)
"""Keys of a request's scope that say how it was matched, and by whose right: each call finds its own."""


class ApiProblem(Exception):
    """What the API answers where it does not do what it is asked: a problem detail (RFC 9457)."""

    def __init__(self, status: int, document: Document) -> None:
        super().__init__(f"{status}: {document.get('detail')}")
        self.status = status
        self.document = document


@dataclass(frozen=True, slots=True)
class CallAnswer:
    """An answer of a route: its JSON object, or what else it answers."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def document(self) -> Document:
        """The JSON object of the body; an empty one where there is none."""
        document: Document = from_json(self.body) if self.body else {}
        return document

    @property
    def position(self) -> str | None:
        """The position of a command, which a query that names it shows."""
        return self.headers.get(HEADER.lower())


class ApiCalls:
    """The calls that one request to the console makes."""

    def __init__(self, request: Request, position: str | None, language: str = "en") -> None:
        """Make calls for a request; each query shows at least what the log had at a position, told in a language."""
        self._request = request
        self._position = position
        self._language = language

    @property
    def in_english(self) -> ApiCalls:
        """The same calls, for what is read by machines: told in English whoever looks."""
        return ApiCalls(self._request, self._position)

    async def get(self, path: str, query: Mapping[str, QueryValue] | None = None) -> Document:
        """What a route shows. Raises `ApiProblem`."""
        return (await self.ask(path, query)).document

    async def ask(self, path: str, query: Mapping[str, QueryValue] | None = None) -> CallAnswer:
        """The whole answer of a route that shows something. Raises `ApiProblem`."""
        about = [] if self._position is None else [(HEADER.lower(), self._position)]
        return await self._call("GET", path, query, about, b"")

    async def send(
        self,
        method: str,
        path: str,
        content: Mapping[str, object] | None,
        *,
        key: str | None = None,
        version: int | None = None,
        query: Mapping[str, QueryValue] | None = None,
    ) -> CallAnswer:
        """Give a command, with an `Idempotency-Key` and the version that it is meant for. Raises `ApiProblem`."""
        about = [("idempotency-key", key)] if key else []
        if version is not None:
            about.append(("if-match", f'"{version}"'))
        if content is None:
            return await self._call(method, path, query, about, b"")
        about.append(("content-type", "application/json"))
        return await self._call(method, path, query, about, to_json(content))

    async def send_form(self, path: str, fields: Mapping[str, str], *, key: str | None = None) -> CallAnswer:
        """Send a form of OAuth 2. Raises `ApiProblem`."""
        about = [("content-type", FORM), *([("idempotency-key", key)] if key else [])]
        return await self._call("POST", path, None, about, urlencode(fields).encode())

    async def forward(
        self,
        path: str,
        query: Mapping[str, QueryValue],
        receive: Receive,
        send: Send,
        *,
        after: str | None = None,
    ) -> None:
        """Hand a stream of a route on to who looks at the page, from where they are, or beyond the event `after`."""
        resume = self._request.headers.get("last-event-id") or after
        about = [("last-event-id", resume)] if resume else []
        scope = self._scope("GET", path, query, about, b"")
        await self._request.app.router(scope, receive, send)

    async def _call(
        self, method: str, path: str, query: Mapping[str, QueryValue] | None, about: list[tuple[str, str]], body: bytes
    ) -> CallAnswer:
        status, headers, content = 0, [], bytearray()

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Message) -> None:
            nonlocal status, headers
            if message["type"] == "http.response.start":
                status, headers = message["status"], message["headers"]
            else:
                content.extend(message.get("body", b""))

        scope = self._scope(method, path, query or {}, about, body)
        await self._request.app.router(scope, receive, send)
        if stops := scope.get(STANDS_STILL_KEY):
            self._request.scope.setdefault(STANDS_STILL_KEY, []).extend(stops)
        answer = CallAnswer(status, {name.decode(): value.decode() for name, value in headers}, bytes(content))
        if status >= 400:
            raise ApiProblem(status, answer.document)
        return answer

    def _scope(
        self, method: str, path: str, query: Mapping[str, QueryValue], about: list[tuple[str, str]], body: bytes
    ) -> Scope:
        """The scope of a call: that of the request, which brings its sender, its id and its turn, at another path."""
        of_request = {name: value for name, value in self._request.scope.items() if name not in _OF_MATCHING}
        headers = [
            (b"host", self._request.headers.get("host", "").encode()),
            (b"accept", b"*/*"),
            (b"accept-language", self._language.encode()),
        ]
        headers += [(name.encode(), value.encode("latin-1")) for name, value in about]
        if body:
            headers.append((b"content-length", str(len(body)).encode()))
        given = {name: _written(value) for name, value in query.items() if value not in (None, "")}
        return {
            **of_request,
            "method": method,
            "path": path,
            "raw_path": quote(path, safe="/:@").encode(),
            "query_string": urlencode(given, doseq=True).encode(),
            "headers": headers,
        }


def _written(value: QueryValue) -> str | list[str]:
    match value:
        case bool():
            return str(value).lower()
        case list():
            return value
        case _:
            return str(value)
