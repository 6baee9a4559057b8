"""What a process promises at every moment, read from the events of its order alone: its state is not asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from commerce.eventstore import Event
from commerce.inventory.events import ReservationConfirmed, ReservationReleased
from commerce.ordering.events import OrderCancelled, OrderConfirmed, OrderRejected
from commerce.payments.events import (
    AuthorizationAttempted,
    CaptureAttempted,
    PaymentCaptured,
    PaymentClosed,
    PaymentRefunded,
    RefundAttempted,
    VoidAttempted,
)
from commerce.saga.events import (
    CompensationAbandoned,
    CompensationStarted,
    DeadlinePassed,
    ProcessCompensated,
    ProcessCompleted,
    ProcessStarted,
)
from commerce.saga.intervention_events import Intervened, UndoSkipped
from commerce.saga.process import CUSTOMER_DEADLINE
from commerce.saga.request_events import (
    AuthorizationRequested,
    CaptureRequested,
    RefundRequested,
    Requested,
    ShipmentCancellationRequested,
    ShipmentRequested,
    StockReleaseRequested,
    StockReservationRequested,
    VoidRequested,
)
from commerce.saga.step_events import LateOutcomeFound, LateOutcomeUndone, StepFailed, StepUndone
from commerce.shipping.events import BookingAttempted, ShipmentCancellationAttempted, ShipmentClosed
from commerce.values import ids
from commerce.values.money import total

TAKEN: dict[type[Event], str] = {
    StockReservationRequested: "stock",
    AuthorizationRequested: "authorization",
    ShipmentRequested: "shipment",
    CaptureRequested: "capture",
}
"""What asks for a step, in the order in which steps are taken."""

UNDOES: dict[type[Event], str] = {
    ShipmentCancellationRequested: "shipment",
    RefundRequested: "capture",
    VoidRequested: "authorization",
    StockReleaseRequested: "stock",
}
"""What asks to undo a step, in the order in which they are undone: money moves back once the shipment stays."""

_LATE = {
    ShipmentCancellationRequested: "late cancel shipment",
    RefundRequested: "late refund",
    VoidRequested: "late void",
}

_OVERTAKEN: dict[type[Event], tuple[type[Event], ...]] = {
    PaymentClosed: (AuthorizationAttempted, CaptureAttempted),
    VoidAttempted: (AuthorizationAttempted, CaptureAttempted),
    RefundAttempted: (AuthorizationAttempted, CaptureAttempted),
    ShipmentClosed: (BookingAttempted,),
    ShipmentCancellationAttempted: (BookingAttempted,),
    ReservationReleased: (ReservationConfirmed,),
}
"""What begins, or ends, an undo; and what may not follow on it."""


@dataclass
class Account:
    """What a process's own events add up to; each is checked as it comes."""

    process_id: UUID
    needed: list[str] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)
    not_done: set[str] = field(default_factory=set)
    """Steps that were answered by a plain no."""
    to_undo: list[str] | None = None
    undoing: str | None = None
    undone: list[str] = field(default_factory=list)
    late: Counter[str] = field(default_factory=Counter)
    late_undone: Counter[str] = field(default_factory=Counter)
    has_completed: bool = False

    def follow(self, event: Event) -> None:
        """Check the next event, and count it in."""
        match event:
            case ProcessStarted():
                unneeded = {"stock": not event.wanted, "authorization": not event.total, "capture": not event.total}
                self.needed = [step for step in TAKEN.values() if not unneeded.get(step)]
            case Requested() if step := TAKEN.get(type(event)):
                self._taken(step)
            case Requested() if step := UNDOES.get(type(event)):
                self._undo_asked(event, step)
            case StepFailed(outcome_known=True):
                self.not_done.add(event.step)
            case CompensationStarted() if self.to_undo is None:
                self.to_undo = self._done()
            case StepUndone() | UndoSkipped(late=False):
                self._is_undone(event.step)
            case LateOutcomeFound():
                assert event.step in self.not_done or event.step in self._gone(), "what is held is not found late"
                self.late[event.step] += 1
                assert self.late[event.step] == 1
            case LateOutcomeUndone() | UndoSkipped(late=True):
                self.late_undone[event.step] += 1
                assert self.late_undone[event.step] <= self.late[event.step]
            case ProcessCompleted():
                assert (self.taken, self.not_done, self.to_undo) == (self.needed, set(), None)
                self.has_completed = True
            case CompensationAbandoned():
                assert self.has_completed
                assert not self.undone, "an order that stands has lost nothing"
                self.undoing = None
            case ProcessCompensated():
                assert self.undone == (self._done() if self.to_undo is None else self.to_undo)
                assert self.undoing is None

    def _taken(self, step: str) -> None:
        assert self.to_undo is None, "no step is taken any more once the undoing began"
        if self.taken[-1:] != [step]:  # a person may have it asked for again
            self.taken.append(step)
        assert self.taken == self.needed[: len(self.taken)]

    def _done(self) -> list[str]:
        """What was done, or may be, in the order of undoing; to undo a capture leaves nothing of the authorisation."""
        done = [step for step in UNDOES.values() if step in self.taken and step not in self.not_done]
        return [step for step in done if not (step == "authorization" and "capture" in done)]

    def _undo_asked(self, event: Requested, step: str) -> None:
        late = _LATE.get(type(event))
        if late and event.request_id == ids.request_id(self.process_id, late):
            assert self.late[step], "only what came to light late is undone beside everything else"
            return
        assert self.undoing in (None, step), "one undo at a time"
        self.undoing = step
        assert self.to_undo is not None
        assert [*self.undone, step] == self.to_undo[: len(self.undone) + 1]

    def _is_undone(self, step: str) -> None:
        assert step == self.undoing
        self.undone.append(step)
        self.undoing = None

    def _gone(self) -> set[str]:
        gone = {*self.undone}
        return gone | {"authorization"} if "capture" in gone else gone


