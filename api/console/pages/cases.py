"""Cases: what a person has to decide, who looks after it, and the decisions about one or several."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from fastapi import Response

from api.http.sites import CONSOLE
from api.pages.actions import REASON, Field
from api.pages.api_calls import CallAnswer, QueryValue
from api.pages.cells import Duration, Link, Status, amount_of
from api.pages.group_decisions import ChosenOne, GroupDecision, declare_group_decision
from api.pages.languages import N_
from api.pages.routes import Pages
from api.pages.tables import Column
from api.pages.view import View

pages = Pages()

KINDS = (
    "answer_differed",
    "dispute",
    "done_after_skip",
    "hold_ends",
    "money_held_twice",
    "not_shipped",
    "order_waits",
    "outcome_unknown",
    "reconciliation",
    "refund_failed",
    "refund_unfinished",
    "shipment_booked_twice",
    "undo_rejected",
    "undo_unfinished",
    "unknown_payment",
)
"""What cases can be about; a test compares them with the API's."""


DECISIONS = {
    "assignment": N_("Take, or give to somebody"),
    "notes": N_("Note"),
    "retry": N_("Ask once more"),
    "skip": N_("Go on without an answer"),
    "compensate": N_("Give up"),
    "resolve": N_("Close"),
}
"""The last part of the page of each decision, and what its button says."""


def _place(order_id: str, stage: str) -> str:
    """Where a case is seen to: with its order, or where it belongs to none, in the decision about it."""
    return (
        f"{CONSOLE}/orders/{quote(order_id)}" if stage != "no_order" else f"{CONSOLE}/cases/resolve?order_id={order_id}"
    )


COLUMNS = (
    Column(N_("What to decide"), lambda case: Link(case["detail"], _place(case["order_id"], case["stage"]))),
    Column(N_("Order"), lambda case: case["number"]),
    Column(N_("Case"), lambda case: Status(case["kind"])),
    Column(N_("Open for"), lambda case: Duration(case["age_s"])),
    Column(N_("At risk"), lambda case: amount_of(case["money_at_risk"]), is_number=True),
    Column(N_("Owner"), lambda case: case["owner"]),
    Column(N_("Last note"), lambda case: case["note"]),
)


@pages.page("/cases")
async def list_cases(view: View) -> Response:
    """List those that are open: all, of one kind, mine, or nobody's."""
    assert view.caller is not None
    given, me = view.query, view.caller.identity.subject
    owners: dict[str, list[str]] = {"me": [me], "nobody": [""]}
    query: dict[str, QueryValue] = {"kind": given.get("kind"), "owner": owners.get(given.get("whose", ""))}
    return await view.table_page("cases.html", "/api/v1/ops/cases", query, COLUMNS, kinds=KINDS, decisions=DECISIONS)


async def _about(view: View, order_id: str) -> ChosenOne:
    """A case by its order's number, and what is open about it."""
    order = await view.find(f"/api/v1/orders/{order_id}")
    if order is None:
        return ChosenOne(order_id, f"{CONSOLE}/cases", [view.text(N_("It belongs to no order of ours."))])
    process = await view.get(f"/api/v1/orders/{order_id}/process")
    return ChosenOne(order["number"], f"{CONSOLE}/orders/{order_id}", [process["case"]] if process["case"] else [])


@dataclass(frozen=True, slots=True)
class _Command:
    """What is sent about a case."""

    path: str

    async def __call__(self, view: View, order_id: str, key: str) -> CallAnswer:
        """Send the fields that have something in them."""
        content = {name: view.form[name] for name in _BODY if view.form.get(name)}
        return await view.calls.send("POST", f"{self.path.format(order_id=order_id)}", content, key=key)


@dataclass(frozen=True, slots=True)
class _Intervention:
    """What an order's process is to do, and what the API says that this leads to."""

    word: str

    async def preview(self, view: View, order_id: str) -> ChosenOne:
        """The events that it would mean, without recording any."""
        about = await _about(view, order_id)
        reason = {"reason": view.form.get("reason") or "preview"}
        path = f"/api/v1/ops/processes/{order_id}/{self.word}"
        found = (await view.calls.send("POST", path, reason, query={"dry_run": True})).document
        return ChosenOne(about.name, about.address, [*about.sentences, *found["asked"]])


_BODY = ("owner", "note", "reason", "resolution", "reference")
_OWNER = Field("owner", N_("Owner"), help=N_("A name, as in their login; left blank: nobody."), is_required=False)
_NOTE = Field("note", N_("Note"), help=N_("How far you are with it; it is encrypted like a customer's data."))
_RESOLUTION = Field(
    "resolution",
    N_("What was done"),
    "choice",
    choices={
        "settled": N_("settled"),
        "refunded_by_hand": N_("refunded by hand"),
        "written_off": N_("written off"),
        "false_alarm": N_("false alarm"),
    },
)
_REFERENCE = Field("reference", N_("Where that stands"), help=N_("Such as in the bank's books."), is_required=False)


def _me(view: View) -> dict[str, str]:
    assert view.caller is not None
    return {"owner": view.caller.identity.subject}


declare_group_decision(
    pages,
    GroupDecision(
        path="/cases/assignment",
        title=N_("Take cases, or give them to somebody"),
        verb=N_("Give them"),
        back="/cases",
        chosen="order_id",
        preview=_about,
        give=_Command("/api/v1/ops/cases/{order_id}/assignment"),
        sentence=N_("Whom you name looks after these cases from now on."),
        done=N_("It has this owner now."),
        fields=(_OWNER,),
        values=_me,
    ),
)
declare_group_decision(
    pages,
    GroupDecision(
        path="/cases/notes",
        title=N_("Note how far you are"),
        verb=N_("Note it"),
        back="/cases",
        chosen="order_id",
        preview=_about,
        give=_Command("/api/v1/ops/cases/{order_id}/notes"),
        sentence=N_("The list shows the last note of a case; the timeline has all of them."),
        done=N_("The note is on record."),
        fields=(_NOTE,),
    ),
)
declare_group_decision(
    pages,
    GroupDecision(
        path="/cases/resolve",
        title=N_("Close cases as decided"),
        verb=N_("Close them"),
        back="/cases",
        chosen="order_id",
        preview=_about,
        give=_Command("/api/v1/ops/processes/{order_id}/resolve"),
        sentence=N_("All that is open about these is closed, and nothing more is done about it."),
        done=N_("It is closed."),
        fields=(REASON, _RESOLUTION, _REFERENCE),
        is_grave=True,
    ),
)
for _word, _title, _sentence in (
    (
        "retry",
        N_("Ask once more"),
        N_("What these orders wait for is asked for at once, under the same key, so that nothing is done twice."),
    ),
    (
        "skip",
        N_("Go on without an answer"),
        N_("What these orders wait for counts as done by hand, and is not asked for any more."),
    ),
    (
        "compensate",
        N_("Give orders up"),
        N_("What was done for these orders is undone, and they end rejected."),
    ),
):
    declare_group_decision(
        pages,
        GroupDecision(
            path=f"/cases/{_word}",
            title=_title,
            verb=_title,
            back="/cases",
            chosen="order_id",
            preview=_Intervention(_word).preview,
            give=_Command(f"/api/v1/ops/processes/{{order_id}}/{_word}"),
            sentence=_sentence,
            done=N_("It is on record, and the process acts on it at once."),
            fields=(REASON,),
            is_grave=True,
        ),
    )
