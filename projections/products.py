"""The catalogue: what can be ordered, at what price, found by a part of its SKU or name."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import cast, get_args

from commerce.catalog.currency_prices import with_own_price, with_price, without_price
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
from commerce.eventstore import Pool, Recorded
from commerce.values import ids
from commerce.values.money import Money
from projections.engine.pages import FIRST_PAGE, Condition, Page, PageRequest, newest_first
from projections.engine.projection import Projection, topics_of

_SEARCHED = "lower(normalize(sku || chr(10) || name))"
"""What a search looks into: both texts in NFC, with a character between them that nobody can search for."""

_ASKED = "lower(normalize(%s))"

_DDL = f"""
CREATE OR REPLACE FUNCTION projections.trigrams(searched text) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN ARRAY(SELECT DISTINCT substr(searched, place, 3) FROM generate_series(1, length(searched) - 2) AS place);

CREATE TABLE {{table}} (
    sku text PRIMARY KEY,
    name text NOT NULL,
    description text,
    price jsonb NOT NULL,
    prices jsonb NOT NULL,
    stocked boolean NOT NULL,
    discontinued boolean NOT NULL,
    first bigint NOT NULL,
    position bigint NOT NULL
);
CREATE INDEX ON {{table}} (first);
CREATE INDEX ON {{table}} USING gin (projections.trigrams({_SEARCHED}));
"""
CONTAINS = f"projections.trigrams({_SEARCHED}) @> projections.trigrams({_ASKED}) AND strpos({_SEARCHED}, {_ASKED}) > 0"
"""The index knows the rows that have all trigrams of what is searched for; only among them are those that contain
it."""


@dataclass(frozen=True, slots=True)
class ProductView:
    """A product; one that is not `stocked` needs no reservation, one that is `discontinued` cannot be ordered any
    more."""

    sku: str
    """As the catalogue knows it; case-sensitive."""
    name: str
    """What it is called."""
    description: str | None
    """What the product is, in the seller's words."""
    price: Money
    """What one piece costs."""
    prices: tuple[Money, ...]
    """What it costs in each currency that it can be ordered in; `price` comes first."""
    stocked: bool
    """Whether it is kept in stock, and reserved for orders; false for postage and fees."""
    discontinued: bool = False
    """Whether it is off sale: it cannot be ordered, and orders that are open go on."""


def fold(row: ProductView | None, recorded: Recorded) -> ProductView | None:  # noqa: PLR0911 (a case for each event)
    """Apply one event."""
    event = recorded.event
    if isinstance(event, ProductAdded):
        return ProductView(event.sku, event.name, event.description, event.price, (event.price,), event.stocked)
    if row is None:
        return None
    match event:
        case PriceChanged():
            return replace(row, price=event.price, prices=with_own_price(row.prices, event.price))
        case CurrencyPriceSet():
            return replace(row, prices=with_price(row.prices, event.price))
        case CurrencyPriceEnded():
            return replace(row, prices=without_price(row.prices, event.currency))
        case ProductDescribed():
            return replace(row, name=event.name, description=event.description)
        case ProductDiscontinued() | ProductRelisted():
            return replace(row, discontinued=isinstance(event, ProductDiscontinued))
        case _:
            return row


PRODUCTS = Projection(
    name="products",
    version=3,
    topics=topics_of(*get_args(ProductEvent)),
    row=ProductView,
    ddl=_DDL,
    key="sku",
    key_of=lambda recorded: cast(ProductEvent, recorded.event).sku,
    fold=fold,
    place=ids.product_id,
)


async def find_products(pool: Pool, search: str | None = None, paging: PageRequest = FIRST_PAGE) -> Page[ProductView]:
    """Products, those added last first; with `search`, those that have it in their SKU or name, in whatever case.

    Raises `InvalidInput` for the cursor.
    """
    return await newest_first(pool, PRODUCTS, paging, [Condition(CONTAINS, [search, search])] if search else [])
