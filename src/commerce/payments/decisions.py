"""What is decided on a payment: whether the provider may be asked, and what is recorded of its answer.

An attempt is on record before the call is made; its outcome follows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from commerce.outside.call_state import Attempt
from commerce.payments.disputes import Dispute, disputes_told
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
    AuthorizationOpened,
    CaptureAttempted,
    CaptureRefused,
    PaymentAnswerDiffered,
    PaymentAuthorized,
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
from commerce.payments.payment import Payment, PaymentOperation, PaymentStatus
from commerce.values.errors import InvalidInput
from commerce.values.money import Money


def authorize(
    payment: Payment | None, order_id: UUID, request_id: UUID, amount: Money, payment_method: str
) -> list[PaymentEvent]:
    """Before the provider is asked to set money aside; no event when this request has its outcome.

    Raises `PaymentNotOpen` where anything but an attempt of the same request has happened, closing included, unless
    that came to nothing and something else to pay with was chosen.
    """
    _check_positive(amount)
    attempts = 0
    if payment is not None:
        if request_id in payment.answered:
            return []
        payment_method = payment.tries.chosen or payment.tries.payment_method or payment_method
        attempts = payment.attempts(PaymentOperation.AUTHORIZE, request_id)
        if not attempts or not (payment.status is PaymentStatus.AUTHORIZING or payment.is_next_try):
            raise PaymentNotOpen(payment.order_id, payment.status, "an authorisation")
        _check_same_amount(payment, PaymentOperation.AUTHORIZE, request_id, amount)
    return [
        AuthorizationAttempted(
            order_id=order_id, request_id=request_id, attempt=attempts + 1, amount=amount, payment_method=payment_method
        )
    ]


def opened(payment: Payment, request_id: UUID, authorization_id: str) -> list[PaymentEvent]:
    """The provider opened an authorisation, under which nothing is set aside yet; no event where one is on record,
    which is the one to go on with.

    Raises `PaymentNotAttempted`; `PaymentNotOpen` where the request has its outcome, or an undo has taken over.
    """
    attempt_of(payment, PaymentOperation.AUTHORIZE, request_id)
    if payment.status is not PaymentStatus.AUTHORIZING:
        raise PaymentNotOpen(payment.order_id, payment.status, "an authorisation")
    if payment.opened_id is not None:
        return []
    return [AuthorizationOpened(order_id=payment.order_id, request_id=request_id, authorization_id=authorization_id)]


def capture(payment: Payment, request_id: UUID, amount: Money) -> list[PaymentEvent]:
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


def void(payment: Payment, request_id: UUID) -> list[PaymentEvent]:
    """Before the provider is asked to let money go; after a capture without an outcome, ask what came of that first.

    Raises `PaymentNotAuthorized` while nobody knows under which authorisation money may be held, `PaymentNotOpen` after
    a capture.
    """
    if payment.status is PaymentStatus.VOIDED:
        return []
    if payment.party_id is None:
        raise PaymentNotAuthorized(payment.order_id, payment.status, "a void")
    if payment.captured is not None:
        raise PaymentNotOpen(payment.order_id, payment.status, "a void")
    attempts = payment.attempts(PaymentOperation.VOID, request_id)
    return [VoidAttempted(order_id=payment.order_id, request_id=request_id, attempt=attempts + 1)]


def refund(payment: Payment, request_id: UUID, amount: Money) -> list[PaymentEvent]:
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


def disputed(payment: Payment, authorization_id: str, told: Sequence[Dispute]) -> list[PaymentEvent]:
    """What the provider tells of disputes about an authorisation; no event where nothing of it is new."""
    return disputes_told(payment.order_id, authorization_id, payment.disputes, told)


def _check_positive(amount: Money) -> None:
    if amount.amount <= 0:
        raise InvalidInput(f"{amount} cannot be moved; an amount is more than zero", "amount")


def _check_same_amount(payment: Payment, operation: PaymentOperation, request_id: UUID, amount: Money) -> None:
    before = payment.attempted.get(operation)
    if before is not None and before.request_id == request_id and before.amount != amount:
        raise AmountChanged(request_id, amount, before.amount)


def authorized(
    payment: Payment,
    request_id: UUID,
    authorization_id: str,
    held_until: datetime | None = None,
    *,
    overrules: bool = False,
) -> list[PaymentEvent]:
    """The provider set aside what was asked for, even if that becomes known only after the payment was closed.

    Raises `PaymentNotAttempted`; `PaymentNotOpen` after it was declined, unless the answer `overrules` that.
    """
    amount = _attempted_amount(payment, PaymentOperation.AUTHORIZE, request_id)
    if payment.authorization_id is not None:
        return []
    if payment.status is PaymentStatus.DECLINED and not overrules:
        raise PaymentNotOpen(payment.order_id, payment.status, "an authorisation")
    return [
        PaymentAuthorized(
            order_id=payment.order_id,
            request_id=request_id,
            authorization_id=authorization_id,
            amount=amount,
            held_until=held_until,
        )
    ]


def declined(payment: Payment, request_id: UUID, decline_reason: str) -> list[PaymentEvent]:
    """The provider declined, or the customer's time is over and nothing can come of what was tried; no event where an
    outcome, the closing, or the choice of something else to pay with, came before. Raises `PaymentNotAttempted`."""
    attempt_of(payment, PaymentOperation.AUTHORIZE, request_id)
    is_over = payment.is_between_tries and payment.tries.chosen is None
    if payment.status is not PaymentStatus.AUTHORIZING and not is_over:
        return []
    return [PaymentDeclined(order_id=payment.order_id, request_id=request_id, decline_reason=decline_reason)]


def answer_differed(payment: Payment, found: PaymentAnswerDiffered) -> list[PaymentEvent]:
    """The provider's answer is about something else; no event where it is on record, or what it says was known before.

    Raises `PaymentNotAttempted`.
    """
    operation, request_id = PaymentOperation(found.operation), found.request_id
    attempt_of(payment, operation, request_id)
    is_known = {
        PaymentOperation.AUTHORIZE: payment.authorization_id is not None or payment.status is PaymentStatus.DECLINED,
        PaymentOperation.CAPTURE: payment.captured is not None or payment.status is PaymentStatus.VOIDED,
        PaymentOperation.VOID: payment.status is PaymentStatus.VOIDED,
        PaymentOperation.REFUND: request_id in payment.answered,
    }
    if is_known[operation] or payment.differences.get(request_id) == found.answered:
        return []
    return [found.model_copy()]  # `found` keeps no place in the stream, as this may be decided again


def unknown(payment: Payment, request_id: UUID) -> list[PaymentEvent]:
    """Give up on an authorisation or a capture, without knowing what came of it.

    No event where an outcome came before, or an undo has taken over. Raises `PaymentNotAttempted`.
    """
    if request_id in payment.answered:
        return []
    is_capture = payment.attempts(PaymentOperation.CAPTURE, request_id) > 0
    operation: Literal["authorize", "capture"] = "capture" if is_capture else "authorize"
    attempts = attempt_of(payment, PaymentOperation(operation), request_id).number
    if payment.status not in (PaymentStatus.AUTHORIZING, PaymentStatus.CAPTURING):
        return []
    return [
        PaymentOutcomeUnknown(order_id=payment.order_id, request_id=request_id, operation=operation, attempts=attempts)
    ]


def captured(payment: Payment, request_id: UUID, *, overrules: bool = False) -> list[PaymentEvent]:
    """The provider took the money, even if that becomes known only while the payment is undone.

    Raises `PaymentNotAttempted`; `PaymentNotOpen` after it was voided, unless the answer `overrules` that.
    """
    amount = _attempted_amount(payment, PaymentOperation.CAPTURE, request_id)
    if payment.captured is not None:
        return []
    if payment.status is PaymentStatus.VOIDED and not overrules:
        raise PaymentNotOpen(payment.order_id, payment.status, "a capture")
    return [PaymentCaptured(order_id=payment.order_id, request_id=request_id, amount=amount)]


def capture_refused(payment: Payment, request_id: UUID, reason: str) -> list[PaymentEvent]:
    """The provider does not take the money; no event where an outcome came before, or an undo has taken over.

    Raises `PaymentNotAttempted`.
    """
    attempt_of(payment, PaymentOperation.CAPTURE, request_id)
    if payment.status is not PaymentStatus.CAPTURING:
        return []
    return [CaptureRefused(order_id=payment.order_id, request_id=request_id, reason=reason)]


def voided(payment: Payment, request_id: UUID) -> list[PaymentEvent]:
    """The provider let the money go; what was opened only, and is not known to have held any, is closed.

    Raises `PaymentNotAttempted`, or `PaymentNotOpen` where it turned out to be captured.
    """
    attempt_of(payment, PaymentOperation.VOID, request_id)
    if payment.status in (PaymentStatus.VOIDED, PaymentStatus.CLOSED):
        return []
    if payment.status is not PaymentStatus.VOIDING or payment.captured is not None:
        raise PaymentNotOpen(payment.order_id, payment.status, "a void")
    if payment.authorization_id is None:
        return [PaymentClosed(order_id=payment.order_id, request_id=request_id)]
    return [PaymentVoided(order_id=payment.order_id, request_id=request_id)]


def refunded(payment: Payment, request_id: UUID) -> list[PaymentEvent]:
    """The provider gave back what was asked for. Raises `PaymentNotAttempted`."""
    if request_id in payment.answered:
        return []
    amount = _attempted_amount(payment, PaymentOperation.REFUND, request_id)
    return [PaymentRefunded(order_id=payment.order_id, request_id=request_id, amount=amount)]


def second_found(payment: Payment, request_id: UUID, authorization_id: str, amount: Money) -> list[PaymentEvent]:
    """The provider set money aside once more for the same request; no event where that is on record. Raises
    `PaymentNotAttempted`."""
    attempt_of(payment, PaymentOperation.AUTHORIZE, request_id)
    if authorization_id == payment.authorization_id or authorization_id in payment.seconds:
        return []
    return [
        SecondAuthorizationFound(
            order_id=payment.order_id, request_id=request_id, authorization_id=authorization_id, amount=amount
        )
    ]


def second_settled(payment: Payment, request_id: UUID, authorization_id: str, reason: str | None) -> list[PaymentEvent]:
    """The provider let go of what it had set aside once more, or says why not; no event where that is on record."""
    order_id = payment.order_id
    if payment.is_settled(authorization_id):
        return []
    if reason is None:
        return [SecondAuthorizationVoided(order_id=order_id, request_id=request_id, authorization_id=authorization_id)]
    return [
        SecondAuthorizationKept(
            order_id=order_id, request_id=request_id, authorization_id=authorization_id, reason=reason
        )
    ]


_UNDONE: Mapping[PaymentStatus, type[PaymentVoided | PaymentClosed]] = {
    PaymentStatus.VOIDED: PaymentVoided,
    PaymentStatus.CLOSED: PaymentClosed,
    PaymentStatus.REFUNDED: PaymentClosed,
}


def already_undone(payment: Payment, request_id: UUID) -> list[PaymentEvent]:
    """Another undo was faster: this one has its outcome with that."""
    kind = _UNDONE.get(payment.status)
    if kind is None or request_id in payment.answered:
        return []
    return [kind(order_id=payment.order_id, request_id=request_id)]


def close(payment: Payment | None, order_id: UUID, request_id: UUID) -> list[PaymentEvent]:
    """End a payment for which the provider holds nothing, so that no attempt can follow.

    Raises `MoneyHeld`, also while it may hold money under an authorisation that it opened.
    """
    if payment is not None:
        if payment.status in (PaymentStatus.CLOSED, PaymentStatus.VOIDED, PaymentStatus.REFUNDED):
            return []
        is_open = payment.opened_id is not None and payment.status is not PaymentStatus.DECLINED
        if payment.authorization_id is not None or is_open:
            raise MoneyHeld(order_id, payment.status)
    return [PaymentClosed(order_id=order_id, request_id=request_id)]


def attempt_of(payment: Payment, operation: PaymentOperation, request_id: UUID) -> Attempt:
    """The last attempt of an operation. Raises `PaymentNotAttempted` where it was for another request."""
    attempt = payment.attempted.get(operation)
    if attempt is None or attempt.request_id != request_id:
        raise PaymentNotAttempted(request_id, operation)
    return attempt


def _attempted_amount(payment: Payment, operation: PaymentOperation, request_id: UUID) -> Money:
    amount = attempt_of(payment, operation, request_id).amount
    assert amount is not None  # only a void has none
    return amount
