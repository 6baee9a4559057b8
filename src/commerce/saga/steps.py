"""The one table of steps: what a process asks of other parts, what their answers mean, what undoes it, and its words.

The process's state and decisions, its compensation, what an order waits for, and the messages to the outside all derive
from this table, by `definitions`. A new step is a row here (its types are in `step_definition`), its events in
`request_events`, and the context that handles them: `docs/extending.md` lists the files.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from commerce.eventstore import Event
from commerce.inventory.events import ReservationConfirmed, ReservationRejected, ReservationReleased
from commerce.payments import events as payments
from commerce.saga import request_events as requests
from commerce.saga.request_events import Requested
from commerce.saga.step_definition import OrderTerms, PartyTerms, Request, Step
from commerce.saga.step_events import AuthorizationHeld, ShipmentBooked
from commerce.shipping import events as shipping
from commerce.values.money import Money


def _once(_: OrderTerms) -> Sequence[str]:
    return ("",)


def _if_stocked(terms: OrderTerms) -> Sequence[str]:
    return ("",) if terms.wanted else ()


def _if_paid(terms: OrderTerms) -> Sequence[str]:
    return ("",) if terms.total else ()


def _to_pay(terms: OrderTerms) -> Money:
    assert terms.total is not None  # nothing is asked for without an order
    return terms.total


def _reserve(terms: OrderTerms, request_id: UUID) -> Requested:
    return requests.StockReservationRequested(order_id=terms.order_id, request_id=request_id, wanted=terms.wanted)


def _authorize(terms: OrderTerms, request_id: UUID) -> Requested:
    return requests.AuthorizationRequested(
        order_id=terms.order_id, request_id=request_id, amount=_to_pay(terms), payment_method=terms.payment_method
    )


def _capture(terms: OrderTerms, request_id: UUID) -> Requested:
    return requests.CaptureRequested(order_id=terms.order_id, request_id=request_id, amount=_to_pay(terms))


def _booked(scheduled: Event) -> ShipmentBooked:
    assert isinstance(scheduled, shipping.ShipmentScheduled)
    return ShipmentBooked(
        tracking_number=scheduled.tracking_number,
        carrier=scheduled.carrier,
        estimated_delivery=scheduled.estimated_delivery,
    )


def _held(authorized: Event) -> AuthorizationHeld | None:
    assert isinstance(authorized, payments.PaymentAuthorized)
    return None if authorized.held_until is None else AuthorizationHeld(until=authorized.held_until)


PAYMENT_PROVIDER = PartyTerms(
    name="payment provider",
    unavailable="payment_unavailable",
    unknown=payments.PaymentOutcomeUnknown,
    differed=payments.PaymentAnswerDiffered,
    postponed=payments.PaymentCallPostponed,
    unanswered=payments.PaymentCallUnanswered,
    second_kept=payments.SecondAuthorizationKept,
    second_kept_detail=(
        "the payment provider does not let go of money set aside twice ({0.authorization_id}): {0.reason}"
    ),
    second_kept_kind="money_held_twice",
)

CARRIER = PartyTerms(
    name="carrier",
    unavailable="shipping_unavailable",
    unknown=shipping.BookingOutcomeUnknown,
    differed=shipping.ShipmentAnswerDiffered,
    postponed=shipping.ShipmentCallPostponed,
    unanswered=shipping.ShipmentCallUnanswered,
    second_kept=shipping.SecondBookingKept,
    second_kept_detail="the carrier does not drop a shipment booked twice ({0.booking_id}): {0.reason}",
    second_kept_kind="shipment_booked_twice",
)

STOCK = Step(
    name="stock",
    keys=_if_stocked,
    request=Request(
        "reserve",
        requests.StockReservationRequested,
        awaited="the stock to be reserved",
        next="reserve the stock",
        details=_reserve,
    ),
    done=ReservationConfirmed,
    failed={ReservationRejected: "out_of_stock"},
    undo=Request(
        "release", requests.StockReleaseRequested, awaited="the stock to be released", next="release the stock"
    ),
    undone=(ReservationReleased,),
    undo_turn=4,
)

AUTHORIZATION = Step(
    name="authorization",
    keys=_if_paid,
    party=PAYMENT_PROVIDER,
    request=Request(
        "authorize",
        requests.AuthorizationRequested,
        awaited="the payment to be authorised",
        next="authorise the payment",
        subject="commands.payments.authorize",
        attempted=payments.AuthorizationAttempted,
        details=_authorize,
    ),
    done=payments.PaymentAuthorized,
    noted=_held,
    failed={payments.PaymentDeclined: "payment_declined"},
    is_done_otherwise=lambda answer: (
        isinstance(answer, payments.PaymentAnswerDiffered)
        and answer.operation == "authorize"
        and answer.authorization_id is not None
    ),
    undo=Request(
        "void",
        requests.VoidRequested,
        awaited="the payment to be let go",
        next="let go of the payment",
        subject="commands.payments.void",
        attempted=payments.VoidAttempted,
    ),
    undone=(payments.PaymentVoided, payments.PaymentRefunded, payments.PaymentClosed),
    undo_turn=3,
    late_awaited="the payment to be let go that was authorised late",
)

SHIPMENT = Step(
    name="shipment",
    keys=_once,
    party=CARRIER,
    request=Request(
        "schedule",
        requests.ShipmentRequested,
        awaited="the carrier to take the shipment",
        next="book the shipment",
        subject="commands.shipping.schedule",
        attempted=shipping.BookingAttempted,
    ),
    done=shipping.ShipmentScheduled,
    noted=_booked,
    failed={shipping.ShipmentRefused: "shipping_unavailable"},
    is_done_otherwise=lambda answer: (
        isinstance(answer, shipping.ShipmentAnswerDiffered)
        and answer.operation == "book"
        and answer.booking_id is not None
    ),
    undo=Request(
        "cancel shipment",
        requests.ShipmentCancellationRequested,
        awaited="the shipment to be stopped",
        next="stop the shipment",
        subject="commands.shipping.cancel",
        attempted=shipping.ShipmentCancellationAttempted,
    ),
    undone=(shipping.ShipmentCancelled, shipping.ShipmentClosed),
    undo_rejected=shipping.ShipmentCancellationRefused,
    undo_turn=1,  # money moves back only when the shipment stays
    late_awaited="the shipment to be stopped that the carrier took late",
)

CAPTURE = Step(
    name="capture",
    keys=_if_paid,
    party=PAYMENT_PROVIDER,
    request=Request(
        "capture",
        requests.CaptureRequested,
        awaited="the money to be taken",
        next="take the money",
        subject="commands.payments.capture",
        attempted=payments.CaptureAttempted,
        details=_capture,
    ),
    done=payments.PaymentCaptured,
    failed={payments.CaptureRefused: "payment_declined", payments.PaymentDeclined: "payment_declined"},
    is_done_otherwise=lambda answer: (
        isinstance(answer, payments.PaymentAnswerDiffered)
        and answer.operation == "capture"
        and answer.status == "captured"
    ),
    undo=Request(
        "refund",
        requests.RefundRequested,
        awaited="the money to be given back",
        next="give the money back",
        subject="commands.payments.refund",
        attempted=payments.RefundAttempted,
    ),
    undone=(payments.PaymentRefunded,),
    undo_turn=2,
    includes=(AUTHORIZATION,),
    late_awaited="the money to be given back that was taken late",
)

STEPS = (STOCK, AUTHORIZATION, SHIPMENT, CAPTURE)
"""All steps, in the order in which an order takes them."""

DISPATCH = Request("dispatch", requests.StockDispatchRequested)
"""What left with the shipment is booked out, which nothing waits for."""

PARTIAL_REFUND = Request(
    "partial refund",
    requests.PartialRefundRequested,
    awaited="the money to be given back that somebody asked for",
    subject="commands.payments.refund",
    attempted=payments.RefundAttempted,
)
"""Somebody asked for money back; any number of these goes on beside the steps, each under its own id."""

REFUND_OUTCOMES: frozenset[type[Event]] = frozenset((payments.PaymentRefunded, payments.PaymentRefundFailed))
"""The answers to it."""
