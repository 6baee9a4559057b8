"""The catalogue: what can be ordered, at which price."""

from __future__ import annotations

from fastapi import Response

from api.http.sites import SHOP
from api.pages.routes import Pages
from api.pages.view import View

pages = Pages(SHOP)

_SHOWN_PRODUCTS = 24


@pages.page("", is_public=True)
async def list_catalogue(view: View) -> Response:
    """List products, or those with a word in their names."""
    asked = {"search": view.query.get("search"), "cursor": view.query.get("cursor"), "limit": _SHOWN_PRODUCTS}
    found = await view.get("/api/v1/products", asked)
    return view.page("web/catalogue.html", products=found["items"], next_cursor=found["next_cursor"])


@pages.page("/products/{sku}", is_public=True)
async def show_product(view: View) -> Response:
    """Show one product."""
    return view.page("web/product.html", product=await view.get(f"/api/v1/products/{view.path['sku']}"))
