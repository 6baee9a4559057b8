"""One order: what it is now, what happened, and what can be done."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from fastapi import Response

from api.console.interventions import INTERVENTIONS
from api.console.order_story import Item, chapters, last_of
from api.console.pages.order_erasure import erasure_of
from api.pages.actions import REASON, PageAction, Preview, declare_action
from api.pages.api_calls import Document
from api.pages.languages import N_
from api.pages.routes import Pages
from api.pages.streams import StreamOfApi
from api.pages.typed_numbers import typed_number
from api.pages.view import View

pages = Pages()

_SHOWN_EVENTS = 100


@pages.page("/orders/{order_id}")
async def show_order(view: View) -> Response:
    """Show it."""
    path, cursor = _path(view), view.query.get("events")
    parts = asyncio.gather(
        view.get(path),
        view.get(f"{path}/timeline", {"limit": _SHOWN_EVENTS, "cursor": cursor}),
        view.get(f"{path}/process"),
        view.get(f"{path}/payment"),
        view.get(f"{path}/refunds"),
        view.get(f"{path}/shipments"),
    )
    (order, timeline, process, payment, refunds, shipments), erasure = await asyncio.gather(parts, erasure_of(view))
    items, further = timeline["items"], timeline["next_cursor"]
    story = chapters(items)
    return view.page(
        "order.html",
        order=order,
        process=process,
        payment=payment,
        refunds=refunds["items"],
        shipments=shipments["items"],
        reasons=_reasons(order, items),
        actions=_actions(view, order, process, payment, shipments["items"]),
        erasure=erasure,
        story=story,
        payments=[one for one in story if one.part == "payments"],
        last_position=items[-1]["position"] if items else 0,
        next_events=f"?events={further}" if further else None,
        first_events="?" if cursor else None,
    )


@pages.page("/orders/{order_id}/live")
async def follow_order(view: View) -> Response:
    """Tell the page of each event of the order, beyond the one that it shows last."""
    after = typed_number(view.query.get("after", ""))
    return StreamOfApi(view, f"{_path(view)}/events", after=None if after is None else max(after, 0))


def _reasons(order: Document, items: Sequence[Item]) -> Mapping[str, Any]:
    """What the sentence on top says of why the order is where it is."""
    short = last_of(items, "inventory.ReservationRejected")
    declined = last_of(items, "payments.Declined") if order["reason"] == "payment_declined" else None
    is_cancelled = order["status"] in ("cancelling", "cancelled")
    return {
        "shortages": short["data"].get("shortages", ()) if short else (),
        "declined": declined["data"].get("decline_reason") if declined else None,
        "cancellation": last_of(items, "ordering.OrderCancellationRequested") if is_cancelled else None,
    }


def _actions(
    view: View, order: Document, process: Document, payment: Document, shipments: Sequence[Document]
) -> list[tuple[str, str]]:
    """What the viewer may do with the order now: the address below its own, and what a button says."""
    status, left = order["status"], Decimal(payment["refundable"]["amount"])
    possible: list[tuple[str, str, str, bool]] = []
    for one in shipments:
        id_, is_at = one["shipment_id"], one["status"]
        leaves = status == "confirmed" and is_at == "scheduled"
        possible.append(("/shipments/{shipment_id}/dispatch", id_, N_("The shipment left the house"), leaves))
        possible.append(("/shipments/{shipment_id}/delivery", id_, N_("The shipment arrived"), is_at == "dispatched"))
    possible += [
        (f"/process/{action}", "", title, action in process["actions"]) for action, title in INTERVENTIONS.items()
    ]
    possible.append(("/refund", "", N_("Give money back"), left > 0))
    possible.append(("/cancellation", "", N_("Cancel the order"), status in ("placed", "confirmed")))
    return [
        (page.replace("{shipment_id}", shipment_id), view.text(title))
        for page, shipment_id, title, is_legal in possible
        if is_legal and view.has_page(f"/orders/{{order_id}}{page}")
    ]


async def _preview_cancellation(view: View) -> Preview:
    order = await view.get(_path(view))
    sentences = [
        view.text(N_("What was done for order %(number)s is undone: reserved stock, authorised and captured money."))
        % {"number": order["number"]},
        view.text(N_("If its shipment has already left, the order stays as it is, and says so.")),
    ]
    return Preview(sentences, order["version"])


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
