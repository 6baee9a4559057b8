"""The outermost layer of the API: gives each request an id and its turn, rejects what no endpoint could want, and
tells of it."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes
from uuid import uuid4

from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.context import AppContext
from api.http import problems, request_log
from api.http.direct_call import DirectCalls
from api.http.errors import (
    HEAD_TOO_LARGE,
    LARGEST_HEAD_BYTES,
    BodyTooLarge,
    HeadTooLarge,
    MalformedRequest,
    UnsupportedMediaType,
)
from api.http.fingerprints import Fingerprints
from api.http.methods import methods_at, route_name
from api.http.turns import HUNG_UP, Turns
from api.metrics import Metrics
from api.queries.consistency import stands_still_headers
from commerce.values.errors import CommerceError, InvalidInput, NotFound, Unavailable

LARGEST_BODY_BYTES = 1024 * 1024
"""Bytes."""
CLIENT_CLOSED = 499
"""What is noted as the status of a request whose client hung up before it was sent whole, or before its turn came."""

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_SANE_ID = re.compile(rb"[A-Za-z0-9._:/+=-]{1,128}")
_MADE_UP_ID = re.compile(
    rb"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}|[0-9a-fA-F]{32}|[0-7][0-9A-HJKMNP-TV-Z]{25}"
)
"""A UUID, a trace id or a ULID: it says nothing about anybody."""
_TOO_LARGE = f"the body has more than {LARGEST_BODY_BYTES} bytes; send less at once"
_SINGLE = frozenset(
    (
        b"authorization",
        b"commerce-position",
        b"content-encoding",
        b"content-length",
        b"content-type",
        b"host",
        b"idempotency-key",
        b"x-request-id",
    )
)
"""Headers that would mean two things if they came twice; all others are lists (RFC 9110, 5.3), or are not read."""


@dataclass(frozen=True, slots=True)
class _Headers:
    """What the edge reads of a request's headers."""

    single: dict[bytes, bytes]
    repeated: bytes | None
    length: int
    chunked: bool
    head: int
    """Bytes of the request's head, but for its punctuation."""


class Edge:
    """Plain ASGI middleware around the whole application; it hands some requests directly to their endpoint."""

    def __init__(self, app: ASGIApp, metrics: Metrics, turns: Turns, direct: DirectCalls) -> None:
        self.app = app
        self.direct = direct
        self.metrics = metrics
        self.turns = turns

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; whatever is raised behind is logged and answered here."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()
        method = scope["method"]
        if method == "HEAD":
            scope = {**scope, "method": "GET"}  # the same in all but its body, which the server leaves out
        headers = _read(scope)
        shown = _identify(scope, headers)
        status = 0

        async def send_marked(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] += [(b"x-request-id", shown), *stands_still_headers(scope)]
            await send(message)

        try:
            await self._serve(scope, headers, receive, send_marked)
        except ClientDisconnect:
            status = CLIENT_CLOSED
        except Exception as error:  # noqa: BLE001 - the last one to hear of it; told by `request_log`
            failure = problems.problem_answer(error, scope)
            if not status:
                await failure(scope, receive, send_marked)
        finally:
            seconds = time.perf_counter() - began
            route = route_name(scope)
            self.metrics.observe(method, route, status, seconds)
            request_log.log_request(scope, method, route, status, seconds)

    async def _serve(self, scope: Scope, headers: _Headers, receive: Receive, send: Send) -> None:
        if refusal := _rejection(scope, headers):
            raise refusal
        if headers.length or headers.chunked:
            receive = await _whole(receive)
        if scope["method"] == "OPTIONS":
            await _options(scope)(scope, receive, send)
        elif scope["path"].startswith("/api/"):
            turn = await self.turns.take(scope)
            unavailable = False
            try:
                if HUNG_UP in scope and scope[HUNG_UP]():
                    raise ClientDisconnect
                app = self.direct.get((scope["method"], scope["path"]), self.app)
                await app(scope, receive, send)
                unavailable = request_log.was_unavailable(scope)
            except Unavailable:
                unavailable = True
                raise
            finally:
                turn.end(unavailable=unavailable)
        else:
            await self.app(scope, receive, send)


