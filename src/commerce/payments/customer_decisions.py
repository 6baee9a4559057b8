"""What is decided on a payment that needs its customer, and on one of several tries to have the money set aside."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from commerce.payments.decisions import attempt_of
from commerce.payments.errors import PaymentNotOpen
from commerce.payments.events import AuthorizationOpened, PaymentActionFailed, PaymentActionRequired, PaymentEvent
from commerce.payments.payment import Payment, PaymentOperation, PaymentStatus


def try_number(payment: Payment | None) -> int:
    """The number of the try that goes on, or comes next."""
    return 1 if payment is None else payment.tries.number + payment.is_next_try


def of_try(number: int, decide: Callable[[Payment], list[PaymentEvent]]) -> Callable[[Payment], list[PaymentEvent]]:
    """What is decided about one try; no event where another one has begun: an answer that was heard late says nothing
    about that."""
    return lambda payment: decide(payment) if payment.tries.number == number else []


def action_required(
    payment: Payment, request_id: UUID, authorization_id: str, redirect_url: str, until: datetime
) -> list[PaymentEvent]:
    """The provider wants the customer to act, who has time until then; no event where it is on record, or the request
    has its outcome.

    Raises `PaymentNotAttempted`; `PaymentNotOpen` where an undo has taken over.
    """
    attempt_of(payment, PaymentOperation.AUTHORIZE, request_id)
    if payment.is_waiting or request_id in payment.answered:
        return []
    if payment.status is not PaymentStatus.AUTHORIZING:
        raise PaymentNotOpen(payment.order_id, payment.status, "an action of the customer")
    return [
        PaymentActionRequired(
            order_id=payment.order_id,
            request_id=request_id,
            authorization_id=authorization_id,
            redirect_url=redirect_url,
            until=until,
        )
    ]


def action_failed(payment: Payment, request_id: UUID, reason: str) -> list[PaymentEvent]:
    """Nothing is set aside in the way that was tried last, and nothing can come of it; no event where that is on
    record, or another outcome is. Raises `PaymentNotAttempted`."""
    attempt_of(payment, PaymentOperation.AUTHORIZE, request_id)
    action, is_open = payment.tries.action, payment.status is PaymentStatus.AUTHORIZING or payment.is_waiting
    if action is None or not is_open:
        return []
    return [PaymentActionFailed(order_id=payment.order_id, request_id=request_id, reason=reason, until=action.until)]


def found_waiting(payment: Payment, request_id: UUID, authorization_id: str) -> list[PaymentEvent]:
    """An undo finds that the provider waits for the customer: it has something to let go of. Raises
    `PaymentNotAttempted`."""
    attempt_of(payment, PaymentOperation.AUTHORIZE, request_id)
    if payment.party_id is not None:
        return []
    return [AuthorizationOpened(order_id=payment.order_id, request_id=request_id, authorization_id=authorization_id)]
