"""The stock of each SKU: pieces on hand, how many of them are promised to orders, and what is left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast, get_args

from commerce import ids
from commerce.eventstore.event import Event
from commerce.eventstore.reading import Pool
from commerce.eventstore.records import Recorded
from commerce.inventory.events import (
    StockAdjusted,
    StockDispatched,
    StockItemEvent,
    StockItemRegistered,
    StockReceived,
    StockReleased,
    StockReserved,
)
from projections.paging import LIMIT, Page, newest_first
from projections.projection import Projection, topics_of

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
class Stock:
    """Pieces of one SKU; what is available can still be promised."""

    sku: str
    on_hand: int
    reserved: int
    available: int


def fold(row: Stock | None, recorded: Recorded) -> Stock | None:
    """Apply one fact."""
    event = recorded.event
    if isinstance(event, StockItemRegistered):
        return Stock(event.sku, 0, 0, 0)
    return None if row is None else _moved(row, event)


def _moved(row: Stock, event: Event) -> Stock:
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
    return Stock(row.sku, on_hand, reserved, on_hand - reserved)


STOCK = Projection(
    name="stock",
    version=1,
    topics=topics_of(*get_args(StockItemEvent)),
    row=Stock,
    ddl=_DDL,
    key="sku",
    key_of=lambda recorded: cast(StockItemEvent, recorded.event).sku,
    fold=fold,
    place=ids.stock_item_id,
)


async def find_stock(pool: Pool, sku: str) -> Stock | None:
    """The stock of a SKU, if it is kept in stock."""
    found = await STOCK.load(pool, [sku])
    return found[sku].row if found else None


async def list_stock(pool: Pool, *, cursor: str | None = None, limit: int = LIMIT) -> Page[Stock]:
    """The stock of all SKUs, those registered last first. Raises `InvalidInput` for `cursor` and `limit`."""
    return await newest_first(pool, STOCK, [], cursor, limit)
