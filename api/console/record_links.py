"""Links from what is on record to what it is about: an actor, an order, a customer, an event."""

from __future__ import annotations

from urllib.parse import urlencode

from api.http.sites import CONSOLE
from api.pages.api_calls import Document
from api.pages.cells import Actor, Link

_ID_CHARACTERS = 8
"""How many characters of an id are shown where nothing more readable is known: the last ones, as the first are a time,
alike for all orders of a minute."""


def actor_cell(entry: Document) -> Actor:
    """Who did something, and what else they did."""
    actor = entry["actor"]
    return Actor(actor, entry["who"], f"{CONSOLE}/log?{urlencode({'actor': actor})}")


def event_link(position: int | None) -> Link | None:
    """One event of the log."""
    return None if position is None else Link(str(position), f"{CONSOLE}/log/{position}")


def order_link(order_id: str, number: str | None = None) -> Link:
    """An order, by its number where that is known."""
    return Link(number or f"…{order_id[-_ID_CHARACTERS:]}", f"{CONSOLE}/orders/{order_id}")


def customer_link(customer_id: str) -> Link:
    """A customer whose name is not known."""
    return Link(f"…{customer_id[-_ID_CHARACTERS:]}", f"{CONSOLE}/customers/{customer_id}")


def subject_link(event: Document) -> Link | None:
    """The order that an event is about; of one about a person or a key, everything that is on record of them."""
    about = event["correlation_id"]
    if about is None:
        return None
    if event["topic"].startswith("customers."):
        return customer_link(about)
    if event["topic"].startswith(_NOT_OF_ORDERS):
        return Link(f"…{about[-_ID_CHARACTERS:]}", f"{CONSOLE}/log?{urlencode({'about': about})}")
    return order_link(about, event["number"])


def told_of_order(event: Document) -> str:
    """An event as a sentence that names the order it is about by its number, where that is known."""
    text: str = event["text"]
    return text.replace(event["correlation_id"], event["number"]) if event["number"] else text


_NOT_OF_ORDERS = ("machines.", "staff.", "webhooks.", "audit.")
"""What the topics of events begin with whose correlation is no order's."""
