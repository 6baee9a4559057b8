"""The heading of a shop's file: which column is which, by the names that shops give them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from commerce.cli.shop.currencies import names_currency
from commerce.values.errors import BadUsage
from commerce.values.text import cleaned

COLUMNS = ("InvoiceNo", "StockCode", "Description", "Quantity", "UnitPrice", "CustomerID", "Country")
"""All that a file has to say, by our own names."""
ALL_COLUMNS = (*COLUMNS, "Currency")
"""A file may also say the currency of each line."""

_PRICE = "UnitPrice"
_LONGEST_NAME_CHARACTERS = 100
_SYNONYMS = {
    "InvoiceNo": """invoice, invoice no, invoice nr, invoice num, invoice number, invoice id, invoice ref,
        invoice reference, order, order no, order nr,
        order number, order id, order reference, document number, receipt number""",
    "StockCode": """stock code, sku, product code, product sku, item code, item sku, item number, item no, article,
        article code, article number, article no, variant sku, lineitem sku, product number""",
    "Description": """description, name, title, product, product name, product title, product description, item,
        item name, item description, article name, article description, stock description, lineitem name""",
    "Quantity": "quantity, qty, quantity ordered, qty ordered, item quantity, units, pieces, lineitem quantity",
    "UnitPrice": """unit price, price, price per unit, price each, item price, sale price, sales price, selling price,
        lineitem price""",
    "CustomerID": """customer id, customer, customer no, customer nr, customer number, customer code, client, client id,
        client no, client number, account number""",
    "Country": """country, country code, country name, customer country, shipping country, shipping country code,
        ship country, ship to country, delivery country, destination country""",
    "Currency": "currency, currency code, order currency",
}


def _spelling(name: str) -> str:
    """A heading without case, blanks and signs: `Invoice No.`, `INVOICE_NO` and `invoiceNo` are the same."""
    return "".join(character for character in name.casefold() if character.isalnum())


_FIELDS = {
    _spelling(synonym): field
    for field, synonyms in _SYNONYMS.items()
    for synonym in (field, *synonyms.replace("\n", " ").split(","))
}


_MONEY = re.compile(r"(.*?)(?:\bin)?[\s(\[_-]+([^\W\d_]{3}|[^\W\d_]{0,2}[$£€¥₹₩₪₺₫฿])[\s)\]]*", re.DOTALL)
"""A heading that says in what the prices below it are: `Price (EUR)`, `unit_price_gbp`, `Price in £`."""


@dataclass(frozen=True, slots=True)
class Heading:
    """Where each of `COLUMNS`, and perhaps the currency, stands in a row."""

    names: tuple[str, ...]
    places: dict[str, int]
    money: str = ""
    """What the price's own heading says of the currency."""

    @property
    def taken(self) -> dict[str, str]:
        """The file's own name of each column that is used."""
        return {field: self.names[place] for field, place in self.places.items()}

    @property
    def unused(self) -> tuple[str, ...]:
        """The columns that say nothing to us."""
        used = set(self.places.values())
        return tuple(name for place, name in enumerate(self.names) if place not in used and name)


def known_fields(names: Sequence[str]) -> set[str]:
    """The fields that these headings name."""
    return {field for field, _ in map(_meaning, names) if field is not None}


def _meaning(name: str) -> tuple[str | None, str]:
    """The field that a heading names, and for the price the currency that it says, as it is written."""
    parted = _MONEY.fullmatch(name)
    if parted is not None and _FIELDS.get(_spelling(parted[1])) == _PRICE and names_currency(parted[2]):
        return _PRICE, parted[2]
    return _FIELDS.get(_spelling(name)), ""


def read_heading(file: str, row: Sequence[str]) -> Heading:
    """Tell which column is which. Raises `BadUsage` where one is missing, or two could be the same."""
    names = tuple(" ".join(cleaned(name, _LONGEST_NAME_CHARACTERS).split()) for name in row)
    found: dict[str, list[int]] = {}
    for place, name in enumerate(names):
        field, _ = _meaning(name)
        if field is not None:
            found.setdefault(field, []).append(place)
    missing = [column for column in COLUMNS if column not in found]
    if missing:
        named = ", ".join(filter(None, names)) or "nothing"
        raise BadUsage(f"{file} needs a heading that names each of {', '.join(missing)} once; it names {named}")
    for field, rivals_at in found.items():
        if len(rivals_at) > 1:
            rivals = ", ".join(repr(names[place]) for place in rivals_at)
            raise BadUsage(f"{file} needs a heading that names {field} once; it could be any of {rivals}")
    places = {field: found[field][0] for field in ALL_COLUMNS if field in found}
    _, money = _meaning(names[places[_PRICE]])
    return Heading(names, places, money)
