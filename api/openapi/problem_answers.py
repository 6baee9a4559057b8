"""The problems that the OpenAPI document lists for an operation, each with an example."""

from __future__ import annotations

from api.http.error_statuses import MEDIA_TYPE, problem_kind, type_of
from api.http.errors import (
    BodyTooLarge,
    MalformedRequest,
    NotAcceptable,
    NotAllowed,
    NotAuthenticated,
    PreconditionFailed,
    TooManyRequests,
    UnsupportedMediaType,
)
from api.openapi.headers import EXAMPLE_ORDER_PATH, Extra, answer_headers
from api.queries.consistency import HEADER
from commerce.ordering.order import OrderNotOpen
from commerce.values.errors import InvalidInput, NotFound, Unavailable

_OF_ANY = (422, 429, 503)
"""Statuses that any operation may answer with."""
_OF_TOKENS = (401, 403, 406)
"""Those that any operation with a token may answer with."""
_HEADERS = {
    401: ("WWW-Authenticate",),
    403: ("WWW-Authenticate",),
    429: ("Retry-After",),
    503: ("Retry-After",),
}

_SHOWN: dict[int, tuple[type[Exception], str, str]] = {
    400: (
        MalformedRequest,
        EXAMPLE_ORDER_PATH,
        f"{HEADER} is not one of ours; send it as a command answered it, or leave it out",
    ),
    401: (
        NotAuthenticated,
        EXAMPLE_ORDER_PATH,
        "send the header Authorization: Bearer …, with a token of `commerce token`",
    ),
    403: (NotAllowed, "/api/v1/audit/events", "this is for the roles auditor, operator; your token's is customer"),
    404: (NotFound, EXAMPLE_ORDER_PATH, "there is no order 3f0e4c6e-8f4b-5a0e-9d57-0a4c2f1b7d11"),
    406: (
        NotAcceptable,
        EXAMPLE_ORDER_PATH,
        "this is answered as application/json; accept that, or leave out Accept",
    ),
    409: (
        OrderNotOpen,
        f"{EXAMPLE_ORDER_PATH}/cancellation",
        "order 3f0e4c6e-8f4b-5a0e-9d57-0a4c2f1b7d11 is shipped and can no longer be cancelled",
    ),
    412: (
        PreconditionFailed,
        f"{EXAMPLE_ORDER_PATH}/cancellation",
        "order 3f0e4c6e-8f4b-5a0e-9d57-0a4c2f1b7d11 is at version 3, not 2; read it again",
    ),
    413: (BodyTooLarge, "/api/v1/orders", "the body has more than 1048576 bytes; send less at once"),
    415: (
        UnsupportedMediaType,
        "/api/v1/orders",
        "send the body as JSON, with the header Content-Type: application/json",
    ),
    422: (InvalidInput, "/api/v1/orders", "limit: Input should be greater than or equal to 1"),
    429: (
        TooManyRequests,
        EXAMPLE_ORDER_PATH,
        "you have sent 1000 requests in 900 s to orders, and more are not accepted",
    ),
    503: (Unavailable, "/api/v1/orders", "too many commands are waiting"),
}
"""By status, an error with its path and its detail."""


def problem_answers(*statuses: int, needs_token: bool = True) -> dict[int | str, Extra]:
    """The problem answers of an operation: these, and those that any operation may have."""
    return {
        status: _problem_answer(status)
        for status in sorted({*_OF_ANY, *(_OF_TOKENS if needs_token else ()), *statuses})
    }


def _problem_answer(status: int) -> Extra:
    error, instance, detail = _SHOWN[status]
    kind = problem_kind(error)
    example: Extra = {
        "type": type_of(error),
        "title": kind.title,
        "status": status,
        "detail": detail,
        "instance": instance,
    }
    if error is OrderNotOpen:
        example |= {"version": 4, "actions": []}
    if error is InvalidInput:
        field, _, message = detail.partition(": ")
        example["errors"] = [{"field": field, "message": message}]
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        "description": kind.title,
        "headers": answer_headers(_HEADERS.get(status, ())),
        "content": {MEDIA_TYPE: {"schema": schema, "example": example}},
    }
