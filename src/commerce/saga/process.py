"""The state of an order's process, rebuilt from its own facts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Literal, cast
from uuid import UUID

from commerce import ids
from commerce.aggregate import Aggregate
from commerce.money import Money
from commerce.saga.events import (
    AuthorizationRequested,
    CaptureRequested,
    CaseOpened,
    CompensationAbandoned,
    CompensationStarted,
    DeadlinePassed,
    DeadlineSet,
    LateOutcomeFound,
    LateOutcomeUndone,
    Outcome,
    ParcelDelivered,
    ParcelDispatched,
    ProcessCompensated,
    ProcessCompleted,
    ProcessEvent,
    ProcessStarted,
    RefundRequested,
    ShipmentBooked,
    ShipmentCancellationRequested,
    ShipmentRequested,
    Step,
    StepFailed,
    StepPostponed,
    StepSucceeded,
    StepUndone,
    StockDispatchRequested,
    StockReleaseRequested,
    StockReservationRequested,
    VoidRequested,
    Wanted,
)
from commerce.state import replace

Request = Literal[
    "reserve",
    "authorize",
    "schedule",
    "capture",
    "cancel shipment",
    "void",
    "refund",
    "release",
    "dispatch",
    "late cancel shipment",
    "late void",
    "late refund",
]
"""What a process can ask of another part; each at most once, so that its name makes its id."""


class Stage(StrEnum):
    """How far a process is."""

    RUNNING = "running"
    """On the way to a confirmed order."""
    COMPENSATING = "compensating"
    """On the way back, to a rejected or a cancelled one."""
    COMPENSATED = "compensated"
    COMPLETED = "completed"
    """The order is confirmed."""
    DISPATCHED = "dispatched"
    DELIVERED = "delivered"


@dataclass(frozen=True, slots=True)
class Deadline:
    """The process looks again when this one is past."""

    name: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Booking:
    """What the carrier said of the parcel."""

    tracking_number: str
    carrier: str
    estimated_delivery: date


@dataclass(frozen=True, slots=True)
class Ending:
    """How an order ends that is not carried out, and why."""

    outcome: Outcome
    reason: str


@dataclass(frozen=True, slots=True)
class Process(Aggregate):
    """One order's process. It asks one thing at a time: `awaits` is what has no answer yet."""

    order_id: UUID
    total: Money
    payment_method: str
    wanted: tuple[Wanted, ...]
    stage: Stage = Stage.RUNNING
    held: frozenset[Step] = frozenset()
    """Steps that are done, or may be: what has to be undone before the order can end without them."""
    awaits: Request | None = None
    booking: Booking | None = None
    confirmed: bool = False
    ending: Ending | None = None
    """How the order is to end without being carried out, once that is settled."""
    deadline: Deadline | None = None
    overdue: int = 0
    """How often the compensation's deadline has passed."""
    case: str | None = None
    """What a person has to look at."""
    doubt: str | None = None
    """What a person has to look at even when everything is undone."""
    unheard: frozenset[Step] = frozenset()
    """Steps that were asked for and never heard to be done."""
    late: frozenset[Step] = frozenset()
    """Steps that came to be done after they were given up, and are not undone yet."""
    postponed: str | None = None
    """Why what is waited for cannot be had now, where that is not the order's fault."""
    irrevocable: str | None = None
    """Why the parcel cannot be stopped any more, once the carrier has said so."""

    def request_id(self, request: Request) -> UUID:
        """The id of one of this process's requests, by which the answer is known."""
        return ids.request_id(self.id, request)


COMMANDS: dict[Request, type[ProcessEvent]] = {
    "reserve": StockReservationRequested,
    "authorize": AuthorizationRequested,
    "schedule": ShipmentRequested,
    "capture": CaptureRequested,
    "cancel shipment": ShipmentCancellationRequested,
    "refund": RefundRequested,
    "void": VoidRequested,
    "release": StockReleaseRequested,
    "dispatch": StockDispatchRequested,
}
"""The fact that a request is issued by."""

STEPS: dict[Request, Step] = {
    "reserve": "stock",
    "authorize": "authorization",
    "schedule": "shipment",
    "capture": "capture",
}
"""The step that each request of the way forward takes."""

UNDONE: dict[Request, Step] = {
    "cancel shipment": "shipment",
    "refund": "capture",
    "void": "authorization",
    "release": "stock",
}
"""The step that each request of the way back undoes, in the order of undoing: money moves back only when the parcel stays."""

LATE: dict[Step, Request] = {
    "shipment": "late cancel shipment",
    "capture": "late refund",
    "authorization": "late void",
}
"""What undoes a step that came to be done after it was given up."""

