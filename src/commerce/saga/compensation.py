"""The way back: what was done, or may have been, is undone one after the other, and only then the order ends."""

from __future__ import annotations

from datetime import datetime

from commerce.eventstore.event import Event
from commerce.inventory.events import ReservationReleased
from commerce.payments.events import PaymentAnswerDiffered, PaymentClosed, PaymentRefunded, PaymentVoided
from commerce.saga.events import (
    CaseOpened,
    CompensationAbandoned,
    CompensationStarted,
    ProcessCompensated,
    Step,
    StepUndone,
)
from commerce.saga.process import LATE, UNDONE, Ending, Process, Request
from commerce.saga.reaction import NOTHING, Cancel, Decision, Limits, Reaction, RefuseCancellation, Reject
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


def begin(decision: Decision, ending: Ending, at: datetime, limits: Limits) -> Reaction:
    """Begin to undo; where there is nothing to undo the order ends at once."""
    undo = next_undo(decision.process)
    if undo is None:
        return end(decision, ending)
    decision.add(CompensationStarted, reason=ending.reason, outcome=ending.outcome)
    decision.set_deadline("compensation", at + limits.patience(0))
    decision.ask(undo)
    return decision.reaction()


def end(decision: Decision, ending: Ending) -> Reaction:
    """Everything is undone: the order's last fact follows from this one."""
    decision.add(ProcessCompensated, outcome=ending.outcome, reason=ending.reason)
    return decision.reaction(Reject(ending.reason) if ending.outcome == "rejected" else Cancel())


def answered(process: Process, undo: Request, ending: Ending, answer: Event) -> Reaction:
    """The undo that the process waits for has an outcome."""
    if isinstance(answer, ShipmentCancellationRefused):
        return _refused(process, answer.reason)
    if isinstance(answer, _UNDONE):
        return _undone(process, UNDONE[undo], ending)
    if isinstance(answer, PaymentAnswerDiffered | ShipmentAnswerDiffered):
        return differed(process, answer)
    return NOTHING


def differed(process: Process, answer: PaymentAnswerDiffered | ShipmentAnswerDiffered) -> Reaction:
    """An answer that is about something else than was asked, while its step is undone or after: no success, and a case."""
    return refused(Decision(process), told(answer))


def told(answer: PaymentAnswerDiffered | ShipmentAnswerDiffered) -> str:
    """What a case says of an answer that differs."""
    party = "payment provider" if isinstance(answer, PaymentAnswerDiffered) else "carrier"
    return f"the {party} {answer.answered} instead of {answer.asked}"


def took_otherwise(answer: PaymentAnswerDiffered | ShipmentAnswerDiffered) -> bool:
    """Whether more money may have been taken than the provider names, and gives back: then a person looks, whatever comes."""
    return isinstance(answer, PaymentAnswerDiffered) and (answer.operation == "capture" or answer.status == "captured")


def _undone(process: Process, step: Step, ending: Ending) -> Reaction:
    decision = Decision(process)
    decision.add(StepUndone, step=step)
    undo = next_undo(decision.process)
    if undo is None:
        return end(decision, ending)
    decision.ask(undo)
    return decision.reaction()


def _refused(process: Process, cause: str) -> Reaction:
    """The parcel is gone. That cannot be before the order is confirmed; if it is, a person has to look."""
    decision = Decision(process)
    if process.confirmed:
        abandon(decision, cause)
        return decision.reaction(RefuseCancellation(cause))
    return refused(decision, f"the parcel of an order that was never confirmed cannot be stopped: {cause}")


def refused(decision: Decision, detail: str, *, outlasts_undoing: bool = False) -> Reaction:
    """What is to be undone is refused: a person has to look, and is told once."""
    if decision.process.case == detail:
        return NOTHING
    decision.add(CaseOpened, order_id=decision.process.order_id, detail=detail, outlasts_undoing=outlasts_undoing)
    return decision.reaction()


def abandon(decision: Decision, cause: str) -> None:
    """The parcel could not be stopped: nothing else is undone, and the order stands."""
    decision.add(CompensationAbandoned, cause=cause)


def overdue(process: Process, at: datetime, limits: Limits) -> Reaction:
    """An undo takes too long: tell a person, and look again later. It goes on being tried, and never counts as done."""
    decision = Decision(process)
    why = f" ({process.postponed})" if process.postponed else ""
    asked = process.awaits or " and ".join(sorted(LATE[step] for step in process.late))
    detail = f"the request to {asked} has no outcome yet{why}; it goes on being tried"
    decision.add(CaseOpened, order_id=process.order_id, detail=detail)
    decision.set_deadline("compensation", at + limits.patience(process.overdue))
    return decision.reaction()
