"""Customers: how one is found, what is known of them, who looked at it, and its export and erasure."""

from __future__ import annotations

import asyncio
from uuid import UUID

from fastapi import Response

from api.http.sites import CONSOLE
from api.pages.actions import Field, PageAction, Preview, declare_action
from api.pages.api_calls import Document, QueryValue
from api.pages.cells import Cell, Link, Status, amount_of, moment_of
from api.pages.languages import N_
from api.pages.routes import Pages
from api.pages.streams import AnswerOfApi
from api.pages.tables import Column
from api.pages.view import View

pages = Pages()

_SHOWN_LOOKS = 10
_COUNTED_ORDERS = 100
"""So many orders a preview counts; what is beyond is said to be more."""
ENDED = ("rejected", "cancelled", "delivered")
"""Where an order stands that has ended."""
SEARCHED_BY = {"email": N_("e-mail address"), "name": N_("name"), "id": N_("customer id")}
GROUNDS = {
    "consent_withdrawn": N_("They withdraw their consent"),
    "no_longer_needed": N_("The data is not needed any more"),
    "objection": N_("They object to what it is used for"),
    "unlawful": N_("It should not have been collected"),
    "legal_obligation": N_("The law demands it"),
    "offered_to_a_child": N_("It is a child's"),
}


def _order(order: Document) -> Cell:
    return Link(order["number"], f"{CONSOLE}/orders/{order['order_id']}")


def _customer(order: Document) -> Cell:
    customer = order["customer_id"]
    return None if customer is None else Link(customer, f"{CONSOLE}/customers/{customer}")


PEOPLE = (
    Column(N_("Name"), lambda order: (order["shipping_address"] or {}).get("name")),
    Column(N_("E-mail address"), lambda order: order.get("email")),
    Column(N_("Customer"), _customer),
    Column(N_("Order"), _order),
    Column(N_("Placed"), lambda order: moment_of(order["placed_at"])),
)
ORDERS = (
    Column(N_("Number"), _order),
    Column(N_("Placed"), lambda order: moment_of(order["placed_at"])),
    Column(N_("Status"), lambda order: Status(order["status"])),
    Column(N_("Total"), lambda order: amount_of(order["total"]), is_number=True),
)


@pages.page("/customers")
async def find_customers(view: View) -> Response:
    """Find people by their orders, the newest first; by an e-mail address also who has an account and no order."""
    by, text = view.query.get("by", "email"), view.query.get("text", "")
    if by == "id" and text:
        return view.redirect(f"{CONSOLE}/customers/{_id(text)}")
    query = {by: text} if by in SEARCHED_BY else {}
    accounts = [] if by != "email" or not text else (await view.get("/api/v1/customers", {"email": text}))["items"]
    return await view.table_page(
        "customers.html", "/api/v1/orders", query, PEOPLE, searched_by=SEARCHED_BY, accounts=accounts
    )


@pages.page("/customers/{customer_id}")
async def show_customer(view: View) -> Response:
    """Show one."""
    customer_id = view.path["customer_id"]
    customer, erasure, looks = await asyncio.gather(
        view.find(f"/api/v1/customers/{customer_id}"),
        view.find(f"/api/v1/customers/{customer_id}/erasure"),
        view.get("/api/v1/audit/readings", {"customer_id": customer_id, "limit": _SHOWN_LOOKS}),
    )
    return await view.table_page(
        "customer.html",
        "/api/v1/orders",
        {"customer_id": customer_id},
        ORDERS,
        customer_id=customer_id,
        customer=customer,
        erasure=erasure,
        grounds=GROUNDS,
        looks=looks["items"],
    )


@pages.page("/customers/{customer_id}/export")
async def export_customer(view: View) -> Response:
    """Send everything about one as a file."""
    return AnswerOfApi(view, f"/api/v1/customers/{view.path['customer_id']}/export")


async def _preview_erasure(view: View) -> Preview:
    customer_id = view.path["customer_id"]
    query: dict[str, QueryValue] = {"customer_id": customer_id, "limit": _COUNTED_ORDERS}
    customer, orders = await asyncio.gather(
        view.find(f"/api/v1/customers/{customer_id}"), view.get("/api/v1/orders", query)
    )
    found = orders["items"]
    number = f"{len(found)}{'+' if orders['next_cursor'] else ''}"
    open_orders = [order["number"] for order in found if order["status"] not in ENDED]
    goes = N_("Gone for good: the name, addresses, e-mail address and telephone number of %(orders)s orders.")
    sentences = [view.text(goes) % {"orders": number}]
    if customer is not None:
        sentences += [
            view.text(N_("Gone for good: the profile of the account %(email)s.")) % {"email": customer["email"] or "–"},
            view.text(N_("The account is closed at once. Its e-mail address is free afterwards.")),
        ]
    sentences.append(view.text(N_("What stays: the orders, their products, amounts and dates, and who did what when.")))
    if open_orders:
        waits = N_("It waits for these orders to end: %(numbers)s.")
        sentences.append(view.text(waits) % {"numbers": ", ".join(open_orders)})
    return Preview(
        sentences,
        values={"ground": "consent_withdrawn"},
        warning=view.text(N_("Nobody can undo this: the keys that the data is encrypted with are destroyed.")),
    )


declare_action(
    pages,
    PageAction(
        path="/customers/{customer_id}/erasure",
        command="POST /api/v1/customers/{customer_id}/erasure",
        title=N_("Erase what is personal"),
        verb=N_("Erase it for good"),
        back="/customers/{customer_id}",
        done="erasure",
        preview=_preview_erasure,
        fields=(Field("ground", N_("Why"), "choice", choices=GROUNDS),),
        is_grave=True,
    ),
)


def _id(text: str) -> str:
    """An id as it stands in an address; a text that is none leads to a page that says so."""
    try:
        return str(UUID(text))
    except ValueError:
        return "nonsense"