LATE_COMMANDS: dict[Request, type[ProcessEvent]] = {
    "late cancel shipment": ShipmentCancellationRequested,
    "late void": VoidRequested,
    "late refund": RefundRequested,
}
"""The fact that each of these is issued by, beside whatever the process waits for."""

_LATE_REQUESTS: dict[type[ProcessEvent], Request] = {kind: request for request, kind in LATE_COMMANDS.items()}
_REQUESTS: dict[type[ProcessEvent], Request] = {kind: request for request, kind in COMMANDS.items()}


def fold(facts: Iterable[ProcessEvent], process: Process | None = None) -> Process | None:
    """The process after these facts; none without facts."""
    for fact in facts:
        process = evolve(process, fact)
    return process


def evolve(process: Process | None, fact: ProcessEvent) -> Process:
    """Apply one fact; every stream begins with `ProcessStarted`."""
    if process is None:
        started = cast(ProcessStarted, fact)
        return Process(
            id=started.originator_id,
            version=started.originator_version,
            order_id=started.order_id,
            total=started.total,
            payment_method=started.payment_method,
            wanted=started.wanted,
        )
    return replace(process, version=fact.originator_version, **_changes(process, fact))


def _changes(process: Process, fact: ProcessEvent) -> dict[str, Any]:  # noqa: PLR0911 (a case for each fact)
    """What a fact changes, in one dictionary, as each copy of a process with all its fields takes its time."""
    request = _REQUESTS.get(type(fact))
    if request in STEPS:
        step = STEPS[request]
        return {
            "awaits": request,
            "held": process.held | {step},
            "unheard": process.unheard | {step},
            "postponed": None,
        }
    late = _LATE_REQUESTS.get(type(fact))
    if late is not None and getattr(fact, "request_id", None) == process.request_id(late):
        return {}  # undoes what came to light late, which nothing waits for
    if request in UNDONE:
        return {"awaits": request, "postponed": None}
    match fact:
        case StepSucceeded():
            return {"awaits": None, "unheard": process.unheard - {fact.step}}
        case StepFailed(outcome_known=False):
            return {"awaits": None}
        case ShipmentBooked():
            booking = Booking(fact.tracking_number, fact.carrier, fact.estimated_delivery)
            return {"awaits": None, "booking": booking, "unheard": process.unheard - {"shipment"}}
        case StepPostponed():
            return {"postponed": fact.detail}
        case DeadlineSet():
            return {"deadline": Deadline(fact.name, fact.due_at)}
        case ProcessCompleted():
            return {
                "stage": Stage.COMPLETED,
                "confirmed": True,
                "deadline": None,
                "case": process.doubt,
                "postponed": None,
            }
        case ParcelDispatched():
            return {"stage": Stage.DISPATCHED}
        case ParcelDelivered():
            return {"stage": Stage.DELIVERED}
    return _change_on_the_way_back(process, fact)


def _change_on_the_way_back(process: Process, fact: ProcessEvent) -> dict[str, Any]:  # noqa: PLR0911 (a case for each fact)
    match fact:
        case StepFailed():
            return {"awaits": None, "held": process.held - {fact.step}}
        case StepUndone():
            return {"awaits": None, "held": without(process.held, fact.step)}
        case CompensationStarted():
            return {"stage": Stage.COMPENSATING, "ending": Ending(fact.outcome, fact.reason)}
        case CompensationAbandoned():
            return {
                "stage": Stage.COMPLETED,
                "ending": None,
                "awaits": None,
                "irrevocable": fact.cause,
                "deadline": None,
                "case": process.doubt,
            }
        case ProcessCompensated():
            ending = Ending(fact.outcome, fact.reason)
            settled = {} if process.late else {"deadline": None, "case": process.doubt}
            return {"stage": Stage.COMPENSATED, "ending": ending, "postponed": None, **settled}
        case LateOutcomeFound():
            return {"late": process.late | {fact.step}, "unheard": process.unheard - {fact.step}}
        case LateOutcomeUndone():
            late = process.late - {fact.step}
            is_over = process.stage is Stage.COMPENSATED and not late
            return {"late": late, **({"deadline": None, "case": process.doubt} if is_over else {})}
        case DeadlinePassed():
            is_undoing = process.stage is Stage.COMPENSATING or bool(process.late)
            return {"deadline": None, "overdue": process.overdue + is_undoing}
        case CaseOpened():
            return {"case": fact.detail, "doubt": fact.detail if fact.outlasts_undoing else process.doubt}
    return {}


def without(held: frozenset[Step], undone: Step) -> frozenset[Step]:
    """What is held when a step is undone; undoing a capture leaves nothing of the authorisation either."""
    return held - ({"capture", "authorization"} if undone == "capture" else {undone})
