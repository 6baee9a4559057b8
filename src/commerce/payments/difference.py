"""How a provider's answer differs from what it was asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from commerce.values.money import Money


@dataclass(frozen=True, slots=True)
class PaymentDifference:
    """What was asked and what was answered, in words; and what is surely this order's of what the provider says
    that it did."""

    operation: Literal["authorize", "capture", "void", "refund"]
    asked: str
    answered: str
    status: Literal["authorized", "captured", "voided", "refunded"] | None = None
    authorization_id: str | None = None
    amount: Money | None = None
