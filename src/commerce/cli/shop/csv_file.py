"""The file of a shop's order history: its lines as they stand, whatever they hold."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from commerce.cli.shop.encoding import text_of
from commerce.cli.shop.heading import ALL_COLUMNS, Heading, known_fields, read_heading
from commerce.values.errors import BadUsage
from commerce.values.text import normal

_SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
_SEPARATOR_LINE = re.compile(r'"?sep=(\t|[^\w\s"])"?[^\S\r\n]*(\r\n|\r|\n|$)', re.IGNORECASE)
"""The first line with which spreadsheets tell each other the separator."""


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
    currency: str
    """What a column of its own, or else the price's heading, says; empty where none does."""


@dataclass(frozen=True, slots=True)
class FileLine:
    """A line of the file, by the number an editor shows; one that does not fit the heading has no cells."""

    number: int
    cells: Cells | None
    claims: tuple[str, ...] = ()
    """The invoices that a line without cells may belong to: what stands at the invoice's place, counted from
    either end."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What was taken for what."""

    encoding: str
    separator: str
    columns: dict[str, str]
    """The file's own name of each column, by ours."""
    unused: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShopFile:
    """All lines below the heading that hold anything, and how they were read."""

    taken: Taken
    lines: tuple[FileLine, ...]


def read_shop_file(path: Path) -> ShopFile:
    """Read a whole file.

    Raises `BadUsage` for one that cannot be read, whose encoding is not known, or that is not CSV, lacks a column or
    has two that could be the same.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadUsage(f"{path} cannot be read: {error.strerror or error}") from None
    text, encoding = text_of(str(path), content)
    text = normal(text)
    told = _SEPARATOR_LINE.match(text)
    separator = told[1] if told else _separator(text)
    rows = _rows(path, text[told.end() :] if told else text, separator, 1 if told else 0)
    _, names = next(rows, (0, []))
    heading = read_heading(str(path), names)
    taken = Taken(encoding, _SEPARATORS.get(separator, repr(separator)), heading.taken, heading.unused)
    return ShopFile(taken, tuple(_line(number, row, heading) for number, row in rows))


def _separator(text: str) -> str:
    """The one that makes most of the first line that holds anything."""
    first = next((line for line in io.StringIO(text, newline="") if line.strip()), "")
    return max(_SEPARATORS, key=lambda separator: len(known_fields(next(_csv(first, separator), []))))


def _csv(text: str, separator: str) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True)


def _rows(path: Path, text: str, separator: str, lines_before: int) -> Iterator[tuple[int, list[str]]]:
    """Each row that holds anything, with the number of its first line."""
    # Strict, as a quote that is never closed would otherwise swallow all that follows as one line.
    lines = io.StringIO(text, newline="")
    reader = csv.reader(lines, delimiter=separator, skipinitialspace=True, strict=True)
    first = lines_before + 1
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                yield first, row
            first = lines_before + reader.line_num + 1
    except csv.Error as error:
        raise BadUsage(f"{path} is not CSV at line {lines_before + reader.line_num}: {error}") from None


def _line(number: int, row: Sequence[str], heading: Heading) -> FileLine:
    cells = [cell.strip() for cell in row]
    width = len(heading.names)
    if len(cells) < width or any(cells[width:]):
        return FileLine(number, None, _claims(cells, heading.places["InvoiceNo"], width))
    values = [cells[heading.places[column]] if column in heading.places else "" for column in ALL_COLUMNS]
    values[-1] = values[-1] or heading.money
    return FileLine(number, Cells(*values))


def _claims(cells: Sequence[str], place: int, width: int) -> tuple[str, ...]:
    from_the_end = len(cells) - width + place
    return tuple({cells[at]: None for at in (place, from_the_end) if 0 <= at < len(cells)})
