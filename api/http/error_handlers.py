"""Turns what an endpoint, a dependency or the framework raises into a problem detail (RFC 9457)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.types import Scope

from api.http import request_log
from api.http.error_statuses import (
    INTERNAL,
    MEDIA_TYPE,
    UNEXPECTED,
    FieldError,
    Problem,
    ProblemKind,
    problem_kind,
    type_of,
)
from api.http.errors import BodyTooLarge, MalformedRequest, MethodNotAllowed, NotAuthenticated
from api.http.json_body import NOT_JSON
from api.http.methods import methods_at
from api.http.request_log import Failure
from api.schemas.fields import PATTERNS
from commerce.ordering.reference import ReferenceTaken
from commerce.runtime.tokens import InvalidToken
from commerce.values.errors import CommerceError, InvalidInput, NotFound, Unavailable

MOST_ERRORS = 50
"""How many wrong fields an answer names at most."""
_MOST_ERRORS_IN_DETAIL = 3


def install(app: FastAPI) -> None:
    """Answer every error of an endpoint, a dependency or the framework as a problem."""

    async def on_error(request: Request, error: Exception) -> Response:
        return problem_answer(error, request.scope)

    for kind in (CommerceError, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, on_error)


def problem_answer(error: Exception, scope: Scope) -> Response:
    """The answer to an error; the error is noted for the request's line in the log."""
    errors = None
    headers: Mapping[str, str] = {}
    if isinstance(error, RequestValidationError):
        error, errors = _invalid(error)
    elif isinstance(error, HTTPException):
        error, headers = _of_framework(error, scope)
    kind = problem_kind(type(error))
    problem_type = INTERNAL if kind is UNEXPECTED else type_of(type(error))
    request_log.note(scope, Failure(problem_type, error, expected=kind is not UNEXPECTED))
    about = scope["raw_path"].decode("latin-1")
    problem = _problem(kind, problem_type, error, about, errors or _field(error))
    return _response(problem, {**headers, **_headers(error)})


def before_the_application(error: CommerceError) -> Response:
    """The answer to a request that cannot be handed to the application; its path is unknown."""
    return _response(_problem(problem_kind(type(error)), type_of(type(error)), error), _headers(error))


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
    return Response(problem.model_dump_json(exclude_none=True), problem.status, headers, MEDIA_TYPE)


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
    """An error of the framework, in this API's words."""
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
    """What is wrong with the fields of a request."""
    found = error.errors()
    if any(one["type"] == "json_invalid" for one in found):
        return MalformedRequest(NOT_JSON), None
    errors = [FieldError(field=_path(one["loc"]), message=_message(one)) for one in found[:MOST_ERRORS]]
    detail = "; ".join(f"{one.field}: {one.message}" for one in errors[:_MOST_ERRORS_IN_DETAIL])
    more = len(found) - _MOST_ERRORS_IN_DETAIL
    return InvalidInput(f"{detail}; and {more} more" if more > 0 else detail), errors


def _field(error: Exception) -> list[FieldError] | None:
    if isinstance(error, InvalidInput) and error.field:
        return [FieldError(field=error.field, message=str(error))]
    return None


def _path(loc: Sequence[str | int]) -> str:
    """The place of an error as clients write it, without the first part, which is `body`, `path` or `query`."""
    parts = loc[1:] or loc
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts)
    return text.removeprefix(".")


def _message(error: Mapping[str, Any]) -> str:
    pattern = error.get("ctx", {}).get("pattern")
    return PATTERNS.get(pattern) or str(error["msg"]).removeprefix("Value error, ")
