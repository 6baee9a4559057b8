"""Decides what becomes of a batch of requests to reserve, release and dispatch stock: all of an order's lines, or
none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from commerce.eventstore import Event, in_stream
from commerce.inventory import reservation as reservations
from commerce.inventory import stock_item
from commerce.inventory.events import Quantity, ReservationEvent, Shortage, StockItemEvent
from commerce.inventory.reservation import Reservation
from commerce.inventory.stock_item import StockItem
from commerce.values import ids


@dataclass(frozen=True, slots=True)
class Reserve:
    """Reserve all of `lines` for an order, or nothing."""

    order_id: UUID
    request_id: UUID
    lines: tuple[Quantity, ...]


@dataclass(frozen=True, slots=True)
class Release:
    """Give back what is reserved for an order, and reserve nothing for it from then on."""

    order_id: UUID
    request_id: UUID


@dataclass(frozen=True, slots=True)
class Dispatch:
    """Book out what is reserved for an order."""

    order_id: UUID
    request_id: UUID


StockRequest = Reserve | Release | Dispatch


@dataclass(frozen=True, slots=True)
class KnownStock:
    """Stock items by SKU, and reservations by order, as far as a batch needs them; what is missing does not exist."""

    items: Mapping[str, StockItem]
    reservations: Mapping[UUID, Reservation]


Events = tuple[list[StockItemEvent], list[ReservationEvent]]
"""What answers one request: first what happens to stock items, then to the order's reservation."""


def decide(requests: Sequence[StockRequest], stock: KnownStock) -> tuple[list[list[Event]], KnownStock]:
    """The events that answer each request, decided one after the other, and the stock that they leave.

    A request that was answered before, or that comes too late to matter, has no events.
    """
    items, reserved = dict(stock.items), dict(stock.reservations)
    answers: list[list[Event]] = []
    for request in requests:
        reservation = reserved.get(request.order_id)
        on_items, on_reservation = _answer(request, items, reservation)
        for event in on_items:
            items[event.sku] = _changed(items[event.sku], event)
        version = reservation.version if reservation is not None else 0
        in_stream(on_reservation, ids.reservation_id(request.order_id), after=version)
        after = reservations.fold(on_reservation, reservation)
        if after is not None:
            reserved[request.order_id] = after
        answers.append([*on_items, *on_reservation])
    return answers, KnownStock(items, reserved)


def _changed(item: StockItem, event: StockItemEvent) -> StockItem:
    in_stream([event], item.id, after=item.version)
    return stock_item.evolve(item, event) or item


def _answer(request: StockRequest, items: Mapping[str, StockItem], reservation: Reservation | None) -> Events:
    match request:
        case Reserve():
            return _reserve(request, items, reservation)
        case Release():
            move, answer = stock_item.release, reservations.release
        case Dispatch():
            move, answer = stock_item.dispatch, reservations.dispatch
    held = reservation.lines if reservation is not None else ()
    events = [event for line in held for event in move(items[line.sku], request.order_id)]
    return events, answer(reservation, request.order_id, request.request_id)


def _reserve(request: Reserve, items: Mapping[str, StockItem], reservation: Reservation | None) -> Events:
    if reservation is not None:
        return [], []
    order_id, lines = request.order_id, _summed(request.lines)
    shortages = [short for line in lines if (short := _shortage(line, items.get(line.sku)))]
    answer = reservations.answer(None, order_id, request.request_id, lines, shortages)
    if shortages:
        return [], answer
    events = [event for line in lines for event in stock_item.reserve(items[line.sku], order_id, line.quantity)]
    return events, answer


def _summed(lines: Sequence[Quantity]) -> tuple[Quantity, ...]:
    pieces: Counter[str] = Counter()
    for line in lines:
        pieces[line.sku] += line.quantity
    return tuple(Quantity(sku=sku, quantity=quantity) for sku, quantity in pieces.items())


def _shortage(line: Quantity, item: StockItem | None) -> Shortage | None:
    available = item.available if item is not None else 0
    if line.quantity <= available:
        return None
    return Shortage(sku=line.sku, requested=line.quantity, available=available)
