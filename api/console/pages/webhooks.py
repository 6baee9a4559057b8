"""Webhooks: which systems are told what happens, what became of each delivery, and what providers told us."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

from fastapi import Response

from api.console.record_links import customer_link, order_link
from api.http.sites import CONSOLE
from api.pages.actions import Body, Field, PageAction, Preview, declare_action
from api.pages.api_calls import Document
from api.pages.cells import Cell, Details, Link, Status, moment_of
from api.pages.languages import N_
from api.pages.routes import Pages
from api.pages.tables import Column
from api.pages.view import View

pages = Pages()

_ROUTE = "/api/v1/webhook-endpoints"
STATUSES = ("waiting", "delivered", "failed")


def _attempts(delivery: Document) -> Cell:
    attempts = delivery["attempts"]
    if not attempts:
        return None
    lines = [f"{one['at']} {one['status'] or '–'} {one['problem'] or ''}\n{one['excerpt']}" for one in attempts]
    return Details(str(attempts[-1]["status"] or attempts[-1]["problem"]), "\n\n".join(lines))


ENDPOINTS = (
    Column(N_("Address"), lambda one: Link(one["url"], f"{CONSOLE}/webhooks/{one['endpoint_id']}")),
    Column(N_("Status"), lambda one: Status(one["status"])),
    Column(N_("Is told"), lambda one: ", ".join(one["event_types"]) or "*"),
    Column(N_("Added"), lambda one: moment_of(one["added_at"])),
    Column(N_("By whom"), lambda one: one["added_by"]),
)


def _subject(delivery: Document) -> Link:
    subject = delivery["subject"]
    is_customers = delivery["event_type"].startswith("customers.")
    return customer_link(subject) if is_customers else order_link(subject, delivery["number"])


def _deliveries(endpoint_id: str) -> tuple[Column, ...]:
    place = f"{CONSOLE}/webhooks/{endpoint_id}/deliveries"
    return (
        Column(N_("Since"), lambda one: moment_of(one["created_at"])),
        Column(N_("Kind"), lambda one: Link(one["event_type"], f"{place}/{one['position']}")),
        Column(N_("About"), _subject),
        Column(N_("Status"), lambda one: Status(one["status"])),
        Column(N_("Answer"), _attempts),
        Column(N_("Tried next"), lambda one: moment_of(one["next_attempt_at"])),
    )


@pages.page("/webhooks")
async def list_endpoints(view: View) -> Response:
    """List the endpoints."""
    return await view.table_page("webhooks.html", _ROUTE, {}, ENDPOINTS)


@pages.page("/webhooks/{endpoint_id}")
async def show_endpoint(view: View) -> Response:
    """Show one, and what is delivered to it."""
    path = f"{_ROUTE}/{view.path['endpoint_id']}"
    endpoint, failed = await asyncio.gather(
        view.get(path), view.get(f"{path}/deliveries", {"status": "failed", "limit": 1})
    )
    return await view.table_page(
        "webhook.html",
        f"{path}/deliveries",
        {"status": view.query.get("status")},
        _deliveries(view.path["endpoint_id"]),
        endpoint=endpoint,
        has_failed=bool(failed["items"]),
        statuses=STATUSES,
    )


@pages.page("/webhooks/{endpoint_id}/deliveries/{position}")
async def show_delivery(view: View) -> Response:
    """Show what became of one event for an endpoint."""
    endpoint, delivery = await asyncio.gather(
        view.get(f"{_ROUTE}/{view.path['endpoint_id']}"), view.get(_delivery_path(view))
    )
    return view.page("delivery.html", endpoint=endpoint, delivery=delivery, subject=_subject(delivery))


def _delivery_path(view: View) -> str:
    return f"{_ROUTE}/{view.path['endpoint_id']}/deliveries/{view.path['position']}"


URL = Field("url", N_("Address"), help=N_("An https:// address of the public Internet."))
TYPES = Field(
    "event_types",
    N_("What it is told"),
    "long",
    N_("Kinds of events, one on each line, such as ordering.OrderConfirmed; none: everything."),
    is_required=False,
)
NOTICE = Field("notice_to", N_("Who gets a mail when it is disabled"), "email", is_required=False)


def _with_types(typed: Body) -> Body:
    return {**typed, "event_types": str(typed.get("event_types", "")).replace(",", " ").split()}


def _changed(typed: Body) -> Body:
    return {"notice_to": None, **_with_types(typed), "enabled": typed["enabled"]}


def _since(typed: Body) -> Body:
    """A time without its offset is one in UTC."""
    text = str(typed.get("since", ""))
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return typed
    return {"since": text if at.tzinfo or len(text) == len("2026-11-30") else f"{text}Z"}


def _for_a_day(_typed: Body) -> Body:
    """The API's own time until the present secret ends."""
    return {"previous_until": None}


