"""What stands in a cell of a table, on a page and in a CSV file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True)
class Moment:
    """A time."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount in a currency."""

    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Status:
    """A word of the API, shown as a badge: its plain text is translated."""

    word: str


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the API within a text: its plain text is translated."""

    word: str


@dataclass(frozen=True, slots=True)
class Link:
    """A text that leads somewhere within the console."""

    text: str
    address: str


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did something: their role and subject, as the API writes them, their name where there is one, and what else
    is on record of them."""

    actor: str
    name: str | None
    address: str

    @property
    def role(self) -> str:
        """What they may do."""
        return self.actor.partition(":")[0]

    @property
    def subject(self) -> str:
        """Whom they are known as."""
        return self.name or self.actor.partition(":")[2]


@dataclass(frozen=True, slots=True)
class Duration:
    """How long something lasts, or its age."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Details:
    """A sentence that opens what it leaves out."""

    text: str
    content: str
    """Shown as it is, line by line."""


Cell = str | int | date | Moment | Amount | Status | Word | Link | Actor | Duration | Details | None


def moment_of(text: str | None) -> Moment | None:
    """A time as the API writes it."""
    return None if text is None else Moment(datetime.fromisoformat(text))


def word_of(text: str | None) -> Word | None:
    """A word as the API writes it."""
    return None if text is None else Word(text)


def amount_of(document: dict[str, Any] | None) -> Amount | None:
    """An amount as the API writes it."""
    return None if document is None else Amount(Decimal(document["amount"]), document["currency"])


def sort_key(cell: Cell) -> str:
    """What a column is sorted by: numbers by their value, everything else by its text."""
    match cell:
        case Moment(at):
            return f"{at.timestamp():.6f}"
        case Amount(number, _) | Duration(number):
            return str(number)
        case Link(text, _) | Status(text) | Word(text) | Details(text, _):
            return text
        case Actor(actor, name):
            return name or actor
        case _:
            return "" if cell is None else str(cell)


def csv_text(cell: Cell) -> str:
    """A cell in a CSV file: times in UTC, amounts with their currency after them.

    A text that a spreadsheet would take for a formula gets an apostrophe before it (OWASP, CSV injection).
    """
    match cell:
        case Moment(at):
            return at.isoformat()
        case Amount(amount, currency):
            return f"{amount} {currency}"
        case Duration(seconds):
            return f"{seconds:.3f}"
        case int():
            return str(cell)
        case _:
            text = sort_key(cell)
            return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
