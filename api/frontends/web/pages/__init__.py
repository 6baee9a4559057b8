"""One file per subject; what `shop_pages` gives is served."""

from __future__ import annotations

from collections.abc import Iterator

from starlette.routing import BaseRoute

from api.frontends.web.pages import access, catalogue, crawlers, own_orders


def shop_pages() -> Iterator[BaseRoute]:
    """The routes of the shop's pages."""
    yield from (*access.open_routes, *crawlers.open_routes, *catalogue.pages.routes, *own_orders.pages.routes)
