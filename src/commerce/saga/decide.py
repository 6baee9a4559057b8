"""The decision of the process manager: what follows from one event of the log, in log order. Pure.

The way to a confirmed order is to take every step of the table in turn. The way back is `compensation`.
"""

from __future__ import annotations

from datetime import datetime
from typing import cast

from commerce.eventstore import Event, in_stream
from commerce.ordering.events import OrderCancellationRequested, OrderPlaced
from commerce.outside.events import CallPostponed
from commerce.saga import compensation
from commerce.saga.events import (
    CompensationAbandoned,
    CompensationStarted,
    DeadlinePassed,
    ParcelDelivered,
    ParcelDispatched,
    ProcessCompleted,
    ProcessStarted,
    StepPostponed,
    Wanted,
)
from commerce.saga.order_commands import ConfirmOrder, DeliverOrder, OrderCommand, RejectCancellation, ShipOrder
from commerce.saga.process import (
    NOTHING,
    Completion,
    Process,
    ProcessDecision,
    ProcessLimits,
    Reaction,
    Stage,
    evolve,
)
from commerce.saga.step_definition import AboutRequest, Differed, Occurrence, PartyTerms
from commerce.saga.steps import ANSWERS, DISPATCH, PARTIES, SHIPMENT, STEPS, STOCK, step_of
from commerce.shipping.events import ShipmentDelivered, ShipmentDispatched
from commerce.values import ids

_OTHERS: tuple[type[Event], ...] = (
    OrderPlaced,
    OrderCancellationRequested,
    DeadlinePassed,
    ShipmentDispatched,
    ShipmentDelivered,
    *(party.postponed for party in PARTIES),
)
_SECOND_KEPT: dict[type[Event], PartyTerms] = {party.second_kept: party for party in PARTIES}

TOPICS = frozenset(kind.TOPIC for kind in (*_OTHERS, *ANSWERS, *_SECOND_KEPT))
"""The events that the process manager has to read."""

TIMED_OUT = Completion("rejected", "timed_out")
"""How a process ends that took longer than an order may."""

CANCELLED = Completion("cancelled", "cancelled")
"""How a process ends that somebody wanted undone."""

_REACHED: dict[Stage, tuple[OrderCommand, ...]] = {
    Stage.DISPATCHED: (ShipOrder(),),
    Stage.DELIVERED: (ShipOrder(), DeliverOrder()),
}
"""What the order could not be told while it was being cancelled."""


def react(process: Process | None, event: Event, at: datetime, limits: ProcessLimits) -> Reaction:
    """What follows from an event that was recorded `at`; a repeated, late or unexpected one is followed by nothing.

    The process has its own events applied, a `DeadlinePassed` that is being decided on included.
    """
    if process is None:
        return _start(event, at, limits) if isinstance(event, OrderPlaced) else NOTHING
    if type(event) in ANSWERS:
        return _answered(process, event, at, limits)
    reaction = NOTHING
    match event:
        case OrderCancellationRequested():
            reaction = _cancellation_requested(process, at, limits)
        case CallPostponed():
            reaction = _postponed(process, event)
        case DeadlinePassed():
            reaction = _deadline_passed(process, event.name, at, limits)
        case ShipmentDispatched():
            reaction = _dispatched(process)
        case ShipmentDelivered():
            reaction = _delivered(process)
        case _ if party := _SECOND_KEPT.get(type(event)):
            detail = party.second_kept_detail.format(event)
            reaction = compensation.open_case(ProcessDecision(process), detail, outlasts_undoing=True)
    return reaction


def _start(placed: OrderPlaced, at: datetime, limits: ProcessLimits) -> Reaction:
    """An order was placed: note all that its steps will need, and take the first."""
    started = ProcessStarted(
        order_id=placed.originator_id,
        total=placed.total,
        payment_method=placed.payment_method,
        wanted=_wanted(placed),
    )
    in_stream([started], ids.process_id(placed.originator_id), after=0)
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


def next_request(process: Process) -> Occurrence | None:
    """What to ask for next on the way to confirmed; where nothing is to be reserved, or paid, that is left out."""
    for step in STEPS:
        for key in step.keys(process):
            if step.occurrence(key) not in process.held:
                return step.request.occurrence(key)
    return None


def _go_on(decision: ProcessDecision) -> Reaction:
    request = next_request(decision.process)
    if request is not None:
        decision.ask(request)
        return decision.reaction()
    decision.add(ProcessCompleted())
    booking = decision.process.booking
    assert booking is not None  # no order is confirmed without a shipment
    return decision.reaction(ConfirmOrder(booking.tracking_number, booking.carrier, booking.estimated_delivery))


