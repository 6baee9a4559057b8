"""What a process asks of other parts, each an event of its stream, and the same in the words of the part that is asked.

A `…Requested` event is a command to another part; its `request_id` is that part's idempotency key and comes back in the
answer.
"""

from __future__ import annotations

from typing import ClassVar, Literal
from uuid import UUID

from commerce.eventstore import Event
from commerce.inventory.events import Quantity
from commerce.inventory.stock_requests import Dispatch, Release, Reserve, StockRequest
from commerce.payments.payment import Authorize, Capture, PaymentOperation, PaymentRequest, RefundPart, UndoPayment
from commerce.shipping.shipment import ShippingOperation, ShippingRequest
from commerce.values.money import Money

StepName = Literal["stock", "authorization", "shipment", "capture"]


class Keyed(Event):
    """An event about a step or a request that an order may have several times."""

    @property
    def key(self) -> str:
        """What tells them apart, such as the id of a shipment: no order has two of a kind as yet."""
        return ""


class Requested(Keyed):
    """A command to another part; `request_id` is that part's idempotency key, and comes back in the answer."""

    order_id: UUID
    request_id: UUID


class StockReservationRequested(Requested):
    """Inventory is to reserve all of it, or nothing."""

    TOPIC: ClassVar[str] = "saga.StockReservationRequested"
    SENTENCE: ClassVar[str] = "Inventory is asked to reserve {wanted}"

    wanted: tuple[Quantity, ...]


class StockReleaseRequested(Requested):
    """Inventory is to give back what it reserved for the order."""

    TOPIC: ClassVar[str] = "saga.StockReleaseRequested"
    SENTENCE: ClassVar[str] = "Compensation: inventory is asked to give back what it reserved"


class StockDispatchRequested(Requested):
    """Inventory is to book out what it reserved for the order, as the shipment left."""

    TOPIC: ClassVar[str] = "saga.StockDispatchRequested"
    SENTENCE: ClassVar[str] = "Inventory is asked to book out what left with the shipment"


class AuthorizationRequested(Requested):
    """Payments is to set the money aside."""

    TOPIC: ClassVar[str] = "saga.AuthorizationRequested"
    SENTENCE: ClassVar[str] = "Payments is asked to set {amount} aside on {payment_method}"

    amount: Money
    payment_method: str


class CaptureRequested(Requested):
    """Payments is to take the money set aside."""

    TOPIC: ClassVar[str] = "saga.CaptureRequested"
    SENTENCE: ClassVar[str] = "Payments is asked to take {amount}"

    amount: Money


class VoidRequested(Requested):
    """Payments is to undo an authorisation, whatever became of it."""

    TOPIC: ClassVar[str] = "saga.VoidRequested"
    SENTENCE: ClassVar[str] = "Compensation: payments is asked to let go of the money set aside"


class RefundRequested(Requested):
    """Payments is to undo a capture, whatever became of it: refund what was taken, else void."""

    TOPIC: ClassVar[str] = "saga.RefundRequested"
    SENTENCE: ClassVar[str] = "Compensation: payments is asked to give the money back"


class PartialRefundRequested(Requested):
    """Payments is to give back what somebody asked for: part of what was taken, or all of it.

    It is no compensation: the order stays what it is. `request_id` is the refund's own id.
    """

    TOPIC: ClassVar[str] = "saga.PartialRefundRequested"
    SENTENCE: ClassVar[str] = "Payments is asked to give {amount} back"

    amount: Money


class ShipmentRequested(Requested):
    """Shipping is to book a shipment."""

    TOPIC: ClassVar[str] = "saga.ShipmentRequested"
    SENTENCE: ClassVar[str] = "Shipping is asked to book a shipment"


class ShipmentCancellationRequested(Requested):
    """Shipping is to drop the booking, whatever became of it."""

    TOPIC: ClassVar[str] = "saga.ShipmentCancellationRequested"
    SENTENCE: ClassVar[str] = "Compensation: shipping is asked to stop the shipment"


ProcessRequest = (
    StockReservationRequested
    | StockReleaseRequested
    | StockDispatchRequested
    | AuthorizationRequested
    | CaptureRequested
    | VoidRequested
    | RefundRequested
    | PartialRefundRequested
    | ShipmentRequested
    | ShipmentCancellationRequested
)

STOCK_TOPICS = frozenset(
    kind.TOPIC for kind in (StockReservationRequested, StockReleaseRequested, StockDispatchRequested)
)
"""The events that ask something of inventory."""


def stock_request(event: Event) -> StockRequest:
    """What an event with one of `STOCK_TOPICS` asks, in inventory's own words. Raises `TypeError` for any other."""
    match event:
        case StockReservationRequested():
            return Reserve(event.order_id, event.request_id, event.wanted)
        case StockReleaseRequested():
            return Release(event.order_id, event.request_id)
        case StockDispatchRequested():
            return Dispatch(event.order_id, event.request_id)
    raise TypeError(f"{event.TOPIC} asks nothing of inventory")


def payment_request(event: Event) -> PaymentRequest | None:
    """What an event of a process asks of payments, in payments' own words, if it does."""
    match event:
        case AuthorizationRequested():
            return Authorize(event.order_id, event.request_id, event.amount, event.payment_method)
        case CaptureRequested():
            return Capture(event.order_id, event.request_id, event.amount)
        case VoidRequested():
            return UndoPayment(event.order_id, event.request_id, PaymentOperation.VOID)
        case RefundRequested():
            return UndoPayment(event.order_id, event.request_id, PaymentOperation.REFUND)
        case PartialRefundRequested():
            return RefundPart(event.order_id, event.request_id, event.amount)
    return None


def shipping_request(event: Event) -> ShippingRequest | None:
    """What an event of a process asks of shipping, in shipping's own words, if it does."""
    match event:
        case ShipmentRequested():
            return ShippingRequest(event.order_id, event.request_id, ShippingOperation.SCHEDULE)
        case ShipmentCancellationRequested():
            return ShippingRequest(event.order_id, event.request_id, ShippingOperation.CANCEL)
    return None
