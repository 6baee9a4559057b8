"""The decision of the process manager: what follows from one event of the log, in log order. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import get_args

from commerce.eventstore import Event
from commerce.inventory.events import ReservationConfirmed, ReservationRejected, ReservationReleased
from commerce.ordering.events import OrderCancellationRequested, OrderPlaced
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
    SecondAuthorizationKept,
)
from commerce.saga import compensation, forward, fulfilment, late_outcomes
from commerce.saga.cancellation import cancellation_requested
from commerce.saga.decision import NOTHING, ProcessDecision, ProcessLimits, Reaction
from commerce.saga.events import DeadlinePassed, StepPostponed
from commerce.saga.process import LATE, Completion, Process, Stage
from commerce.shipping.events import (
    BookingOutcomeUnknown,
    SecondBookingKept,
    ShipmentAnswerDiffered,
    ShipmentCallPostponed,
    ShipmentCancellationRefused,
    ShipmentCancelled,
    ShipmentClosed,
    ShipmentDelivered,
    ShipmentDispatched,
    ShipmentRefused,
    ShipmentScheduled,
)

Answer = (
    ReservationConfirmed
    | ReservationRejected
    | ReservationReleased
    | PaymentAuthorized
    | PaymentDeclined
    | PaymentOutcomeUnknown
    | PaymentAnswerDiffered
    | ShipmentAnswerDiffered
    | PaymentCaptured
    | CaptureRefused
    | PaymentVoided
    | PaymentRefunded
    | PaymentClosed
    | ShipmentScheduled
    | ShipmentRefused
    | BookingOutcomeUnknown
    | ShipmentCancelled
    | ShipmentCancellationRefused
    | ShipmentClosed
)
"""Outcomes of a request: each names the request it answers."""

Postponed = PaymentCallPostponed | ShipmentCallPostponed
"""Not done now: the request stands, and is asked again."""

Kept = SecondAuthorizationKept | SecondBookingKept
"""What a party did twice and does not undo."""

Input = (
    OrderPlaced
    | OrderCancellationRequested
    | DeadlinePassed
    | ShipmentDispatched
    | ShipmentDelivered
    | Answer
    | Postponed
    | Kept
)
"""All that a process reacts to."""

TOPICS = frozenset(kind.TOPIC for kind in get_args(Input))
"""The events that the process manager has to read."""


TIMED_OUT = Completion("rejected", "timed_out")
"""How a process ends that took longer than an order may."""


def react(process: Process | None, event: Event, at: datetime, limits: ProcessLimits) -> Reaction:
    """What follows from an event that was recorded `at`; a repeated, late or unexpected one is followed by nothing.

    The process has its own events applied, a `DeadlinePassed` that is being decided on included.
    """
    if process is None:
        return forward.start(event, at, limits) if isinstance(event, OrderPlaced) else NOTHING
    if isinstance(event, Answer):
        return _answered(process, event, at, limits)
    reaction = NOTHING
    match event:
        case OrderCancellationRequested():
            reaction = cancellation_requested(process, at, limits)
        case PaymentCallPostponed() | ShipmentCallPostponed():
            reaction = _postponed(process, event)
        case SecondAuthorizationKept():
            detail = f"the payment provider does not let go of money set aside twice ({event.authorization_id}): {event.reason}"
            reaction = compensation.refused(ProcessDecision(process), detail, outlasts_undoing=True)
        case SecondBookingKept():
            detail = f"the carrier does not drop a shipment booked twice ({event.booking_id}): {event.reason}"
            reaction = compensation.refused(ProcessDecision(process), detail, outlasts_undoing=True)
        case DeadlinePassed():
            reaction = _deadline_passed(process, event.name, at, limits)
        case ShipmentDispatched():
            reaction = fulfilment.dispatched(process)
        case ShipmentDelivered():
            reaction = fulfilment.delivered(process)
    return reaction


def _answered(process: Process, answer: Answer, at: datetime, limits: ProcessLimits) -> Reaction:
    """Only the answer that is waited for leads on: another is repeated, or tells what was done after it was given up.

    One that differs from what was asked is a case whenever it comes.
    """
    request = process.awaits
    if request is None or answer.request_id != process.request_id(request):
        return late_outcomes.answered(process, answer, at, limits)
    if process.completion is None:
        return forward.answered(process, request, answer, at, limits)
    return compensation.answered(process, request, process.completion, answer)


def _postponed(process: Process, event: Postponed) -> Reaction:
    """What is asked for again soon needs no remark; what waits for a person to mend something is remembered, or
    is a case."""
    decision = ProcessDecision(process)
    requests = [LATE[step] for step in process.late] + ([process.awaits] if process.awaits else [])
    if event.request_id not in map(process.request_id, requests) or event.cause == "busy":
        return NOTHING
    if event.cause == "undo_refused":
        return compensation.refused(decision, event.detail)
    if process.postponed == event.detail:
        return NOTHING
    decision.add(StepPostponed, detail=event.detail)
    return decision.reaction()


def _deadline_passed(process: Process, name: str, at: datetime, limits: ProcessLimits) -> Reaction:
    if name == "order" and process.stage is Stage.RUNNING and process.postponed:
        return forward.overdue(process, process.postponed, at, limits)
    if name == "order" and process.stage is Stage.RUNNING:
        return compensation.begin(ProcessDecision(process), TIMED_OUT, at, limits)
    is_undoing = process.stage is Stage.COMPENSATING or process.late
    if name == "compensation" and is_undoing and process.deadline is None:
        return compensation.overdue(process, at, limits)
    return NOTHING
