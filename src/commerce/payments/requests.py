"""The requests that payments accepts, in its own words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal
from uuid import UUID

from commerce.payments.payment import PaymentOperation
from commerce.values import ids
from commerce.values.money import Money


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


PaymentRequest = Authorize | Capture | UndoPayment
