"""What clients may do with a payment, by how it stands."""

from __future__ import annotations

from collections.abc import Iterable

from commerce.eventstore import Event
from commerce.payments.payment import Payment, PaymentStatus, fold

MOST_ATTEMPTS = 10
"""How often the payment of one order can be tried, or asked about by its customer."""
MOST_REFUNDS = 100
"""How many refunds can be asked for of one order."""


def is_open_for_refunds(payment: Payment) -> bool:
    """Whether what was captured is neither being undone nor in doubt."""
    return payment.status in (PaymentStatus.CAPTURED, PaymentStatus.REFUNDED) or payment.is_refund_under_way


def actions_after(history: Iterable[Event]) -> list[str]:
    """What clients may ask for after these events; see `RuleBroken`."""
    payment = fold(history)
    return [] if payment is None else actions_now(payment)


def actions_now(payment: Payment) -> list[str]:
    """What clients may ask for with a payment now; see `RuleBroken`."""
    refundable = payment.refundable
    waits = payment.status is PaymentStatus.ACTION_REQUIRED and payment.tries.asked < MOST_ATTEMPTS
    gives_back = (
        refundable is not None
        and refundable.amount > 0
        and is_open_for_refunds(payment)
        and len(payment.refunds) < MOST_REFUNDS
    )
    return [*(["attempts"] if waits else []), *(["refunds"] if gives_back else [])]
