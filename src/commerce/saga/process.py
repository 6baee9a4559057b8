"""The state of an order's process, rebuilt from its own events."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Literal, cast
from uuid import UUID

from commerce.eventstore import Aggregate, replace
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
from commerce.values import ids
from commerce.values.money import Money

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
class BookedShipment:
    """What the carrier said of the shipment."""

    tracking_number: str
    carrier: str
    estimated_delivery: date


@dataclass(frozen=True, slots=True)
class Completion:
    """How an order ends that is not handled, and why."""

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
    booking: BookedShipment | None = None
    confirmed: bool = False
    completion: Completion | None = None
    """How the order is to end without being handled, once that is settled."""
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
    """Why the shipment cannot be stopped any more, once the carrier has said so."""

    def request_id(self, request: Request) -> UUID:
        """The id of one of this process's requests, by which the answer is known."""
        return ids.request_id(self.id, request)


REQUEST_EVENTS: dict[Request, type[ProcessEvent]] = {
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
"""The event that a request is issued by."""

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
"""The step that each request of the way back undoes, in the order of undoing: money moves back only when the
shipment stays."""

LATE: dict[Step, Request] = {
    "shipment": "late cancel shipment",
    "capture": "late refund",
    "authorization": "late void",
}
"""What undoes a step that came to be done after it was given up."""

LATE_REQUEST_EVENTS: dict[Request, type[ProcessEvent]] = {
    "late cancel shipment": ShipmentCancellationRequested,
    "late void": VoidRequested,
    "late refund": RefundRequested,
}
"""The event that each of these is issued by, beside whatever the process waits for."""

_LATE_REQUESTS: dict[type[ProcessEvent], Request] = {kind: request for request, kind in LATE_REQUEST_EVENTS.items()}
_REQUESTS: dict[type[ProcessEvent], Request] = {kind: request for request, kind in REQUEST_EVENTS.items()}


def fold(events: Iterable[ProcessEvent], process: Process | None = None) -> Process | None:
    """The process after these events; none without events."""
    for event in events:
        process = evolve(process, event)
    return process


def evolve(process: Process | None, event: ProcessEvent) -> Process:
    """Apply one event; every stream begins with `ProcessStarted`."""
    if process is None:
        started = cast(ProcessStarted, event)
        return Process(
            id=started.originator_id,
            version=started.originator_version,
            order_id=started.order_id,
            total=started.total,
            payment_method=started.payment_method,
            wanted=started.wanted,
        )
    return replace(process, version=event.originator_version, **_changes(process, event))


def _changes(process: Process, event: ProcessEvent) -> dict[str, Any]:  # noqa: PLR0911 (a case for each event)
    """What an event changes, in one dictionary, as each copy of a process with all its fields takes its time."""
    request = _REQUESTS.get(type(event))
    if request in STEPS:
        step = STEPS[request]
        return {
            "awaits": request,
            "held": process.held | {step},
            "unheard": process.unheard | {step},
            "postponed": None,
        }
    late = _LATE_REQUESTS.get(type(event))
    if late is not None and getattr(event, "request_id", None) == process.request_id(late):
        return {}  # undoes what came to light late, which nothing waits for
    if request in UNDONE:
        return {"awaits": request, "postponed": None}
    match event:
        case StepSucceeded():
            return {"awaits": None, "unheard": process.unheard - {event.step}}
        case StepFailed(outcome_known=False):
            return {"awaits": None}
        case ShipmentBooked():
            booking = BookedShipment(event.tracking_number, event.carrier, event.estimated_delivery)
            return {"awaits": None, "booking": booking, "unheard": process.unheard - {"shipment"}}
        case StepPostponed():
            return {"postponed": event.detail}
        case DeadlineSet():
            return {"deadline": Deadline(event.name, event.due_at)}
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
    return _change_on_the_way_back(process, event)


def _change_on_the_way_back(process: Process, event: ProcessEvent) -> dict[str, Any]:  # noqa: PLR0911 (a case for each event)
    match event:
        case StepFailed():
            return {"awaits": None, "held": process.held - {event.step}}
        case StepUndone():
            return {"awaits": None, "held": without(process.held, event.step)}
        case CompensationStarted():
            return {"stage": Stage.COMPENSATING, "completion": Completion(event.outcome, event.reason)}
        case CompensationAbandoned():
            return {
                "stage": Stage.COMPLETED,
                "completion": None,
                "awaits": None,
                "irrevocable": event.cause,
                "deadline": None,
                "case": process.doubt,
            }
        case ProcessCompensated():
            completion = Completion(event.outcome, event.reason)
            settled = {} if process.late else {"deadline": None, "case": process.doubt}
            return {"stage": Stage.COMPENSATED, "completion": completion, "postponed": None, **settled}
        case LateOutcomeFound():
            return {"late": process.late | {event.step}, "unheard": process.unheard - {event.step}}
        case LateOutcomeUndone():
            late = process.late - {event.step}
            is_over = process.stage is Stage.COMPENSATED and not late
            return {"late": late, **({"deadline": None, "case": process.doubt} if is_over else {})}
        case DeadlinePassed():
            is_undoing = process.stage is Stage.COMPENSATING or bool(process.late)
            return {"deadline": None, "overdue": process.overdue + is_undoing}
        case CaseOpened():
            return {"case": event.detail, "doubt": event.detail if event.outlasts_undoing else process.doubt}
    return {}


def without(held: frozenset[Step], undone: Step) -> frozenset[Step]:
    """What is held when a step is undone; undoing a capture leaves nothing of the authorisation either."""
    return held - ({"capture", "authorization"} if undone == "capture" else {undone})