def promises_are_kept(order_id: UUID, events: Sequence[Event]) -> None:
    """All of them, by the events of an order in the order of the log."""
    process_id = ids.process_id(order_id)
    own = [event for event in events if event.originator_id == process_id]
    account = Account(process_id)
    for event in own:
        account.follow(event)
    _nothing_is_asked_for_twice(process_id, own)
    _no_undo_overtakes(events)
    _money_moves_once(events)
    ends = [event for event in events if isinstance(event, OrderRejected | OrderCancelled)]
    assert len(ends) <= 1
    assert sum(isinstance(event, OrderConfirmed) for event in events) <= account.has_completed
    assert not (ends and account.undoing)


def _nothing_is_asked_for_twice(process_id: UUID, own: Iterable[Event]) -> None:
    """But where a person has it asked for again, or the customer's time is over."""
    asked: Counter[UUID] = Counter()
    for event in own:
        if isinstance(event, Requested):
            asked[event.request_id] += 1
            assert asked[event.request_id] <= 1, event
        elif isinstance(event, Intervened) and event.action == "retry":
            asked.subtract(ids.request_id(process_id, request) for request in event.requests)
        elif isinstance(event, DeadlinePassed) and event.name == CUSTOMER_DEADLINE:
            asked.subtract([ids.request_id(process_id, "authorize")])


def _no_undo_overtakes(events: Iterable[Event]) -> None:
    too_late: set[type[Event]] = set()
    for event in events:
        assert type(event) not in too_late
        too_late.update(_OVERTAKEN.get(type(event), ()))


def _money_moves_once(events: Iterable[Event]) -> None:
    taken = [event.amount for event in events if isinstance(event, PaymentCaptured)]
    back = [event.amount for event in events if isinstance(event, PaymentRefunded)]
    assert len(taken) <= 1
    assert total(back, "EUR") <= total(taken, "EUR") or not taken
