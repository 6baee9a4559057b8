"""The state of an order's process, rebuilt from its own events, and a decision in the making."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import reduce
from typing import cast
from uuid import UUID

from commerce.eventstore import Aggregate, in_stream
from commerce.inventory.events import Quantity
from commerce.saga.events import (
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
    Requested,
    ShipmentBooked,
    StepFailed,
    StepPostponed,
    StepSucceeded,
    StepUndone,
)
from commerce.saga.order_commands import OrderCommand
from commerce.saga.step_definition import Occurrence, occurrence_key, occurrence_of
from commerce.saga.steps import SHIPMENT, STEP_BY_REQUEST, STEP_BY_UNDO_REQUEST, request_named, step_of
from commerce.values import ids
from commerce.values.money import Money


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
    """How an order ends that is not carried out, and why."""

    outcome: Outcome
    reason: str


@dataclass(frozen=True, slots=True)
class Process(Aggregate):
    """One order's process. It asks one thing at a time: `awaits` is what has no answer yet."""

    order_id: UUID
    total: Money
    payment_method: str
    wanted: tuple[Quantity, ...]
    stage: Stage = Stage.RUNNING
    held: frozenset[Occurrence] = frozenset()
    """Steps that are done, or may be: what has to be undone before the order can end without them."""
    awaits: Occurrence | None = None
    booking: BookedShipment | None = None
    confirmed: bool = False
    completion: Completion | None = None
    """How the order is to end without being carried out, once that is settled."""
    deadline: Deadline | None = None
    overdue: int = 0
    """How often the compensation's deadline has passed."""
    case: str | None = None
    """What a person has to look at."""
    doubt: str | None = None
    """What a person has to look at even when everything is undone."""
    unheard: frozenset[Occurrence] = frozenset()
    """Steps that were asked for and never heard to be done."""
    late: frozenset[Occurrence] = frozenset()
    """Steps that came to be done after they were given up, and are not undone yet."""
    postponed: str | None = None
    """Why what is waited for cannot be had now, where that is not the order's fault."""
    irrevocable: str | None = None
    """Why the shipment cannot be stopped any more, once the carrier has said so."""

    def request_id(self, asked: Occurrence) -> UUID:
        """The id of one of this process's requests, by which the answer is known."""
        return ids.request_id(self.id, asked)

    @property
    def late_requests(self) -> list[Occurrence]:
        """What is asked for to undo what came to be done late."""
        return sorted(undo.occurrence(occurrence_key(step)) for step in self.late if (undo := step_of(step).late_undo))


def fold(events: Iterable[ProcessEvent], process: Process | None = None) -> Process | None:
    """The process after these events; none without events."""
    return reduce(evolve, events, process)


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
    version = event.originator_version
    if isinstance(event, Requested):
        return _requested(process, event, version)
    if isinstance(
        event, LateOutcomeFound | StepSucceeded | ShipmentBooked | StepFailed | StepUndone | LateOutcomeUndone
    ):
        return _step_changed(process, event, version)
    return _changed(process, event, version)


def _requested(process: Process, event: Requested, version: int) -> Process:
    """What is asked for to undo what came to light late is not waited for, nor is the booking out of what left."""
    if taken := STEP_BY_REQUEST.get(event.TOPIC):
        asked, steps = taken.request.occurrence(event.key), {taken.occurrence(event.key)}
        held, unheard = process.held | steps, process.unheard | steps
        return replace(process, version=version, awaits=asked, held=held, unheard=unheard, postponed=None)
    undone = STEP_BY_UNDO_REQUEST.get(event.TOPIC)
    late = undone.late_undo if undone else None
    if undone is None or (late is not None and event.request_id == process.request_id(late.occurrence(event.key))):
        return replace(process, version=version)
    return replace(process, version=version, awaits=undone.undo.occurrence(event.key), postponed=None)


def _step_changed(
    process: Process,
    event: StepSucceeded | ShipmentBooked | StepFailed | StepUndone | LateOutcomeFound | LateOutcomeUndone,
    version: int,
) -> Process:
    name = SHIPMENT.name if isinstance(event, ShipmentBooked) else event.step
    step = occurrence_of(name, event.key)
    unheard, late = process.unheard - {step}, process.late - {step}
    match event:
        case StepSucceeded():
            return replace(process, version=version, awaits=None, unheard=unheard)
        case ShipmentBooked():
            booking = BookedShipment(event.tracking_number, event.carrier, event.estimated_delivery)
            return replace(process, version=version, awaits=None, unheard=unheard, booking=booking)
        case StepFailed():
            held = process.held - {step} if event.outcome_known else process.held
            return replace(process, version=version, awaits=None, held=held)
        case StepUndone():
            return replace(process, version=version, awaits=None, held=without(process.held, step))
        case LateOutcomeFound():
            return replace(process, version=version, unheard=unheard, late=process.late | {step})
        case LateOutcomeUndone():
            after = replace(process, version=version, late=late)
            return _settled(after) if after.stage is Stage.COMPENSATED and not late else after


