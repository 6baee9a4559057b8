"""The events of a product (a stream per SKU): the schema of record."""

from __future__ import annotations

from typing import ClassVar

from commerce.eventstore import Event
from commerce.values.money import Money


class ProductAdded(Event):
    """A product can be ordered from now on; one that is not `stocked` (postage, a fee) needs no reservation."""

    TOPIC: ClassVar[str] = "catalog.ProductAdded"
    INDEXED: ClassVar[tuple[str, ...]] = ("sku",)

    sku: str
    name: str
    description: str | None
    price: Money
    stocked: bool


class PriceChanged(Event):
    """A product costs `price` from now on."""

    TOPIC: ClassVar[str] = "catalog.PriceChanged"

    sku: str
    price: Money


class ProductDescribed(Event):
    """A product's name or description changed."""

    TOPIC: ClassVar[str] = "catalog.ProductDescribed"

    sku: str
    name: str
    description: str | None


class ProductDiscontinued(Event):
    """A product cannot be ordered any more."""

    TOPIC: ClassVar[str] = "catalog.ProductDiscontinued"

    sku: str


class ProductRelisted(Event):
    """A product that was discontinued can be ordered again."""

    TOPIC: ClassVar[str] = "catalog.ProductRelisted"

    sku: str


ProductEvent = ProductAdded | PriceChanged | ProductDescribed | ProductDiscontinued | ProductRelisted
