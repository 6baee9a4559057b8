"""The decision of the process manager: what follows from one event of the log, in log order. Pure.

The way to a confirmed order is to take every step of the table in turn. The way back is `compensation`.
"""

from __future__ import annotations

from datetime import datetime
from typing import cast

from commerce.eventstore import Event, in_stream
from commerce.inventory.events import Quantity
from commerce.ordering.events import OrderCancellationRequested, OrderPlaced
from commerce.outside.events import CallPostponed
from commerce.payments.events import (
    PaymentActionRequired,
    PaymentDisputeClosed,
    PaymentDisputed,
    PaymentRefundRequested,
)
from commerce.payments.webhook_events import UnknownPaymentTold, WebhookUnexplained
from commerce.saga import compensation
from commerce.saga.case_events import CaseAssigned, CaseKind, CaseNoted, CaseResolved
from commerce.saga.customer import customer_needed, customers_time_passed, took_customers_time
from commerce.saga.definitions import ANSWERS, PARTIES, newest_definition
from commerce.saga.disputes import dispute_told
from commerce.saga.events import (
    CompensationAbandoned,
    CompensationStarted,
    DeadlinePassed,
    ParcelDelivered,
    ParcelDispatched,
    ProcessCompleted,
    ProcessStarted,
)
from commerce.saga.holds import await_hold, hold_ends
from commerce.saga.intervention_events import Intervened
from commerce.saga.interventions import intervened
from commerce.saga.limits import ProcessLimits
from commerce.saga.order_commands import ConfirmOrder, DeliverOrder, OrderCommand, RejectCancellation, ShipOrder
from commerce.saga.process import (
    COMPENSATION_DEADLINE,
    CUSTOMER_DEADLINE,
    DISPATCH_DEADLINE,
    HOLD_DEADLINE,
    ORDER_DEADLINE,
    REFUND_DEADLINE,
    Completion,
    Process,
    Stage,
    evolve,
)
from commerce.saga.process_decision import NOTHING, ProcessDecision, Reaction
from commerce.saga.reconciliation import ledgers_compared
from commerce.saga.reconciliation_events import LedgerAgreed, LedgerDiffered
from commerce.saga.refunds import is_about_refund, refund_requested, refund_told, refunds_overdue
from commerce.saga.step_definition import AboutRequest, Differed, Occurrence, PartyTerms
from commerce.saga.step_events import StepFailed, StepPostponed
from commerce.saga.steps import DISPATCH, PAYMENT_PROVIDER, SHIPMENT, STOCK
from commerce.saga.unclaimed import unknown_payment
from commerce.shipping.events import ShipmentDelivered, ShipmentDispatched
from commerce.values import ids

_OTHERS: tuple[type[Event], ...] = (
    OrderPlaced,
    OrderCancellationRequested,
    DeadlinePassed,
    CaseAssigned,
    CaseNoted,
    CaseResolved,
    Intervened,
    ShipmentDispatched,
    ShipmentDelivered,
    PaymentRefundRequested,
    PaymentActionRequired,
    WebhookUnexplained,
    UnknownPaymentTold,
    LedgerDiffered,
    LedgerAgreed,
    PaymentDisputed,
    PaymentDisputeClosed,
    *(party.postponed for party in PARTIES),
)
_SECOND_KEPT: dict[type[Event], PartyTerms] = {party.second_kept: party for party in PARTIES}

TOPICS = frozenset(kind.TOPIC for kind in (*_OTHERS, *ANSWERS, *_SECOND_KEPT))
"""The events that the process manager has to read: all that others append to its streams among them, so that the
states it keeps have no gaps."""

TIMED_OUT = Completion("rejected", "timed_out")
"""How a process ends that took longer than an order may."""

CANCELLED = Completion("cancelled", "cancelled")
"""How a process ends that somebody wanted undone."""

_REACHED: dict[Stage, tuple[OrderCommand, ...]] = {
    Stage.DISPATCHED: (ShipOrder(),),
    Stage.DELIVERED: (ShipOrder(), DeliverOrder()),
}
"""What the order could not be told while it was being cancelled."""


def react(
    process: Process | None, event: Event, at: datetime, limits: ProcessLimits, definition: int | None = None
) -> Reaction:
    """What follows from an event that was recorded `at`; a repeated, late or unexpected one is followed by nothing.

    The process has its own events applied, a `DeadlinePassed` or `Intervened` that is being decided on included. A new
    one begins with the newest definition, or with that version.
    """
    if isinstance(event, UnknownPaymentTold):
        return unknown_payment(process, event, at, limits)
    if process is None:
        return _start(event, at, limits, definition or newest_definition())
    return _followed(process, event, at, limits)


