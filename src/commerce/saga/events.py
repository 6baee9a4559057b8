"""The events of an order's process (a stream per order): every input it acted on, every command it issued, every
deadline.

A `…Requested` event is a command to another part; its `request_id` is that part's idempotency key and comes back in the
answer. Every event's `causation_id` in the log is the position of the input it follows from.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar, Literal, cast
from uuid import UUID

from commerce.eventstore import Event
from commerce.inventory.events import Quantity
from commerce.inventory.stock_requests import Dispatch, Release, Reserve, StockRequest
from commerce.payments.payment import Authorize, Capture, PaymentOperation, PaymentRequest, UndoPayment
from commerce.shipping.shipment import ShippingOperation, ShippingRequest
from commerce.values.money import Money

StepName = Literal["stock", "authorization", "shipment", "capture"]
Outcome = Literal["rejected", "cancelled"]


class Keyed(Event):
    """An event about a step or a request that an order may have several times."""

    @property
    def key(self) -> str:
        """What tells them apart, such as the id of a shipment: no order has two of a kind as yet."""
        return ""


class Requested(Keyed):
    """A command to another part; `request_id` is that part's idempotency key, and comes back in the answer."""

    order_id: UUID
    request_id: UUID


class ProcessStarted(Event):
    """An order was placed; all that its steps will need."""

    TOPIC: ClassVar[str] = "saga.Started"
    SENTENCE: ClassVar[str] = "The process manager takes the order in hand"

    order_id: UUID
    total: Money
    payment_method: str
    wanted: tuple[Quantity, ...]


class StepSucceeded(Keyed):
    """A step's outcome arrived: it is done."""

    TOPIC: ClassVar[str] = "saga.StepSucceeded"
    SENTENCE: ClassVar[str] = "Step done: {step}"

    step: StepName


class ShipmentBooked(Keyed):
    """The shipment step's outcome arrived: it is done, and this is what the customer is told."""

    TOPIC: ClassVar[str] = "saga.ShipmentBooked"
    SENTENCE: ClassVar[str] = "Step done: shipment, with {carrier} under {tracking_number}"

    tracking_number: str
    carrier: str
    estimated_delivery: date


class StepFailed(Keyed):
    """A step's outcome arrived: it is not done, or (`outcome_known` false) nobody knows."""

    TOPIC: ClassVar[str] = "saga.StepFailed"
    SENTENCE: ClassVar[str] = "Step failed: {step} ({reason}){unless_known}"

    step: StepName
    reason: str
    outcome_known: bool = True


class StepPostponed(Event):
    """The step that is waited for cannot be taken now, through no fault of the order's: it is not given up for that."""

    TOPIC: ClassVar[str] = "saga.StepPostponed"
    SENTENCE: ClassVar[str] = "The order waits, and is not given up for it: {detail}"

    detail: str


class StepUndone(Keyed):
    """A compensation's outcome arrived: the step is undone."""

    TOPIC: ClassVar[str] = "saga.StepUndone"
    SENTENCE: ClassVar[str] = "Step undone: {step}"

    step: StepName


class LateOutcomeFound(Keyed):
    """A step that was given up, undone or taken for not done came to be done all the same: it is undone from now on."""

    TOPIC: ClassVar[str] = "saga.LateOutcomeFound"
    SENTENCE: ClassVar[str] = (
        "It came to light that the step was done after it had been given up: {step}; it is undone now"
    )

    order_id: UUID
    step: StepName


class LateOutcomeUndone(Keyed):
    """What came to light late is undone."""

    TOPIC: ClassVar[str] = "saga.LateOutcomeUndone"
    SENTENCE: ClassVar[str] = "What came to light late is undone: {step}"

    step: StepName


class StockReservationRequested(Requested):
    """Inventory is to reserve all of it, or nothing."""

    TOPIC: ClassVar[str] = "saga.StockReservationRequested"
    SENTENCE: ClassVar[str] = "Inventory is asked to reserve {wanted}"

    wanted: tuple[Quantity, ...]


class StockReleaseRequested(Requested):
    """Inventory is to give back what it reserved for the order."""

    TOPIC: ClassVar[str] = "saga.StockReleaseRequested"
    SENTENCE: ClassVar[str] = "Compensation: inventory is asked to give back what it reserved"


class StockDispatchRequested(Requested):
    """Inventory is to book out what it reserved for the order, as the shipment left."""

    TOPIC: ClassVar[str] = "saga.StockDispatchRequested"
    SENTENCE: ClassVar[str] = "Inventory is asked to book out what left with the shipment"


class AuthorizationRequested(Requested):
    """Payments is to set the money aside."""

    TOPIC: ClassVar[str] = "saga.AuthorizationRequested"
    SENTENCE: ClassVar[str] = "Payments is asked to set {amount} aside on {payment_method}"

    amount: Money
    payment_method: str


class CaptureRequested(Requested):
    """Payments is to take the money set aside."""

    TOPIC: ClassVar[str] = "saga.CaptureRequested"
    SENTENCE: ClassVar[str] = "Payments is asked to take {amount}"

    amount: Money


class VoidRequested(Requested):
    """Payments is to undo an authorisation, whatever became of it."""

    TOPIC: ClassVar[str] = "saga.VoidRequested"
    SENTENCE: ClassVar[str] = "Compensation: payments is asked to let go of the money set aside"


class RefundRequested(Requested):
    """Payments is to undo a capture, whatever became of it: refund what was taken, else void."""

    TOPIC: ClassVar[str] = "saga.RefundRequested"
    SENTENCE: ClassVar[str] = "Compensation: payments is asked to give the money back"


