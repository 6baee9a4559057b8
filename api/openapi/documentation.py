"""The introduction of the OpenAPI document, examples of what stands in paths, and the headers of requests and answers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from api.queries.consistency import HEADER

DESCRIPTION = """
Order processing on one log of events. Commands are answered as soon as they are recorded; what follows from them happens
afterwards, and queries show it.

**Tokens.** Every request but the health checks needs `Authorization: Bearer …`; `commerce token --role R --subject S` prints one.
Customers see and change only what is theirs; what is somebody else's is answered like what does not exist.

**Repeats.** Where `Idempotency-Key` is required, the same request sent again is answered as it was the first time, and done once.

**Trying it out.** The examples work with the starter catalogue as they are. The page at `/docs` sends a new `Idempotency-Key`
each time, unless you write one of your own, and puts an order or a shipment that exists in the place of the example's id.

**Reading your own writes.** A command answers with the header `Commerce-Position`. A query that sends it back waits up to five
seconds until it shows that command's effect, and is answered 503 otherwise.

**Errors** are problem details (RFC 9457): `title` says what is wrong, `detail` what to do, `errors` which fields are meant,
and `type` is what a program can tell them by:
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
"""Examples of what stands in paths: of the starter catalogue; the page at /docs puts ids that exist in the place
of these."""

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
    "New for each new request, and the same when a request is sent again: then it is not done again.",
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


def _told(description: str, example: str) -> Extra:
    return {"description": description, "schema": {"type": "string"}, "example": example}


HEADERS = {
    "X-Request-Id": _told(
        "The request's id, yours if you sent one; logs and events name it, or its fingerprint.",
        "8f0a1c52-5d0f-4a3e-9a42-0f2f7f6b9d10",
    ),
    "WWW-Authenticate": _told("What is needed instead (RFC 6750).", 'Bearer realm="commerce"'),
    "Retry-After": _told("Seconds after which to try again.", "1"),
    "Location": _told("The path of the order.", EXAMPLE_ORDER_PATH),
    "ETag": _told("The order's version, for `If-Match`.", '"3"'),
    HEADER: _told("Send it with a query, which then shows this command's effect.", "p1-2a"),
    "Preference-Applied": _told("How long was waited at most; only where `Prefer: wait=N` was sent.", "wait=10"),
}
"""What answers say in their headers."""


def answer_headers(names: Iterable[str]) -> Extra:
    """Which headers of `HEADERS` an answer has; every answer has the request's id."""
    return {name: {"$ref": f"#/components/headers/{name}"} for name in ("X-Request-Id", *names)}
