"""What clients send of a product, of its price, and of stock, one by one and as lines of an import."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field

from api.schemas.fields import Body, Flag, Name, Pieces, Price, Sku, Text
from commerce.catalog.commands import ProductTerms
from commerce.values.money import MINOR_DIGITS

_MOST_PIECES = 1_000_000_000


class PutProduct(Body):
    """A product; one that is not `stocked` (postage, a fee) is never reserved."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "Assam tea, 250 g", "price": {"amount": "8.90", "currency": "EUR"}}]}
    )

    name: Name
    """What it is called."""
    description: Text | None = None
    """What the product is, in the seller's words."""
    price: Price
    """What one piece costs."""
    prices: Annotated[list[Price], Field(max_length=len(MINOR_DIGITS))] | None = None
    """What it costs in each currency; left out, what it costs in others than that of `price` stays as it is."""
    stocked: Flag = True
    """Whether it is kept in stock, and reserved for orders; false for postage and fees."""

    def terms(self, sku: str) -> ProductTerms:
        """The same for the catalogue. Raises `InvalidInput`, naming the field."""
        others = None if self.prices is None else [one.money(f"prices[{n}]") for n, one in enumerate(self.prices)]
        return ProductTerms(sku, self.name, self.description, self.price.money("price"), others, self.stocked)


class ImportProduct(PutProduct):
    """A line of an import of products: what `PUT /products/{sku}` takes, and the SKU."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "sku": "TEA-ASSAM-250",
                    "name": "Assam tea, 250 g",
                    "price": {"amount": "8.90", "currency": "EUR"},
                    "prices": [{"amount": "8.90", "currency": "EUR"}, {"amount": "9.50", "currency": "USD"}],
                }
            ]
        }
    )

    sku: Sku
    """As the catalogue is to know it; case-sensitive."""


class ImportPrice(Body):
    """A line of an import of prices: what a product costs in one currency from now on."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"sku": "TEA-ASSAM-250", "price": {"amount": "9.50", "currency": "USD"}}]}
    )

    sku: Sku
    """As the catalogue knows it; case-sensitive."""
    price: Price
    """What one piece costs in that currency; what it costs in others stays."""


class ImportStock(Body):
    """A line of an import of stock: pieces that arrived, or how many were counted."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"sku": "TEA-ASSAM-250", "received": 200}]})

    sku: Sku
    """As the catalogue knows it; case-sensitive."""
    received: Pieces | None = None
    """So many pieces arrived, and are added."""
    counted: Annotated[int, Field(ge=0, le=_MOST_PIECES, strict=True)] | None = None
    """So many pieces are there, those that are reserved for orders included: the stock is set to that."""
    reason: Text | None = None
    """Why the count is set; by default "counted"."""
