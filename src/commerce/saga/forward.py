"""The way to a confirmed order: reserve stock, authorise, book the shipment, capture."""

from __future__ import annotations

from datetime import datetime

from commerce.eventstore import Event, first_event
from commerce.inventory.events import ReservationConfirmed, ReservationRejected
from commerce.ordering.events import OrderPlaced
from commerce.payments.events import (
    CaptureRefused,
    PaymentAnswerDiffered,
    PaymentAuthorized,
    PaymentCaptured,
    PaymentDeclined,
    PaymentOutcomeUnknown,
)
from commerce.saga.compensation import begin, told, took_otherwise
from commerce.saga.decision import NOTHING, ConfirmOrder, ProcessDecision, ProcessLimits, Reaction
from commerce.saga.events import (
    CaseOpened,
    ProcessCompleted,
    ProcessStarted,
    ShipmentBooked,
    Step,
    StepFailed,
    StepSucceeded,
    Wanted,
)
from commerce.saga.process import STEPS, Completion, Process, Request, evolve
from commerce.shipping.events import (
    BookingOutcomeUnknown,
    ShipmentAnswerDiffered,
    ShipmentRefused,
    ShipmentScheduled,
)
from commerce.values import ids


def start(placed: OrderPlaced, at: datetime, limits: ProcessLimits) -> Reaction:
    """An order was placed: note all that its steps will need, and take the first."""
    started = first_event(
        ProcessStarted,
        ids.process_id(placed.originator_id),
        order_id=placed.originator_id,
        total=placed.total,
        payment_method=placed.payment_method,
        wanted=_wanted(placed),
    )
    decision = ProcessDecision(evolve(None, started), [started])
    decision.set_deadline("order", at + limits.order)
    return _go_on(decision)


def _wanted(placed: OrderPlaced) -> tuple[Wanted, ...]:
    """The pieces to reserve: a SKU that is on several lines is asked for once."""
    pieces: dict[str, int] = {}
    for line in placed.lines:
        if line.stocked:
            pieces[line.sku] = pieces.get(line.sku, 0) + line.quantity
    return tuple(Wanted(sku=sku, quantity=quantity) for sku, quantity in pieces.items())


def next_step(process: Process) -> Request | None:
    """What to ask for next on the way to confirmed; where nothing is to be reserved, or paid, that is left out."""
    for request, step in STEPS.items():
        if step not in process.held and _needed(process, step):
            return request
    return None


def _needed(process: Process, step: Step) -> bool:
    if step == "stock":
        return bool(process.wanted)
    return step == "shipment" or bool(process.total)


_FAILURES: dict[type[Event], str] = {
    ReservationRejected: "out_of_stock",
    PaymentDeclined: "payment_declined",
    CaptureRefused: "payment_declined",
    PaymentOutcomeUnknown: "payment_unavailable",
    PaymentAnswerDiffered: "payment_unavailable",
    ShipmentRefused: "shipping_unavailable",
    BookingOutcomeUnknown: "shipping_unavailable",
    ShipmentAnswerDiffered: "shipping_unavailable",
}
"""The answers that end the way forward, with the reason for which the order is rejected."""


_LEFT_OPEN = (PaymentOutcomeUnknown, PaymentAnswerDiffered, BookingOutcomeUnknown, ShipmentAnswerDiffered)
"""The answers after which the step may be done all the same, wholly or in part, and has to be undone."""


def answered(process: Process, request: Request, answer: Event, at: datetime, limits: ProcessLimits) -> Reaction:
    """The step that the process waits for has an outcome: take the next, or begin to undo."""
    decision = ProcessDecision(process)
    if process.postponed:  # that it had to wait takes none of the time that the other steps have
        decision.set_deadline("order", at + limits.order)
    if isinstance(answer, ShipmentScheduled):
        return _booked(decision, answer)
    if isinstance(answer, ReservationConfirmed | PaymentAuthorized | PaymentCaptured):
        decision.add(StepSucceeded, step=STEPS[request])
        return _go_on(decision)
    reason = _FAILURES.get(type(answer))
    if reason is None:
        return NOTHING
    known = not isinstance(answer, _LEFT_OPEN)
    decision.add(StepFailed, step=STEPS[request], reason=reason, outcome_known=known)
    if isinstance(answer, PaymentAnswerDiffered | ShipmentAnswerDiffered):
        stays = took_otherwise(answer)
        decision.add(CaseOpened, order_id=process.order_id, detail=told(answer), outlasts_undoing=stays)
    return begin(decision, Completion("rejected", reason), at, limits)


def _booked(decision: ProcessDecision, scheduled: ShipmentScheduled) -> Reaction:
    decision.add(
        ShipmentBooked,
        tracking_number=scheduled.tracking_number,
        carrier=scheduled.carrier,
        estimated_delivery=scheduled.estimated_delivery,
    )
    return _go_on(decision)


def overdue(process: Process, postponed: str, at: datetime, limits: ProcessLimits) -> Reaction:
    """The order would be given up now, but waits for what only a person can mend: tell one, and look again later."""
    decision = ProcessDecision(process)
    detail = f"the order waits: {postponed}"
    if process.case != detail:
        decision.add(CaseOpened, order_id=process.order_id, detail=detail)
    decision.set_deadline("order", at + limits.longest)
    return decision.reaction()


def _go_on(decision: ProcessDecision) -> Reaction:
    request = next_step(decision.process)
    if request is not None:
        decision.ask(request)
        return decision.reaction()
    decision.add(ProcessCompleted)
    booking = decision.process.booking
    assert booking is not None  # no order is confirmed without a shipment
    return decision.reaction(ConfirmOrder(booking.tracking_number, booking.carrier, booking.estimated_delivery))
