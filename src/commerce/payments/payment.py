"""The payment of an order: its state, how events change it, and the rules of what may be attempted and recorded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any, Literal
from uuid import UUID

from commerce.eventstore import Aggregate, Event, first_event, replace
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
from commerce.values import ids
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
    """The last attempt of an operation: for which request, the how many-th, and (but for a void) about how much."""

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
        """What was captured and not yet refunded; money of another currency than was taken gives nothing of it back."""
        if self.captured is None or self.refunded is None or self.refunded.currency != self.captured.currency:
            return self.captured
        return self.captured - self.refunded

    def attempts(self, operation: PaymentOperation, request_id: UUID) -> int:
        """How often an operation was attempted for a request."""
        attempt = self.attempted.get(operation)
        return attempt.number if attempt is not None and attempt.request_id == request_id else 0


_DIFFERENCE = tuple(each.name for each in fields(PaymentDifference))


def evolve(payment: Payment | None, event: Event) -> Payment | None:
    """Apply one event; the first may be an attempted authorisation or, when an undo came first, the closing."""
    if payment is None:
        payment = _begun(event)
    if payment is None:
        return None
    return replace(payment, version=event.originator_version, **_changes(payment, event))


def _changes(payment: Payment, event: Event) -> dict[str, Any]:  # noqa: PLR0911, PLR0912 (a case for each event)
    """What an event changes, in one dictionary, as each copy of a payment with all its fields takes its time."""
    match event:
        case AuthorizationAttempted():
            return _attempted(payment, PaymentStatus.AUTHORIZING, PaymentOperation.AUTHORIZE, event, event.amount)
        case CaptureAttempted():
            return _attempted(payment, PaymentStatus.CAPTURING, PaymentOperation.CAPTURE, event, event.amount)
        case VoidAttempted():
            return _attempted(payment, PaymentStatus.VOIDING, PaymentOperation.VOID, event)
        case RefundAttempted():
            return _attempted(payment, PaymentStatus.REFUNDING, PaymentOperation.REFUND, event, event.amount)
        case PaymentAuthorized():
            return _authorized(payment, event)
        case PaymentDeclined():
            return _answered(payment, PaymentStatus.DECLINED, event.request_id)
        case PaymentOutcomeUnknown():
            return _answered(payment, PaymentStatus.UNKNOWN, event.request_id)
        case PaymentAnswerDiffered():
            return _differed(payment, event)
        case SecondAuthorizationFound():
            return {"seconds": {**payment.seconds, event.authorization_id: False}}
        case SecondAuthorizationVoided() | SecondAuthorizationKept():
            return {"seconds": {**payment.seconds, event.authorization_id: True}}
        case PaymentCaptured():
            return {**_answered(payment, PaymentStatus.CAPTURED, event.request_id), "captured": event.amount}
        case CaptureRefused():
            return _answered(payment, PaymentStatus.AUTHORIZED, event.request_id)
        case PaymentVoided():
            return _answered(payment, PaymentStatus.VOIDED, event.request_id)
        case PaymentRefunded():
            return _refunded(payment, event)
        case PaymentClosed():
            return {**_answered(payment, PaymentStatus.CLOSED, event.request_id), "closed_by": event.request_id}
        case _:
            return {}


def _begun(event: Event) -> Payment | None:
    match event:
        case AuthorizationAttempted() | PaymentClosed():
            return Payment(event.originator_id, 0, event.order_id, PaymentStatus.CLOSED)
        case _:
            return None


def _attempted(
    payment: Payment,
    status: PaymentStatus,
    operation: PaymentOperation,
    event: AuthorizationAttempted | CaptureAttempted | VoidAttempted | RefundAttempted,
    amount: Money | None = None,
) -> dict[str, Any]:
    attempt = PaymentAttempt(event.request_id, event.attempt, amount)
    return {"status": status, "attempted": {**payment.attempted, operation: attempt}}


def _answered(payment: Payment, status: PaymentStatus, request_id: UUID) -> dict[str, Any]:
    return {"status": status, "answered": payment.answered | {request_id}}


def _authorized(payment: Payment, event: PaymentAuthorized) -> dict[str, Any]:
    """What becomes known only after the closing leaves the undo that closed without its outcome again."""
    return {
        "status": PaymentStatus.AUTHORIZED,
        "answered": payment.answered - {payment.closed_by} | {event.request_id},
        "authorization_id": event.authorization_id,
        "authorized": event.amount,
    }


def _differed(payment: Payment, event: PaymentAnswerDiffered) -> dict[str, Any]:
    """An answer to the way forward ends its request; one to an undo does so only where more money would move if
    it came again."""
    changes = {"differences": {**payment.differences, event.request_id: event.answered}, **_held(payment, event)}
    if event.operation in ("authorize", "capture") or "refunded" in changes:
        reopened = {payment.closed_by} if "authorization_id" in changes else set()
        changes |= {"status": PaymentStatus.DIFFERED, "answered": payment.answered - reopened | {event.request_id}}
    return changes


def _held(payment: Payment, event: PaymentAnswerDiffered) -> dict[str, Any]:
    """What the provider holds, took or gave back by an answer that differs."""
    found: dict[str, Any] = {}
    if event.operation == "authorize" and event.authorization_id is not None:
        found = {"authorization_id": event.authorization_id}
    if event.amount is not None:
        match event.operation, event.status:
            case "authorize", "authorized":
                found["authorized"] = event.amount
            case "authorize" | "capture" | "void", "captured":
                found["captured"] = event.amount
            case "refund", "refunded":
                found["refunded"] = sum_of(payment.refunded, event.amount)
    return found


def sum_of(before: Money | None, amount: Money) -> Money:
    """What was given back in all; after money of another currency, what was given back last, as the two do not
    add up."""
    return before + amount if before and before.currency == amount.currency else amount


def _refunded(payment: Payment, event: PaymentRefunded) -> dict[str, Any]:
    refunded = sum_of(payment.refunded, event.amount)
    status = PaymentStatus.REFUNDED if refunded == payment.captured else PaymentStatus.CAPTURED
    return {**_answered(payment, status, event.request_id), "refunded": refunded}


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
    command = {"order_id": order_id, "request_id": request_id, "amount": amount, "payment_method": payment_method}
    if payment is None:
        return [first_event(AuthorizationAttempted, ids.payment_id(order_id), attempt=1, **command)]
    if request_id in payment.answered:
        return []
    attempts = payment.attempts(PaymentOperation.AUTHORIZE, request_id)
    if payment.status is not PaymentStatus.AUTHORIZING or not attempts:
        raise PaymentNotOpen(payment.order_id, payment.status, "an authorisation")
    _check_same_amount(payment, PaymentOperation.AUTHORIZE, request_id, amount)
    return [payment.event(AuthorizationAttempted, attempt=attempts + 1, **command)]


def call_unanswered(payment: Payment, operation: PaymentOperation, request_id: UUID, detail: str) -> list[PaymentEvent]:
    """The last attempt of a request had no answer; no event where an outcome, or somebody else's attempt, came
    before."""
    number = payment.attempts(operation, request_id)
    if not number or request_id in payment.answered:
        return []
    return [_event(payment, PaymentCallUnanswered, request_id, attempt=number, detail=detail)]


def call_postponed(
    payment: Payment,
    operation: PaymentOperation,
    request_id: UUID,
    cause: Literal["credential_refused", "busy", "undo_refused"],
    detail: str,
) -> list[PaymentEvent]:
    """The provider does not do it now; no event where an outcome, or somebody else's attempt, came before."""
    number = payment.attempts(operation, request_id)
    if not number or request_id in payment.answered:
        return []
    return [_event(payment, PaymentCallPostponed, request_id, attempt=number, cause=cause, detail=detail)]


