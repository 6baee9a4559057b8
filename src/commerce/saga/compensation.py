"""The way back: what was done, or may have been, is undone one after the other, and only then the order ends.

What came to be done after it was given up is undone too, and the order stays as it ended.
"""

from __future__ import annotations

from typing import cast

from commerce.eventstore import Event
from commerce.payments.events import PaymentAnswerDiffered, PaymentClosed
from commerce.saga.case_events import CaseKind
from commerce.saga.definitions import PARTIES
from commerce.saga.events import CompensationAbandoned, CompensationStarted, ProcessCompensated
from commerce.saga.intervention_events import UndoSkipped
from commerce.saga.order_commands import CancelOrder, RejectCancellation, RejectOrder
from commerce.saga.process import COMPENSATION_DEADLINE, Completion, Process, Stage
from commerce.saga.process_decision import ProcessDecision
from commerce.saga.step_definition import AboutRequest, Differed, Occurrence, Step, occurrence_key
from commerce.saga.step_events import LateOutcomeFound, LateOutcomeUndone, StepUndone
from commerce.shipping.events import ShipmentCancellationRefused


def next_undo(process: Process) -> Occurrence | None:
    """What to ask for next on the way back. A step in flight is undone too: what undoes it finds out what became of
    it."""
    held = sorted(process.held, key=lambda step: (process.step_of(step).undo_turn, step))
    return process.step_of(held[0]).undo.occurrence(occurrence_key(held[0])) if held else None


def begin(decision: ProcessDecision, completion: Completion) -> None:
    """Begin to undo; where there is nothing to undo the order ends at once."""
    undo = next_undo(decision.process)
    if undo is None:
        end(decision, completion)
        return
    decision.add(CompensationStarted(reason=completion.reason, outcome=completion.outcome))
    decision.set_deadline(COMPENSATION_DEADLINE, decision.limits.compensation_timeout(0))
    decision.ask(undo)


def end(decision: ProcessDecision, completion: Completion) -> None:
    """Everything is undone: the order's last event follows from this one."""
    decision.add(ProcessCompensated(outcome=completion.outcome, reason=completion.reason))
    decision.command(RejectOrder(completion.reason) if completion.outcome == "rejected" else CancelOrder())


def undo_answered(decision: ProcessDecision, undo: Occurrence, completion: Completion, answer: Event) -> None:
    """The undo that the process waits for has an outcome."""
    step = decision.process.step_of(undo)
    if isinstance(answer, ShipmentCancellationRefused):
        _too_late(decision, answer.reason)
    elif type(answer) in step.undone_by:
        _undone(decision, step, completion)
    elif isinstance(answer, Differed):
        decision.open_case_unless_last("answer_differed", told(answer))


def _undone(decision: ProcessDecision, step: Step, completion: Completion) -> None:
    decision.add(StepUndone(step=step.name))
    _undo_next(decision, completion)


def skip(decision: ProcessDecision, undo: Occurrence) -> None:
    """A person says that an undo needs no answer: go on as if it had one, and ask for the step itself no more."""
    process = decision.process
    step, key = process.step_of(undo), occurrence_key(undo)
    is_late = undo != process.awaits
    forward = () if is_late else (one.request.occurrence(key) for one in (step, *step.includes))
    withdrawn = tuple(process.request_id(one) for one in (undo, *forward))
    decision.add(UndoSkipped(order_id=process.order_id, request_ids=withdrawn, step=step.name, late=is_late))
    if not is_late and process.completion is not None:
        _undo_next(decision, process.completion)


def _undo_next(decision: ProcessDecision, completion: Completion) -> None:
    undo = next_undo(decision.process)
    if undo is None:
        end(decision, completion)
    else:
        decision.ask(undo)


def _too_late(decision: ProcessDecision, cause: str) -> None:
    """The shipment is gone. That cannot be before the order is confirmed; if it is, a person has to look."""
    if decision.process.confirmed:
        decision.add(CompensationAbandoned(cause=cause))
        decision.await_dispatch()
        decision.command(RejectCancellation(cause))
    else:
        detail = f"the shipment of an order that was never confirmed cannot be stopped: {cause}"
        decision.open_case_once("undo_rejected", detail)


