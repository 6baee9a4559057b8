"""The state of an order's process, rebuilt from its own events."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from functools import reduce
from typing import cast
from uuid import UUID

from commerce.eventstore import Aggregate
from commerce.inventory.events import Quantity
from commerce.outside.ledger import LedgerParty
from commerce.saga.case_events import CaseAssigned, CaseOpened, CaseResolved
from commerce.saga.definitions import ProcessDefinition, definition_of
from commerce.saga.events import (
    CompensationAbandoned,
    CompensationStarted,
    DeadlinePassed,
    DeadlineSet,
    DisputeSettled,
    Outcome,
    ParcelDelivered,
    ParcelDispatched,
    PartialRefundSettled,
    ProcessCompensated,
    ProcessCompleted,
    ProcessEvent,
    ProcessStarted,
    UnclaimedMoneyFound,
)
from commerce.saga.intervention_events import UndoSkipped
from commerce.saga.open_cases import OpenCase, with_case
from commerce.saga.reconciliation_events import LedgerAgreed, LedgerDiffered
from commerce.saga.request_events import PartialRefundRequested, Requested
from commerce.saga.step_definition import Occurrence, Step, occurrence_key, occurrence_of
from commerce.saga.step_events import (
    AuthorizationHeld,
    LateOutcomeFound,
    LateOutcomeUndone,
    ShipmentBooked,
    StepFailed,
    StepPostponed,
    StepSucceeded,
    StepUndone,
)
from commerce.saga.steps import AUTHORIZATION, SHIPMENT
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
    NO_ORDER = "no_order"
    """There is a case, and no order that it belongs to."""


ORDER_DEADLINE = "order"
COMPENSATION_DEADLINE = "compensation"
DISPATCH_DEADLINE = "dispatch"
CUSTOMER_DEADLINE = "customer"
REFUND_DEADLINE = "refund"
HOLD_DEADLINE = "hold"
"""The names of deadlines; one of a single step is named like the step."""


StepChange = (
    StepSucceeded | AuthorizationHeld | ShipmentBooked | StepFailed | StepUndone | LateOutcomeFound | LateOutcomeUndone
)
DeadlineChange = DeadlineSet | DeadlinePassed
RefundChange = PartialRefundRequested | PartialRefundSettled
CaseChange = CaseOpened | CaseAssigned | CaseResolved | DisputeSettled
Comparison = LedgerDiffered | LedgerAgreed
"""Events that change the process alike."""


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
    """How an order ends that is not fulfilled, and why."""

    outcome: Outcome
    reason: str


@dataclass(frozen=True, slots=True)
class OpenDifference:
    """What a party's ledger says otherwise than ours, of the thing that it calls `party_id`."""

    party: LedgerParty
    party_id: str
    detail: str


