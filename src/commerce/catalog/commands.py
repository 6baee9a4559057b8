"""What operators can do with a product: add or change it, and take it off sale."""

from __future__ import annotations

from collections.abc import Sequence

from commerce.catalog import product as catalog
from commerce.eventstore import Accepted, Event, EventStore, Idempotency, Metadata, StreamDecision, handle_command
from commerce.values import ids
from commerce.values.errors import existing
from commerce.values.money import Money


async def put_product(
    store: EventStore,
    sku: str,
    metadata: Metadata,
    *,
    name: str,
    description: str | None,
    price: Money,
    stocked: bool,
    only_new: bool = False,
    alongside: Sequence[StreamDecision] = (),
    idempotency: Idempotency | None = None,
) -> Accepted:
    """Make a product be as described, together with what is decided `alongside`, such as that it is kept in stock.

    Raises `InvalidInput`, `StockingFixed`, `ProductExists`, and what `EventStore.append` raises.
    """

    def decide(history: Sequence[Event]) -> Sequence[Event]:
        product = catalog.fold(history)
        return catalog.put(
            product, sku, name=name, description=description, price=price, stocked=stocked, only_new=only_new
        )

    decision = StreamDecision(ids.product_id(sku), decide)
    return await handle_command(store, decision, metadata, alongside=alongside, idempotency=idempotency)


async def discontinue_product(
    store: EventStore, sku: str, metadata: Metadata, *, idempotency: Idempotency | None = None
) -> Accepted:
    """Take a product off sale; a repeat is no new event. Raises `NotFound`, and what `EventStore.append` raises."""

    def decide(history: Sequence[Event]) -> Sequence[Event]:
        return catalog.discontinue(existing(catalog.fold(history), f"there is no product {sku!r}"))

    return await handle_command(store, StreamDecision(ids.product_id(sku), decide), metadata, idempotency=idempotency)
