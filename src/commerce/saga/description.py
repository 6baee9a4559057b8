"""Says in plain words what an order waits for, since when, until when, and what comes next."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import cast

from commerce.eventstore import Recorded
from commerce.saga.compensation import next_undo
from commerce.saga.decide import next_request
from commerce.saga.events import ProcessEvent
from commerce.saga.process import Process, Stage, evolve, without
from commerce.saga.step_definition import Occurrence, occurrence_key
from commerce.saga.steps import request_named, step_of


@dataclass(frozen=True, slots=True)
class AwaitedStep:
    """What a process waits for; `until` is when it looks again by itself, `since` is unknown to the process alone."""

    what: str
    next: str
    until: datetime | None = None
    since: datetime | None = None
    postponed: str | None = None
    """Why it cannot be had now."""


_SHIPMENT = {
    Stage.COMPLETED: AwaitedStep("the shipment to be dispatched", "ship the order"),
    Stage.DISPATCHED: AwaitedStep("the shipment to arrive", "deliver the order"),
}


def waiting_for(process: Process) -> AwaitedStep | None:
    """What a process waits for; none once it has ended."""
    until = None if process.deadline is None else process.deadline.due_at
    asked = process.late_requests if process.awaits is None else [process.awaits]
    if not asked:
        return _SHIPMENT.get(process.stage)
    what = " and ".join(sorted(request_named(one).awaited for one in asked))
    next_ = "nothing more" if process.awaits is None else _next(process, process.awaits)
    return AwaitedStep(what, next_, until, postponed=process.postponed)


def waiting_now(history: Iterable[Recorded]) -> AwaitedStep | None:
    """What the process of this stream waits for, and since when."""
    process: Process | None = None
    waiting: AwaitedStep | None = None
    for recorded in history:
        process = evolve(process, cast(ProcessEvent, recorded.event))
        before, waiting = waiting, waiting_for(process)
        if waiting is not None:
            since = before.since if before and before.what == waiting.what else recorded.recorded_at
            waiting = replace(waiting, since=since)
    return waiting


def _next(process: Process, awaited: Occurrence) -> str:
    """What comes after what is awaited."""
    if process.completion is None:
        request = next_request(process)
        return request_named(request).next if request else "confirm the order"
    step, key = step_of(awaited), occurrence_key(awaited)
    is_undone = awaited == step.undo.occurrence(key)  # while a step is in flight, its undoing begins after it
    after = replace(process, held=without(process.held, step.occurrence(key))) if is_undone else process
    undo = next_undo(after)
    if undo is not None:
        return request_named(undo).next
    outcome, reason = process.completion.outcome, process.completion.reason
    return "cancel the order" if outcome == "cancelled" else f"reject the order ({reason})"
