"""Ship today: confirmed orders that wait to leave, what to take from the shelves for them, and those on their way."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from fastapi import Response

from api.http.sites import CONSOLE
from api.pages.api_calls import ApiProblem, CallAnswer, Document, QueryValue
from api.pages.cells import Cell, Duration, Link, moment_of
from api.pages.group_decisions import MOST_CHOSEN_ITEMS, ChosenOne, GroupDecision, declare_group_decision
from api.pages.languages import N_
from api.pages.routes import Pages
from api.pages.tables import ROWS, Column
from api.pages.view import View

pages = Pages()

_CONCURRENT_CALLS = 4
_ATTENTION = "GET /api/v1/ops/attention"
LEAVING = {"picks": N_("Pick list"), "dispatch": N_("They left the house")}
ARRIVING = {"delivery": N_("They arrived")}
"""The last part of the page of what is done about those that are chosen, and what its button says."""


def order_address(order: Document) -> str:
    """The page of an order."""
    return f"{CONSOLE}/orders/{order['order_id']}"


def _recipient(order: Document) -> Cell:
    address = order["shipping_address"]
    return None if address is None else f"{address['name']}, {address['city']}, {address['country']}"


def _expected(order: Document) -> Cell:
    day = order["estimated_delivery"]
    return None if day is None else date.fromisoformat(day)


def _pieces(order: Document) -> int:
    return sum(line["quantity"] for line in order["lines"])


def _age(order: Document) -> Duration:
    return Duration((datetime.now(UTC) - datetime.fromisoformat(order["placed_at"])).total_seconds())


NUMBER = Column(N_("Number"), lambda order: Link(order["number"], order_address(order)))
PLACED = Column(N_("Placed"), lambda order: moment_of(order["placed_at"]))
RECIPIENT = Column(N_("Goes to"), _recipient)
PIECES = Column(N_("Pieces"), _pieces, is_number=True)
TRACKING = Column(N_("Tracking number"), lambda order: order["tracking_number"])
TO_LEAVE = (NUMBER, PLACED, Column(N_("Waits"), _age), RECIPIENT, PIECES, TRACKING)
ON_THEIR_WAY = (
    NUMBER,
    PLACED,
    RECIPIENT,
    TRACKING,
    Column(N_("Expected"), _expected),
)


@pages.page("/shipping")
async def list_leaving(view: View) -> Response:
    """List what waits to leave."""
    counted = await _counted(view, "to_ship")
    return await view.table_page(
        "shipping.html",
        "/api/v1/orders",
        _waiting("confirmed"),
        TO_LEAVE,
        decisions=LEAVING,
        today=None,
        counted=counted,
    )


@pages.page("/shipping/on-their-way")
async def list_on_their_way(view: View) -> Response:
    """List what left and has not arrived."""
    counted = await _counted(view, "to_deliver")
    return await view.table_page(
        "shipping.html",
        "/api/v1/orders",
        _waiting("shipped"),
        ON_THEIR_WAY,
        decisions=ARRIVING,
        today=view.language.today,
        counted=counted,
    )


async def _counted(view: View, what: str) -> Document | None:
    """How many orders wait, and since when the oldest; None for who may not ask, or where it cannot be told now."""
    if not view.may(_ATTENTION) or view.query.get("format"):
        return None
    found: Document | None = (await view.get(_ATTENTION.removeprefix("GET ")))[what]
    return found


def _waiting(status: str) -> dict[str, QueryValue]:
    return {"status": status, "oldest_first": True}


@dataclass(frozen=True, slots=True)
class Pick:
    """What is to be taken from the shelves of one SKU, and for which orders."""

    sku: str
    name: str
    quantity: int
    orders: Sequence[tuple[Document, int]]
    """The orders, and how many pieces go to each."""


def picks_of(orders: Sequence[Document]) -> list[Pick]:
    """What to take from the shelves for orders, by SKU."""
    names: dict[str, str] = {}
    wanted: dict[str, list[tuple[Document, int]]] = defaultdict(list)
    for order in orders:
        pieces: Mapping[str, int] = _by_sku(order, names)
        for sku, quantity in pieces.items():
            wanted[sku].append((order, quantity))
    return [Pick(sku, names[sku], sum(count for _, count in parts), parts) for sku, parts in sorted(wanted.items())]


def _by_sku(order: Document, names: dict[str, str]) -> Mapping[str, int]:
    pieces: dict[str, int] = defaultdict(int)
    for line in order["lines"]:
        names.setdefault(line["sku"], line["name"])
        pieces[line["sku"]] += line["quantity"]
    return pieces


@pages.page("/shipping/picks")
async def show_picks(view: View) -> Response:
    """Show what to take from the shelves for the orders that are chosen, or else for all of the page."""
    chosen = list(dict.fromkeys(view.request.query_params.getlist("order_id")))[:MOST_CHOSEN_ITEMS]
    orders = await _chosen_orders(view, chosen) if chosen else await _orders_of_page(view)
    ready = [order for order in orders if order["status"] == "confirmed"]
    return view.page(
        "shipping_picks.html",
        orders=ready,
        picks=picks_of(ready),
        pieces=sum(_pieces(order) for order in ready),
        gone=[order for order in orders if order["status"] != "confirmed"],
    )


async def _chosen_orders(view: View, chosen: Sequence[str]) -> list[Document]:
    slots = asyncio.Semaphore(_CONCURRENT_CALLS)

    async def one(order_id: str) -> Document:
        async with slots:
            return await view.get(f"/api/v1/orders/{order_id}")

    return sorted(await asyncio.gather(*map(one, chosen)), key=lambda order: str(order["placed_at"]))


async def _orders_of_page(view: View) -> list[Document]:
    page = await view.get(
        "/api/v1/orders", {**_waiting("confirmed"), "cursor": view.query.get("cursor"), "limit": ROWS}
    )
    orders: list[Document] = page["items"]
    return orders


async def _shipment(view: View, order_id: str) -> tuple[Document, Document]:
    """An order, and its shipment. Raises `ApiProblem`, too, where it has none."""
    path = f"/api/v1/orders/{order_id}"
    order, shipments = await asyncio.gather(view.get(path), view.get(f"{path}/shipments"))
    if not shipments["items"]:
        raise ApiProblem(409, {"detail": view.text(N_("No carrier has taken a shipment of this order on."))})
    return order, shipments["items"][0]


async def _preview(view: View, order_id: str) -> ChosenOne:
    """What is in a shipment, and whose it is now."""
    order, shipment = await _shipment(view, order_id)
    inside = ", ".join(f"{line['quantity']} × {line['name']}" for line in order["lines"])
    said = [inside, str(_recipient(order) or "–")]
    if shipment["carrier"]:
        said.append(f"{shipment['carrier']} {shipment['tracking_number'] or ''}".strip())
    return ChosenOne(order["number"], order_address(order), said)


@dataclass(frozen=True, slots=True)
class _Move:
    """What is told of the shipment of an order."""

    word: str

    async def __call__(self, view: View, order_id: str, key: str) -> CallAnswer:
        """Tell it."""
        _, shipment = await _shipment(view, order_id)
        return await view.calls.send("POST", f"/api/v1/shipments/{shipment['shipment_id']}/{self.word}", None, key=key)


declare_group_decision(
    pages,
    GroupDecision(
        path="/shipping/dispatch",
        title=N_("Shipments left the house"),
        verb=N_("Yes, they left"),
        back="/shipping",
        chosen="order_id",
        preview=_preview,
        give=_Move("dispatch"),
        sentence=N_("The pieces leave the stock, and these orders are on their way: none can be cancelled any more."),
        done=N_("It is on record that the shipment left."),
    ),
)
declare_group_decision(
    pages,
    GroupDecision(
        path="/shipping/delivery",
        title=N_("Shipments arrived"),
        verb=N_("Yes, they arrived"),
        back="/shipping/on-their-way",
        chosen="order_id",
        preview=_preview,
        give=_Move("delivery"),
        sentence=N_("These orders are delivered."),
        done=N_("It is on record that the shipment arrived."),
    ),
)