def _followed(  # noqa: PLR0912 (a case for each event)
    process: Process, event: Event, at: datetime, limits: ProcessLimits
) -> Reaction:
    """What follows in a process that has begun."""
    decision = ProcessDecision(process, at, limits)
    match event:
        case PaymentRefundRequested():
            refund_requested(decision, event)
        case PaymentActionRequired():
            customer_needed(decision, event)
        case _ if is_about_refund(process, event):
            refund_told(decision, event)
        case _ if type(event) in ANSWERS:
            _answered(decision, event)
        case OrderCancellationRequested():
            _cancellation_requested(decision)
        case CallPostponed():
            _postponed(decision, event)
        case DeadlinePassed():
            _deadline_passed(decision, event.name)
        case CaseResolved():
            _resolved(decision, event)
        case Intervened():
            intervened(decision, event)
        case ShipmentDispatched():
            _dispatched(decision)
        case ShipmentDelivered():
            _delivered(decision)
        case LedgerDiffered() | LedgerAgreed():
            ledgers_compared(decision, event)
        case PaymentDisputed() | PaymentDisputeClosed():
            dispute_told(decision, event)
        case _ if told := _lasting_case(event):
            decision.open_case_unless_last(*told, outlasts_undoing=True)
    return decision.reaction()


def _lasting_case(event: Event) -> tuple[CaseKind, str] | None:
    """The kind and the detail of a case that no undoing ends, where an event is one."""
    if isinstance(event, WebhookUnexplained):
        return "answer_differed", f"{PAYMENT_PROVIDER.name}: {event.detail}"
    party = _SECOND_KEPT.get(type(event))
    return None if party is None else (party.second_kept_kind, party.second_kept_detail.format(event))


def _start(placed: Event, at: datetime, limits: ProcessLimits, definition: int) -> Reaction:
    """Where an order was placed: note all that its steps will need, and take the first."""
    if not isinstance(placed, OrderPlaced):
        return NOTHING
    started = ProcessStarted(
        order_id=placed.originator_id,
        total=placed.total,
        payment_method=placed.payment_method,
        wanted=_wanted(placed),
        definition=definition,
    )
    in_stream([started], ids.process_id(placed.originator_id), after=0)
    decision = ProcessDecision(evolve(None, started), at, limits, [started])
    decision.set_deadline(ORDER_DEADLINE, limits.order)
    _go_on(decision)
    return decision.reaction()


def _wanted(placed: OrderPlaced) -> tuple[Quantity, ...]:
    """The pieces to reserve: a SKU that is on several lines is asked for once."""
    pieces: dict[str, int] = {}
    for line in placed.lines:
        if line.stocked:
            pieces[line.sku] = pieces.get(line.sku, 0) + line.quantity
    return tuple(Quantity(sku=sku, quantity=quantity) for sku, quantity in pieces.items())


def next_request(process: Process) -> Occurrence | None:
    """What to ask for next on the way to confirmed; where nothing is to be reserved, or paid, that is left out."""
    for step in process.defined.steps:
        for key in step.keys(process):
            if step.occurrence(key) not in process.held:
                return step.request.occurrence(key)
    return None


def _go_on(decision: ProcessDecision) -> None:
    request = next_request(decision.process)
    if request is not None:
        decision.ask(request)
        decision.await_step(decision.process.step_of(request).name)
        return
    decision.add(ProcessCompleted())
    decision.await_dispatch()
    booking = decision.process.booking
    assert booking is not None  # no order is confirmed without a shipment
    decision.command(ConfirmOrder(booking.tracking_number, booking.carrier, booking.estimated_delivery))


def _answered(decision: ProcessDecision, answer: Event) -> None:
    """Only the answer that is waited for leads on: another is repeated, or tells what was done after it was given up.

    One that differs from what was asked is a case whenever it comes.
    """
    process = decision.process
    asked, request_id = process.awaits, cast(AboutRequest, answer).request_id
    if asked is None or request_id != process.request_id(asked):
        compensation.unawaited_answer(decision, answer)
    elif process.completion is None:
        _step_answered(decision, asked, answer)
    else:
        compensation.undo_answered(decision, asked, process.completion, answer)


def _step_answered(decision: ProcessDecision, asked: Occurrence, answer: Event) -> None:
    """The step that the process waits for has an outcome: take the next, or begin to undo."""
    outcome = decision.process.step_of(asked).outcome(answer)
    if outcome is None:
        return
    process = decision.process
    if process.postponed or took_customers_time(process):  # which takes none of the time that the other steps have
        decision.set_deadline(ORDER_DEADLINE, decision.limits.order)
    decision.add(outcome)
    if not isinstance(outcome, StepFailed):
        _go_on(decision)
        await_hold(decision)
        return
    if isinstance(answer, Differed):
        detail, outlasts = compensation.told(answer), compensation.took_otherwise(answer)
        decision.open_case("answer_differed", detail, outlasts_undoing=outlasts)
    compensation.begin(decision, Completion("rejected", outcome.reason))


