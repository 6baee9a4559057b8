"""Every input that the process of one order can read: each outcome of each of its requests, and what happens
beside them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from commerce.eventstore.codec.event import Event
from commerce.payments.events import (
    PaymentAnswerDiffered,
    PaymentCallPostponed,
    PaymentClosed,
    PaymentDeclined,
    PaymentRefunded,
    PaymentVoided,
    SecondAuthorizationKept,
)
from commerce.shipping.events import (
    SecondBookingKept,
    ShipmentAnswerDiffered,
    ShipmentCallPostponed,
    ShipmentCancellationRefused,
    ShipmentCancelled,
    ShipmentClosed,
)
from tests.unit.saga import inputs as given
from tests.unit.saga.inputs import EUR_30, answer, deadline_passed, line, placed

ORDERS = (
    placed(),
    placed((line("POSTAGE", 1, "30.00", stocked=False),)),
    placed((line("TEA", 1, "0.00"),), "0.00"),
    placed((line("LETTER", 1, "0.00", stocked=False),), "0.00"),
)
"""With stock and money, without stock, without money, and without both."""

_PAYMENTS: tuple[str, ...] = ("authorize", "capture", "void", "refund", "late void", "late refund")
_SHIPPING: tuple[str, ...] = ("schedule", "cancel shipment", "late cancel shipment")
_CAUSES: tuple[Literal["credential_refused", "busy", "undo_refused"], ...] = (
    "credential_refused",
    "busy",
    "undo_refused",
)

ORDINARY: tuple[Event, ...] = (
    given.RESERVED,
    given.AUTHORIZED,
    given.SCHEDULED,
    given.CAPTURED,
    given.RELEASED,
    given.VOIDED,
    given.REFUNDED,
    given.STOPPED,
    given.DISPATCHED,
    given.DELIVERED,
    answer(PaymentVoided, "late void"),
    answer(PaymentRefunded, "late refund", amount=EUR_30),
    answer(ShipmentCancelled, "late cancel shipment"),
)
"""What happens where nothing is in the way."""


def extraordinary() -> Iterator[Event]:
    """What happens else."""
    yield from (given.CANCELLATION_REQUESTED, deadline_passed("order"), deadline_passed("compensation"), given.SHORT)
    yield from (given.DECLINED, given.AUTHORIZATION_UNKNOWN, given.CAPTURE_UNKNOWN, given.CAPTURE_REFUSED)
    yield from (given.CAPTURE_DECLINED, given.REFUSED, given.BOOKING_UNKNOWN, given.BOOKED_OUT)
    yield from (
        given.CLOSED_BY_VOID,
        given.VOIDED_BY_REFUND,
        given.CLOSED_BY_REFUND,
        given.NEVER_BOOKED,
        given.TOO_LATE,
    )
    yield from _late()
    yield from _differed()
    yield from _postponed()
    told = {"reason": "it says no"}
    yield answer(SecondAuthorizationKept, "authorize", authorization_id="auth-2", **told)
    yield answer(SecondBookingKept, "schedule", booking_id="booking-2", **told)


def _late() -> Iterator[Event]:
    yield answer(PaymentClosed, "late void")
    yield from (answer(PaymentVoided, "late refund"), answer(PaymentClosed, "late refund"))
    yield answer(ShipmentClosed, "late cancel shipment")
    yield answer(ShipmentCancellationRefused, "late cancel shipment", reason="out for delivery")
    yield answer(PaymentDeclined, "late void", decline_reason="never seen")


def _differed() -> Iterator[Event]:
    """Each operation's answer as something else was done, and as nothing is known of what was done."""
    done = {"authorize": "authorized", "capture": "captured", "void": "voided", "refund": "refunded"}
    told: dict[str, object] = {"asked": "30.00 EUR", "answered": "did 1.00 EUR", "amount": None}
    for request in _PAYMENTS:
        operation = request.removeprefix("late ")
        unknown: dict[str, object] = {"operation": operation, "status": None, "authorization_id": None, **told}
        yield answer(PaymentAnswerDiffered, request, **unknown)
        yield answer(
            PaymentAnswerDiffered, request, **{**unknown, "status": done[operation], "authorization_id": "auth-3"}
        )
    early = {"operation": "authorize", "status": "captured", "authorization_id": "auth-4", **told}
    yield answer(PaymentAnswerDiffered, "authorize", **early)
    for request in _SHIPPING:
        operation = "book" if request == "schedule" else "cancel"
        for booking in (None, "booking-3"):
            yield answer(
                ShipmentAnswerDiffered,
                request,
                operation=operation,
                asked="a parcel",
                answered="did another",
                booking_id=booking,
            )


def _postponed() -> Iterator[Event]:
    for cause in _CAUSES:
        for request in _PAYMENTS:
            yield answer(PaymentCallPostponed, request, attempt=1, cause=cause, detail=f"the provider: {cause}")
        for request in _SHIPPING:
            yield answer(ShipmentCallPostponed, request, attempt=1, cause=cause, detail=f"the carrier: {cause}")
