"""Products: added and changed by operators, seen by everybody with a token."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response, Security
from pydantic import BaseModel, ConfigDict
from pydantic.config import JsonDict
from pydantic_core import to_json

from api.auth import ANYBODY, OPERATOR, Caller
from api.consistency import HEADER
from api.context import context_of, sku_of
from api.http.errors import PreconditionFailed
from api.http.request_headers import only_new
from api.http.strict_route import StrictRoute
from api.openapi.documentation import IF_NONE_MATCH, POSITION, answers, example, headers, problem_answers
from api.own_streams import folded
from api.schemas.answers import json_answer, no_content
from api.schemas.fields import Body, Cursor, Limit, Name, Price, Search, SkuInPath, Text
from commerce.catalog.commands import discontinue_product, put_product
from commerce.catalog.product import ProductExists
from commerce.inventory.commands import register_stock_item
from commerce.values import ids
from commerce.values.errors import NotFound
from projections.engine.pages import DEFAULT_PAGE_ITEMS, Page
from projections.products import PRODUCTS, ProductView, list_products

router = APIRouter(prefix="/api/v1/products", tags=["products"], route_class=StrictRoute)

_PRODUCT: JsonDict = {
    "sku": "TEA-ASSAM-250",
    "name": "Assam tea, 250 g",
    "description": None,
    "price": {"amount": "8.90", "currency": "EUR"},
    "stocked": True,
}
_PRODUCT_SHOWN: JsonDict = {**_PRODUCT, "discontinued": False}


class PutProduct(Body):
    """A product as it is to be; one that is not `stocked` (postage, a fee) is never reserved."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "Assam tea, 250 g", "price": {"amount": "8.90", "currency": "EUR"}}]}
    )

    name: Name
    description: Text | None = None
    price: Price
    stocked: bool = True


class ProductPut(BaseModel):
    """The product as it is from now on."""

    model_config = ConfigDict(json_schema_extra={"examples": [{**_PRODUCT, "version": 1, "position": 42}]})

    sku: str
    name: str
    description: str | None
    price: Price
    stocked: bool
    version: int
    position: int


class ProductOffSale(BaseModel):
    """The product cannot be ordered from now on."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"sku": "TEA-ASSAM-250", "discontinued": True, "version": 2, "position": 43}]}
    )

    sku: str
    discontinued: bool
    version: int
    position: int


@router.put(
    "/{sku}",
    operation_id="put_product",
    response_model=ProductPut,
    responses=problem_answers(400, 409, 412),
    openapi_extra=headers(IF_NONE_MATCH) | answers({200: (HEADER,)}),
)
async def put(
    sku: SkuInPath, product: PutProduct, request: Request, caller: Annotated[Caller, Security(OPERATOR)]
) -> Response:
    """Add a product, change its name, description or price, or put it on sale again.

    It can be ordered as soon as this is answered.
    """
    sku = await sku_of(request, sku)
    price = product.price.money("price")
    try:
        accepted = await put_product(
            context_of(request).store,
            sku,
            caller.metadata,
            name=product.name,
            description=product.description,
            price=price,
            stocked=product.stocked,
            only_new=only_new(request),
            alongside=[register_stock_item(sku)] if product.stocked else [],
        )
    except ProductExists as error:
        raise PreconditionFailed(str(error)) from None
    answer = {"sku": sku, **product.model_dump(), "price": price, "version": accepted.version}
    return no_content(200, to_json(answer), accepted.position)


@router.delete(
    "/{sku}",
    operation_id="discontinue_product",
    response_model=ProductOffSale,
    responses=problem_answers(404),
    openapi_extra=answers({200: (HEADER,)}),
)
async def discontinue(sku: SkuInPath, request: Request, caller: Annotated[Caller, Security(OPERATOR)]) -> Response:
    """Take a product off sale. Orders that are open go on, its stock stays, and putting it brings it back."""
    sku = await sku_of(request, sku)
    accepted = await discontinue_product(context_of(request).store, sku, caller.metadata)
    answer = {"sku": sku, "discontinued": True, "version": accepted.version}
    return no_content(200, to_json(answer), accepted.position)


@router.get(
    "",
    operation_id="list_products",
    response_model=Page[ProductView],
    responses=problem_answers(400) | example([_PRODUCT_SHOWN]),
    openapi_extra=headers(POSITION),
)
async def find(
    request: Request,
    _caller: Annotated[Caller, Security(ANYBODY)],
    search: Annotated[Search | None, Query(description="A part of the SKU or the name, in whatever case.")] = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_PAGE_ITEMS,
) -> Response:
    """List products, those added last first; those off sale too, as `discontinued`."""
    context = context_of(request)
    await context.read_models.show(PRODUCTS, request)
    return json_answer(await list_products(context.store.pool, search=search, cursor=cursor, limit=limit))


@router.get(
    "/{sku}",
    operation_id="get_product",
    response_model=ProductView,
    responses=problem_answers(400, 404) | example(_PRODUCT_SHOWN),
    openapi_extra=headers(POSITION),
)
async def get(sku: SkuInPath, request: Request, _caller: Annotated[Caller, Security(ANYBODY)]) -> Response:
    """See one product as it is now."""
    sku = await sku_of(request, sku)
    product = (await folded(PRODUCTS, request, ids.product_id(sku))).get(sku)
    if product is None:
        raise NotFound(f"there is no product {sku!r}")
    return json_answer(product)
