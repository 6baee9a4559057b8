"""The requests that shipping accepts, in its own words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class ShippingOperation(StrEnum):
    """What is asked of the carrier; the last part of a command's subject."""

    SCHEDULE = "schedule"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class ShippingRequest:
    """Have a shipment collected, or not after all, whatever became of it."""

    order_id: UUID
    request_id: UUID
    operation: ShippingOperation
