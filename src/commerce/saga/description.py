"""Says in plain words what an order waits for, until when, and what comes next."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from commerce.saga.compensation import next_undo
from commerce.saga.decide import next_request
from commerce.saga.definitions import told_request
from commerce.saga.process import Process, Stage, without
from commerce.saga.step_definition import Occurrence, occurrence_key


@dataclass(frozen=True, slots=True)
class AwaitedStep:
    """What a process waits for; `until` is when it looks again by itself."""

    what: str
    next: str
    until: datetime | None = None
    postponed: str | None = None
    """Why it cannot be had now."""


def why_here(process: Process) -> str:
    """Why an order is where it is, in one sentence for those who work for the shop."""
    told = _REST.get(process.stage)
    if told is None and process.completion is not None:
        outcome, reason = process.completion.outcome, process.completion.reason
        ending = outcome if outcome == reason else f"{outcome} ({reason})"
        is_over = process.stage is Stage.COMPENSATED
        told = f"everything is undone; the order ended {ending}" if is_over else f"it is to end {ending}, undone first"
    if process.waits_for_customer:
        return f"{_CUSTOMER.what}: the payment provider wants that before it sets money aside"
    told = told or "it is on its way"
    asked = [*process.late_requests, *([process.awaits] if process.awaits else [])]
    if not asked:
        return told
    requests = " and ".join(map(told_request, asked))
    why = f" ({process.postponed})" if process.postponed else ""
    return f"{told}; there is no answer yet to the request for {requests}{why}"


_REST = {
    Stage.COMPLETED: "every step is done, and nobody has said yet that the shipment left",
    Stage.DISPATCHED: "the shipment left, and nobody has said yet that it arrived",
    Stage.DELIVERED: "the shipment arrived",
    Stage.NO_ORDER: "no order is behind it, and only a person can say what it is",
}

_CUSTOMER = AwaitedStep("the customer to confirm the payment, or to pay in another way", "authorise the payment")

_SHIPMENT = {
    Stage.COMPLETED: AwaitedStep("the shipment to be dispatched", "ship the order"),
    Stage.DISPATCHED: AwaitedStep("the shipment to arrive", "deliver the order"),
}

AWAITED_OTHERWISE = (
    *(text for one in (_CUSTOMER, *_SHIPMENT.values()) for text in (one.what, one.next)),
    "confirm the order",
    "cancel the order",
    "nothing more",
)
"""What else is waited for, and comes next, than what the table of steps has."""


def waiting_for(process: Process) -> AwaitedStep | None:
    """What a process waits for; none once it has ended."""
    until = None if process.deadline is None else process.deadline.due_at
    asked = process.late_requests if process.awaits is None else [process.awaits]
    if process.waits_for_customer:
        return replace(_CUSTOMER, until=until)
    if not asked:
        resting = _SHIPMENT.get(process.stage)
        return replace(resting, until=until) if resting else None
    what = " and ".join(sorted(map(told_request, asked)))
    next_ = "nothing more" if process.awaits is None else _next(process, process.awaits)
    return AwaitedStep(what, next_, until, postponed=process.postponed)


def awaited_parties(process: Process) -> frozenset[str]:
    """The names of the parties outside that a process waits for."""
    asked = process.late_requests if process.awaits is None else [process.awaits]
    return frozenset(party.name for one in asked if (party := process.step_of(one).party) is not None)


def _next(process: Process, awaited: Occurrence) -> str:
    """What comes after what is awaited."""
    if process.completion is None:
        request = next_request(process)
        return process.defined.request_named(request).next if request else "confirm the order"
    step, key = process.step_of(awaited), occurrence_key(awaited)
    is_undone = awaited == step.undo.occurrence(key)  # while a step is in flight, its undoing begins after it
    after = replace(process, held=without(process, step.occurrence(key))) if is_undone else process
    undo = next_undo(after)
    if undo is not None:
        return process.defined.request_named(undo).next
    outcome, reason = process.completion.outcome, process.completion.reason
    return "cancel the order" if outcome == "cancelled" else f"reject the order ({reason})"
