"""The rules of a shipment that a command can break."""

from __future__ import annotations

from uuid import UUID

from commerce.values.errors import RuleBroken


class ShipmentNotOpen(RuleBroken):
    """Nothing of this kind may be attempted, as the shipment has gone past it or has ended."""

    def __init__(self, order_id: UUID, status: str, command: str) -> None:
        super().__init__(f"the shipment of order {order_id} is {status}; {command} is not possible any more")


class ShipmentNotScheduled(RuleBroken):
    """Only a shipment that the carrier will take is dispatched, or has its booking dropped."""

    def __init__(self, order_id: UUID, status: str) -> None:
        super().__init__(f"the shipment of order {order_id} is {status}; wait until the carrier has scheduled it")


class CancellationPending(RuleBroken):
    """A shipment whose cancellation was attempted stays in the warehouse."""

    def __init__(self, order_id: UUID) -> None:
        super().__init__(f"the shipment of order {order_id} is being cancelled; keep the shipment back")


class ShipmentNotDispatched(RuleBroken):
    """Only a shipment that left arrives."""

    def __init__(self, order_id: UUID, status: str) -> None:
        super().__init__(f"the shipment of order {order_id} is {status}; record its dispatch first")


class ShipmentNotAttempted(RuleBroken):
    """An outcome belongs to an attempt that was recorded before it was made."""

    def __init__(self, request_id: UUID) -> None:
        super().__init__(f"request {request_id} was never attempted; record the attempt before the call")


class BookingHeld(RuleBroken):
    """A shipment is not closed while the carrier has a booking for it."""

    def __init__(self, order_id: UUID, status: str) -> None:
        super().__init__(f"the shipment of order {order_id} is {status}; cancel its booking instead of closing it")