def authorized(payment: Payment, request_id: UUID, authorization_id: str) -> list[PaymentEvent]:
    """The provider set aside what was asked for, even if that becomes known only after the payment was closed.

    Raises `PaymentNotAttempted`, or `PaymentNotOpen` after it was declined.
    """
    attempt = _attempt(payment, PaymentOperation.AUTHORIZE, request_id)
    if payment.authorization_id is not None:
        return []
    if payment.status is PaymentStatus.DECLINED:
        raise PaymentNotOpen(payment.order_id, payment.status, "an authorisation")
    return [_event(payment, PaymentAuthorized, request_id, authorization_id=authorization_id, amount=attempt.amount)]


def found_authorized(payment: Payment, request_id: UUID, authorization_id: str) -> list[PaymentEvent]:
    """It came to light that the provider set the money aside, whatever is on record; no event where that is.

    Raises `PaymentNotAttempted`.
    """
    attempt = _attempt(payment, PaymentOperation.AUTHORIZE, request_id)
    if payment.authorization_id is not None:
        return []
    return [_event(payment, PaymentAuthorized, request_id, authorization_id=authorization_id, amount=attempt.amount)]


def declined(payment: Payment, request_id: UUID, decline_reason: str) -> list[PaymentEvent]:
    """The provider rejected; no event where an outcome, or the closing, came before. Raises `PaymentNotAttempted`."""
    _attempt(payment, PaymentOperation.AUTHORIZE, request_id)
    if payment.status is not PaymentStatus.AUTHORIZING:
        return []
    return [_event(payment, PaymentDeclined, request_id, decline_reason=decline_reason)]


