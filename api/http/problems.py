"""Errors as problem details (RFC 9457): one table says which error is answered with which status and title."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException
from starlette.types import Scope

from api.http import request_log
from api.http.errors import (
    BodyTooLarge,
    HeadTooLarge,
    IdempotencyKeyReused,
    MalformedRequest,
    MethodNotAllowed,
    NotAllowed,
    NotAuthenticated,
    PreconditionFailed,
    RequestTooSlow,
    UnsupportedMediaType,
)
from api.http.json_body import NOT_JSON
from api.http.methods import methods_at
from api.http.request_log import Failure
from api.schemas.fields import PATTERNS
from commerce.eventstore import MissingKey
from commerce.ordering.reference import ReferenceTaken
from commerce.runtime.tokens import InvalidToken
from commerce.values.errors import CommerceError, InvalidInput, NotFound, RuleBroken, StaleVersion, Unavailable

MEDIA_TYPE = "application/problem+json"
MOST_ERRORS = 50
"""So many fields are named at most, however many are wrong."""
_MOST_IN_DETAIL = 3


class FieldError(BaseModel):
    """What is wrong with one field, such as `lines[0].quantity`."""

    field: str
    message: str


class Problem(BaseModel):
    """What went wrong, and what to do about it (RFC 9457)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "urn:commerce:problem:not-found",
                    "title": "There is no such thing, or it is not yours to see",
                    "status": 404,
                    "detail": "there is no order 3f0e4c6e-8f4b-5a0e-9d57-0a4c2f1b7d11",
                    "instance": "/api/v1/orders/3f0e4c6e-8f4b-5a0e-9d57-0a4c2f1b7d11",
                }
            ]
        }
    )

    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: list[FieldError] | None = None
    order_id: UUID | None = None
    """The order that a reference belongs to, where that is the problem."""


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """How a class of errors is answered; `detail` replaces a text that is not meant for clients."""

    status: int
    title: str
    detail: str | None = None


KINDS: Mapping[type[Exception], ProblemKind] = {
    MalformedRequest: ProblemKind(400, "The request cannot be read"),
    NotAuthenticated: ProblemKind(401, "A token is needed"),
    InvalidToken: ProblemKind(401, "The token is not accepted"),
    NotAllowed: ProblemKind(403, "Your role does not allow this"),
    NotFound: ProblemKind(404, "There is no such thing, or it is not yours to see"),
    RuleBroken: ProblemKind(409, "The present state of things does not allow this"),
    StaleVersion: ProblemKind(409, "Somebody else was faster; try again"),
    MethodNotAllowed: ProblemKind(405, "The method is not possible here"),
    RequestTooSlow: ProblemKind(408, "The request did not come in time"),
    PreconditionFailed: ProblemKind(412, "The version you name is not the present one"),
    BodyTooLarge: ProblemKind(413, "The body is too large"),
    UnsupportedMediaType: ProblemKind(415, "The body has to be JSON"),
    HeadTooLarge: ProblemKind(431, "The headers are too large"),
    InvalidInput: ProblemKind(422, "The values cannot be accepted"),
    IdempotencyKeyReused: ProblemKind(422, "The idempotency key was used for another request"),
    MissingKey: ProblemKind(
        500, "Personal data cannot be read", "the key of this personal data is missing; tell the operator"
    ),
    Unavailable: ProblemKind(503, "A part of the system does not answer; try again"),
}

_UNEXPECTED = ProblemKind(
    500, "Something is broken here", "an unexpected error, logged under this X-Request-Id; tell the operator"
)


def install(app: FastAPI) -> None:
    """Have every error that an endpoint, a dependency or the framework raises answered as a problem."""

    async def on_error(request: Request, error: Exception) -> Response:
        return problem_answer(error, request.scope)

    for kind in (CommerceError, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, on_error)


def problem_answer(error: Exception, scope: Scope) -> Response:
    """The answer to an error, which is kept for the request's line in the log."""
    errors = None
    headers: Mapping[str, str] = {}
    if isinstance(error, RequestValidationError):
        error, errors = _invalid(error)
    elif isinstance(error, HTTPException):
        error, headers = _of_framework(error, scope)
    kind = next((KINDS[cls] for cls in type(error).__mro__ if cls in KINDS), _UNEXPECTED)
    problem_type = "urn:commerce:problem:internal" if kind is _UNEXPECTED else type_of(type(error))
    request_log.note(scope, Failure(problem_type, error, expected=kind is not _UNEXPECTED))
    about = scope["raw_path"].decode("latin-1")
    problem = _problem(kind, problem_type, error, about, errors or _field(error))
    return _response(problem, {**headers, **_headers(error)})