def _postponed(decision: ProcessDecision, event: CallPostponed) -> None:
    """What is asked for again by itself needs no remark, whether the party is busy or down; what waits for a person to
    mend something is remembered, or is a case."""
    process = decision.process
    asked = [*process.late_requests, *([process.awaits] if process.awaits else [])]
    if event.request_id not in map(process.request_id, asked) or event.cause in ("busy", "unavailable"):
        return
    if event.cause == "undo_refused":
        decision.open_case_once("undo_rejected", event.detail)
    elif process.postponed != event.detail:
        decision.add(StepPostponed(detail=event.detail))


def _deadline_passed(decision: ProcessDecision, name: str) -> None:
    process = decision.process
    is_undoing = process.stage is Stage.COMPENSATING or process.late
    if name == REFUND_DEADLINE:
        refunds_overdue(decision)
    elif name == CUSTOMER_DEADLINE:
        customers_time_passed(decision)
    elif name == HOLD_DEADLINE:
        hold_ends(decision)
    elif process.stage is Stage.RUNNING:
        _time_passed(decision, name)
    elif name == COMPENSATION_DEADLINE and is_undoing and process.deadline is None:
        compensation.overdue(decision)
    elif name == DISPATCH_DEADLINE and process.stage is Stage.COMPLETED:
        decision.open_case_unless_last(
            "not_shipped", "the order is confirmed, and nobody said in time that its shipment left"
        )


def _time_passed(decision: ProcessDecision, name: str) -> None:
    """The time of a step that is not waited for any more says nothing: then the order's counts."""
    process = decision.process
    if not _is_out_of_time(process, name):
        decision.await_order()
    elif process.postponed:
        _overdue(decision, process.postponed)
    else:
        compensation.begin(decision, TIMED_OUT)


def _is_out_of_time(process: Process, name: str) -> bool:
    """Whether a deadline is the order's, or that of the step which is waited for."""
    return name == ORDER_DEADLINE or (process.awaits is not None and process.step_of(process.awaits).name == name)


def _resolved(decision: ProcessDecision, event: CaseResolved) -> None:
    """An order that a person knows of is looked at again where nobody ships it all the same."""
    if "not_shipped" in event.kinds and decision.process.stage is Stage.COMPLETED:
        decision.await_dispatch()


def _overdue(decision: ProcessDecision, postponed: str) -> None:
    """The order would be given up now, but waits for what only a person can mend: tell one, and look again later."""
    decision.open_case_once("order_waits", f"the order waits: {postponed}")
    decision.set_deadline(ORDER_DEADLINE, decision.limits.longest)
    await_hold(decision)


def _cancellation_requested(decision: ProcessDecision) -> None:
    """Undo what is done or in flight; a shipment that left is not called back."""
    process = decision.process
    if process.stage in (Stage.COMPENSATING, Stage.COMPENSATED):
        _cancelled_instead_of_rejected(decision)
    elif process.stage in (Stage.RUNNING, Stage.COMPLETED) and process.irrevocable is None:
        compensation.begin(decision, CANCELLED)
    else:
        cause = process.irrevocable or process.stage.value
        decision.command(RejectCancellation(cause), *_REACHED.get(process.stage, ()))


def _cancelled_instead_of_rejected(decision: ProcessDecision) -> None:
    """An order that somebody asked to cancel is not rejected any more: it ends cancelled, whatever began the
    undoing."""
    if decision.process.completion == CANCELLED:
        return
    if decision.process.stage is Stage.COMPENSATED:
        compensation.end(decision, CANCELLED)
    else:
        decision.add(CompensationStarted(reason=CANCELLED.reason, outcome=CANCELLED.outcome))


def _dispatched(decision: ProcessDecision) -> None:
    """The shipment left: book out what was reserved, and from now on nothing is undone.

    A cancellation that was still being asked for has come too late.
    """
    process = decision.process
    if process.confirmed and process.awaits is not None and process.awaits == SHIPMENT.undo.occurrence():
        decision.add(CompensationAbandoned(cause="dispatched"))
        decision.command(RejectCancellation("dispatched"))
    elif process.stage is not Stage.COMPLETED:
        return
    decision.add(ParcelDispatched())
    if STOCK.occurrence() in process.held:
        decision.ask(DISPATCH.occurrence())
    decision.command(ShipOrder())


def _delivered(decision: ProcessDecision) -> None:
    """The shipment arrived."""
    if decision.process.stage is Stage.DISPATCHED:
        decision.add(ParcelDelivered())
        decision.command(DeliverOrder())
