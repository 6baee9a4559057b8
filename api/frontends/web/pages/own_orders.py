"""Customers see their orders, follow one, and cancel it."""

from __future__ import annotations

import asyncio

from fastapi import Response

from api.http.sites import SHOP
from api.pages.actions import Field, PageAction, Preview, declare_action
from api.pages.languages import N_
from api.pages.routes import Pages
from api.pages.streams import StreamOfApi
from api.pages.view import View

pages = Pages(SHOP)

_SHOWN_ORDERS = 20


@pages.page("/orders")
async def list_own_orders(view: View) -> Response:
    """List the customer's orders, the last one first."""
    found = await view.get("/api/v1/orders", {"cursor": view.query.get("cursor"), "limit": _SHOWN_ORDERS})
    return view.page("web/orders.html", orders=found["items"], next_cursor=found["next_cursor"])


@pages.page("/orders/{order_id}")
async def show_own_order(view: View) -> Response:
    """Show one of them: what it is now, and what happened."""
    path = f"/api/v1/orders/{view.path['order_id']}"
    order, timeline, payment = await asyncio.gather(
        view.get(path), view.get(f"{path}/timeline", {"limit": 100}), view.get(f"{path}/payment")
    )
    return view.page("web/order.html", order=order, timeline=timeline["items"], payment=payment)


@pages.page("/orders/{order_id}/live")
async def follow_own_order(view: View) -> Response:
    """Tell the page that something happened."""
    return StreamOfApi(view, f"/api/v1/orders/{view.path['order_id']}/events")


async def _preview_cancellation(view: View) -> Preview:
    order = await view.get(f"/api/v1/orders/{view.path['order_id']}")
    sentence = view.text(N_("You ask us to cancel order %(number)s. What you paid is given back."))
    too_late = view.text(N_("If it has already left us, it cannot be cancelled any more; we tell you so."))
    return Preview([sentence % {"number": order["number"]}, too_late])


declare_action(
    pages,
    PageAction(
        path="/orders/{order_id}/cancellation",
        command="POST /api/v1/orders/{order_id}/cancellation",
        title=N_("Cancel the order"),
        verb=N_("Cancel the order"),
        back="/orders/{order_id}",
        done="own_cancellation",
        preview=_preview_cancellation,
        fields=(Field("reason", N_("Why, if you like to say"), "long"),),
        body=lambda typed: {"reason": typed.get("reason") or "asked for by the customer"},
        template="web/action.html",
    ),
)
