"""Calls the endpoint of a hot route directly; the route is declared and documented like any other.

FastAPI's search for the route and its collection of arguments cost about as much as all else that this process does to
place an order.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import TypeVar

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from api.auth import Caller, admit
from api.http.accepted_types import require_acceptable
from api.http.json_body import reject_repeated_keys
from api.http.resource import StrictRoute
from api.permissions import Rule
from api.schemas.fields import Body

DirectCalls = Mapping[tuple[str, str], ASGIApp]
"""The routes that are called directly, by method and path."""

B = TypeVar("B", bound=Body)


def direct_call(
    routes: Iterable[BaseRoute],
    endpoint: Callable[[B, Request, Caller], Awaitable[Response]],
    body_of: type[B],
) -> DirectCalls:
    """The way to an endpoint that takes a body, the request and a caller, and nothing else."""
    route = next(one for one in routes if isinstance(one, StrictRoute) and one.endpoint is endpoint)
    rule = route.rule
    assert isinstance(rule, Rule)

    async def call(scope: Scope, receive: Receive, send: Send) -> None:
        scope["route"] = route
        request = Request(scope, receive)
        caller = await admit(request, route.row, rule)
        require_acceptable(request, route.answered_types)
        response = await endpoint(_read(body_of, await request.body()), request, caller)
        await response(scope, receive, send)

    return {(method, route.path): call for method in route.methods or ()}


def _read(body_of: type[B], content: bytes) -> B:
    if content:
        reject_repeated_keys(content)
    try:
        return body_of.model_validate_json(content)
    except ValidationError as error:
        raise RequestValidationError([{**one, "loc": ("body", *one["loc"])} for one in error.errors()]) from None
