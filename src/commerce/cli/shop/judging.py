"""Which lines of a shop's history are orders: every line is played, or left out for a reason that is counted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from commerce.catalog.product import check_sku
from commerce.cli.shop.countries import FALLBACK, country_code
from commerce.cli.shop.fees import is_stocked
from commerce.cli.shop.reading import Cells, FileLine
from commerce.errors import InvalidInput
from commerce.money import LARGEST, Money, total
from commerce.ordering.order import MOST_LINES, MOST_PIECES

CURRENCY = "GBP"

_INTEGER = re.compile(r"-?[0-9]{1,12}")
_DECIMAL = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,12})?")
_LONGEST_NAME = 200


class Reason(StrEnum):
    """Why a line is left out."""

    CANCELLATION = "cancellation of an earlier purchase"
    ADJUSTMENT = "adjustment of bad debt"
    WRITE_OFF = "write-off (negative quantity)"
    FREE = "price 0"
    NEGATIVE_PRICE = "negative price"
    NO_PIECES = "quantity 0"
    UNREADABLE_COLUMNS = "unreadable: not as many columns as the heading"
    UNREADABLE_INVOICE = "unreadable: invoice number"
    UNREADABLE_CODE = "unreadable: stock code"
    UNREADABLE_QUANTITY = "unreadable: quantity"
    UNREADABLE_PRICE = "unreadable: price"
    OTHER_BUYER = "customer or country differs within the invoice"
    INVOICE_TOO_LONG = f"invoice of more than {MOST_LINES} lines"
    INVOICE_TOO_LARGE = f"invoice of {LARGEST:f} {CURRENCY} or more"
    BEYOND = "beyond the invoices asked for"


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
        return total((line.unit_price * line.quantity for line in self.lines), CURRENCY)


@dataclass(frozen=True, slots=True)
class Article:
    """What is for sale, at the price it was first sold at."""

    sku: str
    name: str
    price: Money
    stocked: bool
    pieces: int
    """How many the invoices take in all."""


@dataclass(slots=True)
class History:
    """What is played of a file, and what is not: `lines_read` is the played lines and the left-out ones, always."""

    lines_read: int = 0
    invoices_read: int = 0
    invoices: list[Invoice] = field(default_factory=list)
    left_out: dict[Reason, list[int]] = field(default_factory=dict)
    """The numbers of the lines left out, by reason."""
    unknown_countries: dict[str, int] = field(default_factory=dict)
    """How many invoices name a country that we do not know; they go to the fallback."""

    @property
    def lines_played(self) -> int:
        """How many lines the invoices have."""
        return sum(len(invoice.lines) for invoice in self.invoices)

    @property
    def lines_left_out(self) -> int:
        """How many lines were left out, for all reasons."""
        return sum(map(len, self.left_out.values()))

    def leave_out(self, reason: Reason, numbers: Iterable[int]) -> None:
        """Count lines as not played."""
        self.left_out.setdefault(reason, []).extend(numbers)


def judge(lines: Sequence[FileLine], most_invoices: int | None = None) -> History:
    """Judge all lines; of the file's invoices, by their numbers, only the first `most_invoices` are played."""
    history = History(lines_read=len(lines))
    by_invoice: dict[str, list[tuple[int, Cells]]] = {}
    for line in lines:
        if line.cells is None:
            history.leave_out(Reason.UNREADABLE_COLUMNS, [line.number])
        elif not _is_a_number_of_an_invoice(line.cells.invoice):
            history.leave_out(Reason.UNREADABLE_INVOICE, [line.number])
        else:
            by_invoice.setdefault(line.cells.invoice, []).append((line.number, line.cells))
    history.invoices_read = len(by_invoice)
    for place, (number, found) in enumerate(by_invoice.items()):
        if most_invoices is not None and place >= most_invoices:
            history.leave_out(Reason.BEYOND, _numbers(found))
        else:
            _judge_invoice(history, number, found)
    return history


