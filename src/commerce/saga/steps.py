"""The one table of steps: what a process asks of other parts, what their answers mean, what undoes it, and its words.

The process's state and decisions, its compensation, what an order waits for, and the messages to the outside all derive from this
table. A new step is a row, its events, and what handles them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NewType, Protocol, cast
from uuid import UUID

from commerce.eventstore import Event
from commerce.inventory.events import ReservationConfirmed, ReservationRejected, ReservationReleased
from commerce.payments import events as payments
from commerce.payments.events import PaymentAnswerDiffered, PaymentCallPostponed, PaymentCallUnanswered
from commerce.saga import events as saga
from commerce.saga.events import ProcessEvent, Requested, ShipmentBooked, StepFailed, StepName, StepSucceeded, Wanted
from commerce.shipping import events as shipping
from commerce.shipping.events import ShipmentAnswerDiffered, ShipmentCallPostponed, ShipmentCallUnanswered
from commerce.values.money import Money

Occurrence = NewType("Occurrence", str)
"""A step or a request, and what it is for where an order has several: `capture`, or `capture:<key>`."""

Differed = PaymentAnswerDiffered | ShipmentAnswerDiffered
"""An answer that is about something else than was asked."""

Postponed = PaymentCallPostponed | ShipmentCallPostponed
"""Not done now: the request stands, and is asked again."""

Unanswered = PaymentCallUnanswered | ShipmentCallUnanswered
"""A call of which nobody heard the end."""


class AboutRequest(Protocol):
    """An event about one request of a process: an attempt, or an answer."""

    @property
    def order_id(self) -> UUID: ...
    @property
    def request_id(self) -> UUID: ...


class Terms(Protocol):
    """What a request may say of its order."""

    @property
    def order_id(self) -> UUID: ...
    @property
    def total(self) -> Money: ...
    @property
    def payment_method(self) -> str: ...
    @property
    def wanted(self) -> tuple[Wanted, ...]: ...


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody outside, who is asked over the network."""

    name: str
    unavailable: str
    """The reason of an order's rejection where nobody knows what this party did."""
    differed: type[Differed]
    postponed: type[Postponed]
    unanswered: type[Unanswered]
    kept: type[Event]
    """It did something twice, and does not undo the second."""
    kept_words: str
    """What a case says of that, to be filled with the event."""


@dataclass(frozen=True, slots=True)
class Request:
    """Something that a process asks of another part."""

    name: str
    """Makes the request's id, together with the process and what it is for."""
    event: type[Requested]
    awaited: str = ""
    """What an order waits for until there is an outcome; empty where none is waited for."""
    next: str = "nothing more"
    """What comes next where this does."""
    subject: str | None = None
    """Where a party is asked for it; without one, inventory's subscription finds it in the log."""
    attempted: type[Event] | None = None
    """Says that the party is about to be called."""
    details: Callable[[Terms, UUID], Requested] | None = None
    """Makes the event where it says more than whose it is."""

    def of(self, key: str = "") -> Occurrence:
        """This request for something."""
        return occurrence(self.name, key)

    def issued(self, terms: Terms, request_id: UUID) -> ProcessEvent:
        """The event that asks."""
        if self.details is not None:
            return cast(ProcessEvent, self.details(terms, request_id))
        return cast(ProcessEvent, self.event(order_id=terms.order_id, request_id=request_id))


@dataclass(frozen=True)
class Step:
    """One step on the way to a confirmed order, and the way back from it."""

    name: StepName
    keys: Callable[[Terms], Sequence[str]]
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
    party: Party | None = None
    unknown: type[Event] | None = None
    """The answer that says that nobody knows whether it is done, so that it has to be undone."""
    is_done_otherwise: Callable[[Event], bool] = lambda _: False
    """Whether an answer that differs says that the step is done all the same."""
    late_awaited: str | None = None
    """What is waited for while it is undone because it came to be done after it was given up; none where it cannot."""
    noted: Callable[[Event], ShipmentBooked] | None = None
    """What the process notes of its success, where that is more than that it succeeded."""

    def of(self, key: str = "") -> Occurrence:
        """This step for something."""
        return occurrence(self.name, key)

    def success(self, answer: Event) -> StepSucceeded | ShipmentBooked | None:
        """What the process notes of an answer that says that the step is done; none of any other answer."""
        if type(answer) is not self.done:
            return None
        return self.noted(answer) if self.noted else StepSucceeded(step=self.name)

    def failure(self, answer: Event) -> StepFailed | None:
        """What the process notes of an answer that ends the way forward; none of any other answer."""
        kind = type(answer)
        if kind in self.failed:
            return StepFailed(step=self.name, reason=self.failed[kind])
        if self.party is not None and kind in (self.unknown, self.party.differed):
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
        others = (one for one in (self.unknown, self.undo_rejected) if one is not None)
        return frozenset((self.done, *self.failed, *self.undone, *others))


