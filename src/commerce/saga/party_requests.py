"""What the process manager asks of payments and shipping, in their own words."""

from __future__ import annotations

from commerce.eventstore import Event
from commerce.payments.payment import PaymentOperation
from commerce.payments.requests import Authorize, Capture, PaymentRequest, UndoPayment
from commerce.saga.events import (
    AuthorizationRequested,
    CaptureRequested,
    RefundRequested,
    ShipmentCancellationRequested,
    ShipmentRequested,
    VoidRequested,
)
from commerce.shipping.requests import ShippingOperation, ShippingRequest


def payment_request(event: Event) -> PaymentRequest | None:
    """What an event of a process asks of payments, if it does."""
    match event:
        case AuthorizationRequested():
            return Authorize(event.order_id, event.request_id, event.amount, event.payment_method)
        case CaptureRequested():
            return Capture(event.order_id, event.request_id, event.amount)
        case VoidRequested():
            return UndoPayment(event.order_id, event.request_id, PaymentOperation.VOID)
        case RefundRequested():
            return UndoPayment(event.order_id, event.request_id, PaymentOperation.REFUND)
    return None


def shipping_request(event: Event) -> ShippingRequest | None:
    """What an event of a process asks of shipping, if it does."""
    match event:
        case ShipmentRequested():
            return ShippingRequest(event.order_id, event.request_id, ShippingOperation.SCHEDULE)
        case ShipmentCancellationRequested():
            return ShippingRequest(event.order_id, event.request_id, ShippingOperation.CANCEL)
    return None
