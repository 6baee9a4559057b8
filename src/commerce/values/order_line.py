"""The line of an order, as the catalogue prices it and the order keeps it: the one shape that both contexts share."""

from __future__ import annotations

from commerce.values.money import Money
from commerce.values.value import Value


class OrderLine(Value):
    """One line: a product as it was when the order was placed, `quantity` pieces of it at `unit_price` each."""

    sku: str
    name: str
    quantity: int
    unit_price: Money
    price_overridden: bool = False
    stocked: bool = True

    def __str__(self) -> str:
        return f"{self.quantity} × {self.sku} at {self.unit_price}"
