"""`given(events).when(event).then(events, commands)`: a process's decision as a specification."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from commerce.eventstore import Event
from commerce.inventory.events import Quantity
from commerce.saga.case_events import CaseAssigned, CaseKind, CaseNoted, CaseOpened, CaseResolved
from commerce.saga.decide import react
from commerce.saga.events import (
    CompensationStarted,
    DeadlinePassed,
    DeadlineSet,
    Outcome,
    ProcessCompensated,
    ProcessEvent,
)
from commerce.saga.intervention_events import Intervened
from commerce.saga.limits import ProcessLimits
from commerce.saga.order_commands import OrderCommand
from commerce.saga.process import Process, evolve, fold
from commerce.saga.process_decision import Reaction
from commerce.saga.request_events import (
    AuthorizationRequested,
    CaptureRequested,
    RefundRequested,
    ShipmentCancellationRequested,
    ShipmentRequested,
    StepName,
    StockDispatchRequested,
    StockReleaseRequested,
    StockReservationRequested,
    VoidRequested,
)
from commerce.saga.step_events import ShipmentBooked, StepFailed, StepSucceeded, StepUndone
from commerce.values import ids
from tests.unit.saga.inputs import ARRIVES, EUR_30, LATER, LIMITS, ORDER, PROCESS, START, WANTED

Expected = Callable[[int], ProcessEvent]
"""An event of the process, once its version is known."""


def event(event_kind: type[ProcessEvent], /, **fields: object) -> Expected:
    return lambda version: event_kind.model_validate(
        {"originator_id": PROCESS, "originator_version": version, **fields}
    )


def asked(request: str, wanted: tuple[Quantity, ...] = WANTED) -> Expected:
    kinds: dict[str, tuple[type[ProcessEvent], dict[str, object]]] = {
        "reserve": (StockReservationRequested, {"wanted": wanted}),
        "authorize": (AuthorizationRequested, {"amount": EUR_30, "payment_method": "pm_card_ok"}),
        "schedule": (ShipmentRequested, {}),
        "capture": (CaptureRequested, {"amount": EUR_30}),
        "cancel shipment": (ShipmentCancellationRequested, {}),
        "void": (VoidRequested, {}),
        "refund": (RefundRequested, {}),
        "release": (StockReleaseRequested, {}),
        "dispatch": (StockDispatchRequested, {}),
    }
    kind, fields = kinds[request]
    return event(kind, order_id=ORDER, request_id=ids.request_id(PROCESS, request), **fields)


def succeeded(step: StepName) -> Expected:
    return event(StepSucceeded, step=step)


def booked() -> Expected:
    return event(ShipmentBooked, tracking_number="TRACK-1", carrier="Swift", estimated_delivery=ARRIVES)


def failed(step: StepName, reason: str, *, known: bool = True) -> Expected:
    return event(StepFailed, step=step, reason=reason, outcome_known=known)


def undone(step: StepName) -> Expected:
    return event(StepUndone, step=step)


def compensating(reason: str, outcome: Outcome = "rejected") -> Expected:
    return event(CompensationStarted, reason=reason, outcome=outcome)


def compensated(reason: str, outcome: Outcome = "rejected") -> Expected:
    return event(ProcessCompensated, reason=reason, outcome=outcome)


def deadline(name: str, due_at: datetime) -> Expected:
    return event(DeadlineSet, order_id=ORDER, name=name, due_at=due_at)


def undo_by() -> Expected:
    """The deadline of a compensation that begins `LATER`."""
    return deadline("compensation", LATER + timedelta(minutes=5))


def case(kind: CaseKind, detail: str, *, outlasts_undoing: bool = False) -> Expected:
    return event(CaseOpened, order_id=ORDER, kind=kind, detail=detail, outlasts_undoing=outlasts_undoing)


@dataclass(frozen=True)
class Decided:
    """What followed from the last event."""

    before: Process | None
    reaction: Reaction
    passed: tuple[ProcessEvent, ...] = ()
    """The last event, where it stands in the process's own stream."""

    def then(self, *events: Expected, commands: Iterable[OrderCommand] = ()) -> None:
        version = self.before.version if self.before else 0
        expected = [make(version + number) for number, make in enumerate(events, start=1)]
        assert list(self.reaction.events) == expected
        assert tuple(self.reaction.commands) == tuple(commands)

    def then_nothing(self) -> None:
        assert self.reaction == Reaction()

    @property
    def process(self) -> Process:
        process = fold(self.reaction.events, self.before)
        assert process is not None
        return process


@dataclass(frozen=True)
class Given:
    """A process, as the events it read so far have left it, and what its stream holds."""

    process: Process | None = None
    stated: tuple[ProcessEvent, ...] = ()
    limits: ProcessLimits = LIMITS

    @property
    def process_now(self) -> Process:
        assert self.process is not None
        return self.process

    def when(self, event: Event, at: datetime = LATER) -> Decided:
        if not isinstance(event, DeadlinePassed | CaseAssigned | CaseNoted | CaseResolved | Intervened):
            return Decided(self.process, react(self.process, event, at, self.limits))
        place = {"originator_id": PROCESS, "originator_version": self.process_now.version + 1}
        stated = event.model_copy(update=place)
        process = evolve(self.process, stated)
        return Decided(process, react(process, stated, at, self.limits), (stated,))


def given(*events: Event, limits: ProcessLimits = LIMITS) -> Given:
    """A process that has reacted to these events, all recorded at `START`."""
    scenario = Given(limits=limits)
    for one in events:
        decided = scenario.when(one, START)
        process = fold(decided.reaction.events, decided.before)
        scenario = Given(process, (*scenario.stated, *decided.passed, *decided.reaction.events), limits)
        assert process is None or process.version == len(scenario.stated)
    return scenario
