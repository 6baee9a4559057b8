"""Orders: the list, and how one is found."""

from __future__ import annotations

from fastapi import Response

from api.http.sites import CONSOLE
from api.pages.cells import Link, Status, amount_of, moment_of, word_of
from api.pages.languages import N_
from api.pages.routes import Pages
from api.pages.tables import Column
from api.pages.view import View

pages = Pages()

SEARCHED_BY = {
    "q": N_("number, name or e-mail"),
    "email": N_("e-mail address"),
    "reference": N_("reference"),
    "sku": N_("SKU"),
    "tracking_number": N_("tracking number"),
}
STATUSES = ("placed", "confirmed", "shipped", "delivered", "rejected", "cancelling", "cancelled")

COLUMNS = (
    Column(N_("Number"), lambda order: Link(order["number"], f"{CONSOLE}/orders/{order['order_id']}")),
    Column(N_("Placed"), lambda order: moment_of(order["placed_at"])),
    Column(N_("Status"), lambda order: Status(order["status"])),
    Column(N_("Total"), lambda order: amount_of(order["total"]), is_number=True),
    Column(N_("Name"), lambda order: (order["shipping_address"] or {}).get("name")),
    Column(N_("Reason"), lambda order: word_of(order["reason"])),
)


@pages.page("/orders")
async def list_orders(view: View) -> Response:
    """List orders, or those that are searched for."""
    given = view.query
    by = given.get("by", "q")
    query = {
        "status": [one for one in given.get("status", "").split(",") if one],
        "placed_from": given.get("placed_from"),
        "placed_to": given.get("placed_to"),
        **({by: given.get("text")} if by in SEARCHED_BY else {}),
    }
    return await view.table_page(
        "orders.html", "/api/v1/orders", query, COLUMNS, searched_by=SEARCHED_BY, statuses=STATUSES
    )
