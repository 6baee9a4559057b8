"""Parked: what a subscription or a consumer could not handle, by cause, and what is to become of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import Response
from pydantic_core import from_json, to_json

from api.console.record_links import order_link
from api.http.sites import CONSOLE
from api.pages.actions import REASON, Body, Field, PageAction, Preview, declare_action
from api.pages.api_calls import ApiProblem, Document
from api.pages.cells import Cell, Link, moment_of
from api.pages.languages import N_
from api.pages.routes import Pages
from api.pages.tables import Column
from api.pages.typed_numbers import number_or_text
from api.pages.view import View

pages = Pages()

GROUPS = (
    Column(N_("Who"), lambda group: Link(group["subscription"], f"{CONSOLE}/parked/{group['group']}")),
    Column(N_("What is wrong"), lambda group: group["problem"]),
    Column(N_("Events"), lambda group: group["events"], is_number=True),
    Column(N_("Wait behind them"), lambda group: group["waiting"], is_number=True),
    Column(N_("Since"), lambda group: moment_of(group["first_at"])),
    Column(N_("Failed last"), lambda group: moment_of(group["last_at"])),
)


def _order(event: Document) -> Cell:
    order_id = event["correlation_id"]
    return None if order_id is None else order_link(order_id, event["number"])


EVENTS = (
    Column(N_("Position"), lambda event: str(event["position"])),
    Column(N_("Event"), lambda event: event["topic"]),
    Column(N_("Order"), _order),
    Column(N_("What is wrong"), lambda event: event["problem"]),
    Column(N_("Says"), lambda event: to_json(event["payload"]).decode()),
    Column(N_("Tries"), lambda event: event["attempts"], is_number=True),
    Column(N_("Parked"), lambda event: moment_of(event["parked_at"])),
    Column(N_("Tried next"), lambda event: moment_of(event["due_at"])),
)
DECISIONS = {"retry": N_("Try again"), "edit": N_("Read it otherwise"), "discard": N_("Leave it out")}
"""The last part of the page of each decision, and what its button says."""


@pages.page("/parked")
async def list_groups(view: View) -> Response:
    """List the groups, one for each cause."""
    return await view.table_page("parked.html", "/api/v1/ops/parked", {}, GROUPS)


@pages.page("/parked/{group}")
async def show_group(view: View) -> Response:
    """List the events of a group; one that is gone was decided about."""
    group = view.path["group"]
    path = f"/api/v1/ops/parked/{group}"
    try:
        return await view.table_page("parked_group.html", path, {}, EVENTS, group=group, decisions=DECISIONS)
    except ApiProblem as problem:
        if problem.status != 404:
            raise
        return view.page("parked_group.html", table=None, group=group, decisions=DECISIONS)


async def _preview(view: View, sentence: str) -> Preview:
    """What a decision about the events that are chosen means; about all of the group where none is."""
    path, chosen = f"/api/v1/ops/parked/{view.path['group']}", view.request.query_params.getlist("position")
    found = await view.find(path, {"limit": 100})
    events = [] if found is None else found["items"]
    about = [one for one in events if not chosen or str(one["position"]) in chosen]
    which = (
        view.text(N_("It is about all events of the group, up to 500."))
        if not chosen
        else view.text(N_("It is about the events at %(positions)s.")) % {"positions": ", ".join(chosen)}
    )
    said = [f"{one['position']} {one['topic']}: {one['problem']}" for one in about[:5]]
    return Preview([view.text(sentence), which, *said], values={"positions": " ".join(chosen)})


async def _preview_retry(view: View) -> Preview:
    return await _preview(
        view, N_("The events are tried again at once; what waits behind them goes on if they succeed.")
    )


async def _preview_discard(view: View) -> Preview:
    return await _preview(
        view, N_("The events are left out for good. They stay in the log, and what waits behind them goes on.")
    )


async def _preview_edit(view: View) -> Preview:
    return await _preview(
        view, N_("The events are read with other fields. They stay in the log as they are; a rebuild reads them alike.")
    )


def _body(typed: Body) -> Body:
    """The positions as numbers, and what is typed as JSON as that; the API says what is wrong with it."""
    body: dict[str, Any] = dict(typed)
    positions = str(body.pop("positions", "")).split()
    if positions:
        body["positions"] = [number_or_text(one) for one in positions]
    if "payload" in body:
        body["payload"] = _read(str(body["payload"]))
    return body


def _read(text: str) -> object:
    try:
        return from_json(text)
    except ValueError:
        return text


_POSITIONS = Field("positions", "", "hidden", is_required=False)
_PAYLOAD = Field(
    "payload",
    N_("Fields that are replaced"),
    "long",
    N_('As JSON, such as {"quantity": 7}; null takes a field out. A sealed field stays as it was.'),
    is_required=False,
)
_TOPIC = Field("topic", N_("Another kind of event"), help=N_("Left blank: it stays."), is_required=False)


def _declare(word: str, title: str, preview: Callable[[View], Awaitable[Preview]], fields: tuple[Field, ...]) -> None:
    declare_action(
        pages,
        PageAction(
            path=f"/parked/{{group}}/{word}",
            command=f"POST /api/v1/ops/parked/{{group}}/{word}",
            title=title,
            verb=DECISIONS[word],
            back="/parked",
            done="parked",
            preview=preview,
            fields=(*fields, REASON, _POSITIONS),
            body=_body,
        ),
    )


_declare("retry", N_("Try events again"), _preview_retry, ())
_declare("discard", N_("Leave events out"), _preview_discard, ())
_declare("edit", N_("Read events otherwise"), _preview_edit, (_PAYLOAD, _TOPIC))
