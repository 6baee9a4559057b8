"""A refund: how much, or for which pieces; what it means; and then the refund itself."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import Response

from api.pages.actions import REASON, Body, Field, PageAction, Preview, declare_action
from api.pages.languages import N_
from api.pages.routes import Pages
from api.pages.typed_numbers import number_or_text
from api.pages.view import View

pages = Pages()

_LINE = "line-"
_DISPUTED = N_(
    "The customer has the bank take this money back. Who gives it back here, too, may pay twice: see to the dispute at "
    "the payment provider first."
)
_ASKED_WHAT_IF = "what it would mean"
"""The reason that a preview gives: the API asks for one, and records none."""


async def _choose(view: View) -> Response:
    """Ask how much."""
    path = f"/api/v1/orders/{view.path['order_id']}"
    order, payment = await asyncio.gather(view.get(path), view.get(f"{path}/payment"))
    return view.page("order_refund.html", order=order, payment=payment)


async def _preview(view: View) -> Preview:
    path = f"/api/v1/orders/{view.path['order_id']}"
    order = await view.get(path)
    values = _chosen(view, order["currency"])
    answer = await view.calls.send(
        "POST", f"{path}/refunds", {**_body(values), "reason": _ASKED_WHAT_IF}, query={"dry_run": True}
    )
    meant = answer.document
    money = view.language.money
    sentences = [
        view.text(N_("%(amount)s of order %(number)s go back to what was paid with."))
        % {"amount": money(**meant["amount"]), "number": order["number"]},
        *(f"{one['quantity']} × {one['sku']}: {money(**one['amount'])}" for one in meant["lines"]),
        view.text(N_("After that, %(left)s can still be given back.")) % {"left": money(**meant["left"])},
        view.text(N_("The order and its shipment stay as they are.")),
    ]
    disputed = any(one["status"] == "open" for one in order["disputes"])
    warning = view.text(_DISPUTED) if disputed else None
    return Preview(sentences, values=values, warning=warning)


def _chosen(view: View, currency: str) -> dict[str, str]:
    """What was chosen, as the hidden fields of the form have it: pieces by line, as `1:2,3:1`, or an amount."""
    pieces = ((name.removeprefix(_LINE), text) for name, text in view.query.items() if name.startswith(_LINE))
    lines = ",".join(f"{line}:{text}" for line, text in pieces if text not in ("", "0"))
    return {"lines": lines} if lines else {"amount": view.query.get("amount", ""), "currency": currency}


def _body(typed: Body) -> dict[str, Any]:
    """The command's body: exactly one of an amount and lines."""
    reason = {"reason": typed["reason"]} if "reason" in typed else {}
    if "lines" not in typed:
        amount = {"amount": typed.get("amount", ""), "currency": typed.get("currency", "")}
        return {"amount": amount, **reason}
    lines = (one.partition(":") for one in str(typed["lines"]).split(","))
    return {
        "lines": [{"line": number_or_text(line), "quantity": number_or_text(count)} for line, _, count in lines],
        **reason,
    }


declare_action(
    pages,
    PageAction(
        path="/orders/{order_id}/refund",
        command="POST /api/v1/orders/{order_id}/refunds",
        title=N_("Give money back"),
        verb=N_("Give it back"),
        back="/orders/{order_id}",
        done="refund",
        choice=_choose,
        preview=_preview,
        fields=(
            Field("amount", N_("Amount"), "hidden"),
            Field("currency", N_("Currency"), "hidden"),
            Field("lines", N_("Pieces"), "hidden"),
            REASON,
        ),
        is_grave=True,
        body=_body,
    ),
)
