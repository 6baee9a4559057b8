"""The refunds that people asked for, as a payment keeps them: how much, for which lines, and what became of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID

from commerce.eventstore import Event
from commerce.payments.events import (
    PaymentAnswerDiffered,
    PaymentRefunded,
    PaymentRefundFailed,
    PaymentRefundRequested,
    RefundLine,
)
from commerce.values.money import Money, total

GIVEN_BACK_BEFORE = "given_back_before"
"""Why a refund failed where an undo had given everything back."""

ANSWER_DIFFERED = "answer_differed"
"""Why a refund failed where the provider gave back something else than it was asked to."""

SKIPPED = "skipped"
"""Why a refund failed of which a person said that nobody is to ask for it any more."""


class RefundStatus(StrEnum):
    """What became of a refund."""

    REQUESTED = "requested"
    """It has no outcome yet; its amount is kept for it."""
    REFUNDED = "refunded"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class RequestedRefund:
    """One refund; `failure` is why it failed, by the provider's code or one of ours."""

    refund_id: UUID
    """The refund; also its idempotency key with the payment provider."""
    amount: Money
    """How much is given back."""
    status: RefundStatus
    """What became of it."""
    failure: str | None = None
    """Why it failed; null otherwise."""
    lines: tuple[RefundLine, ...] = ()
    """For which pieces, where it was asked for by lines."""


Refunds = Mapping[UUID, RequestedRefund]
"""By their ids, in the order in which they were asked for."""


def refunds_after(refunds: Refunds, event: Event) -> Refunds:
    """Apply one event of the payment; the refund of an undo is none of these."""
    if isinstance(event, PaymentRefundRequested):
        id_ = event.request_id
        return {**refunds, id_: RequestedRefund(id_, event.amount, RefundStatus.REQUESTED, None, event.lines)}
    if not isinstance(event, PaymentRefunded | PaymentRefundFailed | PaymentAnswerDiffered):
        return refunds
    asked = refunds.get(event.request_id)
    if asked is None or asked.status is not RefundStatus.REQUESTED:
        return refunds
    match event:
        case PaymentRefunded():
            settled = replace(asked, status=RefundStatus.REFUNDED)
        case PaymentRefundFailed():
            settled = replace(asked, status=RefundStatus.FAILED, failure=event.reason)
        case _ if gave_back(event):
            settled = replace(asked, status=RefundStatus.FAILED, failure=ANSWER_DIFFERED)
        case _:
            return refunds
    return {**refunds, asked.refund_id: settled}


def gave_back(event: PaymentAnswerDiffered) -> bool:
    """Whether money was given back by an answer that differs, so that the same is not asked for again."""
    return event.operation == "refund" and event.status == "refunded" and event.amount is not None


def kept_for_refunds(refunds: Refunds, currency: str) -> Money:
    """The sum of those that have no outcome yet."""
    asked = (one.amount for one in refunds.values() if one.status is RefundStatus.REQUESTED)
    return total(asked, currency)
