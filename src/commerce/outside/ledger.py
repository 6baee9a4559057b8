"""A party's own ledger, page by page, and what differs between it and ours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from commerce.values.money import Money

Item = TypeVar("Item")

PAGE_ITEMS = 100
"""What is asked for on one page."""

LedgerParty = Literal["payment provider", "carrier"]
"""Whose ledger it is."""

DifferenceKind = Literal[
    "captured_there",
    "captured_here",
    "captured_twice",
    "amount_differs",
    "currency_differs",
    "refunded_more",
    "refunded_less",
    "disputed_there",
    "dispute_ended",
    "held_there",
    "hold_ended",
    "never_undone",
    "booked_there",
    "booking_cancelled",
    "unknown_there",
    "no_order",
]
"""How the two ledgers differ; "there" is the party's, "here" is ours."""


@dataclass(frozen=True, slots=True)
class LedgerPage(Generic[Item]):
    """What moved at a party, one page of it; the same thing may come several times, each time as it stands now."""

    items: Sequence[Item]
    next_cursor: str | None
    """Where the next page begins; None on the last one."""


@dataclass(frozen=True, slots=True)
class LedgerDifference:
    """What differs about one thing; `party_id` is what the party calls it."""

    kind: DifferenceKind
    party_id: str
    detail: str
    """In words; the same for the same difference."""
    amount: Money | None = None
    """The money that it is about; None where it is about none, or nobody knows."""