def _answered(process: Process, answer: Event, at: datetime, limits: ProcessLimits) -> Reaction:
    """Only the answer that is waited for leads on: another is repeated, or tells what was done after it was given up.

    One that differs from what was asked is a case whenever it comes.
    """
    asked, request_id = process.awaits, cast(AboutRequest, answer).request_id
    if asked is None or request_id != process.request_id(asked):
        return compensation.unawaited_answer(process, answer, at, limits)
    if process.completion is None:
        return _step_answered(process, asked, answer, at, limits)
    return compensation.undo_answered(process, asked, process.completion, answer)


def _step_answered(process: Process, asked: Occurrence, answer: Event, at: datetime, limits: ProcessLimits) -> Reaction:
    """The step that the process waits for has an outcome: take the next, or begin to undo."""
    step = step_of(asked)
    decision = ProcessDecision(process)
    if process.postponed:  # that it had to wait takes none of the time that the other steps have
        decision.set_deadline("order", at + limits.order)
    success = step.success(answer)
    if success is not None:
        decision.add(success)
        return _go_on(decision)
    failure = step.failure(answer)
    if failure is None:
        return NOTHING
    decision.add(failure)
    if isinstance(answer, Differed):
        decision.open_case(compensation.told(answer), outlasts_undoing=compensation.took_otherwise(answer))
    return compensation.begin(decision, Completion("rejected", failure.reason), at, limits)


def _postponed(process: Process, event: CallPostponed) -> Reaction:
    """What is asked for again soon needs no remark; what waits for a person to mend something is remembered, or is a
    case."""
    asked = [*process.late_requests, *([process.awaits] if process.awaits else [])]
    if event.request_id not in map(process.request_id, asked) or event.cause == "busy":
        return NOTHING
    decision = ProcessDecision(process)
    if event.cause == "undo_refused":
        return compensation.open_case(decision, event.detail)
    if process.postponed == event.detail:
        return NOTHING
    decision.add(StepPostponed(detail=event.detail))
    return decision.reaction()


def _deadline_passed(process: Process, name: str, at: datetime, limits: ProcessLimits) -> Reaction:
    if name == "order" and process.stage is Stage.RUNNING and process.postponed:
        return _overdue(process, process.postponed, at, limits)
    if name == "order" and process.stage is Stage.RUNNING:
        return compensation.begin(ProcessDecision(process), TIMED_OUT, at, limits)
    is_undoing = process.stage is Stage.COMPENSATING or process.late
    if name == "compensation" and is_undoing and process.deadline is None:
        return compensation.overdue(process, at, limits)
    return NOTHING


def _overdue(process: Process, postponed: str, at: datetime, limits: ProcessLimits) -> Reaction:
    """The order would be given up now, but waits for what only a person can mend: tell one, and look again later."""
    decision = ProcessDecision(process)
    detail = f"the order waits: {postponed}"
    if process.case != detail:
        decision.open_case(detail)
    decision.set_deadline("order", at + limits.longest)
    return decision.reaction()


def _cancellation_requested(process: Process, at: datetime, limits: ProcessLimits) -> Reaction:
    """Undo what is done or in flight; a shipment that left is not called back."""
    if process.stage in (Stage.COMPENSATING, Stage.COMPENSATED):
        return _cancelled_instead_of_rejected(process)
    if process.stage in (Stage.RUNNING, Stage.COMPLETED) and process.irrevocable is None:
        return compensation.begin(ProcessDecision(process), CANCELLED, at, limits)
    cause = process.irrevocable or process.stage.value
    return Reaction(commands=(RejectCancellation(cause), *_REACHED.get(process.stage, ())))


def _cancelled_instead_of_rejected(process: Process) -> Reaction:
    """An order that somebody asked to cancel is not rejected any more: it ends cancelled, whatever began the
    undoing."""
    if process.completion == CANCELLED:
        return NOTHING
    decision = ProcessDecision(process)
    if process.stage is Stage.COMPENSATED:
        return compensation.end(decision, CANCELLED)
    decision.add(CompensationStarted(reason=CANCELLED.reason, outcome=CANCELLED.outcome))
    return decision.reaction()


def _dispatched(process: Process) -> Reaction:
    """The shipment left: book out what was reserved, and from now on nothing is undone.

    A cancellation that was still being asked for has come too late.
    """
    decision = ProcessDecision(process)
    commands: tuple[OrderCommand, ...] = (ShipOrder(),)
    if process.confirmed and process.awaits is not None and process.awaits == SHIPMENT.undo.occurrence():
        decision.add(CompensationAbandoned(cause="dispatched"))
        commands = (RejectCancellation("dispatched"), ShipOrder())
    elif process.stage is not Stage.COMPLETED:
        return NOTHING
    decision.add(ParcelDispatched())
    if STOCK.occurrence() in process.held:
        decision.ask(DISPATCH.occurrence())
    return decision.reaction(*commands)


def _delivered(process: Process) -> Reaction:
    """The shipment arrived."""
    if process.stage is not Stage.DISPATCHED:
        return NOTHING
    decision = ProcessDecision(process)
    decision.add(ParcelDelivered())
    return decision.reaction(DeliverOrder())
