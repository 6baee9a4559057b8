"""The introduction of the OpenAPI document, example ids for paths, and the headers of requests and answers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from api.queries.consistency import HEADER

DESCRIPTION = """
Order processing on one log of events. A command is answered as soon as it is recorded; its consequences follow, and
queries show them.

**Tokens.** Every request but the health checks needs `Authorization: Bearer …`; `commerce token --role R --subject S`
prints a token. Customers see and change only their own data; data of others is answered as if it did not exist.

**Repeats.** Where `Idempotency-Key` is required, a request that is sent again gets the first answer, and is done once.

**Trying it out.** The examples work with the starter catalogue as they are. The page at `/docs` sends a new
`Idempotency-Key` each time, unless you write one yourself, and replaces the ids of the examples by ids that exist.

**Reading your own writes.** A command answers with the header `Commerce-Position`. A query that sends it back waits up
to five seconds until it shows that command's effect; otherwise the answer is 503.

**Errors** are problem details (RFC 9457): `title` says what is wrong, `detail` what to do, `errors` which fields are
meant, and `type` is what programs recognise a problem by:
"""

TAGS = [
    {"name": "products", "description": "What can be ordered, under which name and at which price."},
    {"name": "inventory", "description": "What is in stock: `available` is `on_hand` less `reserved`."},
    {"name": "orders", "description": "Place orders, follow them, and ask for their cancellation."},
    {"name": "shipments", "description": "Shipments, from the carrier's promise to the customer's door."},
    {"name": "reports", "description": "Figures over many orders."},
    {"name": "audit", "description": "What happened, who did it, what caused it, and how everything was at any time."},
    {"name": "operation", "description": "How the system itself is doing."},
]

IN_PATHS = {
    "sku": "TEA-ASSAM-250",
    "name": "orders",
    "order_id": "3f0e4c6e-8f4b-5a0e-9d57-0a4c2f1b7d11",
    "stream_id": "3f0e4c6e-8f4b-5a0e-9d57-0a4c2f1b7d11",
    "shipment_id": "0b1f5f0e-6a53-5b4e-8e58-7f3f3a2b9c01",
}
"""Examples for the parameters in paths; the page at /docs replaces the ids by some that exist."""

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


IDEMPOTENCY_KEY = _header(
    "Idempotency-Key",
    "New for each new request, and the same when a request is sent again: then it is not done twice.",
    required=True,
    example="7d0f2c1e-9f0b-4a57-8f0c-2f6f1d1a9b10",
    minLength=1,
    maxLength=255,
)
PREFER = _header(
    "Prefer",
    "`wait=N`, at most 30 seconds: wait until the order has ended, and answer 200 with it; 202 if it has not by then.",
    example="wait=10",
)
IF_MATCH = _header(
    "If-Match",
    'Only if the order is still at this version, as its `ETag` says, such as `"3"`; `*` is any.',
    example="*",
)
IF_NONE_MATCH = _header(
    "If-None-Match", "`*`: only if there is no such product yet, on sale or not; 412 otherwise.", enum=["*"]
)
POSITION = _header(
    HEADER, "The header of a command's answer: wait until the answer shows that command's effect.", example="p1-1"
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
    "Location": _answer_header("The path of the order.", EXAMPLE_ORDER_PATH),
    "ETag": _answer_header("The order's version, for `If-Match`.", '"3"'),
    HEADER: _answer_header("Send it with a query, which then shows this command's effect.", "p1-2a"),
    "Preference-Applied": _answer_header(
        "How long was waited at most; only where `Prefer: wait=N` was sent.", "wait=10"
    ),
}
"""The headers of answers."""


def answer_headers(names: Iterable[str]) -> Extra:
    """Which headers of `HEADERS` an answer has; every answer has the request's id."""
    return {name: {"$ref": f"#/components/headers/{name}"} for name in ("X-Request-Id", *names)}
