"""What can be imported: what a line of each kind looks like, and which command it is."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from api.context import AppContext
from api.schemas.fields import Body
from api.schemas.products import ImportPrice, ImportProduct, ImportStock
from commerce.catalog.commands import price_set, product_put
from commerce.catalog.prices import known_sku
from commerce.eventstore import StreamDecision, WrappedKey
from commerce.inventory.commands import register_stock_item, stock_counted, stock_received
from commerce.values import ids
from commerce.values.errors import InvalidInput

B = TypeVar("B", bound=Body)
COUNTED = "counted"
"""The reason of a count that names none."""


@dataclass(frozen=True, slots=True)
class LineCommand:
    """What a line asks for."""

    sku: str
    decisions: Sequence[StreamDecision]
    keys: Sequence[WrappedKey] = ()


@dataclass(frozen=True, slots=True)
class ImportKind(Generic[B]):
    """One kind of import."""

    name: str
    """What is imported, as metrics say."""
    shape: type[B]
    """What a line looks like."""
    command_of: Callable[[AppContext, B], Awaitable[LineCommand]]
    """What it asks for. Raises `InvalidInput`, `MissingKey`, `Unavailable`."""


async def _product(context: AppContext, line: ImportProduct) -> LineCommand:
    sku = await known_sku(context.store, line.sku)
    return LineCommand(sku, [product_put(line.terms(sku)), *([register_stock_item(sku)] if line.stocked else [])])


async def _price(context: AppContext, line: ImportPrice) -> LineCommand:
    sku = await known_sku(context.store, line.sku)
    return LineCommand(sku, [price_set(sku, line.price.money("price"))])


async def _stock(context: AppContext, line: ImportStock) -> LineCommand:
    if (line.received is None) is (line.counted is None):
        raise InvalidInput(
            "send either received, for pieces that arrived, or counted, for all that are there", "received"
        )
    if line.counted is None and line.reason is not None:
        raise InvalidInput("a receipt has no reason; leave it out, or send counted", "reason")
    sku = await known_sku(context.store, line.sku)
    if line.received is not None:
        return LineCommand(sku, [stock_received(sku, line.received)])
    assert line.counted is not None
    key = await context.store.keys.of(ids.stock_item_id(sku))
    return LineCommand(sku, [stock_counted(sku, line.counted, key.seal(line.reason or COUNTED))], key.new)


PRODUCTS = ImportKind("products", ImportProduct, _product)
PRICES = ImportKind("prices", ImportPrice, _price)
STOCK = ImportKind("stock", ImportStock, _stock)


async def commands_of(
    context: AppContext, kind: ImportKind[B], lines: Sequence[B]
) -> list[LineCommand | BaseException]:
    """What each line asks for, or why it cannot."""
    found: list[LineCommand | BaseException] = await asyncio.gather(
        *(kind.command_of(context, line) for line in lines), return_exceptions=True
    )
    return found