def unawaited_answer(decision: ProcessDecision, answer: Event) -> None:
    """An answer that the process does not wait for: it may tell what was done after it was given up."""
    process = decision.process
    found = _given_up(process, answer)
    if found is not None:
        _found(decision, found, answer)
    elif isinstance(answer, Differed):
        decision.open_case_unless_last("answer_differed", told(answer))
    elif undone := _late_undone(process, answer):
        decision.add(LateOutcomeUndone(step=process.step_of(undone).name))
    elif isinstance(answer, ShipmentCancellationRefused) and _is_late_undo_rejected(process):
        detail = f"the shipment of an order that was given up cannot be stopped: {answer.reason}"
        decision.open_case_once("undo_rejected", detail)


def _is_late_undo_rejected(process: Process) -> bool:
    return any(process.step_of(step).undo_rejected for step in process.late)


def _given_up(process: Process, answer: Event) -> Occurrence | None:
    """The step that an answer says is done, though it was given up; one that is still held is undone in its turn."""
    if process.stage not in (Stage.COMPENSATING, Stage.COMPENSATED):
        return None
    for given_up in process.unheard - process.held:
        step = process.step_of(given_up)
        asked = step.request.occurrence(occurrence_key(given_up))
        is_its = cast(AboutRequest, answer).request_id == process.request_id(asked)
        if is_its and step.late_undo is not None and step.says_done(answer):
            return given_up
    return None


def _late_undone(process: Process, answer: Event) -> Occurrence | None:
    """What was done late and of which an answer leaves nothing, whichever request it answers; or whose own undo found
    that nothing is left, as something else undid it before."""
    undone = [
        step
        for step in process.late
        if type(answer) in process.step_of(step).undone or _found_nothing_left(process, step, answer)
    ]
    return min(undone, key=lambda step: (process.step_of(step).undo_turn, step), default=None)


def _found_nothing_left(process: Process, late: Occurrence, answer: Event) -> bool:
    """A late capture may have been given back by a refund that somebody asked for, or by the authorisation's undo."""
    undo = process.step_of(late).late_undo
    return (
        isinstance(answer, PaymentClosed)
        and undo is not None
        and answer.request_id == process.request_id(undo.occurrence(occurrence_key(late)))
    )


def _found(decision: ProcessDecision, found: Occurrence, answer: Event) -> None:
    process = decision.process
    step = process.step_of(found)
    if found in process.skipped:
        detail = f"{step.name} was done all the same, after a person had taken it as undone"
        decision.open_case_once("done_after_skip", detail, outlasts_undoing=True)
        return
    decision.add(LateOutcomeFound(order_id=process.order_id, step=step.name))
    if isinstance(answer, Differed):
        decision.open_case("answer_differed", told(answer), outlasts_undoing=took_otherwise(answer))
    if process.stage is Stage.COMPENSATED:
        decision.set_deadline(COMPENSATION_DEADLINE, decision.limits.compensation_timeout(0))
    assert step.late_undo is not None  # or it would not count as given up
    decision.ask(step.late_undo.occurrence(occurrence_key(found)))


def told(answer: Differed) -> str:
    """What a case says of an answer that differs."""
    party = next(party for party in PARTIES if isinstance(answer, party.differed))
    return f"the {party.name} {answer.answered} instead of {answer.asked}"


def took_otherwise(answer: Differed) -> bool:
    """Whether more money may have been taken than the provider names, and gives back: then a person looks, whatever
    comes."""
    return isinstance(answer, PaymentAnswerDiffered) and (answer.operation == "capture" or answer.status == "captured")


def overdue(decision: ProcessDecision) -> None:
    """An undo takes too long: tell a person, and look again later. It goes on being tried, and never counts as done."""
    process = decision.process
    why = f" ({process.postponed})" if process.postponed else ""
    asked = process.awaits or " and ".join(process.late_requests)
    kind: CaseKind = "outcome_unknown" if _is_unheard(process) else "undo_unfinished"
    decision.open_case(kind, f"the request to {asked} has no outcome yet{why}; it goes on being tried")
    decision.set_deadline(COMPENSATION_DEADLINE, decision.limits.compensation_timeout(process.overdue))


def _is_unheard(process: Process) -> bool:
    """Whether nobody knows if the step that is being undone was ever done."""
    if process.awaits is None:
        return False
    return process.step_of(process.awaits).occurrence(occurrence_key(process.awaits)) in process.unheard
