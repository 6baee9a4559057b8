"""Stock: taken in and corrected, and how much there is."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request, Response, Security
from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import to_json

from api.auth import HANDLERS, STAFF, Caller
from api.consistency import HEADER
from api.context import context_of, sku_of
from api.http.idempotency import answer_once, keyed_request
from api.http.strict_route import StrictRoute
from api.openapi.documentation import IDEMPOTENCY_KEY, POSITION, answers, example, headers, problem_answers
from api.schemas.answers import json_answer, no_content
from api.schemas.fields import Body, Cursor, Limit, Pieces, SkuInPath, Text
from commerce.inventory.commands import adjust_stock, receive_stock
from commerce.values.errors import InvalidInput, NotFound
from projections.engine.pages import DEFAULT_PAGE_ITEMS, Page
from projections.stock import STOCK, StockView, find_stock, list_stock

router = APIRouter(prefix="/api/v1/inventory", tags=["inventory"], route_class=StrictRoute)

_STOCK = {"sku": "TEA-ASSAM-250", "on_hand": 200, "reserved": 3, "available": 197}


class ReceiveStock(Body):
    """Pieces that came in."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"quantity": 200}]})

    quantity: Pieces


class AdjustStock(Body):
    """A correction of the count by so many pieces, which may be negative."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"quantity": -2, "reason": "broken in the warehouse"}]})

    quantity: Annotated[int, Field(ge=-1_000_000, le=1_000_000, strict=True)]
    reason: Text


class StockMoved(BaseModel):
    """So many pieces came in, or were counted more or less than before."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"sku": "TEA-ASSAM-250", "quantity": 200, "position": 43}]}
    )

    sku: str
    quantity: int
    position: int


@router.post(
    "/{sku}/receipts",
    operation_id="receive_stock",
    status_code=201,
    response_model=StockMoved,
    responses=problem_answers(400, 404, 409),
    openapi_extra=headers(IDEMPOTENCY_KEY) | answers({201: (HEADER,)}),
)
async def receive(
    sku: SkuInPath, receipt: ReceiveStock, request: Request, caller: Annotated[Caller, Security(HANDLERS)]
) -> Response:
    """Take pieces in."""
    sku = await sku_of(request, sku)
    store = context_of(request).store
    outcome = await answer_once(
        request,
        keyed_request(request, caller, receipt),
        to_json({"sku": sku, "quantity": receipt.quantity}),
        lambda key: receive_stock(store, sku, receipt.quantity, caller.metadata, idempotency=key),
    )
    return no_content(201, outcome.answer, outcome.position)


@router.post(
    "/{sku}/adjustments",
    operation_id="adjust_stock",
    status_code=201,
    response_model=StockMoved,
    responses=problem_answers(400, 404, 409),
    openapi_extra=headers(IDEMPOTENCY_KEY) | answers({201: (HEADER,)}),
)
async def adjust(
    sku: SkuInPath, adjustment: AdjustStock, request: Request, caller: Annotated[Caller, Security(HANDLERS)]
) -> Response:
    """Correct the count. Pieces that are promised to orders stay."""
    sku = await sku_of(request, sku)
    store = context_of(request).store
    quantity, reason = adjustment.quantity, adjustment.reason
    if not quantity:
        raise InvalidInput("an adjustment by 0 pieces is none", "quantity")
    outcome = await answer_once(
        request,
        keyed_request(request, caller, adjustment),
        to_json({"sku": sku, "quantity": quantity}),
        lambda key: adjust_stock(store, sku, quantity, reason, caller.metadata, idempotency=key),
    )
    return no_content(201, outcome.answer, outcome.position)


@router.get(
    "",
    operation_id="list_stock",
    response_model=Page[StockView],
    responses=problem_answers(400) | example([_STOCK]),
    openapi_extra=headers(POSITION),
)
async def find(
    request: Request,
    _caller: Annotated[Caller, Security(STAFF)],
    cursor: Cursor = None,
    limit: Limit = DEFAULT_PAGE_ITEMS,
) -> Response:
    """List the stock of every SKU, those registered last first."""
    context = context_of(request)
    await context.read_models.show(STOCK, request)
    return json_answer(await list_stock(context.store.pool, cursor=cursor, limit=limit))


@router.get(
    "/{sku}",
    operation_id="get_stock",
    response_model=StockView,
    responses=problem_answers(400, 404) | example(_STOCK),
    openapi_extra=headers(POSITION),
)
async def get(sku: SkuInPath, request: Request, _caller: Annotated[Caller, Security(STAFF)]) -> Response:
    """See how much there is of a SKU."""
    sku = await sku_of(request, sku)
    context = context_of(request)
    await context.read_models.show(STOCK, request)
    stock = await find_stock(context.store.pool, sku)
    if stock is None:
        raise NotFound(f"{sku!r} is not kept in stock")
    return json_answer(stock)
