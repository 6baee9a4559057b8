"""`given(facts).when(fact).then(facts, wishes)`: a process's decision as a specification."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from commerce import ids
from commerce.eventstore.event import Event
from commerce.saga.events import (
    AuthorizationRequested,
    CaptureRequested,
    CaseOpened,
    CompensationStarted,
    DeadlinePassed,
    DeadlineSet,
    Outcome,
    ProcessCompensated,
    ProcessEvent,
    RefundRequested,
    ShipmentBooked,
    ShipmentCancellationRequested,
    ShipmentRequested,
    Step,
    StepFailed,
    StepSucceeded,
    StepUndone,
    StockDispatchRequested,
    StockReleaseRequested,
    StockReservationRequested,
    VoidRequested,
    Wanted,
)
from commerce.saga.process import Process, Request, evolve, fold
from commerce.saga.react import react
from commerce.saga.reaction import OrderWish, Reaction
from tests.unit.saga.inputs import ARRIVES, EUR_30, LATER, LIMITS, ORDER, PROCESS, START, WANTED

Expected = Callable[[int], ProcessEvent]
"""A fact of the process, once its version is known."""


def fact(kind: type[ProcessEvent], **fields: object) -> Expected:
    return lambda version: kind.model_validate({"originator_id": PROCESS, "originator_version": version, **fields})


def asked(request: Request, wanted: tuple[Wanted, ...] = WANTED) -> Expected:
    kinds: dict[Request, tuple[type[ProcessEvent], dict[str, object]]] = {
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
    return fact(kind, order_id=ORDER, request_id=ids.request_id(PROCESS, request), **fields)


def succeeded(step: Step) -> Expected:
    return fact(StepSucceeded, step=step)


def booked() -> Expected:
    return fact(ShipmentBooked, tracking_number="TRACK-1", carrier="Swift", estimated_delivery=ARRIVES)


def failed(step: Step, reason: str, *, known: bool = True) -> Expected:
    return fact(StepFailed, step=step, reason=reason, outcome_known=known)


def undone(step: Step) -> Expected:
    return fact(StepUndone, step=step)


def compensating(reason: str, outcome: Outcome = "rejected") -> Expected:
    return fact(CompensationStarted, reason=reason, outcome=outcome)


def compensated(reason: str, outcome: Outcome = "rejected") -> Expected:
    return fact(ProcessCompensated, reason=reason, outcome=outcome)


def deadline(name: str, due_at: datetime) -> Expected:
    return fact(DeadlineSet, order_id=ORDER, name=name, due_at=due_at)


def undo_by() -> Expected:
    """The deadline of a compensation that begins `LATER`."""
    return deadline("compensation", LATER + timedelta(minutes=5))


def case(detail: str, *, outlasts_undoing: bool = False) -> Expected:
    return fact(CaseOpened, order_id=ORDER, detail=detail, outlasts_undoing=outlasts_undoing)


@dataclass(frozen=True)
class Decided:
    """What followed from the last fact."""

    before: Process | None
    reaction: Reaction
    passed: tuple[DeadlinePassed, ...] = ()
    """The last fact, where it stands in the process's own stream."""

    def then(self, *facts: Expected, wishes: Iterable[OrderWish] = ()) -> None:
        version = self.before.version if self.before else 0
        expected = [make(version + number) for number, make in enumerate(facts, start=1)]
        assert list(self.reaction.facts) == expected
        assert tuple(self.reaction.wishes) == tuple(wishes)

    def then_nothing(self) -> None:
        assert self.reaction == Reaction()

    @property
    def process(self) -> Process:
        process = fold(self.reaction.facts, self.before)
        assert process is not None
        return process


@dataclass(frozen=True)
class Given:
    """A process, as the facts it read so far have left it, and what its stream holds."""

    process: Process | None = None
    stated: tuple[ProcessEvent, ...] = ()

    @property
    def process_now(self) -> Process:
        assert self.process is not None
        return self.process

    def when(self, fact: Event, at: datetime = LATER) -> Decided:
        if not isinstance(fact, DeadlinePassed):
            return Decided(self.process, react(self.process, fact, at, LIMITS))
        passed = fact.model_copy(update={"originator_version": self.process_now.version + 1})
        process = evolve(self.process, passed)
        return Decided(process, react(process, passed, at, LIMITS), (passed,))


def given(*facts: Event) -> Given:
    """A process that has reacted to these facts, all recorded at `START`."""
    scenario = Given()
    for one in facts:
        decided = scenario.when(one, START)
        process = fold(decided.reaction.facts, decided.before)
        scenario = Given(process, (*scenario.stated, *decided.passed, *decided.reaction.facts))
    return scenario
