"""What operators can do with a product: add or change it, and take it off sale."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from commerce.catalog import product as catalog
from commerce.catalog.product import Product
from commerce.eventstore import Accepted, Event, EventStore, Idempotency, Metadata, StreamDecision, handle_command
from commerce.values import ids
from commerce.values.errors import existing
from commerce.values.money import Money


@dataclass(frozen=True, slots=True)
class ProductTerms:
    """A product as it is to be."""

    sku: str
    name: str
    description: str | None
    price: Money
    prices: Sequence[Money] | None
    """All that it is to have; without them those in further currencies stay."""
    stocked: bool


def product_put(
    wanted: ProductTerms, *, only_new: bool = False, require: Callable[[Product | None], None] = lambda _: None
) -> StreamDecision:
    """Make a product be as described. `require` looks at the product that is to be changed.

    Deciding raises what it raises, `InvalidInput`, `StockingFixed` and `ProductExists`.
    """

    def decide(history: Sequence[Event]) -> Sequence[Event]:
        product = catalog.fold(history)
        events = catalog.put(
            product,
            wanted.sku,
            name=wanted.name,
            description=wanted.description,
            price=wanted.price,
            prices=wanted.prices,
            stocked=wanted.stocked,
            only_new=only_new,
        )
        if events:
            require(product)
        return events

    return StreamDecision(ids.product_id(wanted.sku), decide, actions=_actions)


def price_set(sku: str, price: Money) -> StreamDecision:
    """Have a product cost something in one currency. Deciding raises `InvalidInput` and `NotFound`."""

    def decide(history: Sequence[Event]) -> Sequence[Event]:
        return catalog.set_price(existing(catalog.fold(history), f"there is no product {sku!r}"), price)

    return StreamDecision(ids.product_id(sku), decide)


async def put_product(
    store: EventStore,
    wanted: ProductTerms,
    metadata: Metadata,
    *,
    only_new: bool = False,
    require: Callable[[Product | None], None] = lambda _: None,
    alongside: Sequence[StreamDecision] = (),
    idempotency: Idempotency | None = None,
) -> Accepted:
    """Make a product be as described, together with what is decided `alongside`, such as that it is kept in stock.

    Raises what `product_put` says, and what `EventStore.append` raises.
    """
    decision = product_put(wanted, only_new=only_new, require=require)
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
