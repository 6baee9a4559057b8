"""Erasing what is personal of a guest, whom only their order knows."""

from __future__ import annotations

from api.console.pages.customers import ENDED, GROUNDS
from api.pages.actions import Field, PageAction, Preview, declare_action
from api.pages.api_calls import Document
from api.pages.languages import N_
from api.pages.routes import Pages
from api.pages.view import View

pages = Pages()

_STATE = "GET /api/v1/orders/{order_id}/erasure"


async def erasure_of(view: View) -> Document | None:
    """How far the erasure of the guest of an order is; None where nobody asked for it, or the viewer may not see it."""
    if not view.may(_STATE):
        return None
    return await view.find(f"/api/v1/orders/{view.path['order_id']}/erasure")


async def _preview(view: View) -> Preview:
    order = await view.get(f"/api/v1/orders/{view.path['order_id']}")
    if order["customer_id"] is not None:
        return Preview((), impossible=view.text(N_("The order is a customer's; erase all of theirs on their page.")))
    goes = N_("Gone for good: the name, address, e-mail address and telephone number of order %(number)s.")
    sentences = [
        view.text(goes) % {"number": order["number"]},
        view.text(N_("What stays: the order, its products, amounts and dates, and who did what when.")),
    ]
    if order["status"] not in ENDED:
        sentences.append(view.text(N_("It waits for the order to end.")))
    return Preview(
        sentences,
        values={"ground": "consent_withdrawn"},
        warning=view.text(N_("Nobody can undo this: the keys that the data is encrypted with are destroyed.")),
    )


declare_action(
    pages,
    PageAction(
        path="/orders/{order_id}/erasure",
        command="POST /api/v1/orders/{order_id}/erasure",
        title=N_("Erase what is personal"),
        verb=N_("Erase it for good"),
        back="/orders/{order_id}",
        done="erasure",
        preview=_preview,
        fields=(Field("ground", N_("Why"), "choice", choices=GROUNDS),),
        is_grave=True,
    ),
)
