"""The events of a product (a stream per SKU): the schema of record."""

from __future__ import annotations

from typing import ClassVar

from commerce.eventstore import Event
from commerce.values.money import Money


class ProductAdded(Event):
    """A product can be ordered from now on; one that is not `stocked` (postage, a fee) needs no reservation."""

    TOPIC: ClassVar[str] = "catalog.ProductAdded"
    SENTENCE: ClassVar[str] = "{who} put {sku} on sale: {name}, at {price}"
    INDEXED: ClassVar[tuple[str, ...]] = ("sku",)

    sku: str
    name: str
    description: str | None
    price: Money
    stocked: bool


class PriceChanged(Event):
    """A product costs `price` from now on; what it cost before, in whatever currency, it does not any more."""

    TOPIC: ClassVar[str] = "catalog.PriceChanged"
    SENTENCE: ClassVar[str] = "{who} changed the price of {sku} to {price}"

    sku: str
    price: Money


class CurrencyPriceSet(Event):
    """In the currency of `price`, which is not that of the product's own price, a product costs that from now on."""

    TOPIC: ClassVar[str] = "catalog.CurrencyPriceSet"
    SENTENCE: ClassVar[str] = "{who} set the price of {sku} in its currency to {price}"

    sku: str
    price: Money


class CurrencyPriceEnded(Event):
    """A product has no price in a currency any more; what was ordered at it stays so."""

    TOPIC: ClassVar[str] = "catalog.CurrencyPriceEnded"
    SENTENCE: ClassVar[str] = "{who} ended the price of {sku} in {currency}"

    sku: str
    currency: str


class ProductDescribed(Event):
    """A product's name or description changed."""

    TOPIC: ClassVar[str] = "catalog.ProductDescribed"
    SENTENCE: ClassVar[str] = "{who} changed the description of {sku}: {name}"

    sku: str
    name: str
    description: str | None


class ProductDiscontinued(Event):
    """A product cannot be ordered any more."""

    TOPIC: ClassVar[str] = "catalog.ProductDiscontinued"
    SENTENCE: ClassVar[str] = "{who} took {sku} off sale"

    sku: str


class ProductRelisted(Event):
    """A product that was discontinued can be ordered again."""

    TOPIC: ClassVar[str] = "catalog.ProductRelisted"
    SENTENCE: ClassVar[str] = "{who} put {sku} on sale again"

    sku: str


ProductEvent = (
    ProductAdded
    | PriceChanged
    | CurrencyPriceSet
    | CurrencyPriceEnded
    | ProductDescribed
    | ProductDiscontinued
    | ProductRelisted
)
