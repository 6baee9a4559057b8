"""What a process asks of others, in their own words."""

from __future__ import annotations

from typing import TypeVar

import pytest

from commerce.eventstore import Event
from commerce.inventory.stock_requests import Dispatch, Release, Reserve, StockRequest
from commerce.payments.payment import Authorize, Capture, PaymentOperation, PaymentRequest, RefundPart, UndoPayment
from commerce.saga.request_events import (
    AuthorizationRequested,
    CaptureRequested,
    PartialRefundRequested,
    RefundRequested,
    ShipmentCancellationRequested,
    ShipmentRequested,
    StockDispatchRequested,
    StockReleaseRequested,
    StockReservationRequested,
    VoidRequested,
    payment_request,
    shipping_request,
    stock_request,
)
from commerce.shipping.shipment import ShippingOperation, ShippingRequest
from commerce.values import ids
from tests.unit.saga.inputs import EUR_30, ORDER, PROCESS, WANTED

E = TypeVar("E", bound=Event)
REQUEST = ids.request_id(PROCESS, "anything")


def about(kind: type[E], **fields: object) -> E:
    return kind.model_validate({"order_id": ORDER, "request_id": REQUEST, **fields})


@pytest.mark.parametrize(
    ("event", "request_"),
    [
        (
            about(AuthorizationRequested, amount=EUR_30, payment_method="pm_card_ok"),
            Authorize(ORDER, REQUEST, EUR_30, "pm_card_ok"),
        ),
        (about(CaptureRequested, amount=EUR_30), Capture(ORDER, REQUEST, EUR_30)),
        (about(VoidRequested), UndoPayment(ORDER, REQUEST, PaymentOperation.VOID)),
        (about(RefundRequested), UndoPayment(ORDER, REQUEST, PaymentOperation.REFUND)),
        (about(PartialRefundRequested, amount=EUR_30), RefundPart(ORDER, REQUEST, EUR_30)),
        (about(ShipmentRequested), None),
        (about(StockReleaseRequested), None),
    ],
)
def test_what_is_asked_of_payments(event: Event, request_: PaymentRequest | None) -> None:
    assert payment_request(event) == request_


@pytest.mark.parametrize(
    ("event", "request_"),
    [
        (about(ShipmentRequested), ShippingRequest(ORDER, REQUEST, ShippingOperation.SCHEDULE)),
        (about(ShipmentCancellationRequested), ShippingRequest(ORDER, REQUEST, ShippingOperation.CANCEL)),
        (about(CaptureRequested, amount=EUR_30), None),
    ],
)
def test_what_is_asked_of_shipping(event: Event, request_: ShippingRequest | None) -> None:
    assert shipping_request(event) == request_


@pytest.mark.parametrize(
    ("event", "request_"),
    [
        (about(StockReservationRequested, wanted=WANTED), Reserve(ORDER, REQUEST, WANTED)),
        (about(StockReleaseRequested), Release(ORDER, REQUEST)),
        (about(StockDispatchRequested), Dispatch(ORDER, REQUEST)),
    ],
)
def test_what_is_asked_of_inventory(event: Event, request_: StockRequest) -> None:
    assert stock_request(event) == request_


def test_what_asks_nothing_of_inventory_moves_no_stock() -> None:
    for event in (about(VoidRequested), about(ShipmentRequested)):
        with pytest.raises(TypeError, match="asks nothing of inventory"):
            stock_request(event)