async def _nothing(view: View) -> Preview:
    return Preview([view.text(N_("From now on it is told what happens. Its secret is shown once, on the next page."))])


async def _preview_change(view: View) -> Preview:
    endpoint = await view.get(f"{_ROUTE}/{view.path['endpoint_id']}")
    values: dict[str, Any] = {
        "url": endpoint["url"],
        "event_types": "\n".join(endpoint["event_types"]),
        "notice_to": endpoint["notice_to"] or "",
        "enabled": "1" if endpoint["status"] == "enabled" else "",
    }
    text = N_("It counts from now on, also for what waits. What waits while it is disabled is delivered afterwards.")
    return Preview([view.text(text)], values=values)


async def _preview_rotation(view: View) -> Preview:
    endpoint = await view.get(f"{_ROUTE}/{view.path['endpoint_id']}")
    text = N_("Deliveries to %(url)s are signed with a new secret, and for 24 hours with the present one, too.")
    return Preview(
        [view.text(text) % {"url": endpoint["url"]}, view.text(N_("The new one is shown once, on the next page."))]
    )


async def _preview_replay(view: View) -> Preview:
    endpoint = await view.get(f"{_ROUTE}/{view.path['endpoint_id']}")
    text = N_("Everything since then is delivered to %(url)s once more, in order, under the ids that it had.")
    return Preview([view.text(text) % {"url": endpoint["url"]}])


async def _preview_redelivery(view: View) -> Preview:
    endpoint, delivery = await asyncio.gather(
        view.get(f"{_ROUTE}/{view.path['endpoint_id']}"), view.get(_delivery_path(view))
    )
    text = N_("%(kind)s is delivered to %(url)s once more, under the id that it had, whatever became of it before.")
    return Preview([view.text(text) % {"kind": delivery["event_type"], "url": endpoint["url"]}])


async def _preview_removal(view: View) -> Preview:
    endpoint = await view.get(f"{_ROUTE}/{view.path['endpoint_id']}")
    text = N_("%(url)s is told nothing any more, and what waits for it is forgotten.")
    return Preview([view.text(text) % {"url": endpoint["url"]}])


_ACTIONS = (
    PageAction(
        path="/webhooks/endpoints/new",
        command=f"POST {_ROUTE}",
        title=N_("Add an endpoint"),
        verb=N_("Add it"),
        back="/webhooks",
        done="webhook",
        preview=_nothing,
        fields=(URL, TYPES, NOTICE),
        body=_with_types,
        result="secret.html",
    ),
    PageAction(
        path="/webhooks/{endpoint_id}/change",
        command=f"PATCH {_ROUTE}/{{endpoint_id}}",
        title=N_("Change the endpoint"),
        verb=N_("Change it"),
        back="/webhooks/{endpoint_id}",
        done="webhook",
        preview=_preview_change,
        fields=(URL, TYPES, NOTICE, Field("enabled", N_("It is told what happens"), "check", is_required=False)),
        body=_changed,
    ),
    PageAction(
        path="/webhooks/{endpoint_id}/rotation",
        command=f"POST {_ROUTE}/{{endpoint_id}}/rotation",
        title=N_("Give it a new secret"),
        verb=N_("Make a new secret"),
        back="/webhooks/{endpoint_id}",
        done="webhook",
        preview=_preview_rotation,
        body=_for_a_day,
        result="secret.html",
    ),
    PageAction(
        path="/webhooks/{endpoint_id}/replay",
        command=f"POST {_ROUTE}/{{endpoint_id}}/replay",
        title=N_("Deliver once more"),
        verb=N_("Deliver it again"),
        back="/webhooks/{endpoint_id}",
        done="replay",
        preview=_preview_replay,
        fields=(Field("since", N_("Since when"), help=N_("A day, or a day and a time in UTC: 2026-11-30T10:15")),),
        body=_since,
    ),
    PageAction(
        path="/webhooks/{endpoint_id}/deliveries/{position}/replay",
        command=f"POST {_ROUTE}/{{endpoint_id}}/deliveries/{{position}}/replay",
        title=N_("Deliver once more"),
        verb=N_("Deliver it again"),
        back="/webhooks/{endpoint_id}/deliveries/{position}",
        done="redelivery",
        preview=_preview_redelivery,
    ),
    PageAction(
        path="/webhooks/{endpoint_id}/removal",
        command=f"DELETE {_ROUTE}/{{endpoint_id}}",
        title=N_("Remove the endpoint"),
        verb=N_("Remove it"),
        back="/webhooks",
        done="webhook",
        preview=_preview_removal,
    ),
)
for _action in _ACTIONS:
    declare_action(pages, _action)
