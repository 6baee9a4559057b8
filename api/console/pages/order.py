"""One order: what it is now, what happened, and what can be done."""

from __future__ import annotations

import asyncio

from fastapi import Response

from api.console.actions import REASON, PageAction, Preview, declare_action
from api.console.languages import N_
from api.console.routes import Pages
from api.console.streams import StreamOfApi
from api.console.view import View

pages = Pages()


@pages.page("/orders/{order_id}")
async def show_order(view: View) -> Response:
    """Show it."""
    path = _path(view)
    order, timeline, process, payment, shipments = await asyncio.gather(
        view.get(path),
        view.get(f"{path}/timeline", {"limit": 100}),
        view.get(f"{path}/process"),
        view.get(f"{path}/payment"),
        view.get(f"{path}/shipments"),
    )
    return view.page(
        "order.html", order=order, timeline=timeline, process=process, payment=payment, shipments=shipments["items"]
    )


@pages.page("/orders/{order_id}/live")
async def follow_order(view: View) -> Response:
    """Tell the page of each event of the order."""
    return StreamOfApi(view, f"{_path(view)}/events")


async def _preview_cancellation(view: View) -> Preview:
    order = await view.get(_path(view))
    sentences = [
        view.text(N_("What was done for order %(number)s is undone: reserved stock, authorised and captured money."))
        % {"number": order["number"]},
        view.text(N_("If its shipment has already left, the order stays as it is, and says so.")),
    ]
    return Preview(sentences)


declare_action(
    pages,
    PageAction(
        path="/orders/{order_id}/cancellation",
        command="POST /api/v1/orders/{order_id}/cancellation",
        title=N_("Cancel the order"),
        verb=N_("Ask for the cancellation"),
        back="/orders/{order_id}",
        done="cancellation",
        preview=_preview_cancellation,
        fields=(REASON,),
        is_grave=True,
    ),
)


def _path(view: View) -> str:
    return f"/api/v1/orders/{view.path['order_id']}"