def answer_differed(payment: Payment, request_id: UUID, difference: PaymentDifference) -> list[PaymentEvent]:
    """The provider's answer is about something else; no event where it is on record, or what it says was known before.

    Raises `PaymentNotAttempted`.
    """
    operation = PaymentOperation(difference.operation)
    _attempt(payment, operation, request_id)
    known = {
        PaymentOperation.AUTHORIZE: payment.authorization_id is not None or payment.status is PaymentStatus.DECLINED,
        PaymentOperation.CAPTURE: payment.captured is not None or payment.status is PaymentStatus.VOIDED,
        PaymentOperation.VOID: payment.status is PaymentStatus.VOIDED,
        PaymentOperation.REFUND: request_id in payment.answered,
    }
    if known[operation] or payment.differences.get(request_id) == difference.answered:
        return []
    told = {name: getattr(difference, name) for name in _DIFFERENCE}
    return [_event(payment, PaymentAnswerDiffered, request_id, **told)]


def outcome_unknown(payment: Payment, request_id: UUID) -> list[PaymentEvent]:
    """Give up on an authorisation or a capture, without knowing what came of it.

    No event where an outcome came before, or an undo has taken over. Raises `PaymentNotAttempted`.
    """
    if request_id in payment.answered:
        return []
    capturing = payment.attempts(PaymentOperation.CAPTURE, request_id)
    operation = PaymentOperation.CAPTURE if capturing else PaymentOperation.AUTHORIZE
    attempt = _attempt(payment, operation, request_id)
    if payment.status not in (PaymentStatus.AUTHORIZING, PaymentStatus.CAPTURING):
        return []
    return [_event(payment, PaymentOutcomeUnknown, request_id, operation=operation, attempts=attempt.number)]


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
    return [_event(payment, CaptureAttempted, request_id, attempt=attempts + 1, amount=amount)]


def captured(payment: Payment, request_id: UUID) -> list[PaymentEvent]:
    """The provider took the money, even if that becomes known only while the payment is undone.

    Raises `PaymentNotAttempted`, or `PaymentNotOpen` after it was voided.
    """
    attempt = _attempt(payment, PaymentOperation.CAPTURE, request_id)
    if payment.captured is not None:
        return []
    if payment.status is PaymentStatus.VOIDED:
        raise PaymentNotOpen(payment.order_id, payment.status, "a capture")
    return [_event(payment, PaymentCaptured, request_id, amount=attempt.amount)]


def capture_refused(payment: Payment, request_id: UUID, reason: str) -> list[PaymentEvent]:
    """The provider does not take the money; no event where an outcome came before, or an undo has taken over.

    Raises `PaymentNotAttempted`.
    """
    _attempt(payment, PaymentOperation.CAPTURE, request_id)
    if payment.status is not PaymentStatus.CAPTURING:
        return []
    return [_event(payment, CaptureRefused, request_id, reason=reason)]


