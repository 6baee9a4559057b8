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
from commerce.ordering.number import number_of
from commerce.ordering.order import MOST_LINES
from commerce.payments.events import RefundLine
from commerce.payments.requested_refunds import RefundStatus
from commerce.values.money import Money
from projections.refunds import RefundRow

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
EXAMPLE_LISTED_REFUND: JsonDict = {
    **EXAMPLE_REFUND,
    "number": number_of(45),
    "who": "anna",
    "attempted_at": "2026-11-24T09:30:00.100000Z",
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
class ListedRefund:
    """A refund in the list of those of all orders."""

    refund_id: UUID
    """The refund; the payment provider knows it by this id, too."""
    order_id: UUID
    """The order."""
    number: str | None
    """What people call the order; null while the list of orders does not show it yet."""
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
    """Why it was asked for; null where the key it was encrypted with is missing."""
    requested_by: str
    """Who asked for it: role and subject."""
    who: str | None
    """Their name: the e-mail address of a member of staff, or how they are called otherwise; null where they are known
    by an id alone."""
    requested_at: datetime
    """When it was asked for."""
    attempted_at: datetime | None
    """When the payment provider was called for it first; null before."""
    settled_at: datetime | None
    """When it was refunded, or failed; null before."""


def listed_refund(row: RefundRow, number: str | None, reason: str | None, who: str | None) -> ListedRefund:
    """A refund of the read model, with what is not in there in plain text."""
    return ListedRefund(
        refund_id=row.refund.refund_id,
        order_id=row.order_id,
        number=number,
        status=row.refund.status,
        amount=row.refund.amount,
        lines=row.refund.lines,
        failure=row.refund.failure,
        reason=reason,
        requested_by=row.requested_by,
        who=who,
        requested_at=row.requested_at,
        attempted_at=row.attempted_at,
        settled_at=row.settled_at,
    )


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
