"""The payments: what was set aside, taken and given back for each order."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, cast, get_args
from uuid import UUID

from commerce.eventstore import Event, Recorded
from commerce.ordering.events import OrderPlaced
from commerce.payments.events import (
    AuthorizationAttempted,
    CaptureAttempted,
    PaymentActionFailed,
    PaymentActionRequired,
    PaymentAnswerDiffered,
    PaymentAuthorized,
    PaymentCaptured,
    PaymentClosed,
    PaymentDeclined,
    PaymentEvent,
    PaymentOutcomeUnknown,
    PaymentRefunded,
    PaymentRefundFailed,
    PaymentVoided,
    RefundAttempted,
    VoidAttempted,
)
from commerce.payments.payment import PaymentStatus, sum_of
from commerce.payments.requested_refunds import RequestedRefund, kept_for_refunds, refunds_after
from commerce.payments.tries import CustomerAction
from commerce.values.money import Money
from projections.engine.projection import Projection, topics_of

_DDL = """
CREATE TABLE {table} (
    order_id uuid PRIMARY KEY,
    status text NOT NULL,
    authorized jsonb NOT NULL,
    captured jsonb NOT NULL,
    refunded jsonb NOT NULL,
    refundable jsonb NOT NULL,
    refunds jsonb NOT NULL,
    action jsonb,
    first bigint NOT NULL,
    position bigint NOT NULL
);
"""


@dataclass(frozen=True, slots=True)
class PaymentView:
    """The payment of an order; its status is `none` until there is something to pay, and for good where there is
    not."""

    order_id: UUID
    """The order."""
    status: PaymentStatus | Literal["none"]
    """Where it stands."""
    authorized: Money
    """What the payment provider set aside."""
    captured: Money
    """What the payment provider took."""
    refunded: Money
    """What the payment provider gave back."""
    refundable: Money
    """What can still be refunded: what was captured, less what was given back and what is asked for."""
    refunds: tuple[RequestedRefund, ...] = ()
    """The refunds that somebody asked for, in that order."""
    action: CustomerAction | None = None
    """What the customer has to do now; null where nothing."""


_STATUS: dict[type[Event], PaymentStatus] = {
    AuthorizationAttempted: PaymentStatus.AUTHORIZING,
    PaymentAuthorized: PaymentStatus.AUTHORIZED,
    PaymentDeclined: PaymentStatus.DECLINED,
    PaymentActionRequired: PaymentStatus.ACTION_REQUIRED,
    PaymentActionFailed: PaymentStatus.ACTION_REQUIRED,
    PaymentOutcomeUnknown: PaymentStatus.UNKNOWN,
    CaptureAttempted: PaymentStatus.CAPTURING,
    PaymentCaptured: PaymentStatus.CAPTURED,
    VoidAttempted: PaymentStatus.VOIDING,
    PaymentVoided: PaymentStatus.VOIDED,
    RefundAttempted: PaymentStatus.REFUNDING,
    PaymentClosed: PaymentStatus.CLOSED,
}


def fold(row: PaymentView | None, recorded: Recorded) -> PaymentView | None:
    """Apply one event; that an order was placed says in which currency nothing has been paid yet."""
    event = recorded.event
    if isinstance(event, OrderPlaced):
        nothing = Money.zero(event.currency)
        return PaymentView(event.originator_id, "none", nothing, nothing, nothing, nothing)
    if row is None:
        return None
    refunds = refunds_after({refund.refund_id: refund for refund in row.refunds}, event)
    return _with_refundable(replace(_moved(row, event), refunds=tuple(refunds.values())))


def _with_refundable(row: PaymentView) -> PaymentView:
    taken, nothing = row.captured, Money.zero(row.captured.currency)
    given = row.refunded if row.refunded.currency == taken.currency else nothing
    kept = kept_for_refunds({refund.refund_id: refund for refund in row.refunds}, taken.currency)
    return replace(row, refundable=max(taken - given - kept, nothing))


def _moved(row: PaymentView, event: Event) -> PaymentView:
    """Where the payment stands, and its sums."""
    match event:
        case PaymentAuthorized():
            row = replace(row, authorized=event.amount)
        case PaymentCaptured():
            row = replace(row, captured=event.amount)
        case PaymentRefunded():
            refunded = sum_of(row.refunded, event.amount)
            status = PaymentStatus.REFUNDED if refunded == row.captured else PaymentStatus.CAPTURED
            return replace(row, status=status, refunded=refunded)
        case PaymentRefundFailed() if row.status is PaymentStatus.REFUNDING:
            return replace(row, status=PaymentStatus.CAPTURED)
        case PaymentClosed() if row.status is PaymentStatus.REFUNDED:
            return row
        case PaymentAnswerDiffered():
            return _differed(row, event)
    moved_to = _STATUS.get(type(event))
    return row if moved_to is None else replace(row, status=moved_to, action=_action(event))


def _action(event: Event) -> CustomerAction | None:
    """What the customer has to do from now on."""
    match event:
        case PaymentActionRequired():
            return CustomerAction(event.until, event.redirect_url)
        case PaymentActionFailed():
            return CustomerAction(event.until, None, event.reason)
    return None


def _differed(row: PaymentView, event: PaymentAnswerDiffered) -> PaymentView:
    """What the provider did by its own word is shown, as it is money that moved; a void or refund is still not done."""
    if event.operation in ("authorize", "capture"):
        row = replace(row, status=PaymentStatus.DIFFERED)
    if event.amount is None:
        return row
    match event.operation, event.status:
        case "authorize", "authorized":
            return replace(row, authorized=event.amount)
        case "authorize" | "capture" | "void", "captured":
            return replace(row, captured=event.amount)
        case "refund", "refunded":
            return replace(row, status=PaymentStatus.DIFFERED, refunded=sum_of(row.refunded, event.amount))
    return row


def _order_of(recorded: Recorded) -> UUID:
    event = cast(OrderPlaced | PaymentEvent, recorded.event)
    return event.originator_id if isinstance(event, OrderPlaced) else event.order_id


PAYMENTS = Projection(
    name="payments",
    version=3,
    topics=topics_of(OrderPlaced, *get_args(PaymentEvent)),
    row=PaymentView,
    ddl=_DDL,
    key="order_id",
    key_of=_order_of,
    fold=fold,
    partition_key="correlation_id",
)
