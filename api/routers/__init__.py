"""One file per resource: its routes, the shapes of its requests, and its endpoints, which call a handler or a query.

A file here whose `router` is a `Resource` is part of the API; no list names it. An endpoint's name is its operation id.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules

from api.http.resource import Resource


def all_resources() -> Iterator[Resource]:
    """The resource of each file here, in the order of their names."""
    for module in iter_modules(__path__, f"{__name__}."):
        router = getattr(import_module(module.name), "router", None)
        if isinstance(router, Resource):
            yield router
