"""`given(facts).when(fact).then(facts, wishes)`: a process's decision as a specification."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar
from uuid import UUID

from commerce import ids
from commerce.aggregate import first_fact
from commerce.eventstore.event import Event, Sealed
from commerce.inventory.events import (
    Quantity,
    ReservationConfirmed,
    ReservationDispatched,
    ReservationRejected,
    ReservationReleased,
    Shortage,
)
from commerce.money import Money
from commerce.ordering.events import OrderCancellationRequested, OrderLine, OrderPlaced
from commerce.payments.events import (
    PaymentAuthorized,
    PaymentCaptured,
    PaymentClosed,
    PaymentDeclined,
    PaymentOutcomeUnknown,
    PaymentRefunded,
    PaymentVoided,
)
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
from commerce.saga.reaction import Confirm, Limits, OrderWish, Reaction
from commerce.shipping.events import (
    BookingOutcomeUnknown,
    ShipmentCancellationRefused,
    ShipmentCancelled,
    ShipmentClosed,
    ShipmentDelivered,
    ShipmentDispatched,
    ShipmentRefused,
    ShipmentScheduled,
)

ORDER = UUID("11111111-2222-4333-8444-555555555555")
PROCESS = ids.process_id(ORDER)
STREAMS = {
    "inventory": ids.reservation_id(ORDER),
    "payments": ids.payment_id(ORDER),
    "shipping": ids.shipment_id(ORDER),
}
START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
LATER = START + timedelta(minutes=2)
LIMITS = Limits(order=timedelta(minutes=15), compensation=timedelta(minutes=5), longest=timedelta(hours=1))
EUR_30 = Money.of("30.00", "EUR")
WANTED = (Wanted(sku="TEA", quantity=3), Wanted(sku="CUP", quantity=1))
ARRIVES = date(2026, 11, 27)
CONFIRM = Confirm("TRACK-1", "Swift", ARRIVES)


E = TypeVar("E", bound=Event)

# What happens outside, as the log says it.


def line(sku: str, quantity: int, price: str, *, stocked: bool = True) -> OrderLine:
    return OrderLine(sku=sku, name=sku, quantity=quantity, unit_price=Money.of(price, "EUR"), stocked=stocked)


LINES = (
    line("TEA", 2, "5.00"),
    line("CUP", 1, "10.00"),
    line("TEA", 1, "5.00"),
    line("POSTAGE", 1, "5.00", stocked=False),
)


def placed(lines: tuple[OrderLine, ...] = LINES, total: str = "30.00") -> OrderPlaced:
    return OrderPlaced(
        originator_id=ORDER,
        originator_version=1,
        customer_id=None,
        currency="EUR",
        lines=lines,
        total=Money.of(total, "EUR"),
        shipping_address=Sealed("sealed"),
        payment_method="pm_card_ok",
    )


def cancellation_requested() -> OrderCancellationRequested:
    return OrderCancellationRequested(originator_id=ORDER, originator_version=2, reason=Sealed("sealed"))


def answer(kind: type[E], request: Request, **fields: object) -> E:
    stream = STREAMS[kind.TOPIC.partition(".")[0]]
    return first_fact(kind, stream, order_id=ORDER, request_id=ids.request_id(PROCESS, request), **fields)


RESERVED = answer(ReservationConfirmed, "reserve", lines=(Quantity(sku="TEA", quantity=3),))
SHORT = answer(ReservationRejected, "reserve", shortages=(Shortage(sku="TEA", requested=3, available=1),))
RELEASED = answer(ReservationReleased, "release")
BOOKED_OUT = answer(ReservationDispatched, "dispatch")
AUTHORIZED = answer(PaymentAuthorized, "authorize", authorization_id="auth-1", amount=EUR_30)
DECLINED = answer(PaymentDeclined, "authorize", decline_reason="insufficient funds")
AUTHORIZATION_UNKNOWN = answer(PaymentOutcomeUnknown, "authorize", operation="authorize", attempts=5)
CAPTURED = answer(PaymentCaptured, "capture", amount=EUR_30)
CAPTURE_UNKNOWN = answer(PaymentOutcomeUnknown, "capture", operation="capture", attempts=5)
CAPTURE_DECLINED = answer(PaymentDeclined, "capture", decline_reason="authorisation expired")
VOIDED = answer(PaymentVoided, "void")
CLOSED_BY_VOID = answer(PaymentClosed, "void")
REFUNDED = answer(PaymentRefunded, "refund", amount=EUR_30)
VOIDED_BY_REFUND = answer(PaymentVoided, "refund")
CLOSED_BY_REFUND = answer(PaymentClosed, "refund")
SCHEDULED = answer(
    ShipmentScheduled,
    "schedule",
    booking_id="booking-1",
    tracking_number="TRACK-1",
    carrier="Swift",
    estimated_delivery=ARRIVES,
)
REFUSED = answer(ShipmentRefused, "schedule", reason="AQ is not served")
BOOKING_UNKNOWN = answer(BookingOutcomeUnknown, "schedule", attempts=5)
STOPPED = answer(ShipmentCancelled, "cancel shipment")
NEVER_BOOKED = answer(ShipmentClosed, "cancel shipment")
TOO_LATE = answer(ShipmentCancellationRefused, "cancel shipment", reason="out for delivery")
DISPATCHED = ShipmentDispatched(originator_id=STREAMS["shipping"], originator_version=3, order_id=ORDER)
DELIVERED = ShipmentDelivered(originator_id=STREAMS["shipping"], originator_version=4, order_id=ORDER)
CANCELLATION_REQUESTED = cancellation_requested()

RUN_UP = (placed(), RESERVED, AUTHORIZED, SCHEDULED)
"""What an order of stocked, paid goods has behind it when it waits for the capture."""
CONFIRMED = (*RUN_UP, CAPTURED)


def deadline_passed(name: str) -> DeadlinePassed:
    """A deadline that the clock found past; the scenario puts it into the process's stream."""
    return DeadlinePassed(originator_id=PROCESS, originator_version=0, order_id=ORDER, name=name)


# What the process is to say.

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


def case(detail: str) -> Expected:
    return fact(CaseOpened, order_id=ORDER, detail=detail)


# The scenario itself.


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
