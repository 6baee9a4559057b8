"""What became of each step of an order: told of its process's events, for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from commerce.saga.cases import open_requests
from commerce.saga.events import CompensationAbandoned, PartialRefundSettled, ProcessEvent, ProcessStarted
from commerce.saga.intervention_events import UndoSkipped
from commerce.saga.process import Process, StepChange, changed_step, evolve
from commerce.saga.refunds import open_refund_requests
from commerce.saga.request_events import PartialRefundRequested, Requested
from commerce.saga.step_definition import Occurrence, occurrence_key, occurrence_of
from commerce.saga.step_events import LateOutcomeUndone, StepFailed, StepUndone
from commerce.saga.steps import PARTIAL_REFUND


class StepState(StrEnum):
    """How far a step is."""

    AHEAD = "ahead"
    """It is not asked for yet."""
    ASKED = "asked"
    """It is asked for, and has no outcome yet."""
    DONE = "done"
    FAILED = "failed"
    UNDOING = "undoing"
    """It is being undone."""
    UNDONE = "undone"
    SKIPPED = "skipped"
    """A person took it as undone."""
    LEFT_OUT = "left_out"
    """The order ended, or is to end, before it."""


@dataclass(frozen=True, slots=True)
class StepStatus:
    """One step of an order, and what became of it."""

    step: str
    """The step; with what it is for after a colon, where an order has several, as of refunds."""
    what: str
    """What it does, in plain words."""
    state: StepState
    """How far it is."""
    since: datetime | None
    """Since when; null where nothing happened to it."""
    reason: str | None
    """Why it failed; null otherwise."""
    request: str | None
    """What is asked for it and has no answer yet, as an intervention names it; null where nothing is."""


def step_statuses(history: Iterable[tuple[ProcessEvent, datetime]]) -> list[StepStatus]:
    """The steps that an order takes, in their order, and then its refunds, by all events of its process and when each
    was recorded."""
    process: Process | None = None
    found: dict[Occurrence, StepStatus] = {}
    for event, recorded_at in history:
        process = evolve(process, event)
        if isinstance(event, ProcessStarted):
            found = {step: _ahead(process, step) for step in _steps(process)}
        for step, state in _moved(process, event, found):
            reason = event.reason if isinstance(event, StepFailed) else None
            before = found.get(step) or _ahead(process, step)
            found[step] = replace(before, state=state, since=recorded_at, reason=reason)
    if process is None:
        return []
    asked = {_step_asked_for(process, one): one for one in open_requests(process)}
    asked |= {request: request for request in open_refund_requests(process)}
    ended = process.completion is not None
    return [
        replace(one, state=StepState.LEFT_OUT if ended and one.state is StepState.AHEAD else one.state)
        if step not in asked
        else replace(one, request=asked[step])
        for step, one in found.items()
    ]


def _steps(process: Process) -> Iterator[Occurrence]:
    for step in process.defined.steps:
        for key in step.keys(process):
            yield step.occurrence(key)


def _ahead(process: Process, step: Occurrence) -> StepStatus:
    is_refund = step.partition(":")[0] == PARTIAL_REFUND.name
    what = "give the money back" if is_refund else process.step_of(step).request.next
    return StepStatus(step, what, StepState.AHEAD, None, None, None)


def _step_asked_for(process: Process, request: Occurrence) -> Occurrence:
    return process.step_of(request).occurrence(occurrence_key(request))


def _moved(
    process: Process, event: ProcessEvent, found: dict[Occurrence, StepStatus]
) -> Iterator[tuple[Occurrence, StepState]]:
    """Which steps an event moves, and to where."""
    match event:
        case PartialRefundRequested():
            yield PARTIAL_REFUND.occurrence(str(event.request_id)), StepState.ASKED
        case PartialRefundSettled():
            state = StepState.DONE if event.outcome == "refunded" else StepState.FAILED
            yield PARTIAL_REFUND.occurrence(str(event.request_id)), state
        case Requested():
            if step := process.defined.by_request.get(event.TOPIC):
                yield step.occurrence(event.key), StepState.ASKED
            elif step := process.defined.by_undo_request.get(event.TOPIC):
                yield step.occurrence(event.key), StepState.UNDOING
        case StepFailed():
            yield changed_step(event), StepState.FAILED
        case StepUndone() | LateOutcomeUndone():
            yield from _with_included(process, changed_step(event), StepState.UNDONE, found)
        case UndoSkipped():
            yield from _with_included(process, occurrence_of(event.step, event.key), StepState.SKIPPED, found)
        case CompensationAbandoned():
            yield from ((step, StepState.DONE) for step, one in found.items() if one.state is StepState.UNDOING)
        case _ if isinstance(event, StepChange):
            yield changed_step(event), StepState.DONE


def _with_included(
    process: Process, step: Occurrence, state: StepState, found: dict[Occurrence, StepStatus]
) -> Iterator[tuple[Occurrence, StepState]]:
    """A step and those of which nothing is left with it, as far as they were done."""
    yield step, state
    for included in process.step_of(step).includes:
        one = included.occurrence(occurrence_key(step))
        if one in found and found[one].state is StepState.DONE:
            yield one, state
