"""Which methods a path can be asked with, and what the path is called; looked up only where that is asked for."""

from __future__ import annotations

from starlette.routing import Match
from starlette.types import Scope

_OF_ROUTES = ("GET", "POST", "PUT", "PATCH", "DELETE")


def methods_at(scope: Scope) -> list[str]:
    """Every method that the path can be asked with, in order; none where nothing is there. `*` is the server as a
    whole."""
    if scope["path"] == "*":
        return sorted((*_OF_ROUTES, "HEAD", "OPTIONS"))
    found = {method for method in _OF_ROUTES if _matches(scope, method)}
    if "GET" in found:
        found.add("HEAD")
    return sorted(found | {"OPTIONS"}) if found else []


def route_name(scope: Scope) -> str:
    """The template of the path that was asked, such as `/api/v1/orders/{order_id}`: it names nobody."""
    if "route" in scope:
        return str(getattr(scope["route"], "path", "unmatched"))
    found = (route for route in scope["app"].routes if route.matches({**scope, "method": "GET"})[0] is not Match.NONE)
    return str(getattr(next(found, None), "path", "unmatched"))


def _matches(scope: Scope, method: str) -> bool:
    asked = {**scope, "method": method}
    return any(route.matches(asked)[0] is Match.FULL for route in scope["app"].routes)
