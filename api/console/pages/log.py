"""The log: every event there is, found by what, who, when and what it is about, and followed as it grows."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Response
from pydantic_core import to_json

from api.console.record_links import actor_cell, event_link, subject_link, told_of_order
from api.http.sites import CONSOLE
from api.pages.api_calls import Document, QueryValue
from api.pages.cells import Details, Link, moment_of
from api.pages.languages import N_
from api.pages.routes import Pages
from api.pages.streams import StreamOfApi
from api.pages.tables import Column
from api.pages.typed_numbers import typed_number
from api.pages.view import View
from commerce.values.errors import NotFound

pages = Pages()

_EVENTS = "/api/v1/audit/events"
_EFFECTS_ITEMS = 100
"""So many events after one are looked through for those that follow from it."""


def payload(event: Document) -> str:
    """What an event says, as text for people."""
    return to_json(event["data"], indent=2).decode()


COLUMNS = (
    Column(N_("Place"), lambda event: event_link(event["position"])),
    Column(N_("Recorded"), lambda event: moment_of(event["recorded_at"])),
    Column(N_("What happened"), lambda event: Details(told_of_order(event), payload(event))),
    Column(N_("By whom"), actor_cell),
    Column(N_("About"), subject_link),
    Column(N_("Kind"), lambda event: Link(event["topic"], f"{CONSOLE}/log?{urlencode({'topic': event['topic']})}")),
)


@pages.page("/log")
async def show_log(view: View) -> Response:
    """Show what the log has, the newest first."""
    query = {
        **await _filters(view),
        "from": view.language.time_given(view.query.get("from")),
        "to": view.language.time_given(view.query.get("to"), is_end=True),
        "newest_first": True,
    }
    filters = {name: value for name, value in view.query.items() if name in _FILTERS and value}
    can_follow = not view.query.get("cursor") and not view.query.get("to")
    return await view.table_page(
        "log.html",
        _EVENTS,
        query,
        COLUMNS,
        filters=urlencode(filters),
        can_follow=can_follow,
        follows=can_follow and bool(view.query.get("follow")),
    )


_FILTERS = ("topic", "actor", "stream_id", "about", "from", "to")


@pages.page("/log/live")
async def follow_log(view: View) -> Response:
    """Tell the page of each event that its filters let through."""
    return StreamOfApi(view, f"{_EVENTS}/live", await _filters(view))


@pages.page("/log/{position}")
async def show_event(view: View) -> Response:
    """Show one event, what it follows from, and what followed from it."""
    place = typed_number(view.path["position"])
    if place is None or place < 1:
        raise NotFound("an event is shown by its place in the log, a whole number")
    event = await _event_at(view, place)
    if event is None:
        raise NotFound(f"the log has no event {place} that you may see")
    cause, effects = await asyncio.gather(_cause_of(view, event), _effects_of(view, event))
    return view.page(
        "event.html",
        event=event,
        payload=payload(event),
        cause=cause,
        effects=effects,
        told=told_of_order,
        actor=actor_cell(event),
        subject=subject_link(event),
    )


async def _filters(view: View) -> Mapping[str, QueryValue]:
    """What of the log a page shows; an order may be named by its number. Raises `NotFound`, `ApiProblem`."""
    given = view.query
    return {
        "topic": given.get("topic"),
        "actor": given.get("actor"),
        "stream_id": given.get("stream_id"),
        "correlation_id": await subject_id(view, given.get("about", "")),
    }


async def subject_id(view: View, about: str) -> str:
    """The id of what is looked for: of an order that is named by its number, that order's."""
    try:
        return str(UUID(about)) if about else ""
    except ValueError:
        found = await view.get("/api/v1/orders", {"number": about, "limit": 1})
    if not found["items"]:
        raise NotFound(f"no order has the number {about}")
    return str(found["items"][0]["order_id"])


async def _event_at(view: View, position: int) -> Document | None:
    found = await view.get(_EVENTS, {"after": position - 1, "limit": 1})
    return next((one for one in found["items"] if one["position"] == position), None)


async def _cause_of(view: View, event: Document) -> Document | None:
    return None if event["causation_id"] is None else await _event_at(view, event["causation_id"])


async def _effects_of(view: View, event: Document) -> list[Document]:
    """The events that follow from one, as far as they are about the same and near."""
    if event["correlation_id"] is None:
        return []
    query = {"correlation_id": event["correlation_id"], "after": event["position"], "limit": _EFFECTS_ITEMS}
    found = await view.get(_EVENTS, query)
    return [one for one in found["items"] if one["causation_id"] == event["position"]]
