"""Turns what an endpoint, a dependency or the framework raises into a problem detail (RFC 9457)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from eventsourcing.persistence import MapperDeserialisationError
from eventsourcing.utils import TopicError
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.types import Scope

from api.http import request_log
from api.http.error_statuses import MEDIA_TYPE, OAUTH_ERRORS, FieldError, Problem, problem_kind, type_of
from api.http.errors import BodyTooLarge, MalformedRequest, MethodNotAllowed, PreconditionFailed, TooManyRequests
from api.http.json_body import NOT_JSON
from api.http.methods import methods_at
from api.http.sites import is_for_browser
from api.schemas.fields import PATTERNS
from commerce.credentials.guesses import TooManyLogins
from commerce.eventstore import UnreadableEvent
from commerce.ordering.order import OrderPlacedBefore
from commerce.ordering.reference import ReferenceTaken
from commerce.payments.errors import RefundExceedsCapture
from commerce.values.errors import CommerceError, InvalidInput, NotFound, RuleBroken, Unavailable

MOST_ERRORS = 50
"""How many wrong fields an answer names at most."""
_MOST_ERRORS_IN_DETAIL = 3
_REPAIR_RETRY_S = 30
UNREADABLE = partial(
    UnreadableEvent,
    "an event of what you ask for cannot be read, and waits to be repaired; an operator finds it at"
    " GET /api/v1/ops/parked",
    _REPAIR_RETRY_S,
)
"""The error for what the log has, and no code of ours can read."""


ProblemPage = Callable[[Scope, Response], Response]
"""Makes the page of a problem out of its answer."""


def install(app: FastAPI, problem_page: ProblemPage) -> None:
    """Answer every error of an endpoint, a dependency or the framework as a problem, and browsers at the sites with a
    page."""
    app.state.problem_page = problem_page

    async def on_error(request: Request, error: Exception) -> Response:
        return problem_answer(error, request.scope)

    for kind in (CommerceError, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, on_error)


def problem_answer(error: Exception, scope: Scope) -> Response:
    """The answer to an error, for a browser at one of the sites a page; the error is noted for the request's line in
    the log."""
    answer = _problem_document(error, scope)
    page: ProblemPage | None = scope["app"].state.problem_page if "app" in scope and is_for_browser(scope) else None
    return answer if page is None else page(scope, answer)


def _problem_document(error: Exception, scope: Scope) -> Response:
    errors = None
    headers: Mapping[str, str] = {}
    if isinstance(error, MapperDeserialisationError | TopicError):
        request_log.note(scope, error)
        return problem_response(UNREADABLE(), scope["raw_path"].decode("latin-1"))
    if isinstance(error, RequestValidationError):
        error, errors = _invalid(error)
    elif isinstance(error, HTTPException):
        error, headers = _of_framework(error, scope)
    request_log.note(scope, error)
    return problem_response(error, scope["raw_path"].decode("latin-1"), errors, headers)


def problem_response(
    error: Exception,
    instance: str = "",
    errors: list[FieldError] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The same without a request, whose path is unknown where it cannot be handed to the application."""
    kind = problem_kind(type(error))
    problem = _problem(error, instance, errors)
    retry = (
        {"Retry-After": str(error.retry_after)}
        if isinstance(error, Unavailable | TooManyLogins | TooManyRequests)
        else {}
    )
    content = problem.model_dump_json(exclude_none=True)
    return Response(content, kind.status, {**(headers or {}), **kind.headers, **retry}, MEDIA_TYPE)


def problem_of(error: Exception, instance: str) -> Problem:
    """What is wrong, where it is a part of an answer."""
    errors = None
    if isinstance(error, RequestValidationError):
        error, errors = _invalid(error)
    return _problem(error, instance, errors)


def _problem(error: Exception, instance: str, errors: list[FieldError] | None) -> Problem:
    kind = problem_kind(type(error))
    return Problem(
        type=type_of(type(error)),
        title=kind.title,
        status=kind.status,
        detail=kind.detail or str(error),
        instance=instance,
        errors=errors or _field(error),
        order_id=error.order_id if isinstance(error, ReferenceTaken | OrderPlacedBefore) else None,
        version=error.version if isinstance(error, RuleBroken | PreconditionFailed) else None,
        actions=_actions(error),
        left=error.left if isinstance(error, RefundExceedsCapture) else None,
        error=OAUTH_ERRORS.get(type(error)),
        error_description=str(error) if type(error) in OAUTH_ERRORS else None,
    )


def _actions(error: Exception) -> list[str] | None:
    return list(error.actions) if isinstance(error, RuleBroken) and error.actions is not None else None


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
