"""Calls the endpoints of hot routes directly; each is declared and documented like any other.

FastAPI's search for the route and its collection of arguments cost about as much as all else that this process does to
place an order, and a quarter of what it does to show one.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar
from uuid import UUID

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from api.auth import Caller
from api.http.answer_headers import tagged
from api.http.json_body import reject_any_fields, reject_repeated_keys
from api.http.resource import StrictRoute
from api.schemas.fields import Body

B = TypeVar("B", bound=Body)
Command = Callable[[B, Request, Caller], Awaitable[Response]]
"""An endpoint that takes a body, the request and a caller, and nothing else."""
Query = Callable[[UUID, Request, Caller], Awaitable[Response]]
"""An endpoint that shows what has an id; what it takes beside these may be left out."""


class DirectCalls:
    """The routes that are called directly, and how a request is told to be one of theirs."""

    def __init__(self, routes: Iterable[BaseRoute]) -> None:
        """`routes` are those that an endpoint's own is among."""
        self._routes = [one for one in routes if isinstance(one, StrictRoute)]
        self._commands: dict[tuple[str, str], ASGIApp] = {}
        self._queries: dict[tuple[str, str], Callable[[UUID], ASGIApp]] = {}

    def add_command(self, endpoint: Command[B], body_of: type[B]) -> None:
        """Call an endpoint directly, whose body is one of these."""
        route = self._route_of(endpoint)

        async def call(scope: Scope, receive: Receive, send: Send) -> None:
            request, caller = await _let_in(route, scope, receive)
            response = await endpoint(_read(body_of, await request.body()), request, caller)
            await response(scope, receive, send)

        self._commands.update({(method, route.path): call for method in route.methods or ()})

    def add_query(self, endpoint: Query) -> None:
        """Call an endpoint directly whose path ends with an id; a request with parameters goes FastAPI's way."""
        route = self._route_of(endpoint)
        folder, _, parameter = route.path.rpartition("/")

        def call_for(thing: UUID) -> ASGIApp:
            async def call(scope: Scope, receive: Receive, send: Send) -> None:
                scope["path_params"] = {parameter.strip("{}"): thing}
                request, caller = await _let_in(route, scope, receive)
                await reject_any_fields(request)
                response = tagged(request, await endpoint(thing, request, caller))
                await response(scope, receive, send)

            return call

        self._queries.update({(method, folder): call_for for method in route.methods or ()})

    def find(self, scope: Scope) -> ASGIApp | None:
        """The way to the endpoint of a request; None where that is FastAPI's."""
        method, path = scope["method"], scope["path"]
        if (command := self._commands.get((method, path))) is not None:
            return command
        folder, _, name = path.rpartition("/")
        query = self._queries.get((method, folder))
        if query is None or scope["query_string"]:
            return None
        try:
            thing = UUID(name)
        except ValueError:
            return None
        return query(thing) if str(thing) == name else None

    def _route_of(self, endpoint: Callable[..., Awaitable[Response]]) -> StrictRoute:
        return next(one for one in self._routes if one.endpoint is endpoint)


async def _let_in(route: StrictRoute, scope: Scope, receive: Receive) -> tuple[Request, Caller]:
    scope["route"] = route
    request = Request(scope, receive)
    return request, await route.let_in(request)


def _read(body_of: type[B], content: bytes) -> B:
    if content:
        reject_repeated_keys(content)
    try:
        return body_of.model_validate_json(content)
    except ValidationError as error:
        raise RequestValidationError([{**one, "loc": ("body", *one["loc"])} for one in error.errors()]) from None