@dataclass(frozen=True, slots=True)
class Process(Aggregate):
    """One order's process, or a case without an order. It asks one thing at a time: `awaits` has no answer yet."""

    order_id: UUID
    total: Money | None
    """What the order comes to; of `NO_ORDER`, what the provider holds or took, None where it does not say."""
    payment_method: str
    wanted: tuple[Quantity, ...]
    stage: Stage = Stage.RUNNING
    held: frozenset[Occurrence] = frozenset()
    """Steps that are done, or may be: what has to be undone before the order can end without them."""
    awaits: Occurrence | None = None
    booking: BookedShipment | None = None
    confirmed: bool = False
    completion: Completion | None = None
    """How the order is to end unfulfilled, once that is settled."""
    deadline: Deadline | None = None
    order_due_at: datetime | None = None
    """When the order as a whole is given up, where a step of it is given up sooner."""
    overdue: int = 0
    """How often the compensation's deadline has passed."""
    cases: tuple[OpenCase, ...] = ()
    """What a person has to look at, what was opened last at the end; the newest of each kind."""
    owner: str | None = None
    """Who looks after it."""
    unheard: frozenset[Occurrence] = frozenset()
    """Steps that were asked for and never heard to be done."""
    late: frozenset[Occurrence] = frozenset()
    """Steps that came to be done after they were given up, and are not undone yet."""
    skipped: frozenset[Occurrence] = frozenset()
    """Steps that a person took as undone."""
    postponed: str | None = None
    """Why what is waited for cannot be had now, where that is not the order's fault."""
    refunds: frozenset[UUID] = frozenset()
    """The refunds that somebody asked for."""
    open_refunds: frozenset[UUID] = frozenset()
    """Those of them that have no outcome yet."""
    refund_deadline: Deadline | None = None
    """When the process looks again at these; it runs beside `deadline`."""
    refunds_overdue: int = 0
    """How often that has passed."""
    held_until: datetime | None = None
    """When the payment provider lets go of what it set aside and nobody has taken yet, where it says so."""
    hold_deadline: Deadline | None = None
    """When a person is told of that; it runs beside `deadline`."""
    irrevocable: str | None = None
    """Why the shipment cannot be stopped any more, once the carrier has said so."""
    ledger_differences: tuple[OpenDifference, ...] = ()
    """In what the parties' ledgers differ from ours, as far as they were compared; also what a person has settled."""
    definition: int = 1
    """The version of the process's definition that it began with, and ends under."""

    @property
    def defined(self) -> ProcessDefinition:
        """Its definition."""
        return definition_of(self.definition)

    def step_of(self, occurrence: Occurrence) -> Step:
        """The step itself, or the one that a request is for."""
        return self.defined.step_of(occurrence)

    def request_id(self, asked: Occurrence) -> UUID:
        """The id of one of this process's requests, by which the answer is known."""
        return ids.request_id(self.id, asked)

    @property
    def deadlines(self) -> tuple[Deadline, ...]:
        """All that it looks again at."""
        return tuple(one for one in (self.deadline, self.refund_deadline, self.hold_deadline) if one is not None)

    @property
    def waits_for_customer(self) -> bool:
        """Whether nothing goes on before the customer acts."""
        return self.deadline is not None and self.deadline.name == CUSTOMER_DEADLINE

    @property
    def case(self) -> str | None:
        """What a person was told last to look at."""
        return self.cases[-1].detail if self.cases else None

    @property
    def doubt(self) -> str | None:
        """What a person has to look at even when everything is undone."""
        return next((case.detail for case in reversed(self.cases) if case.outlasts_undoing), None)

    @property
    def late_requests(self) -> list[Occurrence]:
        """What is asked for to undo what came to be done late."""
        late = ((step, self.step_of(step).late_undo) for step in self.late)
        return sorted(undo.occurrence(occurrence_key(step)) for step, undo in late if undo)


def fold(events: Iterable[ProcessEvent], process: Process | None = None) -> Process | None:
    """The process after these events; none without events."""
    return reduce(evolve, events, process)


def evolve(process: Process | None, event: ProcessEvent) -> Process:  # noqa: PLR0911 (a case for each kind)
    """Apply one event; a stream begins with `ProcessStarted`, or where there is no order with `UnclaimedMoneyFound`."""
    if isinstance(event, UnclaimedMoneyFound):
        return _unclaimed(process, event)
    if isinstance(event, Comparison):
        return _compared(process or _no_order(event, getattr(event, "amount", None)), event)
    if process is None:
        started = cast(ProcessStarted, event)
        return Process(
            id=started.originator_id,
            version=started.originator_version,
            order_id=started.order_id,
            total=started.total,
            payment_method=started.payment_method,
            wanted=started.wanted,
            definition=started.definition,
        )
    version = event.originator_version
    if isinstance(event, RefundChange):
        return _refunds_changed(process, event, version)
    if isinstance(event, DeadlineChange) and event.name == REFUND_DEADLINE:
        return _refund_deadline_changed(process, event, version)
    if isinstance(event, DeadlineChange) and event.name == HOLD_DEADLINE:
        due = Deadline(event.name, event.due_at) if isinstance(event, DeadlineSet) else None
        return replace(process, version=version, hold_deadline=due)
    if isinstance(event, Requested):
        return _requested(process, event, version)
    if isinstance(event, StepChange):
        return _step_changed(process, event, version)
    if isinstance(event, UndoSkipped):
        return _undo_skipped(process, event, version)
    if isinstance(event, CaseChange):
        return _case_changed(process, event, version)
    return _changed(process, event, version)


def _unclaimed(process: Process | None, event: UnclaimedMoneyFound) -> Process:
    if process is not None:
        return replace(process, version=event.originator_version, total=event.amount)
    return _no_order(event, event.amount)


