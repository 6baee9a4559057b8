"""What is decided on a refund that somebody asks for: whether it is accepted, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from commerce.eventstore import Sealed
from commerce.payments.errors import (
    LineRefundExceedsOrder,
    NothingCaptured,
    PaymentNotOpen,
    RefundExceedsCapture,
    RefundRepeated,
    TooManyRefunds,
)
from commerce.payments.events import PaymentEvent, PaymentRefundFailed, PaymentRefundRequested, RefundLine
from commerce.payments.payment import Payment
from commerce.payments.payment_actions import MOST_REFUNDS, is_open_for_refunds
from commerce.payments.requested_refunds import RefundStatus
from commerce.values.errors import InvalidInput
from commerce.values.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRefund:
    """What somebody asks to have given back; `reason` is sealed."""

    refund_id: UUID
    amount: Money
    reason: Sealed
    lines: tuple[RefundLine, ...] = ()
    """What it is for, where the amount is made of the lines' prices."""
    ordered: Mapping[int, int] = field(default_factory=dict)
    """How many pieces were ordered on each of these lines."""


def accept_refund(payment: Payment | None, order_id: UUID, new: NewRefund) -> list[PaymentEvent]:
    """Accept a refund, and keep its amount for it.

    Raises `RefundRepeated` where it was accepted before, `NothingCaptured`, `PaymentNotOpen` while the payment is
    undone or in doubt, `RefundExceedsCapture`, `LineRefundExceedsOrder`, `TooManyRefunds`, `InvalidInput`.
    """
    left = payment.refundable if payment is not None else None
    if payment is None or left is None:
        raise NothingCaptured(order_id)
    if new.refund_id in payment.refunds:
        raise RefundRepeated(new.refund_id)
    if not is_open_for_refunds(payment):
        raise PaymentNotOpen(order_id, payment.status, "a refund")
    if len(payment.refunds) >= MOST_REFUNDS:
        raise TooManyRefunds(order_id, MOST_REFUNDS)
    if new.amount.currency != left.currency:
        raise InvalidInput(f"{new.amount} is not in {left.currency}, in which the order was paid", "amount.currency")
    if new.amount.amount <= 0:
        raise InvalidInput(f"{new.amount} cannot be given back; an amount is more than zero", "amount")
    for line in new.lines:
        _check_line(payment, line, new.ordered[line.line])
    if new.amount > left:
        raise RefundExceedsCapture(new.amount, left)
    return [
        PaymentRefundRequested(
            order_id=order_id, request_id=new.refund_id, amount=new.amount, lines=new.lines, reason=new.reason
        )
    ]


def _check_line(payment: Payment, line: RefundLine, ordered: int) -> None:
    asked = sum(
        before.quantity
        for refund in payment.refunds.values()
        if refund.status is not RefundStatus.FAILED
        for before in refund.lines
        if before.line == line.line
    )
    if asked + line.quantity > ordered:
        raise LineRefundExceedsOrder(line.line, line.quantity, ordered - asked)


def refund_failed(payment: Payment, request_id: UUID, reason: str) -> list[PaymentEvent]:
    """A refund is not made, as the provider says, or as nothing is left to give back; no event where it has its
    outcome."""
    asked = payment.refunds.get(request_id)
    if asked is None or asked.status is not RefundStatus.REQUESTED:
        return []
    return [PaymentRefundFailed(order_id=payment.order_id, request_id=request_id, amount=asked.amount, reason=reason)]
