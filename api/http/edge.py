"""The outermost layer: gives each request an id and its turn, rejects what no endpoint accepts, logs and counts it."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Mapping

from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.auth import sender_of
from api.http import error_handlers, request_log
from api.http.direct_call import DirectCalls
from api.http.errors import BodyTooLarge, TooManyRequests
from api.http.methods import IS_HEAD, methods_at, route_name
from api.http.protection import protection_of
from api.http.rate_limits import UNCOUNTED, RateLimits
from api.http.request_checks import (
    BODY_TOO_LARGE,
    FORM,
    JSON,
    LARGEST_BODY_BYTES,
    BodyForm,
    RequestHead,
    read_head,
    rejection_of,
)
from api.http.request_id import identify
from api.http.sites import MOBILE, site_of
from api.http.turns import HUNG_UP, Turns
from api.metrics import Metrics
from api.queries.consistency import stands_still_headers
from commerce.values.errors import NotFound, Unavailable

_ALLOWANCE = "rate_limit"
"""The key in a request's scope of the headers that say how much more its sender may ask for."""
ANSWER_TIMEOUT_S = 60.0
"""Seconds from a request's turn to the beginning of its answer: twice what the longest may take that is asked to wait.
How long an answer itself takes is the reader's affair."""
_ALL_JSON: Mapping[str, BodyForm] = {}
CLIENT_CLOSED = 499
"""The logged status of a request whose client hung up before all of it arrived, or before its turn came."""


class Edge:
    """Plain ASGI middleware around the whole application; it hands some requests directly to their endpoint.

    `bodies` says which paths take another body than JSON; lines are left to the endpoint, which reads them as they
    come.
    """

    def __init__(
        self,
        app: ASGIApp,
        metrics: Metrics,
        turns: Turns,
        limits: RateLimits,
        direct: DirectCalls,
        *,
        bodies: Mapping[str, BodyForm] = _ALL_JSON,
    ) -> None:
        self.app = app
        self.limits = limits
        self.direct = direct
        self.bodies = bodies
        self.metrics = metrics
        self.turns = turns

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; every exception from behind is answered and logged here."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()
        method = scope["method"]
        if method == "HEAD":
            scope = {**scope, "method": "GET", IS_HEAD: True}  # the server leaves the body out of the answer
        head = read_head(scope)
        client_id = identify(scope, head)
        status = 0

        async def send_marked(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] += [
                    (b"x-request-id", client_id),
                    *stands_still_headers(scope),
                    *scope.get(_ALLOWANCE, ()),
                    *protection_of(scope, message["headers"]),
                ]
            await send(message)

        try:
            await self._serve(scope, head, receive, send_marked)
        except ClientDisconnect:
            status = CLIENT_CLOSED
        except Exception as error:  # noqa: BLE001 - nothing is outside this layer; `request_log` logs it
            failure = error_handlers.problem_answer(error, scope)
            if not status:
                await failure(scope, receive, send_marked)
        finally:
            seconds = time.perf_counter() - began
            route = route_name(scope)
            self.metrics.observe(method, route, status, seconds)
            request_log.log_request(scope, method, route, status, seconds)

    async def _serve(self, scope: Scope, head: RequestHead, receive: Receive, send: Send) -> None:
        await self._count(scope, head)
        of_site = site_of(scope["path"]) is not None
        form = FORM if of_site else self.bodies.get(scope["path"], JSON)
        if error := rejection_of(scope, head, form):
            raise error
        if (head.length or head.chunked) and form in (JSON, FORM):
            receive = await _whole(receive)
        if scope["method"] == "OPTIONS":
            await _options(scope)(scope, receive, send)
        elif of_site or scope["path"].startswith(("/api/", MOBILE)):
            turn = await self.turns.take(scope)
            unavailable = False
            try:
                if HUNG_UP in scope and scope[HUNG_UP]():
                    raise ClientDisconnect
                await _in_time(self.direct.find(scope) or self.app, scope, receive, send)
                unavailable = request_log.was_unavailable(scope)
            except Unavailable:
                unavailable = True
                raise
            finally:
                turn.end(unavailable=unavailable)
        else:
            await self.app(scope, receive, send)

    async def _count(self, scope: Scope, head: RequestHead) -> None:
        """Count a request, whoever sends it. Raises `TooManyRequests`, and `Unavailable`."""
        if scope["path"] in UNCOUNTED:
            return
        client = scope.get("client")
        address, sender = client[0] if client else "", await sender_of(scope, head)
        allowance = await self.limits.count(sender, address, scope["path"])
        scope[_ALLOWANCE] = allowance.headers
        if allowance.retry_after is not None:
            await asyncio.sleep(allowance.pause_s * random.uniform(0.5, 1.0))  # so that a crowd comes apart
            raise TooManyRequests(f"you have sent {allowance.quota}, and more are not accepted", allowance.retry_after)


async def _in_time(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Serve a request. Raises `Unavailable` where no answer has begun within `ANSWER_TIMEOUT_S`."""
    try:
        async with asyncio.timeout(ANSWER_TIMEOUT_S) as limit:

            async def send_at_leisure(message: Message) -> None:
                if message["type"] == "http.response.start" and not limit.expired():
                    limit.reschedule(None)
                await send(message)

            await app(scope, receive, send_at_leisure)
    except TimeoutError:
        if not limit.expired():
            raise
        raise Unavailable(
            f"no answer was found within {ANSWER_TIMEOUT_S:g} s, and the request was given up; what it asked for may"
            " have been done: send it again, a command with the same Idempotency-Key"
        ) from None


def _options(scope: Scope) -> Response:
    allowed = methods_at(scope)
    if not allowed:
        raise NotFound("nothing is at this path; /openapi.json lists every path")
    return Response(status_code=204, headers={"Allow": ", ".join(allowed)})


async def _whole(receive: Receive) -> Receive:
    """Await the whole body, so that a request takes its turn only when all of it has arrived.

    Raises `ClientDisconnect`, and `BodyTooLarge` for a body without an announced length.
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
            raise BodyTooLarge(BODY_TOO_LARGE)
    delivered = False

    async def receive_whole() -> Message:
        nonlocal delivered
        if delivered:
            return await receive()
        delivered = True
        return {"type": "http.request", "body": bytes(body), "more_body": False}

    return receive_whole
