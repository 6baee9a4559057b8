"""The process of an order: what is done, what it waits for until when, what comes next, and what a person can do."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from fastapi import Response

from api.console.interventions import INTERVENTIONS
from api.pages.actions import REASON, Field, PageAction, Preview, declare_action
from api.pages.api_calls import Document
from api.pages.languages import N_
from api.pages.routes import Pages
from api.pages.view import View

pages = Pages()

_ENDED_OTHERWISE = ("rejected", "cancelled", "cancelling")
_REACHED = {"confirmed": 1, "shipped": 2, "delivered": 3}
_WORD_ASKED_FOR = "what it would mean"
"""The reason that a preview gives: the API asks for one, and records none."""
_NOT_TOLD = ("saga.Intervened", "saga.DeadlineSet")
"""What a preview leaves out: the intervention itself, and by when the process looks again."""


@dataclass(frozen=True, slots=True)
class StepNode:
    """A step in the graph."""

    what: str
    state: str
    since: str | None
    reason: str | None = None
    request: str | None = None


@pages.page("/orders/{order_id}/process")
async def show_process(view: View) -> Response:
    """Show it."""
    path = _path(view)
    order, process = await asyncio.gather(view.get(path), view.get(f"{path}/process"))
    return view.page(
        "order_process.html",
        order=order,
        process=process,
        nodes=_nodes(order, process),
        actions=[
            (action, title)
            for action, title in INTERVENTIONS.items()
            if action in process["actions"] and view.has_page(f"/orders/{{order_id}}/process/{action}")
        ],
    )


def _nodes(order: Document, process: Document) -> list[StepNode]:
    """The order's whole way: its steps, and from its confirmation to its delivery; refunds stand at the end."""
    steps = [
        StepNode(one["what"], one["state"], one["since"], one["reason"], one["request"]) for one in process["steps"]
    ]
    names = [one["step"] for one in process["steps"]]
    on_the_way = [node for node, name in zip(steps, names, strict=True) if ":" not in name]
    reached = _REACHED.get(order["status"], 0)
    ended = order["status"] in _ENDED_OTHERWISE
    rest = [
        StepNode(what, "done" if reached >= place else "left_out" if ended else "ahead", None)
        for place, what in enumerate(("confirm the order", "ship the order", "deliver the order"), start=1)
    ]
    refunds = [node for node, name in zip(steps, names, strict=True) if ":" in name]
    return [StepNode("place the order", "done", order["placed_at"]), *on_the_way, *rest, *refunds]


_SAID = {
    "retry": N_("What is waited for is asked for once more, at once. Nothing is done twice: the request is the same."),
    "skip": N_("What is asked for counts as done by hand, and is not asked for any more; the process goes on."),
    "compensate": N_("The order is given up: what was done for it is undone, and it ends rejected."),
}


def _previewed(action: str) -> Callable[[View], Awaitable[Preview]]:
    """The preview of an intervention, which the API decides on the process as it is now."""

    async def preview(view: View) -> Preview:
        request = view.query.get("request", "")
        named = {"request": request} if request else {}
        answer = await view.calls.send(
            "POST",
            f"/api/v1/ops/processes/{view.path['order_id']}/{action}",
            {"reason": _WORD_ASKED_FOR, **named},
            query={"dry_run": True},
        )
        meant = answer.document
        told = [one["text"] for one in meant["recorded"] if one["topic"] not in _NOT_TOLD]
        return Preview([view.text(_SAID[action]), *told], meant["version"], named)

    return preview


async def _preview_resolution(view: View) -> Preview:
    process = await view.get(f"{_path(view)}/process")
    said = process["case"] or view.text(N_("No case is open."))
    return Preview([view.text(N_("This case is closed as decided:")), said], process["version"])


_REQUEST = Field("request", N_("Request"), "hidden")


def _declare(action: str, preview: Callable[[View], Awaitable[Preview]], *fields: Field, is_grave: bool) -> None:
    declare_action(
        pages,
        PageAction(
            path=f"/orders/{{order_id}}/process/{action}",
            command=f"POST /api/v1/ops/processes/{{order_id}}/{action}",
            title=INTERVENTIONS[action],
            verb=INTERVENTIONS[action],
            back="/orders/{order_id}/process",
            done="intervention",
            preview=preview,
            fields=fields,
            is_grave=is_grave,
        ),
    )


_declare("retry", _previewed("retry"), _REQUEST, REASON, is_grave=False)
_declare("skip", _previewed("skip"), _REQUEST, REASON, is_grave=True)
_declare("compensate", _previewed("compensate"), REASON, is_grave=True)
_declare(
    "resolve",
    _preview_resolution,
    Field(
        "resolution",
        N_("How it was decided"),
        "choice",
        choices={
            "settled": N_("settled"),
            "refunded_by_hand": N_("money given back by hand"),
            "written_off": N_("written off"),
            "false_alarm": N_("false alarm"),
        },
    ),
    Field("reference", N_("Where that stands, such as in the bank's books"), is_required=False),
    REASON,
    is_grave=False,
)


def _path(view: View) -> str:
    return f"/api/v1/orders/{view.path['order_id']}"