class ShipmentRequested(Requested):
    """Shipping is to book a shipment."""

    TOPIC: ClassVar[str] = "saga.ShipmentRequested"
    SENTENCE: ClassVar[str] = "Shipping is asked to book a shipment"


class ShipmentCancellationRequested(Requested):
    """Shipping is to drop the booking, whatever became of it."""

    TOPIC: ClassVar[str] = "saga.ShipmentCancellationRequested"
    SENTENCE: ClassVar[str] = "Compensation: shipping is asked to stop the shipment"


class DeadlineSet(Event):
    """The process looks again at `due_at`, unless it has ended by then."""

    TOPIC: ClassVar[str] = "saga.DeadlineSet"
    SENTENCE: ClassVar[str] = "Deadline set: {name}, due at {due_at}"

    order_id: UUID
    name: str
    due_at: datetime


class DeadlinePassed(Event):
    """The log says that a deadline is past; what follows is decided when this is read."""

    TOPIC: ClassVar[str] = "saga.DeadlinePassed"
    SENTENCE: ClassVar[str] = "Deadline passed: {name}"

    order_id: UUID
    name: str


class CompensationStarted(Event):
    """What was done is undone from now on; the order is to end `outcome`."""

    TOPIC: ClassVar[str] = "saga.Compensating"
    SENTENCE: ClassVar[str] = "What was done is undone from now on ({reason}); the order is to end {outcome}"

    reason: str
    outcome: Outcome


class CompensationAbandoned(Event):
    """The shipment had left before it could be stopped: the order stands as it did."""

    TOPIC: ClassVar[str] = "saga.CompensationAbandoned"
    SENTENCE: ClassVar[str] = "The order stands, as the shipment could not be stopped: {cause}"

    cause: str


class CaseOpened(Event):
    """A compensation does not finish, or a party's answer differs from what it was asked: a person has to look."""

    TOPIC: ClassVar[str] = "saga.CaseOpened"
    SENTENCE: ClassVar[str] = "A person has to look: {detail}"
    class_version: ClassVar[int] = 2

    order_id: UUID
    detail: str
    outlasts_undoing: bool = False
    """Whether it stays a case when everything is undone, as what was undone may not be all that was done."""

    @staticmethod
    def upcast_v1_v2(fields: dict[str, object]) -> None:
        """A case ended with the undoing."""
        fields["outlasts_undoing"] = False


class ProcessCompensated(Event):
    """Everything is undone; the order is rejected or cancelled with this."""

    TOPIC: ClassVar[str] = "saga.Compensated"
    SENTENCE: ClassVar[str] = "Everything is undone; the order ends {ending}"

    outcome: Outcome
    reason: str


class ProcessCompleted(Event):
    """Everything is done; the order is confirmed with this."""

    TOPIC: ClassVar[str] = "saga.Completed"
    SENTENCE: ClassVar[str] = "Everything is done"


class ParcelDispatched(Event):
    """The shipment left; the order is shipped with this."""

    TOPIC: ClassVar[str] = "saga.ParcelDispatched"
    SENTENCE: ClassVar[str] = "The process manager notes that the shipment left"


class ParcelDelivered(Event):
    """The shipment arrived; the order is delivered with this."""

    TOPIC: ClassVar[str] = "saga.ParcelDelivered"
    SENTENCE: ClassVar[str] = "The process manager notes that the shipment arrived"


ProcessEvent = (
    ProcessStarted
    | StepSucceeded
    | ShipmentBooked
    | StepFailed
    | StepPostponed
    | StepUndone
    | LateOutcomeFound
    | LateOutcomeUndone
    | StockReservationRequested
    | StockReleaseRequested
    | StockDispatchRequested
    | AuthorizationRequested
    | CaptureRequested
    | VoidRequested
    | RefundRequested
    | ShipmentRequested
    | ShipmentCancellationRequested
    | DeadlineSet
    | DeadlinePassed
    | CompensationStarted
    | CompensationAbandoned
    | CaseOpened
    | ProcessCompensated
    | ProcessCompleted
    | ParcelDispatched
    | ParcelDelivered
)


STOCK_TOPICS = frozenset(
    kind.TOPIC for kind in (StockReservationRequested, StockReleaseRequested, StockDispatchRequested)
)
"""The events that ask something of inventory."""


def stock_request(event: Event) -> StockRequest:
    """What an event with one of `STOCK_TOPICS` asks, in inventory's own words."""
    match event:
        case StockReservationRequested():
            return Reserve(event.order_id, event.request_id, event.wanted)
        case StockReleaseRequested():
            return Release(event.order_id, event.request_id)
    dispatch = cast(StockDispatchRequested, event)
    return Dispatch(dispatch.order_id, dispatch.request_id)


def payment_request(event: Event) -> PaymentRequest | None:
    """What an event of a process asks of payments, in payments' own words, if it does."""
    match event:
        case AuthorizationRequested():
            return Authorize(event.order_id, event.request_id, event.amount, event.payment_method)
        case CaptureRequested():
            return Capture(event.order_id, event.request_id, event.amount)
        case VoidRequested():
            return UndoPayment(event.order_id, event.request_id, PaymentOperation.VOID)
        case RefundRequested():
            return UndoPayment(event.order_id, event.request_id, PaymentOperation.REFUND)
    return None


def shipping_request(event: Event) -> ShippingRequest | None:
    """What an event of a process asks of shipping, in shipping's own words, if it does."""
    match event:
        case ShipmentRequested():
            return ShippingRequest(event.order_id, event.request_id, ShippingOperation.SCHEDULE)
        case ShipmentCancellationRequested():
            return ShippingRequest(event.order_id, event.request_id, ShippingOperation.CANCEL)
    return None