def before_the_application(error: CommerceError) -> Response:
    """The answer to what cannot be handed to the application at all, so that nobody knows its path."""
    kind = next(KINDS[cls] for cls in type(error).__mro__ if cls in KINDS)
    return _response(_problem(kind, type_of(type(error)), error), _headers(error))


def _problem(
    kind: ProblemKind, problem_type: str, error: Exception, instance: str = "", errors: list[FieldError] | None = None
) -> Problem:
    detail = kind.detail or str(error)
    order_id = error.order_id if isinstance(error, ReferenceTaken) else None
    return Problem(
        type=problem_type,
        title=kind.title,
        status=kind.status,
        detail=detail,
        instance=instance,
        errors=errors,
        order_id=order_id,
    )


def _response(problem: Problem, headers: Mapping[str, str]) -> Response:
    content = problem.__pydantic_serializer__.to_json(problem, exclude_none=True)
    return Response(content, problem.status, headers, MEDIA_TYPE)


def type_of(error: type[Exception]) -> str:
    """What a problem is known by to programs: the name of the broken rule."""
    return f"urn:commerce:problem:{re.sub(r'(?<=[a-z])(?=[A-Z])', '-', error.__name__).lower()}"


@dataclass(frozen=True, slots=True)
class ProblemType:
    """One of the types that a problem can have, its status, and when it is answered."""

    name: str
    status: int
    meaning: str


def problem_types() -> list[ProblemType]:
    """Every type that an answer of this process can have."""
    found = {"urn:commerce:problem:internal": ProblemType("urn:commerce:problem:internal", 500, _UNEXPECTED.title)}
    for error in _refined(CommerceError):
        kind = next((KINDS[cls] for cls in error.__mro__ if cls in KINDS), None)
        if kind is not None:
            rule = kind.title if error in KINDS else " ".join(str(error.__doc__).split())
            found[type_of(error)] = ProblemType(type_of(error), kind.status, rule.partition(". ")[0].rstrip("."))
    return sorted(found.values(), key=lambda each: (each.status, each.name))


def _refined(error: type[Exception]) -> Iterator[type[Exception]]:
    for refined in error.__subclasses__():
        yield refined
        yield from _refined(refined)


def _headers(error: Exception) -> dict[str, str]:
    if isinstance(error, Unavailable):
        return {"Retry-After": str(error.retry_after)}
    if isinstance(error, NotAuthenticated):
        return {"WWW-Authenticate": 'Bearer realm="commerce"'}
    if isinstance(error, InvalidToken):
        return {"WWW-Authenticate": 'Bearer realm="commerce", error="invalid_token"'}
    if isinstance(error, BodyTooLarge):
        return {"Connection": "close"}
    return {}


def _of_framework(error: HTTPException, scope: Scope) -> tuple[CommerceError, Mapping[str, str]]:
    """What the framework rejects, in our words."""
    match error.status_code:
        case 404:
            return NotFound("nothing is at this path; /openapi.json lists every path"), {}
        case 405:
            allowed = ", ".join(methods_at(scope))
            return MethodNotAllowed(f"this path can be asked with {allowed}"), {"Allow": allowed}
        case 413:
            return BodyTooLarge(error.detail), {}
        case _:
            return MalformedRequest(NOT_JSON), {}


def _invalid(error: RequestValidationError) -> tuple[CommerceError, list[FieldError] | None]:
    """What the declared shape of a request rejects, field by field."""
    found = error.errors()
    if any(one["type"] == "json_invalid" for one in found):
        return MalformedRequest(NOT_JSON), None
    errors = [FieldError(field=_path(one["loc"]), message=_message(one)) for one in found[:MOST_ERRORS]]
    detail = "; ".join(f"{one.field}: {one.message}" for one in errors[:_MOST_IN_DETAIL])
    more = len(found) - _MOST_IN_DETAIL
    return InvalidInput(f"{detail}; and {more} more" if more > 0 else detail), errors


def _field(error: Exception) -> list[FieldError] | None:
    if isinstance(error, InvalidInput) and error.field:
        return [FieldError(field=error.field, message=str(error))]
    return None


def _path(loc: Sequence[str | int]) -> str:
    """The place of an error as clients write it; the first part only says whether it is in the body, the path or
    the query."""
    parts = loc[1:] or loc
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts)
    return text.removeprefix(".")


def _message(error: Mapping[str, Any]) -> str:
    pattern = error.get("ctx", {}).get("pattern")
    return PATTERNS.get(pattern) or str(error["msg"]).removeprefix("Value error, ")
