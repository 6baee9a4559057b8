"""What became of a shipment of an order: it left the house, and it arrived."""

from __future__ import annotations

import asyncio

from api.pages.actions import PageAction, Preview, declare_action
from api.pages.api_calls import Document
from api.pages.languages import N_
from api.pages.routes import Pages
from api.pages.view import View

pages = Pages()


async def _shipment(view: View) -> tuple[Document, Document]:
    """The order, and the shipment that the page is about; an empty one where it has no such shipment."""
    path = f"/api/v1/orders/{view.path['order_id']}"
    order, shipments = await asyncio.gather(view.get(path), view.get(f"{path}/shipments"))
    found = (one for one in shipments["items"] if one["shipment_id"] == view.path["shipment_id"])
    return order, next(found, {})


async def _preview_dispatch(view: View) -> Preview:
    order, shipment = await _shipment(view)
    said = {
        "number": order["number"],
        "carrier": shipment.get("carrier") or "–",
        "tracking": shipment.get("tracking_number") or "–",
    }
    return Preview(
        [
            view.text(N_("The shipment of order %(number)s left with %(carrier)s (%(tracking)s).")) % said,
            view.text(N_("Its pieces leave the stock, and the order is on its way: it cannot be cancelled any more.")),
        ]
    )


async def _preview_delivery(view: View) -> Preview:
    order, _ = await _shipment(view)
    return Preview(
        [
            view.text(N_("The shipment of order %(number)s arrived, and the order is delivered."))
            % {"number": order["number"]}
        ]
    )


declare_action(
    pages,
    PageAction(
        path="/orders/{order_id}/shipments/{shipment_id}/dispatch",
        command="POST /api/v1/shipments/{shipment_id}/dispatch",
        title=N_("The shipment left the house"),
        verb=N_("Yes, it left"),
        back="/orders/{order_id}",
        done="dispatch",
        preview=_preview_dispatch,
    ),
)
declare_action(
    pages,
    PageAction(
        path="/orders/{order_id}/shipments/{shipment_id}/delivery",
        command="POST /api/v1/shipments/{shipment_id}/delivery",
        title=N_("The shipment arrived"),
        verb=N_("Yes, it arrived"),
        back="/orders/{order_id}",
        done="delivery",
        preview=_preview_delivery,
    ),
)
