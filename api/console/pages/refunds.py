"""Refunds: what was asked for, what is on its way, what was given back and what failed; by whom, and why."""

from __future__ import annotations

from fastapi import Response

from api.console.record_links import actor_cell, order_link
from api.pages.api_calls import Document
from api.pages.cells import Cell, Details, Status, amount_of, moment_of, word_of
from api.pages.languages import N_
from api.pages.routes import Pages
from api.pages.tables import Column
from api.pages.view import View

pages = Pages()

_ROUTE = "/api/v1/refunds"
STATUSES = ("requested", "refunded", "failed")


def _order(refund: Document) -> Cell:
    return order_link(refund["order_id"], refund["number"])


def _status(refund: Document) -> Cell:
    """Where it stands; one that the provider was called for is on its way."""
    is_on_its_way = refund["status"] == "requested" and refund["attempted_at"] is not None
    return Status("refunding" if is_on_its_way else refund["status"])


def _reason(refund: Document) -> Cell:
    """Why it was asked for; opens for which pieces."""
    lines = "\n".join(f"{one['quantity']} × {one['sku']}" for one in refund["lines"])
    return Details(refund["reason"] or "–", lines) if lines else refund["reason"]


COLUMNS = (
    Column(N_("Asked for"), lambda refund: moment_of(refund["requested_at"])),
    Column(N_("Order"), _order),
    Column(N_("Amount"), lambda refund: amount_of(refund["amount"]), is_number=True),
    Column(N_("Status"), _status),
    Column(N_("Reason"), _reason),
    Column(N_("By whom"), lambda refund: actor_cell({**refund, "actor": refund["requested_by"]})),
    Column(N_("Ended"), lambda refund: moment_of(refund["settled_at"])),
    Column(N_("Why it failed"), lambda refund: word_of(refund["failure"])),
)


@pages.page("/refunds")
async def list_refunds(view: View) -> Response:
    """List them, those asked for last first."""
    under_way = await view.get(_ROUTE, {"status": "requested", "limit": 1})
    return await view.table_page(
        "refunds.html",
        _ROUTE,
        {"status": view.query.get("status")},
        COLUMNS,
        statuses=STATUSES,
        under_way=bool(under_way["items"]),
    )
