"""One order, and what happens to it outside its process, as the log says it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TypeVar
from uuid import UUID

from commerce.eventstore import Event, Sealed, in_stream
from commerce.inventory.events import (
    Quantity,
    ReservationConfirmed,
    ReservationDispatched,
    ReservationRejected,
    ReservationReleased,
    Shortage,
)
from commerce.ordering.events import OrderCancellationRequested, OrderLine, OrderPlaced
from commerce.payments.events import (
    CaptureRefused,
    PaymentAnswerDiffered,
    PaymentAuthorized,
    PaymentCallPostponed,
    PaymentCaptured,
    PaymentClosed,
    PaymentDeclined,
    PaymentOutcomeUnknown,
    PaymentRefunded,
    PaymentVoided,
)
from commerce.saga.events import DeadlinePassed
from commerce.saga.limits import ProcessLimits
from commerce.saga.order_commands import ConfirmOrder
from commerce.shipping.events import (
    BookingOutcomeUnknown,
    ShipmentAnswerDiffered,
    ShipmentCancellationRefused,
    ShipmentCancelled,
    ShipmentClosed,
    ShipmentDelivered,
    ShipmentDispatched,
    ShipmentRefused,
    ShipmentScheduled,
)
from commerce.values import ids
from commerce.values.money import Money

ORDER = UUID("11111111-2222-4333-8444-555555555555")
PROCESS = ids.process_id(ORDER)
STREAMS = {
    "inventory": ids.reservation_id(ORDER),
    "payments": ids.payment_id(ORDER),
    "shipping": ids.shipment_id(ORDER),
}
START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
LATER = START + timedelta(minutes=2)
LIMITS = ProcessLimits(order=timedelta(minutes=15), compensation=timedelta(minutes=5), longest=timedelta(hours=1))
EUR_30 = Money.of("30.00", "EUR")
WANTED = (Quantity(sku="TEA", quantity=3), Quantity(sku="CUP", quantity=1))
ARRIVES = date(2026, 11, 27)
CONFIRM = ConfirmOrder("TRACK-1", "Swift", ARRIVES)

E = TypeVar("E", bound=Event)


def line(sku: str, quantity: int, price: str, *, stocked: bool = True) -> OrderLine:
    return OrderLine(sku=sku, name=sku, quantity=quantity, unit_price=Money.of(price, "EUR"), stocked=stocked)


LINES = (
    line("TEA", 2, "5.00"),
    line("CUP", 1, "10.00"),
    line("TEA", 1, "5.00"),
    line("POSTAGE", 1, "5.00", stocked=False),
)


def placed(lines: tuple[OrderLine, ...] = LINES, total: str = "30.00") -> OrderPlaced:
    return OrderPlaced(
        originator_id=ORDER,
        originator_version=1,
        customer_id=None,
        currency="EUR",
        lines=lines,
        total=Money.of(total, "EUR"),
        shipping_address=Sealed("sealed"),
        payment_method="pm_card_ok",
    )


def cancellation_requested() -> OrderCancellationRequested:
    return OrderCancellationRequested(originator_id=ORDER, originator_version=2, reason=Sealed("sealed"))


def answer(kind: type[E], request: str, **fields: object) -> E:
    stream = STREAMS[kind.TOPIC.partition(".")[0]]
    event = kind.model_validate({"order_id": ORDER, "request_id": ids.request_id(PROCESS, request), **fields})
    return in_stream([event], stream, after=0)[0]


RESERVED = answer(ReservationConfirmed, "reserve", lines=(Quantity(sku="TEA", quantity=3),))
SHORT = answer(ReservationRejected, "reserve", shortages=(Shortage(sku="TEA", requested=3, available=1),))
RELEASED = answer(ReservationReleased, "release")
BOOKED_OUT = answer(ReservationDispatched, "dispatch")
AUTHORIZED = answer(PaymentAuthorized, "authorize", authorization_id="auth-1", amount=EUR_30)
DECLINED = answer(PaymentDeclined, "authorize", decline_reason="insufficient funds")
AUTHORIZATION_UNKNOWN = answer(PaymentOutcomeUnknown, "authorize", operation="authorize", attempts=5)
CAPTURED = answer(PaymentCaptured, "capture", amount=EUR_30)
CAPTURE_UNKNOWN = answer(PaymentOutcomeUnknown, "capture", operation="capture", attempts=5)
CAPTURE_REFUSED = answer(CaptureRefused, "capture", reason="card_declined")
CAPTURE_DECLINED = answer(PaymentDeclined, "capture", decline_reason="authorisation expired")
VOIDED = answer(PaymentVoided, "void")
CLOSED_BY_VOID = answer(PaymentClosed, "void")
REFUNDED = answer(PaymentRefunded, "refund", amount=EUR_30)
VOIDED_BY_REFUND = answer(PaymentVoided, "refund")
CLOSED_BY_REFUND = answer(PaymentClosed, "refund")


def put_off(request: str, cause: str) -> PaymentCallPostponed:
    return answer(PaymentCallPostponed, request, attempt=1, cause=cause, detail="the payment provider says no")


SCHEDULED = answer(
    ShipmentScheduled,
    "schedule",
    booking_id="booking-1",
    tracking_number="TRACK-1",
    carrier="Swift",
    estimated_delivery=ARRIVES,
)
REFUSED = answer(ShipmentRefused, "schedule", reason="AQ is not served")
BOOKING_UNKNOWN = answer(BookingOutcomeUnknown, "schedule", attempts=5)
STOPPED = answer(ShipmentCancelled, "cancel shipment")
NEVER_BOOKED = answer(ShipmentClosed, "cancel shipment")
TOO_LATE = answer(ShipmentCancellationRefused, "cancel shipment", reason="out for delivery")


def payment_differed(request: str, operation: str) -> PaymentAnswerDiffered:
    return answer(
        PaymentAnswerDiffered,
        request,
        operation=operation,
        asked="30.00 EUR",
        answered="did 1.00 EUR",
        status=None,
        authorization_id=None,
        amount=None,
    )


def shipment_differed(request: str, operation: str) -> ShipmentAnswerDiffered:
    told = {"asked": "a shipment", "answered": "did another", "booking_id": None}
    return answer(ShipmentAnswerDiffered, request, operation=operation, **told)


DISPATCHED = ShipmentDispatched(originator_id=STREAMS["shipping"], originator_version=3, order_id=ORDER)
DELIVERED = ShipmentDelivered(originator_id=STREAMS["shipping"], originator_version=4, order_id=ORDER)
CANCELLATION_REQUESTED = cancellation_requested()

RUN_UP = (placed(), RESERVED, AUTHORIZED, SCHEDULED)
"""What an order of stocked, paid goods has behind it when it waits for the capture."""
CONFIRMED = (*RUN_UP, CAPTURED)


def deadline_passed(name: str) -> DeadlinePassed:
    """A deadline that the clock found past; the scenario puts it into the process's stream."""
    return DeadlinePassed(originator_id=PROCESS, originator_version=0, order_id=ORDER, name=name)
