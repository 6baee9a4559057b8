"""Products: added and changed by operators, seen by everybody with a token."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Query, Request, Response
from pydantic.config import JsonDict
from pydantic_core import to_json

from api.auth import Admitted
from api.bulk import import_kinds
from api.bulk.import_answer import ImportAnswer
from api.context import context_of, sku_of
from api.http.answer_headers import body_hash
from api.http.conditional_headers import expected_tags, only_new
from api.http.errors import PreconditionFailed
from api.http.resource import Answer, Resource, page_answer
from api.openapi.headers import IDEMPOTENCY_KEY, IF_NONE_MATCH, PRODUCT_IF_MATCH
from api.queries.consistency import HEADER
from api.queries.own_streams import folded
from api.schemas.answers import command_answer, kept_answer
from api.schemas.bulk import IMPORTED, FromLine
from api.schemas.fields import Price, Search
from api.schemas.parameters import Paging, SkuInPath
from api.schemas.products import ImportProduct, PutProduct
from commerce.catalog import commands
from commerce.catalog.product import Product, ProductExists
from commerce.inventory.commands import register_stock_item
from commerce.values import ids
from commerce.values.errors import NotFound
from projections.engine.pages import Page
from projections.products import PRODUCTS, ProductView, find_products

router = Resource("/api/v1/products", "products")

_PRODUCT: JsonDict = {
    "sku": "TEA-ASSAM-250",
    "name": "Assam tea, 250 g",
    "description": None,
    "price": {"amount": "8.90", "currency": "EUR"},
    "prices": [{"amount": "8.90", "currency": "EUR"}, {"amount": "9.50", "currency": "USD"}],
    "stocked": True,
}
_PRODUCT_SHOWN: JsonDict = {**_PRODUCT, "discontinued": False}
_PRODUCT_PUT: JsonDict = {**_PRODUCT, "version": 1, "position": 42}
_OFF_SALE: JsonDict = {"sku": "TEA-ASSAM-250", "discontinued": True, "version": 2, "position": 43}


@dataclass(frozen=True, slots=True)
class ProductPut:
    """The product as it is from now on."""

    sku: str
    """As the catalogue knows it; case-sensitive."""
    name: str
    """What it is called."""
    description: str | None
    """What the product is, in the seller's words."""
    price: Price
    """What one piece costs."""
    prices: list[Price] | None
    """What it costs in each currency, as it was sent; null where only `price` was."""
    stocked: bool
    """Whether it is kept in stock, and reserved for orders; false for postage and fees."""
    version: int
    """How many events its stream has; the `ETag` in `If-Match`."""
    position: int
    """The place in the log."""


@dataclass(frozen=True, slots=True)
class ProductOffSale:
    """The product cannot be ordered from now on."""

    sku: str
    """As the catalogue knows it; case-sensitive."""
    discontinued: bool
    """Whether it is off sale: it cannot be ordered, and orders that are open go on."""
    version: int
    """How many events its stream has; the `ETag` in `If-Match`."""
    position: int
    """The place in the log."""


_PUT = Answer(ProductPut, example=_PRODUCT_PUT, headers=(HEADER,))


@router.command("PUT", "/{sku}", _PUT, problems=(400, 409, 412), reads=(IF_NONE_MATCH, PRODUCT_IF_MATCH))
async def put_product(sku: SkuInPath, product: PutProduct, request: Request, caller: Admitted) -> Response:
    """Add a product, change its name, description or price, or put it on sale again.

    It can be ordered as soon as this is answered.
    """
    sku = await sku_of(request, sku)
    wanted = product.terms(sku)
    try:
        accepted = await commands.put_product(
            context_of(request).store,
            wanted,
            caller.metadata,
            only_new=only_new(request),
            require=_condition(request),
            alongside=[register_stock_item(sku)] if product.stocked else [],
        )
    except ProductExists as error:
        raise PreconditionFailed(str(error)) from None
    priced = {"price": wanted.price, "prices": wanted.prices}
    answer = {"sku": sku, **product.model_dump(), **priced, "version": accepted.version}
    return command_answer(200, to_json(answer), accepted.position)


@router.command("POST", ":import", IMPORTED, problems=(400, 413, 415), reads=(IDEMPOTENCY_KEY,), lines=ImportProduct)
async def import_products(request: Request, caller: Admitted, from_line: FromLine = 1) -> Response:
    """Import products, one on each line: add them, change them, or put them on sale again.

    Each line is a command of its own, and a wrong one stops no other. The `Idempotency-Key` names the import: a line
    that is sent again under it, with the same number, is answered as before, and done once.
    """
    return ImportAnswer(request, caller, import_kinds.PRODUCTS, from_line)


_OFF = Answer(ProductOffSale, example=_OFF_SALE, headers=(HEADER,))


@router.command("DELETE", "/{sku}", _OFF, problems=(400, 404, 412), reads=(PRODUCT_IF_MATCH,))
async def discontinue_product(sku: SkuInPath, request: Request, caller: Admitted) -> Response:
    """Take a product off sale. Open orders continue and its stock stays; `PUT` puts it on sale again."""
    sku = await sku_of(request, sku)
    store, require = context_of(request).store, _condition(request)
    accepted = await commands.discontinue_product(store, sku, caller.metadata, require=require)
    answer = {"sku": sku, "discontinued": True, "version": accepted.version}
    return command_answer(200, to_json(answer), accepted.position)


def _condition(request: Request) -> Callable[[Product | None], None]:
    """What `If-Match` requires of the product as it is when it is changed: that `GET` showed it so."""
    tags = expected_tags(request)

    def require(product: Product | None) -> None:
        if tags is None or (product is not None and tags & {"*", _tag(product)}):
            return
        raise PreconditionFailed(
            "the product is not as you saw it; see it again, and send its ETag", product.version if product else None
        )

    return require


def _tag(product: Product) -> str:
    """The `ETag` that `GET` answers."""
    view = ProductView(
        sku=product.sku,
        name=product.name,
        description=product.description,
        price=product.price,
        prices=product.prices,
        stocked=product.stocked,
        discontinued=product.discontinued,
    )
    return f'"{body_hash(to_json(view))}"'


@router.query("", page_answer(Page[ProductView], _PRODUCT_SHOWN))
async def list_products(
    request: Request,
    _caller: Admitted,
    paging: Paging,
    search: Annotated[Search | None, Query(description="A part of the SKU or the name, in whatever case.")] = None,
) -> Response:
    """List products, newest first; those off sale are listed as `discontinued`."""
    pool = await context_of(request).read_models.show(PRODUCTS, request)
    return kept_answer(await find_products(pool, search, paging))


@router.query("/{sku}", Answer(ProductView, example=_PRODUCT_SHOWN), problems=(404,))
async def get_product(sku: SkuInPath, request: Request, _caller: Admitted) -> Response:
    """See one product as it is now."""
    sku = await sku_of(request, sku)
    product = (await folded(PRODUCTS, request, ids.product_id(sku))).get(sku)
    if product is None:
        raise NotFound(f"there is no product {sku!r}")
    return kept_answer(product)