def occurrence(name: str, key: str) -> Occurrence:
    return Occurrence(f"{name}:{key}" if key else name)


def _once(_: Terms) -> Sequence[str]:
    return ("",)


def _if_stocked(terms: Terms) -> Sequence[str]:
    return ("",) if terms.wanted else ()


def _if_paid(terms: Terms) -> Sequence[str]:
    return ("",) if terms.total else ()


def _reserve(terms: Terms, request_id: UUID) -> Requested:
    return saga.StockReservationRequested(order_id=terms.order_id, request_id=request_id, wanted=terms.wanted)


def _authorize(terms: Terms, request_id: UUID) -> Requested:
    return saga.AuthorizationRequested(
        order_id=terms.order_id, request_id=request_id, amount=terms.total, payment_method=terms.payment_method
    )


def _capture(terms: Terms, request_id: UUID) -> Requested:
    return saga.CaptureRequested(order_id=terms.order_id, request_id=request_id, amount=terms.total)


def _booked(scheduled: Event) -> ShipmentBooked:
    assert isinstance(scheduled, shipping.ShipmentScheduled)
    return ShipmentBooked(
        tracking_number=scheduled.tracking_number,
        carrier=scheduled.carrier,
        estimated_delivery=scheduled.estimated_delivery,
    )


PAYMENT_PROVIDER = Party(
    name="payment provider",
    unavailable="payment_unavailable",
    differed=PaymentAnswerDiffered,
    postponed=PaymentCallPostponed,
    unanswered=PaymentCallUnanswered,
    kept=payments.SecondAuthorizationKept,
    kept_words="the payment provider does not let go of money set aside twice ({0.authorization_id}): {0.reason}",
)

CARRIER = Party(
    name="carrier",
    unavailable="shipping_unavailable",
    differed=ShipmentAnswerDiffered,
    postponed=ShipmentCallPostponed,
    unanswered=ShipmentCallUnanswered,
    kept=shipping.SecondBookingKept,
    kept_words="the carrier does not drop a shipment booked twice ({0.booking_id}): {0.reason}",
)

STOCK = Step(
    name="stock",
    keys=_if_stocked,
    request=Request(
        "reserve",
        saga.StockReservationRequested,
        awaited="the stock to be reserved",
        next="reserve the stock",
        details=_reserve,
    ),
    done=ReservationConfirmed,
    failed={ReservationRejected: "out_of_stock"},
    undo=Request("release", saga.StockReleaseRequested, awaited="the stock to be released", next="release the stock"),
    undone=(ReservationReleased,),
    undo_turn=4,
)

AUTHORIZATION = Step(
    name="authorization",
    keys=_if_paid,
    party=PAYMENT_PROVIDER,
    request=Request(
        "authorize",
        saga.AuthorizationRequested,
        awaited="the payment to be authorised",
        next="authorise the payment",
        subject="commands.payments.authorize",
        attempted=payments.AuthorizationAttempted,
        details=_authorize,
    ),
    done=payments.PaymentAuthorized,
    failed={payments.PaymentDeclined: "payment_declined"},
    unknown=payments.PaymentOutcomeUnknown,
    is_done_otherwise=lambda answer: (
        isinstance(answer, PaymentAnswerDiffered)
        and answer.operation == "authorize"
        and answer.authorization_id is not None
    ),
    undo=Request(
        "void",
        saga.VoidRequested,
        awaited="the payment to be let go",
        next="let go of the payment",
        subject="commands.payments.void",
        attempted=payments.VoidAttempted,
    ),
    undone=(payments.PaymentVoided, payments.PaymentRefunded, payments.PaymentClosed),
    undo_turn=3,
    late_awaited="the payment to be let go that was authorised late",
)

