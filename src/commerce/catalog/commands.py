"""What operators can do with a product: add or change it, and take it off sale."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from commerce.catalog import product as catalog
from commerce.catalog.product import Product
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
    prices: Sequence[Money] | None = None,
    stocked: bool,
    only_new: bool = False,
    require: Callable[[Product | None], None] = lambda _: None,
    alongside: Sequence[StreamDecision] = (),
    idempotency: Idempotency | None = None,
) -> Accepted:
    """Make a product be as described, together with what is decided `alongside`, such as that it is kept in stock.

    `require` looks at the product that is to be changed. Raises what it raises, `InvalidInput`, `StockingFixed`,
    `ProductExists`, and what `EventStore.append` raises.
    """

    def decide(history: Sequence[Event]) -> Sequence[Event]:
        product = catalog.fold(history)
        events = catalog.put(
            product,
            sku,
            name=name,
            description=description,
            price=price,
            prices=prices,
            stocked=stocked,
            only_new=only_new,
        )
        if events:
            require(product)
        return events

    decision = StreamDecision(ids.product_id(sku), decide, actions=_actions)
    return await handle_command(store, decision, metadata, alongside=alongside, idempotency=idempotency)


async def discontinue_product(
    store: EventStore,
    sku: str,
    metadata: Metadata,
    *,
    require: Callable[[Product | None], None] = lambda _: None,
    idempotency: Idempotency | None = None,
) -> Accepted:
    """Take a product off sale; a repeat is no new event. `require` looks at the product that is to be changed.

    Raises what it raises, `NotFound`, and what `EventStore.append` raises.
    """

    def decide(history: Sequence[Event]) -> Sequence[Event]:
        product = existing(catalog.fold(history), f"there is no product {sku!r}")
        if events := catalog.discontinue(product):
            require(product)
        return events

    return await handle_command(store, StreamDecision(ids.product_id(sku), decide), metadata, idempotency=idempotency)


def _actions(history: Sequence[Event]) -> Sequence[str]:
    return catalog.actions_now(catalog.fold(history))
