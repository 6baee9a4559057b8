"""The stock of one SKU: how many pieces are on hand, and how many of them are promised to which order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import reduce
from typing import ClassVar
from uuid import UUID

from commerce.eventstore import Aggregate, Event, Sealed, Snapshot
from commerce.inventory.events import (
    StockAdjusted,
    StockDispatched,
    StockItemEvent,
    StockItemRegistered,
    StockReceived,
    StockReleased,
    StockReserved,
)
from commerce.inventory.holdings import Holdings
from commerce.values.errors import InvalidInput, RuleBroken

MOST_PIECES = 1_000_000_000
"""The largest quantity that one receipt or adjustment moves."""


class OutOfStock(RuleBroken):
    """No more is promised than is available."""

    def __init__(self, item: StockItem, quantity: int) -> None:
        super().__init__(
            f"{quantity} of {item.sku!r} are wanted and {item.available} are available; receive stock first"
        )


class ReservedStock(RuleBroken):
    """Pieces that are promised to orders are not written off."""

    def __init__(self, item: StockItem, quantity: int) -> None:
        super().__init__(
            f"{item.sku!r} cannot be adjusted by {quantity}: {item.reserved} of {item.on_hand} are promised to orders;"
            f" take off {item.available} or fewer, or cancel orders first"
        )


@dataclass(frozen=True, slots=True)
class StockItem(Aggregate):
    """A stock item at one version of its stream; quantities are pieces."""

    sku: str
    on_hand: int = 0
    reserved: int = 0
    held: Holdings = field(default_factory=Holdings)

    @property
    def available(self) -> int:
        """What can still be promised."""
        return self.on_hand - self.reserved


class StockItemSnapshot(Snapshot):
    """A stock item as it is stored, `held` by order."""

    TOPIC: ClassVar[str] = "inventory.StockItemSnapshot"

    sku: str
    on_hand: int
    reserved: int
    held: dict[UUID, int]


def evolve(item: StockItem | None, event: Event) -> StockItem | None:  # noqa: PLR0911 (a case for each event)
    """Apply one event, or begin with a snapshot; before it was registered there is no stock item."""
    version = event.originator_version
    if isinstance(event, StockItemRegistered):
        return StockItem(event.originator_id, version, event.sku)
    if isinstance(event, StockItemSnapshot):
        held = Holdings.by_order(event.held)
        return StockItem(event.originator_id, version, event.sku, event.on_hand, event.reserved, held)
    if item is None:
        return None
    match event:
        case StockReceived() | StockAdjusted():
            return replace(item, version=version, on_hand=item.on_hand + event.quantity)
        case StockReserved():
            return _held(item, version, event.order_id, event.quantity)
        case StockReleased():
            return _held(item, version, event.order_id, -event.quantity)
        case StockDispatched():
            left = replace(item, on_hand=item.on_hand - event.quantity)
            return _held(left, version, event.order_id, -event.quantity)
        case _:
            return replace(item, version=version)


def _held(item: StockItem, version: int, order_id: UUID, by: int) -> StockItem:
    return replace(item, version=version, reserved=item.reserved + by, held=item.held.changed(order_id, by))


def fold(events: Iterable[Event], item: StockItem | None = None) -> StockItem | None:
    """The stock item after these events, which begin its stream or follow on `item`."""
    return reduce(evolve, events, item)


def register(item: StockItem | None, sku: str) -> list[StockItemEvent]:
    """Keep a SKU in stock from now on."""
    if item is not None:
        return []
    return [StockItemRegistered(sku=sku)]


def receive(item: StockItem, quantity: int) -> list[StockItemEvent]:
    """Take pieces in; each call is a receipt of its own. Raises `InvalidInput`."""
    if not 1 <= quantity <= MOST_PIECES:
        raise InvalidInput(f"a receipt is of 1 to {MOST_PIECES} pieces, not {quantity}", "quantity")
    return [StockReceived(sku=item.sku, quantity=quantity)]


def adjust(item: StockItem, quantity: int, reason: Sealed) -> list[StockItemEvent]:
    """Correct the count by `quantity`, which may be negative; each call is a correction of its own.

    Raises `InvalidInput`, or `ReservedStock` where fewer would be left than are promised.
    """
    if not 1 <= abs(quantity) <= MOST_PIECES:
        raise InvalidInput(f"an adjustment is of 1 to {MOST_PIECES} pieces, up or down, not {quantity}", "quantity")
    if item.available + quantity < 0:
        raise ReservedStock(item, quantity)
    return [StockAdjusted(sku=item.sku, quantity=quantity, reason=reason)]


def count(item: StockItem, pieces: int, reason: Sealed) -> list[StockItemEvent]:
    """Have as many pieces on hand as were counted; no event where there are as many. Raises as `adjust` does."""
    return adjust(item, pieces - item.on_hand, reason) if pieces != item.on_hand else []


def reserve(item: StockItem, order_id: UUID, quantity: int) -> list[StockItemEvent]:
    """Promise pieces to an order that holds none yet. Raises `OutOfStock`."""
    if item.held.pieces(order_id):
        return []
    if quantity > item.available:
        raise OutOfStock(item, quantity)
    return [StockReserved(sku=item.sku, order_id=order_id, quantity=quantity)]


def release(item: StockItem, order_id: UUID) -> list[StockItemEvent]:
    """Make available again what an order holds, if anything."""
    quantity = item.held.pieces(order_id)
    if not quantity:
        return []
    return [StockReleased(sku=item.sku, order_id=order_id, quantity=quantity)]


def dispatch(item: StockItem, order_id: UUID) -> list[StockItemEvent]:
    """Book out what an order holds, if anything, as its shipment leaves."""
    quantity = item.held.pieces(order_id)
    if not quantity:
        return []
    return [StockDispatched(sku=item.sku, order_id=order_id, quantity=quantity)]
