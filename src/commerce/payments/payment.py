"""The payment of an order: its state, and how events change it.

The rules stand in `decisions`: what the provider may be asked, and what is recorded of its answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import reduce
from typing import ClassVar, Literal
from uuid import UUID

from commerce.eventstore import Event
from commerce.outside.call_state import Attempt, CallState
from commerce.payments.disputes import Disputes, disputes_after
from commerce.payments.events import (
    AuthorizationAttempted,
    AuthorizationOpened,
    CaptureAttempted,
    CaptureRefused,
    PaymentActionFailed,
    PaymentActionRequired,
    PaymentAnswerDiffered,
    PaymentAuthorized,
    PaymentCaptured,
    PaymentClosed,
    PaymentDeclined,
    PaymentOutcomeUnknown,
    PaymentRefunded,
    PaymentRefundFailed,
    PaymentVoided,
    RefundAttempted,
    SecondAuthorizationFound,
    SecondAuthorizationKept,
    SecondAuthorizationVoided,
    VoidAttempted,
)
from commerce.payments.requested_refunds import Refunds, gave_back, kept_for_refunds, refunds_after
from commerce.payments.tries import Tries, tries_after
from commerce.values import ids
from commerce.values.money import Money


class PaymentStatus(StrEnum):
    """Where a payment stands; a name in -ing has an attempt without an outcome."""

    AUTHORIZING = "authorizing"
    ACTION_REQUIRED = "action_required"
    """The customer has to do something, or to pay in another way, while there is time."""
    AUTHORIZED = "authorized"
    DECLINED = "declined"
    CAPTURING = "capturing"
    CAPTURED = "captured"
    VOIDING = "voiding"
    VOIDED = "voided"
    REFUNDING = "refunding"
    REFUNDED = "refunded"
    UNKNOWN = "unknown"
    DIFFERED = "differed"
    """The provider did something else than it was asked to; what it holds by its own word is undone."""
    CLOSED = "closed"


class PaymentOperation(StrEnum):
    """What the provider can be asked to do."""

    AUTHORIZE = "authorize"
    CAPTURE = "capture"
    VOID = "void"
    REFUND = "refund"


@dataclass(frozen=True, slots=True)
class Payment(CallState):
    """A payment at one version of its stream; a sum is None as long as there is nothing of its kind."""

    status: PaymentStatus
    opened_id: str | None = None
    """The authorisation that the provider opened, whether or not it set anything aside under it."""
    authorization_id: str | None = None
    authorized: Money | None = None
    captured: Money | None = None
    refunded: Money | None = None
    refunds: Refunds = field(default_factory=dict)
    """What people asked to have given back."""
    disputes: Disputes = field(default_factory=dict)
    tries: Tries = field(default_factory=Tries)
    """In which ways it was tried to have the money set aside."""

    @property
    def is_waiting(self) -> bool:
        """Whether the provider may still set money aside, once the customer acts."""
        return self.status is PaymentStatus.ACTION_REQUIRED and self.opened_id is not None

    @property
    def is_between_tries(self) -> bool:
        """Whether nothing can be set aside any more in the way that was tried last, and there was time for another."""
        return self.status is PaymentStatus.ACTION_REQUIRED and self.opened_id is None

    @property
    def is_next_try(self) -> bool:
        """Whether the provider may be asked to set the money aside in another way, which was chosen."""
        return self.is_between_tries and self.tries.chosen is not None

    def key_of(self, operation: str, request_id: UUID) -> UUID:
        """See `CallState`: each try to have the money set aside has a key of its own."""
        is_try = operation == PaymentOperation.AUTHORIZE and self.attempts(operation, request_id) > 0
        return self.tries.key(request_id) if is_try else request_id

    @property
    def refundable(self) -> Money | None:
        """What of the captured money can still be asked for: less what was given back, and what is kept for refunds
        without an outcome."""
        remaining = self.remaining
        return None if remaining is None else remaining - kept_for_refunds(self.refunds, remaining.currency)

    @property
    def is_refund_under_way(self) -> bool:
        """Whether a refund that somebody asked for was attempted, and has no outcome yet."""
        attempt = self.attempted.get(PaymentOperation.REFUND)
        return attempt is not None and attempt.request_id in self.refunds and attempt.request_id not in self.answered

    @property
    def party_id(self) -> str | None:
        """The authorisation under which the provider holds the money, or may hold it."""
        return self.authorization_id or self.opened_id

    @property
    def remaining(self) -> Money | None:
        """What was captured and not yet refunded; a refund in another currency gives nothing of it back."""
        if self.captured is None or self.refunded is None or self.refunded.currency != self.captured.currency:
            return self.captured
        return self.captured - self.refunded


_STATUS_AFTER: Mapping[type[Event], PaymentStatus] = {
    AuthorizationAttempted: PaymentStatus.AUTHORIZING,
    PaymentAuthorized: PaymentStatus.AUTHORIZED,
    PaymentDeclined: PaymentStatus.DECLINED,
    PaymentActionRequired: PaymentStatus.ACTION_REQUIRED,
    PaymentActionFailed: PaymentStatus.ACTION_REQUIRED,
    PaymentOutcomeUnknown: PaymentStatus.UNKNOWN,
    CaptureAttempted: PaymentStatus.CAPTURING,
    PaymentCaptured: PaymentStatus.CAPTURED,
    CaptureRefused: PaymentStatus.AUTHORIZED,
    VoidAttempted: PaymentStatus.VOIDING,
    PaymentVoided: PaymentStatus.VOIDED,
    RefundAttempted: PaymentStatus.REFUNDING,
    PaymentClosed: PaymentStatus.CLOSED,
}
"""Where a payment stands after an event, whatever came before; the others look at what came before."""

_OPERATIONS: Mapping[type[Event], PaymentOperation] = {
    AuthorizationAttempted: PaymentOperation.AUTHORIZE,
    CaptureAttempted: PaymentOperation.CAPTURE,
    VoidAttempted: PaymentOperation.VOID,
    RefundAttempted: PaymentOperation.REFUND,
}


_OUTCOMES = (
    PaymentAuthorized,
    PaymentDeclined,
    PaymentOutcomeUnknown,
    PaymentCaptured,
    CaptureRefused,
    PaymentVoided,
    PaymentRefunded,
    PaymentRefundFailed,
    PaymentClosed,
)
"""The events with which a request has its outcome, whatever came before."""


def evolve(payment: Payment | None, event: Event) -> Payment | None:  # noqa: PLR0911 (a case for each event)
    """Apply one event; the first is an attempted authorisation or, when an undo came first, the closing."""
    if payment is None:
        if not isinstance(event, AuthorizationAttempted | PaymentClosed):
            return None
        payment = Payment(event.originator_id, event.originator_version, event.order_id, PaymentStatus.CLOSED)
    after = replace(
        payment,
        version=event.originator_version,
        status=_STATUS_AFTER.get(type(event), payment.status),
        answered=payment.answered | {event.request_id} if isinstance(event, _OUTCOMES) else payment.answered,
        refunds=refunds_after(payment.refunds, event),
        tries=tries_after(payment.tries, event, is_over=payment.is_between_tries, opened_id=payment.opened_id),
        disputes=disputes_after(payment.disputes, event),
    )
    match event:
        case AuthorizationAttempted() | CaptureAttempted() | VoidAttempted() | RefundAttempted():
            amount = None if isinstance(event, VoidAttempted) else event.amount
            attempt = Attempt(event.request_id, event.attempt, amount)
            return replace(after, attempted={**payment.attempted, _OPERATIONS[type(event)]: attempt})
        case AuthorizationOpened(authorization_id=id_) | PaymentActionRequired(authorization_id=id_):
            return replace(after, opened_id=id_)
        case PaymentActionFailed():
            return replace(after, opened_id=None)
        case PaymentAuthorized(authorization_id=id_):
            status = payment.status if payment.status is PaymentStatus.VOIDING else after.status
            return replace(after, status=status, answered=after.reopened, authorization_id=id_, authorized=event.amount)
        case PaymentCaptured():
            return replace(after, captured=event.amount)
        case PaymentRefunded():
            refunded = sum_of(payment.refunded, event.amount)
            status = PaymentStatus.REFUNDED if refunded == payment.captured else PaymentStatus.CAPTURED
            return replace(after, status=status, refunded=refunded)
        case PaymentRefundFailed():
            was_attempted = payment.attempts(PaymentOperation.REFUND, event.request_id) > 0
            return replace(after, status=PaymentStatus.CAPTURED) if was_attempted else after
        case PaymentClosed():
            is_refunded = payment.status is PaymentStatus.REFUNDED  # which says more
            return replace(after, status=payment.status if is_refunded else after.status, closed_by=event.request_id)
        case PaymentAnswerDiffered():
            return _differed(after, event)
        case SecondAuthorizationFound() | SecondAuthorizationVoided() | SecondAuthorizationKept():
            is_settled = not isinstance(event, SecondAuthorizationFound)
            return replace(after, seconds={**payment.seconds, event.authorization_id: is_settled})
    return after


def _differed(payment: Payment, event: PaymentAnswerDiffered) -> Payment:
    """An answer to the way forward ends its request; one to an undo does so only where more money would move if
    it came again."""
    differences = {**payment.differences, event.request_id: event.answered}
    after = replace(_moved(payment, event), differences=differences)
    if event.operation in ("authorize", "capture") or gave_back(event):
        return replace(after, status=PaymentStatus.DIFFERED, answered=after.answered | {event.request_id})
    return after


def _moved(payment: Payment, event: PaymentAnswerDiffered) -> Payment:
    """What the provider holds, took or gave back by an answer that differs."""
    if event.operation == "authorize" and event.authorization_id is not None:
        payment = replace(payment, answered=payment.reopened, authorization_id=event.authorization_id)
    match event.operation, event.status, event.amount:
        case "authorize", "authorized", Money() as amount:
            return replace(payment, authorized=amount)
        case "authorize" | "capture" | "void", "captured", Money() as amount:
            return replace(payment, captured=amount)
        case "refund", "refunded", Money() as amount:
            return replace(payment, refunded=sum_of(payment.refunded, amount))
        case _:
            return payment


def sum_of(before: Money | None, amount: Money) -> Money:
    """What was given back in all. Money of another currency does not add up: then it is what was given back last."""
    return before + amount if before and before.currency == amount.currency else amount


def fold(events: Iterable[Event], payment: Payment | None = None) -> Payment | None:
    """The payment after these events, which begin its stream or follow on `payment`."""
    return reduce(evolve, events, payment)


@dataclass(frozen=True, slots=True)
class Authorize:
    """Set money aside."""

    order_id: UUID
    request_id: UUID
    amount: Money
    payment_method: str
    operation: ClassVar = PaymentOperation.AUTHORIZE


@dataclass(frozen=True, slots=True)
class Capture:
    """Take the money that was set aside."""

    order_id: UUID
    request_id: UUID
    amount: Money
    operation: ClassVar = PaymentOperation.CAPTURE


@dataclass(frozen=True, slots=True)
class UndoPayment:
    """Void or refund: `operation` is what the process expects, and what turns out to be needed is done."""

    order_id: UUID
    request_id: UUID
    operation: Literal[PaymentOperation.VOID, PaymentOperation.REFUND]

    def key(self, operation: PaymentOperation) -> UUID:
        """The idempotency key of one operation: the request's id for what it asks for, one of its own for
        anything else."""
        return self.request_id if operation is self.operation else ids.request_id(self.request_id, operation)


@dataclass(frozen=True, slots=True)
class RefundPart:
    """Give back what somebody asked for."""

    order_id: UUID
    request_id: UUID
    amount: Money
    operation: ClassVar = PaymentOperation.REFUND


PaymentRequest = Authorize | Capture | UndoPayment | RefundPart
