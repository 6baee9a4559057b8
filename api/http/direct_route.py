"""Routes for hot endpoints: declared and documented like any other, and called without FastAPI's way to them.

Finding the route, and collecting the arguments, costs about as much as all the rest of placing an order does in this
process.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import cast

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import ValidationError
from starlette.types import ASGIApp, Receive, Scope, Send

from api.auth import Allow, Caller
from api.http.json_body import reject_repeated_keys
from api.schemas.fields import Body


class DirectRoute(APIRoute):
    """A route that needs nothing of what stands between the edge of the application and it."""

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request for its path and method; what is raised is for the edge to answer."""
        scope["route"], scope["endpoint"], scope["path_params"] = self, self.endpoint, {}
        await self.handle(scope, receive, send)


class DirectApi(FastAPI):
    """FastAPI that hands requests for direct routes over at once."""

    _direct: Mapping[tuple[str, str], ASGIApp] = MappingProxyType({})

    def call_directly(self, around: Callable[[ASGIApp], ASGIApp]) -> None:
        """Let nothing but `around` stand between a client and the direct routes that there are now."""
        self._direct = {
            (method, route.path): around(route.serve)
            for route in self.routes
            if isinstance(route, DirectRoute)
            for method in route.methods or ()
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        direct = self._direct.get((scope["method"], scope["path"])) if scope["type"] == "http" else None
        if direct is None:
            await super().__call__(scope, receive, send)
        else:
            scope["app"] = self
            await direct(scope, receive, send)


def direct(model: type[Body], allow: Allow) -> type[DirectRoute]:
    """The class of a route whose endpoint takes a body of this model, the request, and a caller of these roles."""

    class Direct(DirectRoute):
        async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
            if scope["method"] not in (self.methods or ()):
                await super().handle(scope, receive, send)
                return
            request = Request(scope, receive)
            caller = await allow(request)
            body = _read(model, await request.body())
            endpoint = cast(Callable[[Body, Request, Caller], Awaitable[Response]], self.endpoint)
            response = await endpoint(body, request, caller)
            await response(scope, receive, send)

    return Direct


def _read(model: type[Body], content: bytes) -> Body:
    if content:
        reject_repeated_keys(content)
    try:
        return model.model_validate_json(content)
    except ValidationError as error:
        raise RequestValidationError([{**one, "loc": ("body", *one["loc"])} for one in error.errors()]) from None
