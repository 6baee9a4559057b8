"""What a person can have a process do: ask again, give the order up, or take an undo as done or a refund as over; what
it refuses, and what follows."""

from __future__ import annotations

from collections.abc import Sequence

from commerce.eventstore import Sealed
from commerce.saga import compensation
from commerce.saga.cases import may_be_resolved, open_requests
from commerce.saga.intervention_events import Intervened, Intervention
from commerce.saga.process import Completion, Process, Stage
from commerce.saga.process_decision import ProcessDecision
from commerce.saga.refunds import open_refund_requests, skip_refund
from commerce.saga.step_definition import Occurrence
from commerce.values.errors import RuleBroken

GIVEN_UP = Completion("rejected", "given_up")
"""How a process ends that a person gave up."""


class InterventionRejected(RuleBroken):
    """The process cannot do now what a person would have it do; the text names what it can."""


def possible_actions(process: Process) -> list[str]:
    """What a person may do about an order now, by the last part of the path that does it."""
    may = {
        "retry": bool(open_requests(process)),
        "compensate": process.stage is Stage.RUNNING,
        "skip": bool(_skippable(process)),
        "resolve": may_be_resolved(process),
        "assignment": bool(process.cases),
        "notes": bool(process.cases),
    }
    return [action for action, is_possible in may.items() if is_possible]


def intervene(process: Process, action: Intervention, reason: Sealed, request: str | None = None) -> list[Intervened]:
    """Have a process do something; `request` names one of several that it waits for.

    Raises `InterventionRejected`, naming what may be done.
    """
    if action == "compensate":
        requests: Sequence[Occurrence] = ()
        if process.stage is not Stage.RUNNING:
            raise _rejected(process, _WHY_NOT_GIVEN_UP[process.stage])
    else:
        possible = open_requests(process) if action == "retry" else _skippable(process)
        requests = _chosen(process, action, possible, request)
    return [Intervened(order_id=process.order_id, action=action, requests=tuple(requests), reason=reason)]


def intervened(decision: ProcessDecision, event: Intervened) -> None:
    """What follows; what the process has moved past since is followed by nothing."""
    process = decision.process
    if event.action == "compensate":
        if process.stage is Stage.RUNNING:
            compensation.begin(decision, GIVEN_UP)
        return
    possible = open_requests(process) if event.action == "retry" else _skippable(process)
    for request in possible:
        if request not in event.requests:
            continue
        if request in open_refund_requests(process):
            skip_refund(decision, request)
        elif event.action == "skip":
            compensation.skip(decision, request)
        elif process.completion is None:
            _take_again(decision, request)
        else:
            decision.ask(request)


def _take_again(decision: ProcessDecision, request: Occurrence) -> None:
    """A step has its own time again, but never more than the order has left; the customer keeps theirs."""
    decision.ask(request)
    if not decision.process.waits_for_customer:
        decision.await_step(decision.process.step_of(request).name)


_WHY_NOT_GIVEN_UP = {
    Stage.COMPENSATING: "the order is being undone already",
    Stage.COMPENSATED: "the order is undone already",
    Stage.COMPLETED: "the order is confirmed; ask for its cancellation instead",
    Stage.DISPATCHED: "the shipment has left",
    Stage.DELIVERED: "the shipment has arrived",
    Stage.NO_ORDER: "there is no order",
}


def _skippable(process: Process) -> list[Occurrence]:
    return [*_undos(process), *open_refund_requests(process)]


def _undos(process: Process) -> list[Occurrence]:
    """The undos that are asked for of a party; what inventory undoes, nobody else can."""
    undoing = process.completion is not None
    return [
        one
        for one in open_requests(process)
        if process.step_of(one).party is not None and (undoing or one in process.late_requests)
    ]


def _chosen(
    process: Process, action: Intervention, possible: Sequence[Occurrence], request: str | None
) -> Sequence[Occurrence]:
    named = ", ".join(possible)
    if not possible:
        raise _rejected(process, f"nothing is asked for that one can {action}")
    if request is None and len(possible) > 1 and action == "skip":
        raise _rejected(process, f"name the request: one of {named}")
    chosen = [one for one in possible if request in (None, one)]
    if not chosen:
        raise _rejected(process, f"{request} is not asked for; what one can {action}: {named}")
    return chosen


def _rejected(process: Process, why: str) -> InterventionRejected:
    allowed = ", ".join(possible_actions(process)) or "nothing"
    rejected = InterventionRejected(f"{why}; what may be done now: {allowed}")
    return rejected.standing(process.version, possible_actions(process))
