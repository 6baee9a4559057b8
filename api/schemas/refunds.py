"""Refunds as clients ask for them, and as they are shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict
from typing_extensions import TypeAliasType

from api.openapi.headers import IN_PATHS
from api.schemas.fields import Body, Pieces, Price, Text
from commerce.ordering.order import MOST_LINES
from commerce.payments.events import RefundLine
from commerce.payments.requested_refunds import RefundStatus
from commerce.values.money import Money

_ID = "9f0b6a52-33a5-5d3c-8a52-2f0d1c7e4b21"
_MONEY: JsonDict = {"amount": "8.90", "currency": "EUR"}
_LINE: JsonDict = {"line": 1, "sku": "TEA-ASSAM-250", "quantity": 1, "amount": _MONEY}
EXAMPLE_REFUND: JsonDict = {
    "refund_id": _ID,
    "order_id": IN_PATHS["order_id"],
    "status": "refunded",
    "amount": _MONEY,
    "lines": [_LINE],
    "failure": None,
    "reason": "one packet was torn",
    "requested_by": "operator:anna",
    "requested_at": "2026-11-24T09:30:00.000000Z",
    "settled_at": "2026-11-24T09:30:01.000000Z",
}
EXAMPLE_REFUND_ACCEPTED: JsonDict = {
    "refund_id": _ID,
    "order_id": IN_PATHS["order_id"],
    "status": "requested",
    "amount": _MONEY,
    "position": 71,
}
EXAMPLE_SETTLED_REFUND: JsonDict = {**EXAMPLE_REFUND, "left": _MONEY}
EXAMPLE_REFUND_PREVIEW: JsonDict = {
    "order_id": IN_PATHS["order_id"],
    "amount": _MONEY,
    "lines": [_LINE],
    "left": _MONEY,
}


class RefundLineRequest(Body):
    """Pieces of one line of the order."""

    line: Annotated[int, Field(ge=1, le=MOST_LINES, strict=True)]
    """The line's place in the order's `lines`: 1 is the first."""
    quantity: Pieces
    """How many pieces."""


class RefundRequest(Body):
    """Money to give back: an `amount`, or the prices that the order's `lines` were bought at; one of the two."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"amount": {"amount": "5.00", "currency": "EUR"}, "reason": "the shipment came late"},
                {"lines": [{"line": 1, "quantity": 1}], "reason": "one packet was torn"},
            ]
        }
    )

    amount: Price | None = None
    """How much, in the currency of the order."""
    lines: Annotated[list[RefundLineRequest], Field(min_length=1, max_length=MOST_LINES)] | None = None
    """For which pieces; each line once."""
    reason: Text
    """Why, in the sender's own words; stored encrypted, like an address."""


@dataclass(frozen=True, slots=True)
class RefundView:
    """A refund that somebody asked for; what a cancellation gives back is none."""

    refund_id: UUID
    """The refund; the payment provider knows it by this id, too."""
    order_id: UUID
    """The order."""
    status: RefundStatus
    """`requested` until the payment provider has said what became of it."""
    amount: Money
    """How much."""
    lines: tuple[RefundLine, ...]
    """For which pieces; empty where it was asked for by amount."""
    failure: str | None
    """Why it failed: a code of the payment provider, `given_back_before` (the order was undone meanwhile), `skipped` (a
    person ended it) or `answer_differed` (it gave back something else; a person looks into it); null otherwise."""
    reason: str | None
    """Why it was asked for; null for customers, and where the key it was encrypted with is missing."""
    requested_by: str | None
    """Who asked for it; null for customers."""
    requested_at: datetime
    """When it was asked for."""
    settled_at: datetime | None
    """When it was refunded, or failed; null before."""


@dataclass(frozen=True, slots=True)
class RefundAccepted:
    """A refund was accepted; the money is given back afterwards."""

    refund_id: UUID
    """The refund; the payment provider knows it by this id, too."""
    order_id: UUID
    """The order."""
    status: RefundStatus
    """Where it stands."""
    amount: Money
    """How much."""
    position: int
    """The place in the log."""


@dataclass(frozen=True, slots=True)
class RefundPreview:
    """What a refund would give back; nothing is recorded."""

    order_id: UUID
    """The order."""
    amount: Money
    """How much."""
    lines: tuple[RefundLine, ...]
    """For which pieces; empty where it was asked for by amount."""
    left: Money
    """What could still be refunded afterwards."""


@dataclass(frozen=True, slots=True)
class SettledRefund:
    """A refund that has its outcome: it was made, or it failed."""

    refund_id: UUID
    """The refund; the payment provider knows it by this id, too."""
    order_id: UUID
    """The order."""
    status: RefundStatus
    """`requested` until the payment provider has said what became of it."""
    amount: Money
    """How much."""
    lines: tuple[RefundLine, ...]
    """For which pieces; empty where it was asked for by amount."""
    failure: str | None
    """Why it failed: a code of the payment provider, `given_back_before` (the order was undone meanwhile), `skipped` (a
    person ended it) or `answer_differed` (it gave back something else; a person looks into it); null otherwise."""
    reason: str | None
    """Why it was asked for; null for customers, and where the key it was encrypted with is missing."""
    requested_by: str | None
    """Who asked for it; null for customers."""
    requested_at: datetime
    """When it was asked for."""
    settled_at: datetime | None
    """When it was refunded, or failed; null before."""
    left: Money
    """What can still be refunded."""


RefundOutcome = TypeAliasType("RefundOutcome", RefundPreview | SettledRefund)
