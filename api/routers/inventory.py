"""Stock: receipts, corrections, how much there is, and its movements as they happen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import ConfigDict, Field
from pydantic.config import JsonDict
from pydantic_core import to_json

from api.auth import Admitted
from api.bulk import import_kinds
from api.bulk.import_answer import ImportAnswer
from api.context import context_of, sku_of
from api.http.idempotency import answer_once, keyed_request
from api.http.resource import Answer, Resource, page_answer
from api.live.stream import EventStream, resume_position
from api.openapi.headers import ACCEPT_LANGUAGE, IDEMPOTENCY_KEY, LAST_EVENT_ID
from api.queries.consistency import HEADER
from api.schemas.answers import command_answer, json_answer, kept_answer
from api.schemas.bulk import IMPORTED, FromLine
from api.schemas.event_stream import events_answer
from api.schemas.fields import Body, Pieces, Sku, Text
from api.schemas.parameters import Paging, SkuInPath
from api.schemas.products import ImportStock
from commerce.audit.search import EventFilter
from commerce.inventory import commands
from commerce.values import ids
from commerce.values.errors import InvalidInput, existing
from projections.engine.pages import Page, newest_first, page_of
from projections.orders import numbers_of
from projections.stock import STOCK, StockView

router = Resource("/api/v1/inventory", "inventory")
MOST_FOLLOWED_SKUS = 100
"""How many one stream tells of."""

_STOCK: JsonDict = {"sku": "TEA-ASSAM-250", "on_hand": 200, "reserved": 3, "available": 197}
_STOCK_ITEM = "7c0f3c52-4a7e-5f60-9d0b-3b1e8f2a6c55"
_RECEIVED: JsonDict = {
    "position": 43,
    "recorded_at": "2026-11-23T10:14:58.120000Z",
    "topic": "inventory.StockReceived",
    "stream_id": _STOCK_ITEM,
    "version": 2,
    "actor": "operator:anna",
    "correlation_id": None,
    "causation_id": None,
    "text": "Operator:anna took in 200 of TEA-ASSAM-250",
    "data": {"sku": "TEA-ASSAM-250", "quantity": 200},
}
_RESERVED: JsonDict = {"order_id": "3f0e4c6e-8f4b-5a0e-9d57-0a4c2f1b7d11", "number": "7KXM-2PD4", "quantity": 3}
_MOVED: JsonDict = {"sku": "TEA-ASSAM-250", "quantity": 200, "position": 43}


class ReceiveStock(Body):
    """Pieces that arrived."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"quantity": 200}]})

    quantity: Pieces
    """How many pieces."""


