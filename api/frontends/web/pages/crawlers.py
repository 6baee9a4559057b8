"""What search engines are told: nothing but a public catalogue."""

from __future__ import annotations

from html import escape
from urllib.parse import quote

from fastapi import Request, Response
from starlette.routing import Route

from api.auth import let_visitor_in
from api.context import context_of
from api.http.sites import SHOP
from api.pages.api_calls import ApiCalls
from commerce.values.errors import NotFound

_PAGE_PRODUCTS = 100
MOST_PRODUCTS = 10_000
"""Of the sitemap, which may have 50,000 addresses (sitemaps.org)."""
_KEPT = {"Cache-Control": "public, max-age=3600"}


async def _robots(request: Request) -> Response:
    if not context_of(request).has_public_catalogue:
        return Response("User-agent: *\nDisallow: /\n", 200, _KEPT, "text/plain")
    lines = ["User-agent: *", f"Allow: {SHOP}$", f"Allow: {SHOP}/products/", "Disallow: /"]
    sitemap = f"Sitemap: {request.url.replace(path='/sitemap.xml', query='')}"
    return Response("\n".join([*lines, "", sitemap, ""]), 200, _KEPT, "text/plain")


async def _sitemap(request: Request) -> Response:
    """The addresses of the products. Raises `NotFound` where the catalogue is not public, and `ApiProblem`."""
    if not context_of(request).has_public_catalogue:
        raise NotFound("the catalogue is not public here (COMMERCE_PUBLIC_CATALOGUE)")
    let_visitor_in(request)
    calls, cursor = ApiCalls(request, None), None
    skus: list[str] = []
    while len(skus) < MOST_PRODUCTS:
        page = await calls.get("/api/v1/products", {"limit": _PAGE_PRODUCTS, "cursor": cursor})
        skus += [one["sku"] for one in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    home = str(request.url.replace(path=SHOP, query=""))
    addresses = [home, *(f"{home}/products/{quote(sku, safe='')}" for sku in skus)]
    listed = "".join(f"<url><loc>{escape(one)}</loc></url>" for one in addresses)
    text = f'<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{listed}'
    return Response(f"{text}</urlset>", 200, _KEPT, "application/xml")


open_routes = (
    Route("/robots.txt", _robots, methods=["GET"]),
    Route("/sitemap.xml", _sitemap, methods=["GET"]),
)
