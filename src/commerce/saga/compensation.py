"""The way back: what was done, or may have been, is undone one after the other, and only then the order ends."""

from __future__ import annotations

from datetime import datetime

from commerce.eventstore import Event
from commerce.inventory.events import ReservationReleased
from commerce.payments.events import PaymentAnswerDiffered, PaymentClosed, PaymentRefunded, PaymentVoided
from commerce.saga.decision import (
    NOTHING,
    CancelOrder,
    ProcessDecision,
    ProcessLimits,
    Reaction,
    RejectCancellation,
    RejectOrder,
)
from commerce.saga.events import (
    CaseOpened,
    CompensationAbandoned,
    CompensationStarted,
    ProcessCompensated,
    Step,
    StepUndone,
)
from commerce.saga.process import LATE, UNDONE, Completion, Process, Request
from commerce.shipping.events import (
    ShipmentAnswerDiffered,
    ShipmentCancellationRefused,
    ShipmentCancelled,
    ShipmentClosed,
)

_UNDONE = (
    ShipmentCancelled,
    ShipmentClosed,
    PaymentRefunded,
    PaymentVoided,
    PaymentClosed,
    ReservationReleased,
)
"""The answers that say that nothing is left of a step: it was undone, or never done."""


def next_undo(process: Process) -> Request | None:
    """What is to be undone next, a step in flight included: whoever undoes it finds out first what became of it."""
    return next((undo for undo, step in UNDONE.items() if step in process.held), None)


def begin(decision: ProcessDecision, completion: Completion, at: datetime, limits: ProcessLimits) -> Reaction:
    """Begin to undo; where there is nothing to undo the order ends at once."""
    undo = next_undo(decision.process)
    if undo is None:
        return end(decision, completion)
    decision.add(CompensationStarted, reason=completion.reason, outcome=completion.outcome)
    decision.set_deadline("compensation", at + limits.compensation_timeout(0))
    decision.ask(undo)
    return decision.reaction()


def end(decision: ProcessDecision, completion: Completion) -> Reaction:
    """Everything is undone: the order's last event follows from this one."""
    decision.add(ProcessCompensated, outcome=completion.outcome, reason=completion.reason)
    return decision.reaction(RejectOrder(completion.reason) if completion.outcome == "rejected" else CancelOrder())


def answered(process: Process, undo: Request, completion: Completion, answer: Event) -> Reaction:
    """The undo that the process waits for has an outcome."""
    if isinstance(answer, ShipmentCancellationRefused):
        return _refused(process, answer.reason)
    if isinstance(answer, _UNDONE):
        return _undone(process, UNDONE[undo], completion)
    if isinstance(answer, PaymentAnswerDiffered | ShipmentAnswerDiffered):
        return differed(process, answer)
    return NOTHING


def differed(process: Process, answer: PaymentAnswerDiffered | ShipmentAnswerDiffered) -> Reaction:
    """An answer that is about something else than was asked, while its step is undone or after: no success, and a
    case."""
    return refused(ProcessDecision(process), told(answer))


def told(answer: PaymentAnswerDiffered | ShipmentAnswerDiffered) -> str:
    """What a case says of an answer that differs."""
    party = "payment provider" if isinstance(answer, PaymentAnswerDiffered) else "carrier"
    return f"the {party} {answer.answered} instead of {answer.asked}"


def took_otherwise(answer: PaymentAnswerDiffered | ShipmentAnswerDiffered) -> bool:
    """Whether more money may have been taken than the provider names, and gives back: then a person looks,
    whatever comes."""
    return isinstance(answer, PaymentAnswerDiffered) and (answer.operation == "capture" or answer.status == "captured")


def _undone(process: Process, step: Step, completion: Completion) -> Reaction:
    decision = ProcessDecision(process)
    decision.add(StepUndone, step=step)
    undo = next_undo(decision.process)
    if undo is None:
        return end(decision, completion)
    decision.ask(undo)
    return decision.reaction()


def _refused(process: Process, cause: str) -> Reaction:
    """The shipment is gone. That cannot be before the order is confirmed; if it is, a person has to look."""
    decision = ProcessDecision(process)
    if process.confirmed:
        abandon(decision, cause)
        return decision.reaction(RejectCancellation(cause))
    return refused(decision, f"the shipment of an order that was never confirmed cannot be stopped: {cause}")


def refused(decision: ProcessDecision, detail: str, *, outlasts_undoing: bool = False) -> Reaction:
    """What is to be undone is rejected: a person has to look, and is told once."""
    if decision.process.case == detail:
        return NOTHING
    decision.add(CaseOpened, order_id=decision.process.order_id, detail=detail, outlasts_undoing=outlasts_undoing)
    return decision.reaction()


def abandon(decision: ProcessDecision, cause: str) -> None:
    """The shipment could not be stopped: nothing else is undone, and the order stands."""
    decision.add(CompensationAbandoned, cause=cause)


def overdue(process: Process, at: datetime, limits: ProcessLimits) -> Reaction:
    """An undo takes too long: tell a person, and look again later. It goes on being tried, and never counts as done."""
    decision = ProcessDecision(process)
    why = f" ({process.postponed})" if process.postponed else ""
    asked = process.awaits or " and ".join(sorted(LATE[step] for step in process.late))
    detail = f"the request to {asked} has no outcome yet{why}; it goes on being tried"
    decision.add(CaseOpened, order_id=process.order_id, detail=detail)
    decision.set_deadline("compensation", at + limits.compensation_timeout(process.overdue))
    return decision.reaction()