def _read(scope: Scope) -> _Headers:
    single: dict[bytes, bytes] = {}
    repeated = None
    chunked = False
    head = len(scope["raw_path"]) + len(scope["query_string"])
    for name, value in scope["headers"]:
        head += len(name) + len(value)
        if name in _SINGLE:
            if name in single:
                repeated = name
            single[name] = value
        elif name == b"transfer-encoding":
            chunked = True
    length = single.get(b"content-length", b"")
    return _Headers(single, repeated, int(length) if length.isdigit() else 0, chunked, head)


def _identify(scope: Scope, headers: _Headers) -> bytes:
    """Give the request an id of its own, followed by the client's if there is one; answers the one the client
    gets back.

    One of its own, as by it an append whose answer was lost is found again. What goes into the log of a client's id is
    its fingerprint, unless it can only have been made up: people's names and addresses have been sent as ids.
    """
    own = str(uuid4())
    told = headers.single.get(b"x-request-id", b"")
    if not _SANE_ID.fullmatch(told):
        scope["request_id"] = own
        return own.encode()
    noted = told.decode() if _MADE_UP_ID.fullmatch(told) else _fingerprints(scope).of_id(told)
    scope["request_id"] = f"{own} {noted}"
    return told


def _fingerprints(scope: Scope) -> Fingerprints:
    context: AppContext = scope["app"].state.parts
    return context.fingerprints


def _rejection(scope: Scope, headers: _Headers) -> CommerceError | None:
    """What is wrong with a request before anybody looks at what it wants."""
    if headers.head > LARGEST_HEAD_BYTES:
        return HeadTooLarge(HEAD_TOO_LARGE)
    if headers.repeated:
        return MalformedRequest(f"the header {headers.repeated.decode().title()} comes twice; send it once")
    if wrong := _wrong_with_path(scope):
        return InvalidInput(f"the path {wrong}", "path")
    query = scope["query_string"]
    if b"%" in query and (wrong := _wrong_with_query(unquote_to_bytes(query))):
        return InvalidInput(f"the query {wrong}", "query")
    return _wrong_with_body(headers)


def _wrong_with_body(headers: _Headers) -> CommerceError | None:
    if headers.length > LARGEST_BODY_BYTES:
        return BodyTooLarge(_TOO_LARGE)
    if (headers.length or headers.chunked) and not _is_json(headers):
        return UnsupportedMediaType("send the body as JSON in UTF-8, with the header Content-Type: application/json")
    return None


def _wrong_with_path(scope: Scope) -> str | None:
    if _CONTROLS.search(scope["path"]):
        return "contains control characters; leave them out"
    if "\ufffd" in scope["path"] and not _is_utf8(unquote_to_bytes(scope["raw_path"])):
        return "is not UTF-8; percent-encode each byte of its UTF-8 form"
    if b"%2f" in scope["raw_path"].lower():
        return "contains an encoded slash; no SKU or id has one"
    return None


def _wrong_with_query(query: bytes) -> str | None:
    if not _is_utf8(query):
        return "is not UTF-8; percent-encode each byte of its UTF-8 form"
    return "contains control characters; leave them out" if _CONTROLS.search(query.decode()) else None


def _is_utf8(path: bytes) -> bool:
    try:
        path.decode()
    except UnicodeDecodeError:
        return False
    return True


def _is_json(headers: _Headers) -> bool:
    kind, _, parameters = headers.single.get(b"content-type", b"").lower().partition(b";")
    charset = parameters.partition(b"charset=")[2].strip(b' "')
    return (
        kind.strip() == b"application/json"
        and charset in (b"", b"utf-8")
        and headers.single.get(b"content-encoding", b"identity").lower() == b"identity"
    )


def _options(scope: Scope) -> Response:
    allowed = methods_at(scope)
    if not allowed:
        raise NotFound("nothing is at this path; /openapi.json lists every path")
    return Response(status_code=204, headers={"Allow": ", ".join(allowed)})


async def _whole(receive: Receive) -> Receive:
    """Await the body, so that nobody who has not sent all of it takes a turn.

    Raises `ClientDisconnect`, and `BodyTooLarge` for a body whose length was not announced.
    """
    body = bytearray()
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > LARGEST_BODY_BYTES:
            raise BodyTooLarge(_TOO_LARGE)
    told = False

    async def receive_whole() -> Message:
        nonlocal told
        if told:
            return await receive()
        told = True
        return {"type": "http.request", "body": bytes(body), "more_body": False}

    return receive_whole
