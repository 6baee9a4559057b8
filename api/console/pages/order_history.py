"""An order as it was: the state of all its streams at any moment, and what changed between any two."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime

from fastapi import Response

from api.console.order_moments import OrderMoment, changes_between, events_of, fields_at, moment_at, moments_of
from api.pages.routes import Pages
from api.pages.typed_numbers import typed_number
from api.pages.view import View

pages = Pages()


@pages.page("/orders/{order_id}/history")
async def show_history(view: View) -> Response:
    """Show it, at the moment that is chosen, compared with another one: the one before, where none is chosen."""
    order_id = view.path["order_id"]
    order, trace = await asyncio.gather(
        view.get(f"/api/v1/orders/{order_id}"), view.get(f"/api/v1/audit/orders/{order_id}/trace")
    )
    events = events_of(trace)
    moments = moments_of(events)
    time = _time(view)
    at = (moment_at(moments, time) if time else _chosen(view, "at", moments)) or len(moments)
    asked_at = time or datetime.fromisoformat(moments[at - 1].at)
    before = _chosen(view, "from", moments) or max(1, at - 1)
    then, compared = await asyncio.gather(
        fields_at(view, events, moments[at - 1].at), fields_at(view, events, moments[before - 1].at)
    )
    kinds = dict.fromkeys(kind for kind, _ in then)
    return view.page(
        "order_history.html",
        order=order,
        moments=moments,
        at=moments[at - 1],
        before=moments[before - 1],
        asked_at=asked_at.isoformat(),
        clock=asked_at.astimezone(view.language.zone).strftime("%Y-%m-%dT%H:%M:%S"),
        status_then=then.get(("order", ("status",))),
        states=[(kind, [(field, value) for (one, field), value in then.items() if one == kind]) for kind in kinds],
        changes=changes_between(compared, then),
    )


def _chosen(view: View, name: str, moments: Sequence[OrderMoment]) -> int | None:
    """The number of a moment that the address names; the nearest one that there is."""
    number = typed_number(view.query.get(name, ""))
    return None if number is None else min(max(1, number), len(moments))


def _time(view: View) -> datetime | None:
    """The time that the address names, in the viewer's zone where it names none; None where it names no time."""
    try:
        time = datetime.fromisoformat(view.query.get("time", ""))
        return (time if time.tzinfo else time.replace(tzinfo=view.language.zone)).astimezone(view.language.zone)
    except (ValueError, OverflowError):  # the latter at the ends of the calendar
        return None
