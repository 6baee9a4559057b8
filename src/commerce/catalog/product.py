"""The product of a SKU: its name, its price, and whether it can be ordered."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import reduce

from commerce.catalog.events import (
    PriceChanged,
    ProductAdded,
    ProductDescribed,
    ProductDiscontinued,
    ProductEvent,
    ProductRelisted,
)
from commerce.eventstore import Aggregate, Event
from commerce.values.errors import InvalidInput, RuleBroken
from commerce.values.money import Money
from commerce.values.text import is_visible, normal


class StockingFixed(RuleBroken):
    """Whether a product is kept in stock is settled when it is added."""

    def __init__(self, sku: str) -> None:
        super().__init__(f"product {sku!r} cannot change whether it is stocked; add it under another SKU")


class ProductExists(RuleBroken):
    """The product is to be added as new, but there is one already."""

    def __init__(self, sku: str) -> None:
        super().__init__(f"there is a product {sku!r} already; it stays as it is")


@dataclass(frozen=True, slots=True)
class Product(Aggregate):
    """A product at one version of its stream."""

    sku: str
    name: str
    description: str | None
    price: Money
    stocked: bool
    discontinued: bool = False


def evolve(product: Product | None, event: Event) -> Product | None:  # noqa: PLR0911 (a case for each event)
    """Apply one event; before it was added there is no product."""
    if isinstance(event, ProductAdded):
        return _added(event)
    if product is None:
        return None
    version = event.originator_version
    match event:
        case PriceChanged():
            return replace(product, version=version, price=event.price)
        case ProductDescribed():
            return replace(product, version=version, name=event.name, description=event.description)
        case ProductDiscontinued():
            return replace(product, version=version, discontinued=True)
        case ProductRelisted():
            return replace(product, version=version, discontinued=False)
        case _:
            return replace(product, version=version)


def _added(event: ProductAdded) -> Product:
    return Product(
        id=event.originator_id,
        version=event.originator_version,
        sku=event.sku,
        name=event.name,
        description=event.description,
        price=event.price,
        stocked=event.stocked,
    )


def fold(events: Iterable[Event], product: Product | None = None) -> Product | None:
    """The product after these events, which begin its stream or follow on `product`."""
    return reduce(evolve, events, product)


def put(
    product: Product | None,
    sku: str,
    *,
    name: str,
    description: str | None,
    price: Money,
    stocked: bool,
    only_new: bool = False,
) -> list[ProductEvent]:
    """The events that make a product be as described; a discontinued one is on sale again.

    Raises `InvalidInput`, naming the field, `StockingFixed`, or with `only_new` `ProductExists` for any that there is.
    """
    if product is None:
        check_sku(sku)  # what older versions took keeps its name
    elif only_new:
        raise ProductExists(sku)
    if not is_visible(name):
        raise InvalidInput("a product needs a name", "name")
    if price.amount < 0:
        raise InvalidInput(f"the price {price} is negative", "price")
    if product is not None and product.stocked != stocked:
        raise StockingFixed(sku)
    if product is None:
        return [ProductAdded(sku=sku, name=name, description=description, price=price, stocked=stocked)]
    return _changes(product, name, description, price)


def _changes(product: Product, name: str, description: str | None, price: Money) -> list[ProductEvent]:
    """An event for each part that differs. The relisting comes last, so that the product is never on sale as it was
    before."""
    events: list[ProductEvent] = []
    if (name, description) != (product.name, product.description):
        events.append(ProductDescribed(sku=product.sku, name=name, description=description))
    if price != product.price:
        events.append(PriceChanged(sku=product.sku, price=price))
    if product.discontinued:
        events.append(ProductRelisted(sku=product.sku))
    return events


def check_sku(sku: str) -> None:
    """Raises `InvalidInput` for a SKU that is not 1 to 64 printable characters in NFC that can be addressed and
    told apart."""
    if not 1 <= len(sku) <= 64 or not sku.isprintable() or "/" in sku or sku != normal(sku):
        raise InvalidInput(f"{sku!r} is not a SKU; it is 1 to 64 printable characters without a slash", "sku")
    if sku != sku.strip() or sku in (".", "..") or not is_visible(sku):
        raise InvalidInput(
            f"{sku!r} is not a SKU; it has no space at either end, is not . or .., and can be seen", "sku"
        )


def discontinue(product: Product) -> list[ProductEvent]:
    """Take a product off sale; orders that are open go on, and its stock stays."""
    if product.discontinued:
        return []
    return [ProductDiscontinued(sku=product.sku)]
