"""The outermost layer of the API: gives each request an id, refuses what no endpoint could want, and counts."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes
from uuid import uuid4

from fastapi.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import problems
from api.fingerprints import Fingerprints
from api.metrics import Metrics
from api.parts import Parts
from api.refusals import BodyTooLarge, UnsupportedMediaType
from commerce.errors import CommerceError, InvalidInput

LARGEST_BODY = 1024 * 1024
"""Bytes."""

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_SANE_ID = re.compile(rb"[A-Za-z0-9._:/+=-]{1,128}")
_MADE_UP_ID = re.compile(
    rb"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}|[0-9a-fA-F]{32}|[0-7][0-9A-HJKMNP-TV-Z]{25}"
)
"""A UUID, a trace id or a ULID: it says nothing about anybody."""
_TOO_LARGE = f"the body has more than {LARGEST_BODY} bytes; send less at once"


@dataclass(frozen=True, slots=True)
class _Headers:
    """What the edge reads of a request's headers."""

    request_id: bytes
    content_type: bytes
    length: int
    chunked: bool


class Edge:
    """Plain ASGI middleware around the whole application, and around each route that is called directly."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; whatever is raised behind is logged and answered here."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()
        headers = _read(scope)
        shown = _identify(scope, headers)
        status = 0

        async def send_marked(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"].append((b"x-request-id", shown))
            await send(message)

        try:
            refusal = _refusal(scope, headers)
            if refusal is None:
                await self.app(scope, _bounded(receive) if headers.chunked else receive, send_marked)
            else:
                await problems.answer(refusal, scope)(scope, receive, send_marked)
        except Exception as error:  # noqa: BLE001 - the last one to hear of it; logged by `answer`
            failure = problems.answer(error, scope)
            if not status:
                await failure(scope, receive, send_marked)
        finally:
            route = getattr(scope.get("route"), "path", "unmatched")
            self.metrics.observe(scope["method"], route, status, time.perf_counter() - began)


def _read(scope: Scope) -> _Headers:
    request_id = content_type = b""
    length, chunked = 0, False
    for name, value in scope["headers"]:
        if name == b"x-request-id":
            request_id = value
        elif name == b"content-type":
            content_type = value
        elif name == b"content-length":
            length = int(value) if value.isdigit() else 0
        elif name == b"transfer-encoding":
            chunked = True
    return _Headers(request_id, content_type, length, chunked)


def _identify(scope: Scope, headers: _Headers) -> bytes:
    """Give the request an id of its own, followed by the client's if there is one; answers the one the client gets back.

    One of its own, as by it an append whose answer was lost is found again. What goes into the log of a client's id is its
    fingerprint, unless it can only have been made up: people's names and addresses have been sent as ids.
    """
    own = str(uuid4())
    told = headers.request_id
    if not _SANE_ID.fullmatch(told):
        scope["request_id"] = own
        return own.encode()
    noted = told.decode() if _MADE_UP_ID.fullmatch(told) else _fingerprints(scope).of_id(told)
    scope["request_id"] = f"{own} {noted}"
    return told


def _fingerprints(scope: Scope) -> Fingerprints:
    parts: Parts = scope["app"].state.parts
    return parts.fingerprints


def _refusal(scope: Scope, headers: _Headers) -> CommerceError | None:
    """What is wrong with a request before anybody looks at what it wants."""
    if wrong := _wrong_with_path(scope):
        return InvalidInput(f"the path {wrong}", "path")
    query = scope["query_string"]
    if b"%" in query and _CONTROLS.search(unquote_to_bytes(query).decode(errors="replace")):
        return InvalidInput("the query contains control characters; leave them out", "query")
    if headers.length > LARGEST_BODY:
        return BodyTooLarge(_TOO_LARGE)
    if (headers.length or headers.chunked) and not _is_json(headers.content_type):
        return UnsupportedMediaType("send the body as JSON, with the header Content-Type: application/json")
    return None


def _wrong_with_path(scope: Scope) -> str | None:
    if _CONTROLS.search(scope["path"]):
        return "contains control characters; leave them out"
    if "\ufffd" in scope["path"] and not _is_utf8(unquote_to_bytes(scope["raw_path"])):
        return "is not UTF-8; percent-encode each byte of its UTF-8 form"
    if b"%2f" in scope["raw_path"].lower():
        return "contains an encoded slash; no SKU or id has one"
    return None


def _is_utf8(path: bytes) -> bool:
    try:
        path.decode()
    except UnicodeDecodeError:
        return False
    return True


def _is_json(content_type: bytes) -> bool:
    return content_type.partition(b";")[0].strip().lower() == b"application/json"


def _bounded(receive: Receive) -> Receive:
    """Count a body whose length was not announced."""
    seen = 0

    async def receive_counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > LARGEST_BODY:
            raise HTTPException(413, _TOO_LARGE)
        return message

    return receive_counted
