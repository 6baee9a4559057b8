"""The product of a SKU: its name, its price, and whether it can be ordered."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import reduce

from commerce.catalog.currency_prices import (
    Prices,
    price_in,
    require_prices,
    with_own_price,
    with_price,
    without_price,
)
from commerce.catalog.events import (
    CurrencyPriceEnded,
    CurrencyPriceSet,
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
    prices: Prices
    stocked: bool
    discontinued: bool = False

    @property
    def price(self) -> Money:
        """Its own price."""
        return self.prices[0]


def evolve(product: Product | None, event: Event) -> Product | None:  # noqa: PLR0911 (a case for each event)
    """Apply one event; before it was added there is no product."""
    if isinstance(event, ProductAdded):
        return _added(event)
    if product is None:
        return None
    version = event.originator_version
    match event:
        case PriceChanged():
            return replace(product, version=version, prices=with_own_price(product.prices, event.price))
        case CurrencyPriceSet():
            return replace(product, version=version, prices=with_price(product.prices, event.price))
        case CurrencyPriceEnded():
            return replace(product, version=version, prices=without_price(product.prices, event.currency))
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
        prices=(event.price,),
        stocked=event.stocked,
    )


def fold(events: Iterable[Event], product: Product | None = None) -> Product | None:
    """The product after these events, which begin its stream or follow on `product`."""
    return reduce(evolve, events, product)


def actions_now(product: Product | None) -> list[str]:
    """What may be done with a product now; see `RuleBroken`."""
    return ["PUT"] if product is None or product.discontinued else ["PUT", "DELETE"]


def put(
    product: Product | None,
    sku: str,
    *,
    name: str,
    description: str | None,
    price: Money,
    prices: Sequence[Money] | None = None,
    stocked: bool,
    only_new: bool = False,
) -> list[ProductEvent]:
    """The events that make a product be as described; a discontinued one is on sale again.

    `prices` are all that it is to have, its own among them or not; without them those in further currencies stay.
    Raises `InvalidInput`, naming the field, `StockingFixed`, or with `only_new` `ProductExists` for any that there is.
    """
    if product is None:
        check_sku(sku)  # what older versions took keeps its name
    elif only_new:
        raise ProductExists(sku)
    if not is_visible(name):
        raise InvalidInput("a product needs a name", "name")
    require_prices(price, prices or ())
    if product is not None and product.stocked != stocked:
        raise StockingFixed(sku)
    if product is None:
        added = ProductAdded(sku=sku, name=name, description=description, price=price, stocked=stocked)
        return [added, *_further_prices(sku, (price,), prices)]
    return _changes(product, name, description, price, prices)


def set_price(product: Product, price: Money) -> list[ProductEvent]:
    """Have it cost something in one currency; what it costs in others stays. Raises `InvalidInput`."""
    require_prices(price, ())
    if price_in(product.prices, price.currency) == price:
        return []
    if price.currency == product.price.currency:
        return [PriceChanged(sku=product.sku, price=price)]
    return [CurrencyPriceSet(sku=product.sku, price=price)]


def _further_prices(sku: str, present: Prices, wanted: Sequence[Money] | None) -> list[ProductEvent]:
    """What changes in further currencies; nothing where nobody said what they are to be."""
    if wanted is None:
        return []
    ended = [each.currency for each in present[1:] if price_in(wanted, each.currency) is None]
    changed = [each for each in wanted if price_in(present, each.currency) != each]
    return [
        *(CurrencyPriceEnded(sku=sku, currency=currency) for currency in ended),
        *(CurrencyPriceSet(sku=sku, price=each) for each in sorted(changed, key=lambda one: one.currency)),
    ]


def _changes(
    product: Product, name: str, description: str | None, price: Money, prices: Sequence[Money] | None
) -> list[ProductEvent]:
    """An event for each part that differs. The relisting comes last, so that the product is never on sale as it was
    before."""
    events: list[ProductEvent] = []
    if (name, description) != (product.name, product.description):
        events.append(ProductDescribed(sku=product.sku, name=name, description=description))
    if price != product.price:
        events.append(PriceChanged(sku=product.sku, price=price))
    events += _further_prices(product.sku, with_own_price(product.prices, price), prices)
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