def _changed(process: Process, event: ProcessEvent, version: int) -> Process:  # noqa: PLR0911 (a case for each event)
    match event:
        case StepPostponed():
            return replace(process, version=version, postponed=event.detail)
        case DeadlineSet():
            return replace(process, version=version, deadline=Deadline(event.name, event.due_at))
        case DeadlinePassed():
            is_undoing = process.stage is Stage.COMPENSATING or bool(process.late)
            return replace(process, version=version, deadline=None, overdue=process.overdue + is_undoing)
        case CaseOpened():
            doubt = event.detail if event.outlasts_undoing else process.doubt
            return replace(process, version=version, case=event.detail, doubt=doubt)
        case ProcessCompleted():
            after = replace(process, version=version, stage=Stage.COMPLETED, confirmed=True, postponed=None)
            return _settled(after)
        case ParcelDispatched():
            return replace(process, version=version, stage=Stage.DISPATCHED)
        case ParcelDelivered():
            return replace(process, version=version, stage=Stage.DELIVERED)
        case CompensationStarted():
            completion = Completion(event.outcome, event.reason)
            return replace(process, version=version, stage=Stage.COMPENSATING, completion=completion)
        case CompensationAbandoned():
            stands = replace(process, version=version, stage=Stage.COMPLETED, completion=None)
            return _settled(replace(stands, awaits=None, irrevocable=event.cause))
        case ProcessCompensated():
            completion = Completion(event.outcome, event.reason)
            ended = replace(process, version=version, stage=Stage.COMPENSATED, completion=completion, postponed=None)
            return ended if ended.late else _settled(ended)
    return replace(process, version=version)


def _settled(process: Process) -> Process:
    """Nothing is left to look at, but for what a person has to decide all the same."""
    return replace(process, deadline=None, case=process.doubt)


def without(held: frozenset[Occurrence], undone: Occurrence) -> frozenset[Occurrence]:
    """What is held when a step is undone; undoing a capture leaves nothing of the authorisation either."""
    key = occurrence_key(undone)
    return held - {undone, *(step.occurrence(key) for step in step_of(undone).includes)}


@dataclass(frozen=True, slots=True)
class ProcessLimits:
    """How long a process waits before it looks again."""

    order: timedelta = timedelta(minutes=15)
    """From placed to confirmed; after that the order is `timed_out`."""
    compensation: timedelta = timedelta(minutes=5)
    """From the beginning of a compensation to the first case for a person; doubles each time it passes."""
    longest: timedelta = timedelta(hours=1)
    """What the doubling stops at."""

    def compensation_timeout(self, passed: int) -> timedelta:
        """How long a compensation has, after its deadline has passed `passed` times."""
        doubled: timedelta = self.compensation * 2 ** min(passed, 16)
        return min(doubled, self.longest)


@dataclass(frozen=True, slots=True)
class Reaction:
    """What follows from one event: the process's own events, then commands towards the order, in this order."""

    events: Sequence[ProcessEvent] = ()
    commands: Sequence[OrderCommand] = ()
    process: Process | None = None
    """The process after these events."""


NOTHING = Reaction()
"""An event that was handled before, came late, or is not this process's: nothing new."""


class ProcessDecision:
    """A reaction in the making: each event is decided on the process that the events before it left.

    `at` is when the event was recorded that is decided on; deadlines are set from it.
    """

    def __init__(
        self, process: Process, at: datetime, limits: ProcessLimits, events: Sequence[ProcessEvent] = ()
    ) -> None:
        self.process = process
        self.limits = limits
        self._at = at
        self._events = list(events)
        self._commands: list[OrderCommand] = []

    def add(self, event: ProcessEvent) -> None:
        """Record the next event."""
        self._events += in_stream([event], self.process.id, after=self.process.version)
        self.process = evolve(self.process, event)

    def command(self, *commands: OrderCommand) -> None:
        """Have the order's rules decide on these, after the process's own events."""
        self._commands += commands

    def set_deadline(self, name: str, after: timedelta) -> None:
        """Look again then, and not at the deadline there was before."""
        self.add(DeadlineSet(order_id=self.process.order_id, name=name, due_at=self._at + after))

    def ask(self, asked: Occurrence) -> None:
        """Issue a command to another part."""
        self.add(request_named(asked).issued(self.process, self.process.request_id(asked)))

    def open_case(self, detail: str, *, outlasts_undoing: bool = False) -> None:
        """A person has to look."""
        self.add(CaseOpened(order_id=self.process.order_id, detail=detail, outlasts_undoing=outlasts_undoing))

    def open_case_once(self, detail: str, *, outlasts_undoing: bool = False) -> None:
        """A person has to look, and is told once."""
        if self.process.case != detail:
            self.open_case(detail, outlasts_undoing=outlasts_undoing)

    def reaction(self) -> Reaction:
        """What was decided; `NOTHING` where nothing was."""
        if not self._events and not self._commands:
            return NOTHING
        return Reaction(tuple(self._events), tuple(self._commands), self.process)
