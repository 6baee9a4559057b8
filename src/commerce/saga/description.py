"""Says in plain words what an order waits for, since when, until when, and what comes next."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import cast

from commerce.eventstore import Recorded
from commerce.saga.compensation import next_undo
from commerce.saga.events import ProcessEvent
from commerce.saga.forward import next_step
from commerce.saga.process import LATE, UNDONE, Process, Request, Stage, evolve, without


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a process waits for; `until` is when it looks again by itself, `since` is unknown to the process alone."""

    what: str
    next: str
    until: datetime | None = None
    since: datetime | None = None
    postponed: str | None = None
    """Why it cannot be had now."""


_AWAITED: dict[Request, str] = {
    "reserve": "the stock to be reserved",
    "authorize": "the payment to be authorised",
    "schedule": "the carrier to take the shipment",
    "capture": "the money to be taken",
    "cancel shipment": "the shipment to be stopped",
    "refund": "the money to be given back",
    "void": "the payment to be let go",
    "release": "the stock to be released",
    "late cancel shipment": "the shipment to be stopped that the carrier took late",
    "late refund": "the money to be given back that was taken late",
    "late void": "the payment to be let go that was authorised late",
}
_NEXT: dict[Request, str] = {
    "reserve": "reserve the stock",
    "authorize": "authorise the payment",
    "schedule": "book the shipment",
    "capture": "take the money",
    "cancel shipment": "stop the shipment",
    "refund": "give the money back",
    "void": "let go of the payment",
    "release": "release the stock",
}
_SHIPMENT = {
    Stage.COMPLETED: Waiting("the shipment to be dispatched", "ship the order"),
    Stage.DISPATCHED: Waiting("the shipment to arrive", "deliver the order"),
}


def waiting_for(process: Process) -> Waiting | None:
    """What a process waits for; none once it has ended."""
    until = None if process.deadline is None else process.deadline.due_at
    if process.awaits is None and process.late:
        what = " and ".join(sorted(_AWAITED[LATE[step]] for step in process.late))
        return Waiting(what, "nothing more", until, postponed=process.postponed)
    if process.awaits is None:
        return _SHIPMENT.get(process.stage)
    return Waiting(_AWAITED[process.awaits], _next(process, process.awaits), until, postponed=process.postponed)


def waiting_now(history: Iterable[Recorded]) -> Waiting | None:
    """What the process of this stream waits for, and since when."""
    process: Process | None = None
    waiting: Waiting | None = None
    for recorded in history:
        process = evolve(process, cast(ProcessEvent, recorded.event))
        before, waiting = waiting, waiting_for(process)
        if waiting is not None:
            since = before.since if before and before.what == waiting.what else recorded.recorded_at
            waiting = replace(waiting, since=since)
    return waiting


def _next(process: Process, awaited: Request) -> str:
    if process.completion is None:
        step = next_step(process)
        return _NEXT[step] if step else "confirm the order"
    undone = UNDONE.get(awaited)  # none while a step is still in flight: the undoing begins after it
    undo = next_undo(process if undone is None else replace(process, held=without(process.held, undone)))
    if undo is not None:
        return _NEXT[undo]
    return (
        "cancel the order"
        if process.completion.outcome == "cancelled"
        else f"reject the order ({process.completion.reason})"
    )
