"""Who looked: which member of staff or service saw whose data, when, and by which page."""

from __future__ import annotations

from urllib.parse import urlencode

from fastapi import Response

from api.console.pages.log import subject_id
from api.console.record_links import customer_link, event_link, order_link
from api.http.sites import CONSOLE
from api.pages.api_calls import Document
from api.pages.cells import Actor, Cell, Details, moment_of, word_of
from api.pages.languages import N_
from api.pages.reading_words import READING_WORDS
from api.pages.routes import Pages
from api.pages.tables import Column
from api.pages.view import View

pages = Pages()


def _actor(reading: Document) -> Cell:
    actor = reading["actor"]
    return Actor(actor, reading["who"], f"{CONSOLE}/readings?{urlencode({'actor': actor})}")


def _orders(reading: Document) -> Cell:
    orders = reading["orders"]
    if len(orders) == 1:
        return order_link(orders[0], reading["numbers"][0])
    named = [number or order_id for order_id, number in zip(orders, reading["numbers"], strict=True)]
    return Details(str(len(orders)), "\n".join(named)) if orders else None


def _customers(reading: Document) -> Cell:
    customers = reading["customers"]
    if len(customers) == 1:
        return customer_link(customers[0])
    return Details(str(len(customers)), "\n".join(customers)) if customers else None


def _seen(reading: Document) -> Cell:
    route = reading["route"]
    return word_of(route) if route in READING_WORDS else route


COLUMNS = (
    Column(N_("Recorded"), lambda reading: moment_of(reading["recorded_at"])),
    Column(N_("Who looked"), _actor),
    Column(N_("At orders"), _orders),
    Column(N_("At customers"), _customers),
    Column(N_("What they saw"), _seen),
    Column(N_("Place"), lambda reading: event_link(reading["position"])),
)


@pages.page("/readings")
async def list_readings(view: View) -> Response:
    """List them, the newest first."""
    given = view.query
    query = {
        "actor": given.get("actor"),
        "order_id": await subject_id(view, given.get("about", "")),
        "from": view.language.time_given(given.get("from")),
        "to": view.language.time_given(given.get("to"), is_end=True),
    }
    return await view.table_page("readings.html", "/api/v1/audit/readings", query, COLUMNS)