class AdjustStock(Body):
    """A correction of the count; a negative quantity lowers it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"quantity": -2, "reason": "broken in the warehouse"}]})

    quantity: Annotated[int, Field(ge=-1_000_000, le=1_000_000, strict=True)]
    """How many pieces more than counted before, or fewer if negative; not 0."""
    reason: Text
    """Why it is done."""


@dataclass(frozen=True, slots=True)
class StockMoved:
    """Pieces arrived, or the count was corrected."""

    sku: str
    """As the catalogue knows it; case-sensitive."""
    quantity: int
    """How many pieces."""
    position: int
    """The place in the log."""


@dataclass(frozen=True, slots=True)
class ReservedPieces:
    """Pieces of a SKU that are promised to an order and have not left yet."""

    order_id: UUID
    """The order."""
    number: str | None
    """What people call the order; null while the list of orders does not show it yet."""
    quantity: int
    """How many pieces."""


_ANSWER = Answer(StockMoved, 201, _MOVED, headers=(HEADER,))


@router.command("POST", "/{sku}/receipts", _ANSWER, problems=(400, 404, 409), reads=(IDEMPOTENCY_KEY,))
async def receive_stock(sku: SkuInPath, receipt: ReceiveStock, request: Request, caller: Admitted) -> Response:
    """Receive pieces into stock."""
    sku = await sku_of(request, sku)
    store = context_of(request).store
    outcome = await answer_once(
        request,
        keyed_request(request, caller, receipt),
        to_json({"sku": sku, "quantity": receipt.quantity}),
        lambda key: commands.receive_stock(store, sku, receipt.quantity, caller.metadata, idempotency=key),
    )
    return command_answer(201, outcome.answer, outcome.position)


@router.command("POST", "/{sku}/adjustments", _ANSWER, problems=(400, 404, 409), reads=(IDEMPOTENCY_KEY,))
async def adjust_stock(sku: SkuInPath, adjustment: AdjustStock, request: Request, caller: Admitted) -> Response:
    """Correct the count. Pieces that are reserved for orders stay."""
    sku = await sku_of(request, sku)
    store = context_of(request).store
    quantity, reason = adjustment.quantity, adjustment.reason
    if not quantity:
        raise InvalidInput("an adjustment by 0 pieces is none", "quantity")
    outcome = await answer_once(
        request,
        keyed_request(request, caller, adjustment),
        to_json({"sku": sku, "quantity": quantity}),
        lambda key: commands.adjust_stock(store, sku, quantity, reason, caller.metadata, idempotency=key),
    )
    return command_answer(201, outcome.answer, outcome.position)


@router.command("POST", ":import", IMPORTED, problems=(400, 413, 415), reads=(IDEMPOTENCY_KEY,), lines=ImportStock)
async def import_stock(request: Request, caller: Admitted, from_line: FromLine = 1) -> Response:
    """Import stock, a receipt or a count on each line.

    Each line is a command of its own, and a wrong one stops no other. The `Idempotency-Key` names the import: a line
    that is sent again under it, with the same number, is answered as before, and done once.
    """
    return ImportAnswer(request, caller, import_kinds.STOCK, from_line)


@router.query("", page_answer(Page[StockView], _STOCK))
async def list_stock(request: Request, _caller: Admitted, paging: Paging) -> Response:
    """List the stock of every SKU, the newest SKU first."""
    pool = await context_of(request).read_models.show(STOCK, request)
    return kept_answer(await newest_first(pool, STOCK, paging))


@router.query("/events", events_answer(_RECEIVED), reads=(LAST_EVENT_ID, ACCEPT_LANGUAGE))  # no SKU's path
async def follow_stock(
    request: Request,
    caller: Admitted,
    skus: Annotated[
        list[Sku],
        Query(alias="sku", min_length=1, max_length=MOST_FOLLOWED_SKUS, description="May come up to 100 times."),
    ],
) -> Response:
    """Hear of each movement of some SKUs' stock, as it happens: from now on, or after `Last-Event-ID`.

    It goes on there without gap or repetition. Each event's `data` is an item as the audit shows it. A SKU that is not
    kept in stock yet is heard of once it is.
    """
    known = [await sku_of(request, sku) for sku in skus]
    after = await resume_position(request)
    if after is None:
        after = await context_of(request).store.head()
    wanted = EventFilter(streams=sorted({ids.stock_item_id(sku) for sku in known}))
    return EventStream(request, caller, wanted, after)


@router.query("/{sku}", Answer(StockView, example=_STOCK), problems=(404,))
async def get_stock(sku: SkuInPath, request: Request, _caller: Admitted) -> Response:
    """See how much there is of a SKU."""
    sku = await sku_of(request, sku)
    pool = await context_of(request).read_models.show(STOCK, request)
    return kept_answer(existing(await STOCK.find(pool, sku), f"{sku!r} is not kept in stock"))


@router.query("/{sku}/reservations", page_answer(Page[ReservedPieces], _RESERVED), problems=(404,))
async def list_reservations(sku: SkuInPath, request: Request, _caller: Admitted, paging: Paging) -> Response:
    """List the orders that hold pieces of a SKU which have not left yet, those with most pieces first.

    They are read from the stock's own stream, and are never behind.
    """
    sku = await sku_of(request, sku)
    context = context_of(request)
    item = existing(await commands.load_stock_item(context.store, sku), f"{sku!r} is not kept in stock")
    page = page_of("reservations", item.held.items(), lambda held: (-held[1], str(held[0])), paging)
    numbers = await numbers_of(context.store.pool, (order_id for order_id, _ in page.items))
    held = [ReservedPieces(order_id, numbers.get(order_id), pieces) for order_id, pieces in page.items]
    return json_answer(Page(held, page.next_cursor))