def found_captured(payment: Payment, request_id: UUID) -> list[PaymentEvent]:
    """It came to light that the provider took the money, whatever is on record; no event where that is.

    Raises `PaymentNotAttempted`.
    """
    attempt = _attempt(payment, PaymentOperation.CAPTURE, request_id)
    if payment.captured is not None:
        return []
    return [_event(payment, PaymentCaptured, request_id, amount=attempt.amount)]


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
    return [_event(payment, VoidAttempted, request_id, attempt=payment.attempts(PaymentOperation.VOID, request_id) + 1)]


def voided(payment: Payment, request_id: UUID) -> list[PaymentEvent]:
    """The provider let the money go. Raises `PaymentNotAttempted`, or `PaymentNotOpen` where it turned out to be
    captured."""
    _attempt(payment, PaymentOperation.VOID, request_id)
    if payment.status is PaymentStatus.VOIDED:
        return []
    if payment.status is not PaymentStatus.VOIDING or payment.captured is not None:
        raise PaymentNotOpen(payment.order_id, payment.status, "a void")
    return [_event(payment, PaymentVoided, request_id)]


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
    return [_event(payment, RefundAttempted, request_id, attempt=attempts + 1, amount=amount)]


def refunded(payment: Payment, request_id: UUID) -> list[PaymentEvent]:
    """The provider gave back what was asked for. Raises `PaymentNotAttempted`."""
    if request_id in payment.answered:
        return []
    attempt = _attempt(payment, PaymentOperation.REFUND, request_id)
    return [_event(payment, PaymentRefunded, request_id, amount=attempt.amount)]


def second_found(payment: Payment, request_id: UUID, authorization_id: str, amount: Money) -> list[PaymentEvent]:
    """The provider set money aside once more for the same request; no event where that is on record. Raises
    `PaymentNotAttempted`."""
    _attempt(payment, PaymentOperation.AUTHORIZE, request_id)
    if authorization_id == payment.authorization_id or authorization_id in payment.seconds:
        return []
    found = {"authorization_id": authorization_id, "amount": amount}
    return [_event(payment, SecondAuthorizationFound, request_id, **found)]


def second_voided(payment: Payment, request_id: UUID, authorization_id: str) -> list[PaymentEvent]:
    """The provider let go of what it had set aside once more; no event where what became of it is on record."""
    if payment.seconds.get(authorization_id, True):
        return []
    return [_event(payment, SecondAuthorizationVoided, request_id, authorization_id=authorization_id)]


def second_kept(payment: Payment, request_id: UUID, authorization_id: str, reason: str) -> list[PaymentEvent]:
    """The provider does not let go of it; no event where what became of it is on record."""
    if payment.seconds.get(authorization_id, True):
        return []
    kept = {"authorization_id": authorization_id, "reason": reason}
    return [_event(payment, SecondAuthorizationKept, request_id, **kept)]


def already_undone(payment: Payment, request_id: UUID) -> list[PaymentEvent]:
    """Another undo was faster: this one has its outcome with that."""
    if request_id in payment.answered or payment.status not in (PaymentStatus.VOIDED, PaymentStatus.CLOSED):
        return []
    return [_event(payment, PaymentVoided if payment.status is PaymentStatus.VOIDED else PaymentClosed, request_id)]


def close(payment: Payment | None, order_id: UUID, request_id: UUID) -> list[PaymentEvent]:
    """End a payment for which the provider holds nothing, so that no attempt can follow. Raises `MoneyHeld`."""
    if payment is None:
        return [first_event(PaymentClosed, ids.payment_id(order_id), order_id=order_id, request_id=request_id)]
    if payment.status in (PaymentStatus.CLOSED, PaymentStatus.VOIDED, PaymentStatus.REFUNDED):
        return []
    if payment.authorization_id is not None:
        raise MoneyHeld(payment.order_id, payment.status)
    return [_event(payment, PaymentClosed, request_id)]


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


def _event(payment: Payment, kind: type[PaymentEvent], request_id: UUID, **fields: object) -> PaymentEvent:
    return payment.event(kind, order_id=payment.order_id, request_id=request_id, **fields)
