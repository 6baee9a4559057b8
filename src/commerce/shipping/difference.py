"""How a carrier's answer differs from what it was asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class ShipmentDifference:
    """How the carrier's answer differs from what it was asked, in words; and the booking that is surely this
    order's."""

    operation: Literal["book", "cancel"]
    asked: str
    answered: str
    booking_id: str | None = None
