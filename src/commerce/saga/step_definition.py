"""What a row of the table of steps (`steps.py`) can say: the types of a row, and what follows from one row alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NewType, Protocol, cast
from uuid import UUID

from commerce.eventstore import Event
from commerce.inventory.events import Quantity
from commerce.outside.events import CallAttempted, CallPostponed, CallUnanswered
from commerce.payments.events import PaymentAnswerDiffered
from commerce.saga.case_events import CaseKind
from commerce.saga.events import ProcessEvent
from commerce.saga.request_events import Requested, StepName
from commerce.saga.step_events import AuthorizationHeld, ShipmentBooked, StepFailed, StepSucceeded
from commerce.shipping.events import ShipmentAnswerDiffered
from commerce.values.money import Money

Occurrence = NewType("Occurrence", str)
"""A step or a request by its name, with its key where an order has several: `capture`, or `capture:<key>`."""

Differed = PaymentAnswerDiffered | ShipmentAnswerDiffered
"""An answer that is about something else than was asked."""


class AboutRequest(Protocol):
    """An event about one request of a process: an attempt, or an answer."""

    @property
    def request_id(self) -> UUID: ...


class OrderTerms(Protocol):
    """What a request may say of its order."""

    @property
    def order_id(self) -> UUID: ...
    @property
    def total(self) -> Money | None: ...
    @property
    def payment_method(self) -> str: ...
    @property
    def wanted(self) -> tuple[Quantity, ...]: ...


@dataclass(frozen=True, slots=True)
class PartyTerms:
    """A party outside as the table knows it: its name and its events. What it can do is its context's port."""

    name: str
    unavailable: str
    """The reason of an order's rejection where nobody knows what this party did."""
    unknown: type[Event]
    """The answer that says that nobody knows whether a step is done, so that it has to be undone."""
    differed: type[Differed]
    postponed: type[CallPostponed]
    unanswered: type[CallUnanswered]
    second_kept: type[Event]
    """Says that the party did something twice, and does not undo the second."""
    second_kept_detail: str
    """The detail of the case that this opens; filled with the event."""
    second_kept_kind: CaseKind


@dataclass(frozen=True, slots=True)
class Request:
    """Something that a process asks of another part."""

    name: str
    """The request's id is made of the process, this name and the key."""
    event: type[Requested]
    awaited: str = ""
    """What an order waits for until there is an outcome; empty where none is waited for."""
    next: str = "nothing more"
    """What comes next where this does."""
    subject: str | None = None
    """Where a party is asked for it; without one, inventory's subscription finds it in the log."""
    attempted: type[CallAttempted] | None = None
    """Says that the party is about to be called."""
    details: Callable[[OrderTerms, UUID], Requested] | None = None
    """Makes the event where it says more than whose it is."""

    def occurrence(self, key: str = "") -> Occurrence:
        """This request for `key`; without one where an order makes it once."""
        return occurrence_of(self.name, key)

    def issued(self, terms: OrderTerms, request_id: UUID) -> ProcessEvent:
        """The event that asks."""
        details = self.details(terms, request_id) if self.details else None
        return cast(ProcessEvent, details or self.event(order_id=terms.order_id, request_id=request_id))


@dataclass(frozen=True)
class Step:
    """One step on the way to a confirmed order, and the way back from it."""

    name: StepName
    keys: Callable[[OrderTerms], Sequence[str]]
    """What an order takes the step for: nothing where it is not needed, one empty key where it is taken once."""
    request: Request
    done: type[Event]
    """The answer that says it is done."""
    failed: Mapping[type[Event], str]
    """The answers that say it is not done, each with the reason for which the order is rejected."""
    undo: Request
    undone: tuple[type[Event], ...]
    """The answers after which nothing is left of it: it was undone, or never done."""
    undo_turn: int
    """Its place in the order of undoing."""
    includes: tuple[Step, ...] = ()
    """Steps of which nothing is left either when this one is undone, so that what undoes one of them undoes it."""
    undo_rejected: type[Event] | None = None
    """The answer that says that it is too late to undo it."""
    party: PartyTerms | None = None
    is_done_otherwise: Callable[[Event], bool] = lambda _: False
    """Whether an answer that differs says that the step is done all the same."""
    late_awaited: str | None = None
    """What is waited for while it is undone because it came to be done after it was given up; none where it cannot."""
    noted: Callable[[Event], ShipmentBooked | AuthorizationHeld | None] | None = None
    """What the process notes of its success, where that is, or may be, more than that it succeeded."""

    def occurrence(self, key: str = "") -> Occurrence:
        """This step for `key`; without one where an order takes it once."""
        return occurrence_of(self.name, key)

    def outcome(self, answer: Event) -> StepSucceeded | AuthorizationHeld | ShipmentBooked | StepFailed | None:
        """What the process notes of an answer that says whether the step is done; none of any other answer."""
        kind = type(answer)
        if kind is self.done:
            return (self.noted and self.noted(answer)) or StepSucceeded(step=self.name)
        if kind in self.failed:
            return StepFailed(step=self.name, reason=self.failed[kind])
        if self.party is not None and kind in (self.party.unknown, self.party.differed):
            return StepFailed(step=self.name, reason=self.party.unavailable, outcome_known=False)
        return None

    def says_done(self, answer: Event) -> bool:
        """Whether it is done by this answer, as it was asked for or otherwise."""
        return type(answer) is self.done or self.is_done_otherwise(answer)

    @cached_property
    def undone_by(self) -> frozenset[type[Event]]:
        """The answers to `undo` after which nothing is left of the step."""
        return frozenset(self.undone).union(*(step.undone for step in self.includes))

    @cached_property
    def late_undo(self) -> Request | None:
        """`undo`, asked for beside everything else because the step came to be done after it was given up."""
        if self.late_awaited is None:
            return None
        return replace(self.undo, name=f"late {self.undo.name}", awaited=self.late_awaited, next="nothing more")

    @property
    def requests(self) -> tuple[Request, ...]:
        """All that is asked for this step."""
        return tuple(one for one in (self.request, self.undo, self.late_undo) if one is not None)

    @property
    def outcomes(self) -> frozenset[type[Event]]:
        """All answers that settle one of its requests."""
        others = (self.party and self.party.unknown, self.undo_rejected)
        return frozenset((self.done, *self.failed, *self.undone, *(one for one in others if one)))


def occurrence_of(name: str, key: str) -> Occurrence:
    """The step or the request of this name for `key`; without one where an order has only one."""
    return Occurrence(f"{name}:{key}" if key else name)


def occurrence_key(occurrence: Occurrence) -> str:
    """The key; empty where an order has only one."""
    return occurrence.partition(":")[2]
