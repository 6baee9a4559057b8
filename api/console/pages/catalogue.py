"""Catalogue: what sells, at what price in each currency, now and then."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import quote

from fastapi import Response

from api.http.sites import CONSOLE
from api.pages.actions import Body, Field, PageAction, Preview, declare_action
from api.pages.api_calls import Document
from api.pages.cells import Link, Status, amount_of
from api.pages.languages import N_
from api.pages.routes import Pages
from api.pages.tables import Column
from api.pages.view import View
from commerce.values import ids

pages = Pages()


def product_address(sku: str) -> str:
    """The page of a product."""
    return f"{CONSOLE}/catalogue/{quote(sku, safe='')}"


def _others(product: Document) -> str:
    return ", ".join(f"{one['amount']} {one['currency']}" for one in product["prices"][1:])


COLUMNS = (
    Column(N_("SKU"), lambda product: Link(product["sku"], product_address(product["sku"]))),
    Column(N_("Name"), lambda product: product["name"]),
    Column(N_("Price"), lambda product: amount_of(product["price"]), is_number=True),
    Column(N_("In other currencies"), _others),
    Column(N_("Status"), lambda product: Status("off_sale" if product["discontinued"] else "on_sale")),
)


@pages.page("/catalogue")
async def list_products(view: View) -> Response:
    """List products, or those that have a text in their SKU or name."""
    return await view.table_page("catalogue.html", "/api/v1/products", {"search": view.query.get("search")}, COLUMNS)


@pages.page("/catalogue/{sku}")
async def show_product(view: View) -> Response:
    """Show a product, and what its prices were."""
    sku = view.path["sku"]
    product, story = await asyncio.gather(
        view.get(f"/api/v1/products/{sku}"),
        view.get(f"/api/v1/audit/streams/{ids.product_id(sku)}", {"limit": 100, "cursor": view.query.get("cursor")}),
    )
    return view.page(
        "product.html",
        product=product,
        story=list(reversed(story["items"])),
        later=story["next_cursor"],
        address=product_address(sku),
    )


@pages.page("/add-product")
async def begin_product(view: View) -> Response:
    """Lead to the form of a product, by the SKU that was typed."""
    if sku := view.query.get("sku"):
        return view.redirect(f"{product_address(sku)}/terms")
    return await list_products(view)


_PRICES = Field(
    "prices",
    N_("Prices in other currencies"),
    "long",
    N_("One on each line, such as: 9.50 USD. Those that are not named end."),
    is_required=False,
)


async def _preview_terms(view: View) -> Preview:
    """What the product is now, in the fields."""
    product = await view.find(f"/api/v1/products/{view.path['sku']}")
    said = {"sku": view.path["sku"]}
    if product is None:
        return Preview([view.text(N_("%(sku)s is new: it is on sale at once.")) % said], values={"stocked": "1"})
    sentences = [view.text(N_("%(sku)s is changed at once; orders that were placed keep the prices they had.")) % said]
    if product["discontinued"]:
        sentences.append(view.text(N_("It is off sale now, and comes back on sale.")))
    return Preview(
        sentences,
        values={
            "name": product["name"],
            "description": product["description"] or "",
            "price.amount": product["price"]["amount"],
            "price.currency": product["price"]["currency"],
            "prices": "\n".join(f"{one['amount']} {one['currency']}" for one in product["prices"][1:]),
            "stocked": "1" if product["stocked"] else "",
        },
    )


def _terms(typed: Body) -> Body:
    """The prices as the API takes them; the API says what is wrong with them."""
    lines = [line.split() for line in str(typed.get("prices", "")).splitlines() if line.strip()]
    others: list[dict[str, Any]] = [{"amount": line[0], "currency": " ".join(line[1:]).upper()} for line in lines]
    return {**typed, "prices": [typed.get("price", {}), *others]}


declare_action(
    pages,
    PageAction(
        path="/catalogue/{sku}/terms",
        command="PUT /api/v1/products/{sku}",
        title=N_("Put a product on sale, or change it"),
        verb=N_("Put it on sale so"),
        back="/catalogue/{sku}",
        done="product",
        preview=_preview_terms,
        fields=(
            Field("name", N_("Name")),
            Field("description", N_("Description"), "long", is_required=False),
            Field("price.amount", N_("Price of one piece"), "amount"),
            Field("price.currency", N_("Currency"), help=N_("Such as EUR.")),
            _PRICES,
            Field("stocked", N_("It is kept in stock, and reserved for orders"), "check", is_required=False),
        ),
        body=_terms,
    ),
)


async def _preview_end(view: View) -> Preview:
    product = await view.get(f"/api/v1/products/{view.path['sku']}")
    return Preview(
        [
            view.text(N_("%(name)s cannot be ordered any more.")) % {"name": product["name"]},
            view.text(N_("Open orders go on, and its stock stays. It can be put on sale again.")),
        ]
    )


declare_action(
    pages,
    PageAction(
        path="/catalogue/{sku}/end",
        command="DELETE /api/v1/products/{sku}",
        title=N_("Take a product off sale"),
        verb=N_("Take it off sale"),
        back="/catalogue/{sku}",
        done="off_sale",
        preview=_preview_end,
    ),
)