def _no_order(event: UnclaimedMoneyFound | Comparison, amount: Money | None) -> Process:
    return Process(
        id=event.originator_id,
        version=event.originator_version,
        order_id=event.order_id,
        total=amount,
        payment_method="",
        wanted=(),
        stage=Stage.NO_ORDER,
    )


def _compared(process: Process, event: Comparison) -> Process:
    """Once the ledgers agree about everything, nothing of that is left to look at."""
    about = (event.party, event.party_id)
    others = tuple(one for one in process.ledger_differences if (one.party, one.party_id) != about)
    after = replace(process, version=event.originator_version, ledger_differences=others)
    if isinstance(event, LedgerDiffered):
        total = event.amount if process.stage is Stage.NO_ORDER else process.total
        return replace(after, total=total, ledger_differences=(*others, OpenDifference(*about, event.detail)))
    return after if others else _with_cases_but(after, lambda case: case.kind == "reconciliation")


def _requested(process: Process, event: Requested, version: int) -> Process:
    """What is asked for to undo what came to light late is not waited for, nor is the booking out of what left."""
    if taken := process.defined.by_request.get(event.TOPIC):
        asked, steps = taken.request.occurrence(event.key), {taken.occurrence(event.key)}
        held, unheard = process.held | steps, process.unheard | steps
        postponed = _still_postponed(process, asked)
        return replace(process, version=version, awaits=asked, held=held, unheard=unheard, postponed=postponed)
    undone = process.defined.by_undo_request.get(event.TOPIC)
    late = undone.late_undo if undone else None
    if undone is None or (late is not None and event.request_id == process.request_id(late.occurrence(event.key))):
        return replace(process, version=version)
    asked = undone.undo.occurrence(event.key)
    return replace(process, version=version, awaits=asked, postponed=_still_postponed(process, asked))


def _still_postponed(process: Process, asked: Occurrence) -> str | None:
    """What is asked for once more waits until there is an answer."""
    return process.postponed if asked == process.awaits else None


def changed_step(event: StepChange) -> Occurrence:
    """The step that an event is about."""
    match event:
        case ShipmentBooked():
            return SHIPMENT.occurrence(event.key)
        case AuthorizationHeld():
            return AUTHORIZATION.occurrence(event.key)
        case _:
            return occurrence_of(event.step, event.key)


def _step_changed(process: Process, event: StepChange, version: int) -> Process:  # noqa: PLR0911 (a case for each)
    step = changed_step(event)
    unheard, late = process.unheard - {step}, process.late - {step}
    match event:
        case StepSucceeded():
            return _waits_no_more(replace(process, version=version, awaits=None, unheard=unheard))
        case AuthorizationHeld(until=until):
            after = replace(process, version=version, awaits=None, unheard=unheard, held_until=until)
            return _waits_no_more(after)
        case ShipmentBooked():
            booking = BookedShipment(event.tracking_number, event.carrier, event.estimated_delivery)
            return _waits_no_more(replace(process, version=version, awaits=None, unheard=unheard, booking=booking))
        case StepFailed():
            held = process.held - {step} if event.outcome_known else process.held
            return _waits_no_more(replace(process, version=version, awaits=None, held=held))
        case StepUndone():
            return replace(process, version=version, awaits=None, held=without(process, step))
        case LateOutcomeFound():
            return replace(process, version=version, unheard=unheard, late=process.late | {step})
        case LateOutcomeUndone():
            return _late_undone(replace(process, version=version, late=late))


def _waits_no_more(process: Process) -> Process:
    return _with_cases_but(process, lambda case: case.kind == "order_waits")


def _refunds_changed(process: Process, event: RefundChange, version: int) -> Process:
    """Once none is open, nothing is left to look at of those that took long."""
    about = {event.request_id}
    if isinstance(event, PartialRefundRequested):
        refunds, still_open = process.refunds | about, process.open_refunds | about
        return replace(process, version=version, refunds=refunds, open_refunds=still_open)
    after = replace(process, version=version, open_refunds=process.open_refunds - about)
    if after.open_refunds:
        return after
    after = replace(after, refund_deadline=None, refunds_overdue=0)
    return _with_cases_but(after, lambda case: case.kind == "refund_unfinished")


