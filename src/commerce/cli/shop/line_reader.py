"""A line of a shop's file: what its cells mean, or why they are no part of a purchase."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from commerce.catalog.product import check_sku
from commerce.cli.shop.csv_file import Cells
from commerce.cli.shop.currencies import split_price
from commerce.cli.shop.invoice import InvoiceLine
from commerce.cli.shop.numerals import Marks, read_number
from commerce.ordering.order import MOST_LINES, MOST_PIECES
from commerce.values.errors import InvalidInput
from commerce.values.money import LARGEST, Money
from commerce.values.text import cleaned, is_fit, is_visible

CURRENCY = "GBP"
"""The money of a file that names none."""

POINT = Marks(".")
"""The decimal mark of those who write no other."""

_LONGEST_NAME_CHARACTERS = 200
_LONGEST_NUMBER_CHARACTERS = 64
_LONGEST_SHOWN_CHARACTERS = 60
_FLOAT = re.compile(r"([0-9]+)[.,]0")
"""A number that went through a table of floats: `17850.0` is `17850`."""
_ROUNDED = re.compile(r"[0-9]([.,][0-9]+)?E\+[0-9]+", re.IGNORECASE)
"""What a spreadsheet makes of a long number: `5.36E+05` could be any of a thousand."""


class Reason(StrEnum):
    """Why a line is not played."""

    CANCELLATION = "cancellation of an earlier purchase"
    NEGATIVE_PRICE = "negative price"
    WRITE_OFF = "write-off (negative quantity)"
    FREE = "price 0"
    NO_PIECES = "quantity 0"
    BEYOND = "beyond the invoices asked for"
    UNREADABLE_COLUMNS = "unreadable: not as many columns as the heading"
    UNREADABLE_INVOICE = "unreadable: invoice number"
    UNREADABLE_CODE = "unreadable: stock code"
    UNREADABLE_QUANTITY = "unreadable: quantity"
    UNREADABLE_PRICE = "unreadable: price"
    OTHER_CURRENCY = "price in another currency"
    UNREADABLE_CUSTOMER = "unreadable: customer"
    UNKNOWN_COUNTRY = "unknown country"
    OTHER_BUYER = "customer or country differs within the invoice"
    MIXED_SIGNS = "purchase and cancellation in one invoice"
    MIXED_PRICES = "positive and negative prices in one invoice"
    INVOICE_TOO_LONG = f"invoice of more than {MOST_LINES} lines"
    INVOICE_TOO_LARGE = f"invoice of {LARGEST:f} or more"
    WITH_ITS_INVOICE = "line of an invoice that is left out"


NO_PURCHASE = frozenset(
    {Reason.CANCELLATION, Reason.NEGATIVE_PRICE, Reason.WRITE_OFF, Reason.FREE, Reason.NO_PIECES, Reason.BEYOND}
)
"""Why a line that was understood is no part of an order; all other reasons leave an invoice out that may have
been one."""


class UnclearLine(Exception):
    """A line that cannot be played, and what is wrong with it."""

    def __init__(self, reason: Reason, why: str) -> None:
        super().__init__(why)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads the cells of a line. All raise `UnclearLine`."""

    currency: str = CURRENCY
    marks: Marks = POINT

    def quantity(self, text: str) -> int:
        """A whole number of pieces, below 0 for what came back."""
        try:
            value = read_number(text, self.marks)
        except InvalidInput as error:
            raise UnclearLine(Reason.UNREADABLE_QUANTITY, f"the quantity {shown_cell(text)} {error}") from None
        if value != value.to_integral_value() or abs(value) > MOST_PIECES:
            why = f"the quantity {shown_cell(text)} is no whole number up to {MOST_PIECES}"
            raise UnclearLine(Reason.UNREADABLE_QUANTITY, why)
        return int(value)

    def price(self, text: str, column: str = "") -> Money:
        """A price. Fractions of a penny are unclear too: what was really paid for such a line, nobody can say."""
        try:
            price = split_price(text, column)
            value = read_number(price.number, self.marks)
        except InvalidInput as error:
            raise UnclearLine(Reason.UNREADABLE_PRICE, f"the price {shown_cell(text)} {error}") from None
        if price.currencies is not None and self.currency not in price.currencies:
            cell = shown_cell(f"{text} {column}")
            why = f"the price {cell} is not in {self.currency}; --currency names the file's money"
            raise UnclearLine(Reason.OTHER_CURRENCY, why)
        try:
            return Money.of(value, self.currency)
        except InvalidInput as error:
            raise UnclearLine(
                Reason.UNREADABLE_PRICE, f"the price {shown_cell(text)} cannot be read: {error}"
            ) from None

    def line(self, cells: Cells) -> InvoiceLine | Reason:
        """A line of a purchase, or why it is none."""
        quantity, price = self.quantity(cells.quantity), self.price(cells.price, cells.currency)
        if quantity <= 0:
            return self.returned(cells)
        if price.amount <= 0:
            return Reason.NEGATIVE_PRICE if price else Reason.FREE
        return InvoiceLine(_code(cells.code), _name(cells.description), quantity, price)

    def returned(self, cells: Cells) -> Reason:
        """Why a line of which no piece is bought is no purchase."""
        if not self.quantity(cells.quantity):
            return Reason.NO_PIECES
        try:
            return Reason.CANCELLATION if self.price(cells.price, cells.currency) else Reason.WRITE_OFF
        except UnclearLine:
            return Reason.CANCELLATION


def _code(text: str) -> str:
    """A stock code as the catalogue takes it. Raises `UnclearLine`."""
    try:
        check_sku(text)
    except InvalidInput as error:
        raise UnclearLine(
            Reason.UNREADABLE_CODE, f"the stock code {shown_cell(text)} cannot be a SKU: {error}"
        ) from None
    if is_rounded(text):
        raise UnclearLine(Reason.UNREADABLE_CODE, f"the stock code {shown_cell(text)} is a rounded number")
    return text


def _name(description: str) -> str:
    """A description as a name: on one line, and of what can be printed."""
    return " ".join(cleaned(description, _LONGEST_NAME_CHARACTERS).split())


def invoice_number(text: str) -> str:
    """The number an invoice is known by; empty where it is none."""
    number = whole_number(text)
    fits = len(number) <= _LONGEST_NUMBER_CHARACTERS and is_fit(number) and is_visible(number)
    return number if fits and not is_rounded(number) else ""


def is_rounded(text: str) -> bool:
    """Whether a spreadsheet has made several numbers one."""
    return _ROUNDED.fullmatch(text) is not None


def whole_number(text: str) -> str:
    """A number that is only a name, without the `.0` of a table of floats."""
    match = _FLOAT.fullmatch(text)
    return match[1] if match else text


def shown_cell(text: str) -> str:
    """The beginning of a cell, for a message of one line."""
    return repr(text.strip()[:_LONGEST_SHOWN_CHARACTERS])
