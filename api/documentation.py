"""What the OpenAPI document says beyond the endpoints' own declarations: the introduction, headers, and problem answers."""

from __future__ import annotations

import json
import re
from typing import Any

from fastapi import FastAPI
from pydantic import TypeAdapter

from api.consistency import HEADER
from api.problems import KINDS, MEDIA_TYPE, Problem, type_of

DESCRIPTION = """
Order processing on one log of facts. Commands are answered as soon as they are recorded; what follows from them happens
afterwards, and queries show it.

**Tokens.** Every request but the health checks needs `Authorization: Bearer …`; `commerce token --role R --subject S` prints one.
Customers see and change only what is theirs; what is somebody else's is answered like what does not exist.

**Repeats.** Where `Idempotency-Key` is required, the same request sent again is answered as it was the first time, and done once.

**Reading your own writes.** A command answers with the header `Commerce-Position`. A query that sends it back waits up to five
seconds until it shows that command's effect, and is answered 503 otherwise.

**Errors** are problem details (RFC 9457): `title` says what is wrong, `detail` what to do, `errors` which fields are meant.
"""

TAGS = [
    {"name": "products", "description": "What can be ordered, under which name and at which price."},
    {"name": "inventory", "description": "What is in stock: `available` is `on_hand` less `reserved`."},
    {"name": "orders", "description": "Place orders, follow them, and ask for their cancellation."},
    {"name": "shipments", "description": "Parcels, from the carrier's promise to the customer's door."},
    {"name": "reports", "description": "Figures over many orders."},
    {"name": "audit", "description": "What happened, who did it, what caused it, and how everything was at any time."},
    {"name": "operation", "description": "How the system itself is doing."},
]

Extra = dict[str, Any]
"""A part of an OpenAPI operation."""


def _header(name: str, description: str, *, required: bool = False, example: str, **schema: object) -> Extra:
    return {
        "name": name,
        "in": "header",
        "required": required,
        "description": description,
        "schema": {"type": "string", **schema},
        "example": example,
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
IF_MATCH = _header("If-Match", "Only if the order is still at this version, as its `ETag` says.", example='"3"')
POSITION = _header(
    HEADER, "The header of a command's answer: wait until the answer shows that command's effect.", example="p1-2a"
)


def headers(*parameters: Extra) -> Extra:
    """The headers that an endpoint reads by itself."""
    return {"parameters": list(parameters)}


def refusals(*statuses: int) -> dict[int | str, Extra]:
    """The problem answers of an endpoint; 401, 403, 422 and 503 may come from any."""
    return {status: _refusal(status) for status in sorted({401, 403, 422, 503, *statuses})}


def _refusal(status: int) -> Extra:
    error, kind = next((error, kind) for error, kind in KINDS.items() if kind.status == status)
    example = {
        "type": type_of(error),
        "title": kind.title,
        "status": status,
        "detail": "what is wrong here, and what to do about it",
        "instance": "/api/v1/orders",
    }
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": kind.title, "content": {MEDIA_TYPE: {"schema": schema, "example": example}}}


def example(shown: object) -> dict[int | str, Extra]:
    """An example of an answer; a list is the items of a page."""
    content = {"items": shown, "next_cursor": None} if isinstance(shown, list) else shown
    return {200: {"content": {"application/json": {"example": content}}}}


class CommerceApi(FastAPI):
    """FastAPI, whose document knows the problem answers' schema, and calls things as people do."""

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document."""
        if self.openapi_schema is None:
            self.openapi_schema = _named(_with_problems(super().openapi()))
        return self.openapi_schema


def _with_problems(document: Extra) -> Extra:
    schemas = document["components"]["schemas"]
    problem = TypeAdapter(Problem).json_schema(ref_template="#/components/schemas/{model}")
    schemas |= problem.pop("$defs", {})
    schemas["Problem"] = problem
    return document


def _named(document: Extra) -> Extra:
    """Name operations by the beginning of their description, and the statuses by what they are of."""
    for operations in document["paths"].values():
        for operation in operations.values():
            operation["summary"] = re.split(r"\.(?:\s|$)", operation["description"])[0]
            operation["operationId"] = re.sub(r"\W+", "_", re.split("[,;:]", operation["summary"])[0].lower())
    text = re.sub(r"commerce__\w+?__([a-z]+)__Status", lambda found: f"{found[1].title()}Status", json.dumps(document))
    named: Extra = json.loads(text)
    return named