SHIPMENT = Step(
    name="shipment",
    keys=_once,
    party=CARRIER,
    request=Request(
        "schedule",
        saga.ShipmentRequested,
        awaited="the carrier to take the shipment",
        next="book the shipment",
        subject="commands.shipping.schedule",
        attempted=shipping.BookingAttempted,
    ),
    done=shipping.ShipmentScheduled,
    noted=_booked,
    failed={shipping.ShipmentRefused: "shipping_unavailable"},
    unknown=shipping.BookingOutcomeUnknown,
    is_done_otherwise=lambda answer: (
        isinstance(answer, ShipmentAnswerDiffered) and answer.operation == "book" and answer.booking_id is not None
    ),
    undo=Request(
        "cancel shipment",
        saga.ShipmentCancellationRequested,
        awaited="the shipment to be stopped",
        next="stop the shipment",
        subject="commands.shipping.cancel",
        attempted=shipping.ShipmentCancellationAttempted,
    ),
    undone=(shipping.ShipmentCancelled, shipping.ShipmentClosed),
    undo_rejected=shipping.ShipmentCancellationRefused,
    undo_turn=1,  # money moves back only when the shipment stays
    late_awaited="the shipment to be stopped that the carrier took late",
)

CAPTURE = Step(
    name="capture",
    keys=_if_paid,
    party=PAYMENT_PROVIDER,
    request=Request(
        "capture",
        saga.CaptureRequested,
        awaited="the money to be taken",
        next="take the money",
        subject="commands.payments.capture",
        attempted=payments.CaptureAttempted,
        details=_capture,
    ),
    done=payments.PaymentCaptured,
    failed={payments.CaptureRefused: "payment_declined", payments.PaymentDeclined: "payment_declined"},
    unknown=payments.PaymentOutcomeUnknown,
    is_done_otherwise=lambda answer: (
        isinstance(answer, PaymentAnswerDiffered) and answer.operation == "capture" and answer.status == "captured"
    ),
    undo=Request(
        "refund",
        saga.RefundRequested,
        awaited="the money to be given back",
        next="give the money back",
        subject="commands.payments.refund",
        attempted=payments.RefundAttempted,
    ),
    undone=(payments.PaymentRefunded,),
    undo_turn=2,
    includes=(AUTHORIZATION,),
    late_awaited="the money to be given back that was taken late",
)

STEPS = (STOCK, AUTHORIZATION, SHIPMENT, CAPTURE)
"""All steps, in the order in which an order takes them."""

DISPATCH = Request("dispatch", saga.StockDispatchRequested)
"""The only request without a step: what left with the shipment is booked out, which nothing waits for."""

# What follows is derived.

UNDONE_IN_TURN = tuple(sorted(STEPS, key=lambda step: step.undo_turn))
REQUESTS = (*(request for step in STEPS for request in step.requests), DISPATCH)
PARTIES = tuple(dict.fromkeys(step.party for step in STEPS if step.party is not None))
OUTCOMES: frozenset[type[Event]] = frozenset().union(*(step.outcomes for step in STEPS))
ANSWERS = OUTCOMES | {party.differed for party in PARTIES}
"""All that answers a request: it names the request."""

_STEP: Mapping[str, Step] = {name: step for step in STEPS for name in (step.name, *(one.name for one in step.requests))}
_REQUEST: Mapping[str, Request] = {request.name: request for request in REQUESTS}
TAKEN: Mapping[str, Step] = {step.request.event.TOPIC: step for step in STEPS}
"""By the topic of the event that asks for it."""
UNDONE: Mapping[str, Step] = {step.undo.event.TOPIC: step for step in STEPS}
"""By the topic of the event that asks for its undoing."""


def step_of(occurrence: Occurrence) -> Step:
    """The step itself, or the one that a request is for."""
    return _STEP[occurrence.partition(":")[0]]


def request_of(occurrence: Occurrence) -> Request:
    """The request."""
    return _REQUEST[occurrence.partition(":")[0]]


def key_of(occurrence: Occurrence) -> str:
    """What it is for; empty where there is only one."""
    return occurrence.partition(":")[2]
