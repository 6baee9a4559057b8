"""Which methods a path has, and the name of its route; looked up only when an answer needs it."""

from __future__ import annotations

from starlette.routing import Match
from starlette.types import Scope

IS_HEAD = "is_head"
"""The key in the scope of a request by HEAD, which is otherwise like one by GET."""
_OF_ROUTES = ("GET", "POST", "PUT", "PATCH", "DELETE")


def methods_at(scope: Scope) -> list[str]:
    """The methods of a path, in order; empty if there is no such path. `*` is the server as a whole."""
    if scope["path"] == "*":
        return sorted((*_OF_ROUTES, "HEAD", "OPTIONS"))
    found = {
        method
        for method in _OF_ROUTES
        if any(route.matches({**scope, "method": method})[0] is Match.FULL for route in scope["app"].routes)
    }
    if "GET" in found:
        found.add("HEAD")
    return sorted(found | {"OPTIONS"}) if found else []


def route_name(scope: Scope) -> str:
    """The template of the requested path, such as `/api/v1/orders/{order_id}`: it contains no id."""
    if "route" in scope:
        return str(getattr(scope["route"], "path", "unmatched"))
    found = (route for route in scope["app"].routes if route.matches({**scope, "method": "GET"})[0] is not Match.NONE)
    return str(getattr(next(found, None), "path", "unmatched"))
