"""The route of every endpoint with a token: who asks, what they may ask, and a body without doubt come before the
endpoint."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from api.auth import Allow
from api.context import context_of
from api.http.json_body import read_json, reject_any_fields


class StrictRoute(APIRoute):
    """A route that lets nothing pass unread.

    In this order: the token and the query, for a query the position that it has to show, and the body.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's handler, behind the checks."""
        handle = super().get_route_handler()
        allows = [one.call for one in self.dependant.dependencies if isinstance(one.call, Allow)]

        async def checked(request: Request) -> Response:
            for allow in allows:
                await allow(request)
            if request.method == "GET":
                await context_of(request).read_models.show_log(request)
            if self.body_field is None:
                await reject_any_fields(request)
            elif content := await request.body():
                read_json(content)
            return await handle(request)

        return checked
