"""An invoice of a shop's history as it is played, and the articles that invoices sell."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from commerce.cli.shop.fees import is_stocked
from commerce.values.money import Money, total


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """One line that is played."""

    sku: str
    name: str
    """Empty where the line describes nothing."""
    quantity: int
    unit_price: Money


@dataclass(frozen=True, slots=True)
class Invoice:
    """One order of the history; without a customer it is a guest's."""

    number: str
    customer: str
    country: str
    lines: tuple[InvoiceLine, ...]

    @property
    def total(self) -> Money:
        """What the invoice comes to, by its own prices."""
        return total((line.unit_price * line.quantity for line in self.lines), self.currency)

    @property
    def currency(self) -> str:
        """In what its prices are."""
        return self.lines[0].unit_price.currency


@dataclass(frozen=True, slots=True)
class Article:
    """What is for sale, at the price it was first sold at."""

    sku: str
    name: str
    price: Money
    stocked: bool
    pieces: int
    """How many the invoices take in all."""
    described: bool = True
    """Whether the file names it; otherwise it is called by its code."""


def articles(invoices: Iterable[Invoice]) -> list[Article]:
    """What the invoices sell, in the order it first appears."""
    lines: dict[str, list[InvoiceLine]] = {}
    for invoice in invoices:
        for line in invoice.lines:
            lines.setdefault(line.sku, []).append(line)
    return [_article(sku, sold) for sku, sold in lines.items()]


def _article(sku: str, sold: Sequence[InvoiceLine]) -> Article:
    name = next((line.name for line in sold if line.name), "")
    pieces = sum(line.quantity for line in sold)
    return Article(sku, name or sku, sold[0].unit_price, is_stocked(sku), pieces, described=bool(name))
