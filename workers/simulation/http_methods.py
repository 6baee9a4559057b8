"""What a simulated party's paths can be asked with: HEAD wherever GET is, and OPTIONS everywhere, as at our own API."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.routing import Match
from starlette.types import Receive, Scope, Send

from workers.runtime.app import answer_methods

_METHODS = ("GET", "POST")


class HttpMethods:
    """A site that answers HEAD as GET without the body, which the server leaves out, and tells what each path takes."""

    def __init__(self, site: FastAPI) -> None:
        self._site = site

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer OPTIONS, and 405 to what a path does not take; hand on everything else."""
        if scope["type"] != "http":
            await self._site(scope, receive, send)
            return
        if scope["method"] == "HEAD":
            scope = {**scope, "method": "GET"}
        taken = [method for method in _METHODS if self._takes(scope, method)]
        if not taken or scope["method"] in taken:
            await self._site(scope, receive, send)
        else:
            methods = sorted([*taken, *(["HEAD"] if "GET" in taken else []), "OPTIONS"])
            await answer_methods(scope, methods)(scope, receive, send)

    def _takes(self, scope: Scope, method: str) -> bool:
        asked = {**scope, "method": method}
        return any(route.matches(asked)[0] is Match.FULL for route in self._site.routes)
