"""The payment of an order: its state, how events change it, and the rules of what may be attempted and recorded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Literal
from uuid import UUID

from commerce.eventstore import Aggregate, Event
from commerce.payments.difference import PaymentDifference
from commerce.payments.errors import (
    AmountChanged,
    CaptureExceedsAuthorization,
    MoneyHeld,
    NothingCaptured,
    PaymentNotAttempted,
    PaymentNotAuthorized,
    PaymentNotOpen,
    RefundExceedsCapture,
    RefundPending,
    SecondCapture,
)
from commerce.payments.events import (
    AuthorizationAttempted,
    CaptureAttempted,
    CaptureRefused,
    PaymentAnswerDiffered,
    PaymentAuthorized,
    PaymentCallPostponed,
    PaymentCallUnanswered,
    PaymentCaptured,
    PaymentClosed,
    PaymentDeclined,
    PaymentEvent,
    PaymentOutcomeUnknown,
    PaymentRefunded,
    PaymentVoided,
    RefundAttempted,
    SecondAuthorizationFound,
    SecondAuthorizationKept,
    SecondAuthorizationVoided,
    VoidAttempted,
)
from commerce.values.errors import InvalidInput
from commerce.values.money import Money


class PaymentStatus(StrEnum):
    """Where a payment stands; a name in -ing has an attempt without an outcome."""

    AUTHORIZING = "authorizing"
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
class PaymentAttempt:
    """The last attempt of an operation: its request, its number among the request's attempts, and its amount, which a
    void has not."""

    request_id: UUID
    number: int
    amount: Money | None = None


@dataclass(frozen=True, slots=True)
class Payment(Aggregate):
    """A payment at one version of its stream; a sum is None as long as there is nothing of its kind."""

    order_id: UUID
    status: PaymentStatus
    attempted: Mapping[PaymentOperation, PaymentAttempt] = field(default_factory=dict)
    answered: frozenset[UUID] = frozenset()
    """The requests that have an outcome, `OutcomeUnknown` included."""
    authorization_id: str | None = None
    authorized: Money | None = None
    captured: Money | None = None
    refunded: Money | None = None
    closed_by: UUID | None = None
    """The undo that found nothing at the provider."""
    seconds: Mapping[str, bool] = field(default_factory=dict)
    """What the provider set aside beyond what is on record, by its own id; and whether what became of that is known."""
    differences: Mapping[UUID, str] = field(default_factory=dict)
    """What was answered last to each request whose answer differed from it."""

    @property
    def remaining(self) -> Money | None:
        """What was captured and not yet refunded; a refund in another currency gives nothing of it back."""
        if self.captured is None or self.refunded is None or self.refunded.currency != self.captured.currency:
            return self.captured
        return self.captured - self.refunded

    def attempts(self, operation: PaymentOperation, request_id: UUID) -> int:
        """How often an operation was attempted for a request."""
        attempt = self.attempted.get(operation)
        return attempt.number if attempt is not None and attempt.request_id == request_id else 0


_STATUS_AFTER: Mapping[type[Event], PaymentStatus] = {
    AuthorizationAttempted: PaymentStatus.AUTHORIZING,
    PaymentAuthorized: PaymentStatus.AUTHORIZED,
    PaymentDeclined: PaymentStatus.DECLINED,
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


def evolve(payment: Payment | None, event: Event) -> Payment | None:  # noqa: PLR0911 (a case for each event)
    """Apply one event; the first is an attempted authorisation or, when an undo came first, the closing."""
    version = event.originator_version
    if payment is None:
        if not isinstance(event, AuthorizationAttempted | PaymentClosed):
            return None
        payment = Payment(event.originator_id, version, event.order_id, PaymentStatus.CLOSED)
    status = _STATUS_AFTER.get(type(event), payment.status)
    match event:
        case AuthorizationAttempted() | CaptureAttempted() | VoidAttempted() | RefundAttempted():
            return replace(payment, version=version, status=status, attempted=_attempted(payment, event))
        case PaymentAuthorized():
            return replace(
                payment,
                version=version,
                status=status,
                answered=_reopened(payment) | {event.request_id},
                authorization_id=event.authorization_id,
                authorized=event.amount,
            )
        case PaymentDeclined() | PaymentOutcomeUnknown() | CaptureRefused() | PaymentVoided():
            return replace(payment, version=version, status=status, answered=payment.answered | {event.request_id})
        case PaymentCaptured():
            answered = payment.answered | {event.request_id}
            return replace(payment, version=version, status=status, answered=answered, captured=event.amount)
        case PaymentRefunded():
            return _refunded(payment, event)
        case PaymentClosed():
            answered = payment.answered | {event.request_id}
            return replace(payment, version=version, status=status, answered=answered, closed_by=event.request_id)
        case PaymentAnswerDiffered():
            return _differed(payment, event)
        case SecondAuthorizationFound() | SecondAuthorizationVoided() | SecondAuthorizationKept():
            is_settled = not isinstance(event, SecondAuthorizationFound)
            return replace(payment, version=version, seconds={**payment.seconds, event.authorization_id: is_settled})
        case _:
            return replace(payment, version=version)


def _attempted(
    payment: Payment, event: AuthorizationAttempted | CaptureAttempted | VoidAttempted | RefundAttempted
) -> Mapping[PaymentOperation, PaymentAttempt]:
    amount = None if isinstance(event, VoidAttempted) else event.amount
    return {**payment.attempted, _OPERATIONS[type(event)]: PaymentAttempt(event.request_id, event.attempt, amount)}


def _reopened(payment: Payment) -> frozenset[UUID]:
    """The requests that have an outcome, once an authorisation became known: the undo that closed without one, if any,
    has to begin again."""
    return frozenset(one for one in payment.answered if one != payment.closed_by)


def _refunded(payment: Payment, event: PaymentRefunded) -> Payment:
    refunded = sum_of(payment.refunded, event.amount)
    return replace(
        payment,
        version=event.originator_version,
        status=PaymentStatus.REFUNDED if refunded == payment.captured else PaymentStatus.CAPTURED,
        answered=payment.answered | {event.request_id},
        refunded=refunded,
    )


def _differed(payment: Payment, event: PaymentAnswerDiffered) -> Payment:
    """An answer to the way forward ends its request; one to an undo does so only where more money would move if
    it came again."""
    differences = {**payment.differences, event.request_id: event.answered}
    after = replace(_moved(payment, event), version=event.originator_version, differences=differences)
    gave_back = event.operation == "refund" and event.status == "refunded" and event.amount is not None
    if event.operation in ("authorize", "capture") or gave_back:
        return replace(after, status=PaymentStatus.DIFFERED, answered=after.answered | {event.request_id})
    return after


def _moved(payment: Payment, event: PaymentAnswerDiffered) -> Payment:
    """What the provider holds, took or gave back by an answer that differs."""
    if event.operation == "authorize" and event.authorization_id is not None:
        payment = replace(payment, answered=_reopened(payment), authorization_id=event.authorization_id)
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
    for event in events:
        payment = evolve(payment, event)
    return payment


def attempt_authorization(
    payment: Payment | None, order_id: UUID, request_id: UUID, amount: Money, payment_method: str
) -> list[PaymentEvent]:
    """Before the provider is asked to set money aside; no event when this request has its outcome.

    Raises `PaymentNotOpen` where anything but an attempt of the same request has happened, closing included.
    """
    _check_positive(amount)
    attempts = 0
    if payment is not None:
        if request_id in payment.answered:
            return []
        attempts = payment.attempts(PaymentOperation.AUTHORIZE, request_id)
        if payment.status is not PaymentStatus.AUTHORIZING or not attempts:
            raise PaymentNotOpen(payment.order_id, payment.status, "an authorisation")
        _check_same_amount(payment, PaymentOperation.AUTHORIZE, request_id, amount)
    return [
        AuthorizationAttempted(
            order_id=order_id,
            request_id=request_id,
            attempt=attempts + 1,
            amount=amount,
            payment_method=payment_method,
        )
    ]


def call_unanswered(payment: Payment, operation: PaymentOperation, request_id: UUID, detail: str) -> list[PaymentEvent]:
    """The last attempt of a request had no answer. No event where the request has an outcome, or another request was
    attempted after it."""
    number = _open_attempt(payment, operation, request_id)
    if not number:
        return []
    return [PaymentCallUnanswered(order_id=payment.order_id, request_id=request_id, attempt=number, detail=detail)]


def call_postponed(
    payment: Payment,
    operation: PaymentOperation,
    request_id: UUID,
    cause: Literal["credential_refused", "busy", "undo_refused"],
    detail: str,
) -> list[PaymentEvent]:
    """The provider does not do it now. No event where the request has an outcome, or another was attempted after it."""
    number = _open_attempt(payment, operation, request_id)
    if not number:
        return []
    return [
        PaymentCallPostponed(
            order_id=payment.order_id, request_id=request_id, attempt=number, cause=cause, detail=detail
        )
    ]


def authorized(payment: Payment, request_id: UUID, authorization_id: str) -> list[PaymentEvent]:
    """The provider set aside what was asked for, even if that becomes known only after the payment was closed.

    Raises `PaymentNotAttempted`, or `PaymentNotOpen` after it was declined.
    """
    events = found_authorized(payment, request_id, authorization_id)
    if events and payment.status is PaymentStatus.DECLINED:
        raise PaymentNotOpen(payment.order_id, payment.status, "an authorisation")
    return events


def found_authorized(payment: Payment, request_id: UUID, authorization_id: str) -> list[PaymentEvent]:
    """It came to light that the provider set the money aside, whatever is on record; no event where that is.

    Raises `PaymentNotAttempted`.
    """
    amount = _attempted_amount(payment, PaymentOperation.AUTHORIZE, request_id)
    if payment.authorization_id is not None:
        return []
    return [
        PaymentAuthorized(
            order_id=payment.order_id, request_id=request_id, authorization_id=authorization_id, amount=amount
        )
    ]


def declined(payment: Payment, request_id: UUID, decline_reason: str) -> list[PaymentEvent]:
    """The provider declined; no event where an outcome, or the closing, came before. Raises `PaymentNotAttempted`."""
    _attempt(payment, PaymentOperation.AUTHORIZE, request_id)
    if payment.status is not PaymentStatus.AUTHORIZING:
        return []
    return [PaymentDeclined(order_id=payment.order_id, request_id=request_id, decline_reason=decline_reason)]


def answer_differed(payment: Payment, request_id: UUID, difference: PaymentDifference) -> list[PaymentEvent]:
    """The provider's answer is about something else; no event where it is on record, or what it says was known before.

    Raises `PaymentNotAttempted`.
    """
    operation = PaymentOperation(difference.operation)
    _attempt(payment, operation, request_id)
    is_known = {
        PaymentOperation.AUTHORIZE: payment.authorization_id is not None or payment.status is PaymentStatus.DECLINED,
        PaymentOperation.CAPTURE: payment.captured is not None or payment.status is PaymentStatus.VOIDED,
        PaymentOperation.VOID: payment.status is PaymentStatus.VOIDED,
        PaymentOperation.REFUND: request_id in payment.answered,
    }
    if is_known[operation] or payment.differences.get(request_id) == difference.answered:
        return []
    return [
        PaymentAnswerDiffered(
            order_id=payment.order_id,
            request_id=request_id,
            operation=difference.operation,
            asked=difference.asked,
            answered=difference.answered,
            status=difference.status,
            authorization_id=difference.authorization_id,
            amount=difference.amount,
        )
    ]


def outcome_unknown(payment: Payment, request_id: UUID) -> list[PaymentEvent]:
    """Give up on an authorisation or a capture, without knowing what came of it.

    No event where an outcome came before, or an undo has taken over. Raises `PaymentNotAttempted`.
    """
    if request_id in payment.answered:
        return []
    is_capture = payment.attempts(PaymentOperation.CAPTURE, request_id) > 0
    operation: Literal["authorize", "capture"] = "capture" if is_capture else "authorize"
    attempts = _attempt(payment, PaymentOperation(operation), request_id).number
    if payment.status not in (PaymentStatus.AUTHORIZING, PaymentStatus.CAPTURING):
        return []
    return [
        PaymentOutcomeUnknown(order_id=payment.order_id, request_id=request_id, operation=operation, attempts=attempts)
    ]


def attempt_capture(payment: Payment, request_id: UUID, amount: Money) -> list[PaymentEvent]:
    """Before the provider is asked to take money; no event when this request has its outcome.

    Raises `SecondCapture`, `PaymentNotAuthorized`, `PaymentNotOpen`, `CaptureExceedsAuthorization`.
    """
    _check_positive(amount)
    if request_id in payment.answered:
        return []
    attempts = payment.attempts(PaymentOperation.CAPTURE, request_id)
    if PaymentOperation.CAPTURE in payment.attempted and not attempts:
        raise SecondCapture(payment.order_id)
    if payment.authorized is None:
        raise PaymentNotAuthorized(payment.order_id, payment.status, "a capture")
    if payment.closed_by is not None or payment.status not in (PaymentStatus.AUTHORIZED, PaymentStatus.CAPTURING):
        raise PaymentNotOpen(payment.order_id, payment.status, "a capture")
    if amount > payment.authorized:
        raise CaptureExceedsAuthorization(amount, payment.authorized)
    _check_same_amount(payment, PaymentOperation.CAPTURE, request_id, amount)
    return [CaptureAttempted(order_id=payment.order_id, request_id=request_id, attempt=attempts + 1, amount=amount)]


def captured(payment: Payment, request_id: UUID) -> list[PaymentEvent]:
    """The provider took the money, even if that becomes known only while the payment is undone.

    Raises `PaymentNotAttempted`, or `PaymentNotOpen` after it was voided.
    """
    events = found_captured(payment, request_id)
    if events and payment.status is PaymentStatus.VOIDED:
        raise PaymentNotOpen(payment.order_id, payment.status, "a capture")
    return events


def found_captured(payment: Payment, request_id: UUID) -> list[PaymentEvent]:
    """It came to light that the provider took the money, whatever is on record; no event where that is.

    Raises `PaymentNotAttempted`.
    """
    amount = _attempted_amount(payment, PaymentOperation.CAPTURE, request_id)
    if payment.captured is not None:
        return []
    return [PaymentCaptured(order_id=payment.order_id, request_id=request_id, amount=amount)]


def capture_refused(payment: Payment, request_id: UUID, reason: str) -> list[PaymentEvent]:
    """The provider does not take the money; no event where an outcome came before, or an undo has taken over.

    Raises `PaymentNotAttempted`.
    """
    _attempt(payment, PaymentOperation.CAPTURE, request_id)
    if payment.status is not PaymentStatus.CAPTURING:
        return []
    return [CaptureRefused(order_id=payment.order_id, request_id=request_id, reason=reason)]


def attempt_void(payment: Payment, request_id: UUID) -> list[PaymentEvent]:
    """Before the provider is asked to let money go; after a capture without an outcome, ask what came of that first.

    Raises `PaymentNotAuthorized` while the outcome of the authorisation is not known, `PaymentNotOpen` after a capture.
    """
    if payment.status is PaymentStatus.VOIDED:
        return []
    if payment.authorization_id is None:
        raise PaymentNotAuthorized(payment.order_id, payment.status, "a void")
    if payment.captured is not None:
        raise PaymentNotOpen(payment.order_id, payment.status, "a void")
    attempts = payment.attempts(PaymentOperation.VOID, request_id)
    return [VoidAttempted(order_id=payment.order_id, request_id=request_id, attempt=attempts + 1)]


def voided(payment: Payment, request_id: UUID) -> list[PaymentEvent]:
    """The provider let the money go. Raises `PaymentNotAttempted`, or `PaymentNotOpen` where it turned out to be
    captured."""
    _attempt(payment, PaymentOperation.VOID, request_id)
    if payment.status is PaymentStatus.VOIDED:
        return []
    if payment.status is not PaymentStatus.VOIDING or payment.captured is not None:
        raise PaymentNotOpen(payment.order_id, payment.status, "a void")
    return [PaymentVoided(order_id=payment.order_id, request_id=request_id)]


def attempt_refund(payment: Payment, request_id: UUID, amount: Money) -> list[PaymentEvent]:
    """Before the provider is asked to give money back; no event when this request has its outcome.

    Raises `NothingCaptured`, `RefundPending`, `RefundExceedsCapture`, `AmountChanged`.
    """
    _check_positive(amount)
    if request_id in payment.answered:
        return []
    if payment.remaining is None:
        raise NothingCaptured(payment.order_id)
    attempts = payment.attempts(PaymentOperation.REFUND, request_id)
    if payment.status is PaymentStatus.REFUNDING and not attempts:
        raise RefundPending(payment.order_id)
    if amount > payment.remaining:
        raise RefundExceedsCapture(amount, payment.remaining)
    _check_same_amount(payment, PaymentOperation.REFUND, request_id, amount)
    return [RefundAttempted(order_id=payment.order_id, request_id=request_id, attempt=attempts + 1, amount=amount)]


def refunded(payment: Payment, request_id: UUID) -> list[PaymentEvent]:
    """The provider gave back what was asked for. Raises `PaymentNotAttempted`."""
    if request_id in payment.answered:
        return []
    amount = _attempted_amount(payment, PaymentOperation.REFUND, request_id)
    return [PaymentRefunded(order_id=payment.order_id, request_id=request_id, amount=amount)]


def second_found(payment: Payment, request_id: UUID, authorization_id: str, amount: Money) -> list[PaymentEvent]:
    """The provider set money aside once more for the same request; no event where that is on record. Raises
    `PaymentNotAttempted`."""
    _attempt(payment, PaymentOperation.AUTHORIZE, request_id)
    if authorization_id == payment.authorization_id or authorization_id in payment.seconds:
        return []
    return [
        SecondAuthorizationFound(
            order_id=payment.order_id, request_id=request_id, authorization_id=authorization_id, amount=amount
        )
    ]


def second_voided(payment: Payment, request_id: UUID, authorization_id: str) -> list[PaymentEvent]:
    """The provider let go of what it had set aside once more; no event where what became of it is on record."""
    if payment.seconds.get(authorization_id, True):
        return []
    return [
        SecondAuthorizationVoided(order_id=payment.order_id, request_id=request_id, authorization_id=authorization_id)
    ]


def second_kept(payment: Payment, request_id: UUID, authorization_id: str, reason: str) -> list[PaymentEvent]:
    """The provider does not let go of it; no event where what became of it is on record."""
    if payment.seconds.get(authorization_id, True):
        return []
    return [
        SecondAuthorizationKept(
            order_id=payment.order_id, request_id=request_id, authorization_id=authorization_id, reason=reason
        )
    ]


def already_undone(payment: Payment, request_id: UUID) -> list[PaymentEvent]:
    """Another undo was faster: this one has its outcome with that."""
    if request_id in payment.answered:
        return []
    match payment.status:
        case PaymentStatus.VOIDED:
            return [PaymentVoided(order_id=payment.order_id, request_id=request_id)]
        case PaymentStatus.CLOSED:
            return [PaymentClosed(order_id=payment.order_id, request_id=request_id)]
        case _:
            return []


def close(payment: Payment | None, order_id: UUID, request_id: UUID) -> list[PaymentEvent]:
    """End a payment for which the provider holds nothing, so that no attempt can follow. Raises `MoneyHeld`."""
    if payment is not None:
        if payment.status in (PaymentStatus.CLOSED, PaymentStatus.VOIDED, PaymentStatus.REFUNDED):
            return []
        if payment.authorization_id is not None:
            raise MoneyHeld(order_id, payment.status)
    return [PaymentClosed(order_id=order_id, request_id=request_id)]


def _check_positive(amount: Money) -> None:
    if amount.amount <= 0:
        raise InvalidInput(f"{amount} cannot be moved; an amount is more than zero", "amount")


def _check_same_amount(payment: Payment, operation: PaymentOperation, request_id: UUID, amount: Money) -> None:
    before = payment.attempted.get(operation)
    if before is not None and before.request_id == request_id and before.amount != amount:
        raise AmountChanged(request_id, amount, before.amount)


def _attempt(payment: Payment, operation: PaymentOperation, request_id: UUID) -> PaymentAttempt:
    attempt = payment.attempted.get(operation)
    if attempt is None or attempt.request_id != request_id:
        raise PaymentNotAttempted(request_id, operation)
    return attempt


def _attempted_amount(payment: Payment, operation: PaymentOperation, request_id: UUID) -> Money:
    amount = _attempt(payment, operation, request_id).amount
    assert amount is not None  # only a void has none
    return amount


def _open_attempt(payment: Payment, operation: PaymentOperation, request_id: UUID) -> int:
    """The number of the last attempt of a request that has no outcome; 0 where there is no such attempt."""
    return 0 if request_id in payment.answered else payment.attempts(operation, request_id)
