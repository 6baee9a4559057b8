"""The file of a shop's order history: its lines as they stand, whatever they hold."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from commerce.errors import BadUsage

COLUMNS = ("InvoiceNo", "StockCode", "Description", "Quantity", "UnitPrice", "CustomerID", "Country")


@dataclass(frozen=True, slots=True)
class Cells:
    """What a line says, in the file's own words, without blanks around them."""

    invoice: str
    code: str
    description: str
    quantity: str
    price: str
    customer: str
    country: str


@dataclass(frozen=True, slots=True)
class FileLine:
    """A line of the file, by the number an editor shows; one that does not fit the heading has no cells."""

    number: int
    cells: Cells | None


@dataclass(frozen=True, slots=True)
class ShopFile:
    """All lines below the heading, and a digest that stands for exactly this content."""

    digest: str
    lines: tuple[FileLine, ...]


def read_shop_file(path: Path) -> ShopFile:
    """Read a whole file. Raises `BadUsage` for one that cannot be read, is not UTF-8 or CSV, or lacks a column."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadUsage(f"{path} cannot be read: {error.strerror or error}") from None
    return ShopFile(hashlib.sha256(content).hexdigest(), tuple(_lines(path, _text(path, content))))


def _text(path: Path, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise BadUsage(f"{path} is not UTF-8 in line {line}; save it as CSV in UTF-8") from None


def _lines(path: Path, text: str) -> Iterator[FileLine]:
    # Strict, as a quote that is never closed would otherwise swallow all that follows as one line.
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        heading = next(reader, [])
        places = _places(path, heading)
        first = reader.line_num + 1
        for row in reader:
            yield FileLine(first, _cells(row, places) if len(row) == len(heading) else None)
            first = reader.line_num + 1
    except csv.Error as error:
        raise BadUsage(f"{path} is not CSV at line {reader.line_num}: {error}") from None


def _places(path: Path, heading: Sequence[str]) -> list[int]:
    names = [name.strip() for name in heading]
    missing = [column for column in COLUMNS if names.count(column) != 1]
    if missing:
        raise BadUsage(f"{path} needs a heading that names each of {', '.join(missing)} once")
    return [names.index(column) for column in COLUMNS]


def _cells(row: Sequence[str], places: Sequence[int]) -> Cells:
    return Cells(*(row[place].strip() for place in places))
