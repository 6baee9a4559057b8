"""One file per page: what it asks the API for, and what can be done on it.

A file here whose `pages` is a `Pages` is part of the console; no list names it.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules

from starlette.routing import Route

from api.pages.assets import ASSETS, send_asset
from api.pages.routes import Pages


def all_pages() -> Iterator[Route]:
    """The routes of the console."""
    yield Route(f"{ASSETS}/{{name}}", send_asset, methods=["GET"])
    for module in iter_modules(__path__, f"{__name__}."):
        found = import_module(module.name)
        pages = getattr(found, "pages", None)
        if isinstance(pages, Pages):
            yield from pages.routes
        yield from getattr(found, "open_routes", ())
