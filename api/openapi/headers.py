"""The headers of requests and answers in the OpenAPI document, and examples for the parameters in its paths."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from api.queries.consistency import HEADER, POSITIONS

IN_PATHS = {
    "sku": "TEA-ASSAM-250",
    "name": "orders",
    "provider": "http",
    "customer_id": "5a1d3c0e-2b7f-4c46-9a55-6c1e0f7a9d02",
    "email": "ada@example.org",
    "order_id": "3f0e4c6e-8f4b-5a0e-9d57-0a4c2f1b7d11",
    "stream_id": "3f0e4c6e-8f4b-5a0e-9d57-0a4c2f1b7d11",
    "shipment_id": "0b1f5f0e-6a53-5b4e-8e58-7f3f3a2b9c01",
    "endpoint_id": "7c1e0f2a-5d3b-5e8f-9a41-2b6d8c0e4f13",
    "position": "42",
    "group": "4f1d2a9c0b7e",
    "member_id": "0b5a9f0c-6f4e-5d2b-8a7e-1c3d5e7f9a0b",
    "session_id": "9d1f6c0a-3b2e-4f7a-8c5d-2e4f6a8b0c1d",
    "key_id": "5d0e7b1c-2f64-5c1b-8a38-90c4a7f0c3d2",
}
"""Examples for the parameters in paths, and for those of queries that are required; the page at /docs replaces the ids
by some that exist."""

EXAMPLE_ORDER_PATH = f"/api/v1/orders/{IN_PATHS['order_id']}"
Extra = dict[str, Any]
"""A part of an OpenAPI operation."""


def _header(
    name: str, description: str, *, required: bool = False, example: str | None = None, **schema: object
) -> Extra:
    return {
        "name": name,
        "in": "header",
        "required": required,
        "description": description,
        "schema": {"type": "string", **schema},
        **({} if example is None else {"example": example}),
    }


_PRINTABLE = "^[ -~]+$"
IDEMPOTENCY_KEY = _header(
    "Idempotency-Key",
    "New for each new request, and the same when a request is sent again: then it is not done twice.",
    required=True,
    example="7d0f2c1e-9f0b-4a57-8f0c-2f6f1d1a9b10",
    pattern=_PRINTABLE,
    minLength=1,
    maxLength=255,
)
PREFER = _header(
    "Prefer",
    "`wait=N`, at most 30 seconds: wait until what this begins has ended, and answer 200 with what came of it; 202 if"
    " it has not by then. `respond-async`: do not wait.",
    example="wait=10",
)
IF_MATCH = _header(
    "If-Match",
    'Only if the order is still at this version, as its `ETag` says, such as `"3"`; `*` is any.',
    example="*",
)
KEY_IF_WANTED = _header(
    "Idempotency-Key",
    "New for each new request, and the same when a request is sent again: then it is not done twice.",
    example="7d0f2c1e-9f0b-4a57-8f0c-2f6f1d1a9b10",
    pattern=_PRINTABLE,
    minLength=1,
    maxLength=255,
)
CUSTOMER_IF_MATCH = _header(
    "If-Match",
    'Only if the customer is still at this version, as the `ETag` says, such as `"3"`; `*` is any.',
    example="*",
)
REFRESH_KEY = _header(
    "Idempotency-Key",
    "For `refresh_token`: new for each new request. The same request again gets the same refresh token, also after"
    " an answer was lost.",
    pattern=_PRINTABLE,
    minLength=1,
    maxLength=255,
)
PROCESS_IF_MATCH = _header(
    "If-Match",
    "Only if the order's process is still at this version, as the `ETag` of `GET /orders/{order_id}/process` says.",
    example="*",
)
PRODUCT_IF_MATCH = _header(
    "If-Match",
    "Only if the product is still as `GET` showed it with this `ETag`; `*`: if there is one.",
    example="*",
)
IF_NONE_MATCH = _header(
    "If-None-Match", "`*`: only if there is no such product yet, on sale or not; 412 otherwise.", enum=["*"]
)
LAST_EVENT_ID = _header(
    "Last-Event-ID",
    "The `id` of an event: go on after it. Browsers send it by themselves when they connect again.",
    example="p1-1",
    pattern=f"^({POSITIONS.pattern})?$",
)
ACCEPT_LANGUAGE = _header(
    "Accept-Language",
    "The language that what happened is told in: `de`, or `en`, which it is where none of these is named.",
    example="de",
)
IF_CHANGED = _header(
    "If-None-Match",
    "The `ETag` of an answer that you have: 304 without a body if it still holds.",
    example='"3f0e4c6e8f4b"',
)
POSITION = _header(
    HEADER,
    "The header of a command's answer: wait until the answer shows that command's effect.",
    example="p1-1",
    pattern=f"^{POSITIONS.pattern}$",
)


def _answer_header(description: str, example: str) -> Extra:
    return {"description": description, "schema": {"type": "string"}, "example": example}


HEADERS = {
    "X-Request-Id": _answer_header(
        "The request's id, yours if you sent one; logs and events name it, or its fingerprint.",
        "8f0a1c52-5d0f-4a3e-9a42-0f2f7f6b9d10",
    ),
    "WWW-Authenticate": _answer_header("What is needed instead (RFC 6750).", 'Bearer realm="commerce"'),
    "Retry-After": _answer_header("Seconds after which to try again.", "1"),
    "Location": _answer_header("The path of what was made, such as the order.", EXAMPLE_ORDER_PATH),
    "ETag": _answer_header("The version of what is shown, for `If-Match` or `If-None-Match`.", '"3"'),
    "Content-Language": _answer_header("The language that what happened is told in.", "en"),
    "Vary": _answer_header("Whoever keeps the answer keeps one for each language.", "Accept-Language"),
    "RateLimit": _answer_header(
        "How much is left of the quota, and the seconds until it is whole.", '"orders";r=99;t=812'
    ),
    "RateLimit-Policy": _answer_header("The quota, and its window in seconds.", '"orders";q=100;w=900'),
    "Cache-Control": _answer_header("Nobody may keep the answer.", "no-store"),
    HEADER: _answer_header("Send it with a query, which then shows this command's effect.", "p1-2a"),
    "Preference-Applied": _answer_header(
        "What of `Prefer` was heeded: how long was waited at most, or `respond-async`.", "wait=10"
    ),
}
"""The headers of answers."""


TOLD = ("Content-Language", "Vary")
"""The headers of an answer that tells of events."""


def answer_headers(names: Iterable[str], *, counted: bool = True) -> Extra:
    """Which headers of `HEADERS` an answer has; every answer has the request's id, and how often one may ask still."""
    always = ("X-Request-Id", "RateLimit", "RateLimit-Policy") if counted else ("X-Request-Id",)
    return {name: {"$ref": f"#/components/headers/{name}"} for name in (*always, *names)}
