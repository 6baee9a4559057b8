"""Stock: how much there is of each SKU, for whom it is reserved, and every movement."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from fastapi import Response

from api.console.record_links import actor_cell, order_link, told_of_order
from api.http.sites import CONSOLE
from api.pages.actions import REASON, Field, PageAction, Preview, declare_action
from api.pages.api_calls import Document
from api.pages.cells import Cell, Link, moment_of
from api.pages.languages import N_
from api.pages.routes import Pages
from api.pages.streams import StreamOfApi
from api.pages.tables import Column
from api.pages.view import View
from commerce.values import ids

pages = Pages()

_SHOWN_RESERVATIONS = 50
_MOVEMENT_DAYS = 7

COLUMNS = (
    Column(N_("SKU"), lambda item: Link(item["sku"], stock_address(item["sku"]))),
    Column(N_("On hand"), lambda item: item["on_hand"], is_number=True),
    Column(N_("Reserved"), lambda item: item["reserved"], is_number=True),
    Column(N_("Available"), lambda item: item["available"], is_number=True),
)


def stock_address(sku: str) -> str:
    """The page of a SKU's stock."""
    return f"{CONSOLE}/stock/{quote(sku, safe='')}"


def _order(item: Document) -> Cell:
    order_id = item["correlation_id"]
    return None if order_id is None else order_link(order_id, item["number"])


MOVEMENTS = (
    Column(N_("When"), lambda item: moment_of(item["recorded_at"])),
    Column(N_("What happened"), told_of_order),
    Column(N_("Order"), _order),
    Column(N_("By whom"), actor_cell),
)


@pages.page("/stock")
async def list_stock(view: View) -> Response:
    """List every SKU that is kept in stock."""
    if sku := view.query.get("sku"):
        return view.redirect(stock_address(sku))
    return await view.table_page("stock.html", "/api/v1/inventory", {}, COLUMNS)


@pages.page("/stock/{sku}")
async def show_stock(view: View) -> Response:
    """Show one SKU: how much there is, which orders hold it, and what moved since a day."""
    sku = view.path["sku"]
    since = view.query.get("since") or (datetime.now(UTC) - timedelta(_MOVEMENT_DAYS)).date().isoformat()
    stream_id = str(ids.stock_item_id(sku))
    stock, held = await asyncio.gather(
        view.get(f"/api/v1/inventory/{sku}"),
        view.get(f"/api/v1/inventory/{sku}/reservations", {"limit": _SHOWN_RESERVATIONS}),
    )
    return await view.table_page(
        "stock_item.html",
        "/api/v1/audit/events",
        {"stream_id": stream_id, "from": since, "newest_first": True},
        MOVEMENTS,
        stock=stock,
        held=[(order_link(one["order_id"], one["number"]), one["quantity"]) for one in held["items"]],
        has_further_held=held["next_cursor"] is not None,
        since=since,
        address=stock_address(sku),
    )


@pages.page("/stock/{sku}/live")
async def follow_stock(view: View) -> Response:
    """Tell the page of each movement."""
    return StreamOfApi(view, "/api/v1/inventory/events", {"sku": [view.path["sku"]]})


async def _preview(view: View, sentence: str) -> Preview:
    stock = await view.get(f"/api/v1/inventory/{view.path['sku']}")
    there = view.text(N_("There are %(on_hand)s of %(sku)s now, %(reserved)s of them reserved.")) % stock
    return Preview([there, view.text(sentence)])


async def _preview_receipt(view: View) -> Preview:
    return await _preview(view, N_("The pieces that arrived are added, and can be ordered at once."))


async def _preview_adjustment(view: View) -> Preview:
    return await _preview(view, N_("The count is corrected. Pieces that are reserved for orders stay."))


declare_action(
    pages,
    PageAction(
        path="/stock/{sku}/receipts",
        command="POST /api/v1/inventory/{sku}/receipts",
        title=N_("Receive pieces"),
        verb=N_("They are here"),
        back="/stock/{sku}",
        done="receipt",
        preview=_preview_receipt,
        fields=(Field("quantity", N_("Pieces"), "number"),),
    ),
)
declare_action(
    pages,
    PageAction(
        path="/stock/{sku}/adjustments",
        command="POST /api/v1/inventory/{sku}/adjustments",
        title=N_("Correct the count"),
        verb=N_("Correct it"),
        back="/stock/{sku}",
        done="adjustment",
        preview=_preview_adjustment,
        fields=(
            Field(
                "quantity", N_("Pieces more, or fewer"), "number", N_("Such as 2, or -2 where two are missing; not 0.")
            ),
            REASON,
        ),
    ),
)