def articles(invoices: Iterable[Invoice]) -> list[Article]:
    """What the invoices sell, in the order it first appears."""
    lines: dict[str, list[InvoiceLine]] = {}
    for invoice in invoices:
        for line in invoice.lines:
            lines.setdefault(line.sku, []).append(line)
    return [_article(sku, sold) for sku, sold in lines.items()]


def _article(sku: str, sold: Sequence[InvoiceLine]) -> Article:
    name = next((line.name for line in sold if line.name), sku)
    return Article(sku, name, sold[0].unit_price, is_stocked(sku), sum(line.quantity for line in sold))


def _judge_invoice(history: History, number: str, found: Sequence[tuple[int, Cells]]) -> None:
    kind = _no_purchase(number)
    if kind is not None:
        history.leave_out(kind, _numbers(found))
        return
    lines = _judge_lines(history, found)
    if not lines:
        return
    _, first = found[0]
    country = country_code(first.country)
    invoice = Invoice(number, first.customer, country or FALLBACK, tuple(lines.values()))
    too_big = _too_big(invoice)
    if too_big is not None:
        history.leave_out(too_big, lines)
        return
    if country is None:
        history.unknown_countries[first.country] = history.unknown_countries.get(first.country, 0) + 1
    history.invoices.append(invoice)


def _judge_lines(history: History, found: Sequence[tuple[int, Cells]]) -> dict[int, InvoiceLine]:
    """The lines of one invoice that are played, by their numbers in the file."""
    buyer = (found[0][1].customer, found[0][1].country)
    lines = {}
    for number, cells in found:
        judged = judge_line(cells) if (cells.customer, cells.country) == buyer else Reason.OTHER_BUYER
        if isinstance(judged, Reason):
            history.leave_out(judged, [number])
        else:
            lines[number] = judged
    return lines


def judge_line(cells: Cells) -> InvoiceLine | Reason:
    """A line of a purchase as it is played, or why it is not."""
    if not _is_code(cells.code):
        return Reason.UNREADABLE_CODE
    if not _INTEGER.fullmatch(cells.quantity) or int(cells.quantity) > MOST_PIECES:
        return Reason.UNREADABLE_QUANTITY
    quantity = int(cells.quantity)
    if quantity <= 0:
        return Reason.WRITE_OFF if quantity else Reason.NO_PIECES
    price = _price(cells.price)
    if price is None:
        return Reason.UNREADABLE_PRICE
    if price.amount <= 0:
        return Reason.NEGATIVE_PRICE if price else Reason.FREE
    return InvoiceLine(cells.code, _name(cells.description), quantity, price)


def _is_code(text: str) -> bool:
    try:
        check_sku(text)
    except InvalidInput:
        return False
    return text not in {".", ".."}  # no address of a product can end like this


def _price(text: str) -> Money | None:
    """None also for fractions of a penny: what was really paid for such a line, nobody can say."""
    try:
        return Money.of(text, CURRENCY) if _DECIMAL.fullmatch(text) else None
    except InvalidInput:
        return None


def _name(description: str) -> str:
    """A description as a name: on one line, and of what can be printed."""
    printable = "".join(character if character.isprintable() else " " for character in description)
    return " ".join(printable.split())[:_LONGEST_NAME].strip()


def _is_a_number_of_an_invoice(text: str) -> bool:
    return 1 <= len(text) <= 64 and text.isprintable()


def _no_purchase(number: str) -> Reason | None:
    return {"C": Reason.CANCELLATION, "A": Reason.ADJUSTMENT}.get(number[0].upper())


def _too_big(invoice: Invoice) -> Reason | None:
    if len(invoice.lines) > MOST_LINES:
        return Reason.INVOICE_TOO_LONG
    return Reason.INVOICE_TOO_LARGE if invoice.total.amount >= LARGEST else None


def _numbers(found: Sequence[tuple[int, Cells]]) -> list[int]:
    return [number for number, _ in found]
