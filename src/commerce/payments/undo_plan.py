"""How a payment is undone, whatever became of it: the next thing to do, decided from its state alone; `commands.py`
does it.

What is undone is what the provider holds by its own word, which after an answer that differed is not what was asked
for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from commerce.payments.payment import Payment, PaymentOperation, PaymentStatus
from commerce.values.money import Money


@dataclass(frozen=True, slots=True)
class ClosePayment:
    """The provider was never asked, or declined, or what waited for the customer is ended: record `close`."""


@dataclass(frozen=True, slots=True)
class AskProvider:
    """An attempt has no known outcome, or one that differs: ask the provider what came of it, record that, and
    decide again.

    Where the provider knows nothing of it: `close` after an authorisation, `decisions.void` after a capture.
    """

    operation: Literal[PaymentOperation.AUTHORIZE, PaymentOperation.CAPTURE]
    request_id: UUID


@dataclass(frozen=True, slots=True)
class Void:
    """The provider holds the money, or may hold it under an authorisation that it opened: have it let go."""

    authorization_id: str


@dataclass(frozen=True, slots=True)
class Refund:
    """The provider took the money: have `amount`, all that is left of it, given back."""

    authorization_id: str
    amount: Money


@dataclass(frozen=True, slots=True)
class AwaitRefund:
    """A refund that somebody asked for has no known outcome: what it gives back is not given back again, so that is
    waited for."""


@dataclass(frozen=True, slots=True)
class PaymentUndone:
    """Nothing is left to do."""


Undo = ClosePayment | AskProvider | Void | Refund | AwaitRefund | PaymentUndone


def next_undo_step(payment: Payment | None) -> Undo:
    """What to do next so that the customer's money is, in the end, the customer's."""
    if payment is None or payment.status is PaymentStatus.DECLINED or payment.is_between_tries:
        return ClosePayment()
    if payment.status in (PaymentStatus.CLOSED, PaymentStatus.VOIDED, PaymentStatus.REFUNDED):
        return PaymentUndone()
    if payment.party_id is None:
        return AskProvider(PaymentOperation.AUTHORIZE, payment.attempted[PaymentOperation.AUTHORIZE].request_id)
    if payment.captured is None and _is_capture_open(payment):
        return AskProvider(PaymentOperation.CAPTURE, payment.attempted[PaymentOperation.CAPTURE].request_id)
    if payment.remaining is not None:
        is_free = not payment.is_refund_under_way
        return Refund(payment.party_id, payment.remaining) if is_free else AwaitRefund()
    return Void(payment.party_id)


def _is_capture_open(payment: Payment) -> bool:
    """Whether nobody knows yet what came of a capture: no answer, or one that differs and does not say how much
    was taken."""
    return PaymentOperation.CAPTURE in payment.attempted and payment.status in (
        PaymentStatus.CAPTURING,
        PaymentStatus.UNKNOWN,
        PaymentStatus.DIFFERED,
    )