def _refund_deadline_changed(process: Process, event: DeadlineChange, version: int) -> Process:
    if isinstance(event, DeadlineSet):
        return replace(process, version=version, refund_deadline=Deadline(event.name, event.due_at))
    return replace(process, version=version, refund_deadline=None, refunds_overdue=process.refunds_overdue + 1)


def _undo_skipped(process: Process, event: UndoSkipped, version: int) -> Process:
    step = occurrence_of(event.step, event.key)
    if event.late:
        return _late_undone(replace(process, version=version, late=process.late - {step}))
    held = without(process, step)
    return replace(process, version=version, awaits=None, held=held, skipped=process.skipped | (process.held - held))


def _late_undone(process: Process) -> Process:
    return _settled(process) if process.stage is Stage.COMPENSATED and not process.late else process


def _changed(process: Process, event: ProcessEvent, version: int) -> Process:  # noqa: PLR0911 (a case for each event)
    match event:
        case StepPostponed():
            return replace(process, version=version, postponed=event.detail)
        case DeadlineSet():
            order_due_at = event.due_at if event.name == ORDER_DEADLINE else process.order_due_at
            deadline = Deadline(event.name, event.due_at)
            return replace(process, version=version, deadline=deadline, order_due_at=order_due_at)
        case DeadlinePassed():
            return _deadline_passed(process, event, version)
        case ProcessCompleted():
            after = replace(process, version=version, stage=Stage.COMPLETED, confirmed=True, postponed=None)
            return _settled(_held_no_more(after))
        case ParcelDispatched():
            left = replace(process, version=version, stage=Stage.DISPATCHED, deadline=None)
            return _with_cases_but(left, lambda case: case.kind == "not_shipped")
        case ParcelDelivered():
            return replace(process, version=version, stage=Stage.DELIVERED)
        case CompensationStarted():
            completion = Completion(event.outcome, event.reason)
            undone = replace(process, version=version, stage=Stage.COMPENSATING, completion=completion)
            return _with_cases_but(_held_no_more(undone), lambda case: case.kind in ("not_shipped", "hold_ends"))
        case CompensationAbandoned():
            stands = replace(process, version=version, stage=Stage.COMPLETED, completion=None)
            return _settled(replace(stands, awaits=None, irrevocable=event.cause))
        case ProcessCompensated():
            completion = Completion(event.outcome, event.reason)
            ended = replace(process, version=version, stage=Stage.COMPENSATED, completion=completion, postponed=None)
            return ended if ended.late else _settled(ended)
    return replace(process, version=version)


def _held_no_more(process: Process) -> Process:
    """The money is taken, or is given up anyway."""
    return replace(process, held_until=None, hold_deadline=None)


def _deadline_passed(process: Process, event: DeadlinePassed, version: int) -> Process:
    is_undoing = process.stage is Stage.COMPENSATING or bool(process.late)
    is_its = process.deadline is not None and process.deadline.name == event.name
    deadline = None if is_its else process.deadline
    return replace(process, version=version, deadline=deadline, overdue=process.overdue + is_undoing)


def _case_changed(process: Process, event: CaseChange, version: int) -> Process:
    match event:
        case CaseOpened():
            return replace(process, version=version, cases=with_case(process.cases, event))
        case CaseAssigned():
            return replace(process, version=version, owner=event.owner)
        case CaseResolved():
            return _with_cases_but(replace(process, version=version), lambda case: case.kind in event.kinds)
        case DisputeSettled():
            return _with_cases_but(replace(process, version=version), lambda case: case.about == event.dispute_id)


def _settled(process: Process) -> Process:
    """Nothing is left to look at, but for what a person has to decide all the same."""
    return _with_cases_but(replace(process, deadline=None), lambda case: not case.outlasts_undoing)


def _with_cases_but(process: Process, closed: Callable[[OpenCase], bool]) -> Process:
    """Without the cases that are closed; once none is left, nobody looks after the order any more."""
    if not process.cases and process.owner is None:
        return process  # as nearly always: a copy of so large a state costs more than all else here
    cases = tuple(case for case in process.cases if not closed(case))
    return replace(process, cases=cases, owner=process.owner if cases else None)


def without(process: Process, undone: Occurrence) -> frozenset[Occurrence]:
    """What is held when a step is undone; undoing a capture leaves nothing of the authorisation either."""
    key = occurrence_key(undone)
    return process.held - {undone, *(step.occurrence(key) for step in process.step_of(undone).includes)}
