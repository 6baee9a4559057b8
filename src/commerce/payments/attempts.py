"""What the provider may be asked to do with a payment: each attempt is on record before the call is made."""

from __future__ import annotations

from uuid import UUID

from commerce.payments.errors import (
    AmountChanged,
    CaptureExceedsAuthorization,
    NothingCaptured,
    PaymentNotAuthorized,
    PaymentNotOpen,
    RefundExceedsCapture,
    RefundPending,
    SecondCapture,
)
from commerce.payments.events import (
    AuthorizationAttempted,
    CaptureAttempted,
    PaymentEvent,
    RefundAttempted,
    VoidAttempted,
)
from commerce.payments.payment import Payment, PaymentOperation, PaymentStatus
from commerce.values.errors import InvalidInput
from commerce.values.money import Money


def authorize(
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
            order_id=order_id, request_id=request_id, attempt=attempts + 1, amount=amount, payment_method=payment_method
        )
    ]


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


def _check_positive(amount: Money) -> None:
    if amount.amount <= 0:
        raise InvalidInput(f"{amount} cannot be moved; an amount is more than zero", "amount")


def _check_same_amount(payment: Payment, operation: PaymentOperation, request_id: UUID, amount: Money) -> None:
    before = payment.attempted.get(operation)
    if before is not None and before.request_id == request_id and before.amount != amount:
        raise AmountChanged(request_id, amount, before.amount)
