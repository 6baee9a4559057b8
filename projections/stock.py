"""The stock of each SKU: pieces on hand, how many of them are promised to orders, and what is left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast, get_args

from commerce.eventstore import Event, Recorded
from commerce.inventory.events import (
    StockAdjusted,
    StockDispatched,
    StockItemEvent,
    StockItemRegistered,
    StockReceived,
    StockReleased,
    StockReserved,
)
from commerce.values import ids
from projections.engine.projection import Projection, topics_of

_DDL = """
CREATE TABLE {table} (
    sku text PRIMARY KEY,
    on_hand bigint NOT NULL,
    reserved bigint NOT NULL,
    available bigint NOT NULL,
    first bigint NOT NULL,
    position bigint NOT NULL
) WITH (fillfactor = 50);
CREATE INDEX ON {table} (first);
"""


@dataclass(frozen=True, slots=True)
class StockView:
    """Pieces of one SKU; what is available can still be promised."""

    sku: str
    """As the catalogue knows it; case-sensitive."""
    on_hand: int
    """Pieces in the house, promised ones included."""
    reserved: int
    """Pieces promised to orders that have not left yet."""
    available: int
    """What can still be promised: `on_hand` less `reserved`."""


def fold(row: StockView | None, recorded: Recorded) -> StockView | None:
    """Apply one event."""
    event = recorded.event
    if isinstance(event, StockItemRegistered):
        return StockView(event.sku, 0, 0, 0)
    return None if row is None else _moved(row, event)


def _moved(row: StockView, event: Event) -> StockView:
    on_hand, reserved = row.on_hand, row.reserved
    match event:
        case StockReceived() | StockAdjusted():
            on_hand += event.quantity
        case StockReserved():
            reserved += event.quantity
        case StockReleased():
            reserved -= event.quantity
        case StockDispatched():
            on_hand -= event.quantity
            reserved -= event.quantity
    return StockView(row.sku, on_hand, reserved, on_hand - reserved)


STOCK = Projection(
    name="stock",
    version=1,
    topics=topics_of(*get_args(StockItemEvent)),
    row=StockView,
    ddl=_DDL,
    key="sku",
    key_of=lambda recorded: cast(StockItemEvent, recorded.event).sku,
    fold=fold,
    place=ids.stock_item_id,
)
