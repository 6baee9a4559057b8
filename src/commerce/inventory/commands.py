"""What operators can do with stock: see who holds it, keep a SKU in stock, take pieces in, correct the count."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from commerce.eventstore import (
    MOST_TRIES,
    Accepted,
    Event,
    EventStore,
    Idempotency,
    KeyExists,
    Metadata,
    Sealed,
    StreamDecision,
    handle_command,
    leave_snapshots,
)
from commerce.inventory import stock_item
from commerce.inventory.events import StockItemEvent
from commerce.inventory.snapshots import STOCK_ITEMS
from commerce.inventory.stock_item import StockItem
from commerce.values import ids
from commerce.values.errors import Unavailable, existing

_ACTIONS = ("receipts", "adjustments")
"""What may be done with stock, however much there is; see `RuleBroken`."""


async def load_stock_item(store: EventStore, sku: str) -> StockItem | None:
    """The stock of a SKU as its own stream has it, with who holds pieces; None where it is not kept in stock.

    Like a command, it begins with a snapshot where there is one, and leaves one behind where it had to read far.
    Raises `Unavailable`.
    """
    stream = ids.stock_item_id(sku)
    history = (await store.read_histories({stream: STOCK_ITEMS}))[stream]
    due = STOCK_ITEMS.due(history)
    await leave_snapshots(store.pool, [] if due is None else [due])
    return stock_item.fold(history.events)


def register_stock_item(sku: str) -> StreamDecision:
    """Keep a SKU in stock, to be decided alongside the product that it belongs to."""

    def decide(history: Sequence[Event]) -> Sequence[Event]:
        return stock_item.register(stock_item.fold(history), sku)

    return StreamDecision(ids.stock_item_id(sku), decide, STOCK_ITEMS)


def stock_received(sku: str, quantity: int) -> StreamDecision:
    """Take pieces in. Deciding raises `NotFound` and `InvalidInput`."""
    return _decision(sku, lambda item: stock_item.receive(item, quantity))


def stock_counted(sku: str, pieces: int, reason: Sealed) -> StreamDecision:
    """Have as many pieces on hand as were counted. Deciding raises `NotFound`, `InvalidInput` and `ReservedStock`."""
    return _decision(sku, partial(stock_item.count, pieces=pieces, reason=reason))


async def receive_stock(
    store: EventStore, sku: str, quantity: int, metadata: Metadata, *, idempotency: Idempotency | None = None
) -> Accepted:
    """Take pieces in. Raises `NotFound`, `InvalidInput`, and what `EventStore.append` raises."""
    return await handle_command(store, stock_received(sku, quantity), metadata, idempotency=idempotency)


async def adjust_stock(
    store: EventStore,
    sku: str,
    quantity: int,
    reason: str,
    metadata: Metadata,
    *,
    idempotency: Idempotency | None = None,
) -> Accepted:
    """Correct the count by `quantity`, which may be negative; why is sealed with a key of the stock item's own.

    Raises `NotFound`, `InvalidInput`, `ReservedStock`, `MissingKey`, and what `EventStore.append` raises.
    """
    for _ in range(MOST_TRIES):
        key = await store.keys.of(ids.stock_item_id(sku))
        sealed = key.seal(reason)
        decision = _decision(sku, partial(stock_item.adjust, quantity=quantity, reason=sealed))
        try:
            return await handle_command(store, decision, metadata, idempotency=idempotency, keys=key.new)
        except KeyExists:  # the first corrections of this SKU come at once: one of them has made the key
            continue
    raise Unavailable("the stock item's key changes too fast")


def _decision(sku: str, decide: Callable[[StockItem], list[StockItemEvent]]) -> StreamDecision:
    def on_history(history: Sequence[Event]) -> Sequence[Event]:
        missing = f"{sku!r} is not kept in stock; add it as a stocked product first"
        return decide(existing(stock_item.fold(history), missing))

    return StreamDecision(ids.stock_item_id(sku), on_history, STOCK_ITEMS, actions=lambda _: _ACTIONS)
