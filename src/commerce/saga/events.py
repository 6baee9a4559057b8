"""The events of an order's process (a stream per order): every input it acted on, every command it issued, every
deadline.

A `…Requested` event is a command to another part; its `request_id` is that part's idempotency key and comes back in the
answer. Every event's `causation_id` in the log is the position of the input it follows from.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar, Literal
from uuid import UUID

from commerce.eventstore import Event
from commerce.values.money import Money
from commerce.values.value import Value

StepName = Literal["stock", "authorization", "shipment", "capture"]
Outcome = Literal["rejected", "cancelled"]


class Wanted(Value):
    """So many pieces of a SKU that an order needs from stock."""

    sku: str
    quantity: int


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

    order_id: UUID
    total: Money
    payment_method: str
    wanted: tuple[Wanted, ...]


class StepSucceeded(Keyed):
    """A step's outcome arrived: it is done."""

    TOPIC: ClassVar[str] = "saga.StepSucceeded"

    step: StepName


class ShipmentBooked(Keyed):
    """The shipment step's outcome arrived: it is done, and this is what the customer is told."""

    TOPIC: ClassVar[str] = "saga.ShipmentBooked"

    tracking_number: str
    carrier: str
    estimated_delivery: date


class StepFailed(Keyed):
    """A step's outcome arrived: it is not done, or (`outcome_known` false) nobody knows."""

    TOPIC: ClassVar[str] = "saga.StepFailed"

    step: StepName
    reason: str
    outcome_known: bool = True


class StepPostponed(Event):
    """The step that is waited for cannot be taken now, through no fault of the order's: it is not given up for that."""

    TOPIC: ClassVar[str] = "saga.StepPostponed"

    detail: str


class StepUndone(Keyed):
    """A compensation's outcome arrived: the step is undone."""

    TOPIC: ClassVar[str] = "saga.StepUndone"

    step: StepName


class LateOutcomeFound(Keyed):
    """A step that was given up, undone or taken for not done came to be done all the same: it is undone from now on."""

    TOPIC: ClassVar[str] = "saga.LateOutcomeFound"

    order_id: UUID
    step: StepName


class LateOutcomeUndone(Keyed):
    """What came to light late is undone."""

    TOPIC: ClassVar[str] = "saga.LateOutcomeUndone"

    step: StepName


class StockReservationRequested(Requested):
    """Inventory is to reserve all of it, or nothing."""

    TOPIC: ClassVar[str] = "saga.StockReservationRequested"

    wanted: tuple[Wanted, ...]


class StockReleaseRequested(Requested):
    """Inventory is to give back what it reserved for the order."""

    TOPIC: ClassVar[str] = "saga.StockReleaseRequested"


class StockDispatchRequested(Requested):
    """Inventory is to book out what it reserved for the order, as the shipment left."""

    TOPIC: ClassVar[str] = "saga.StockDispatchRequested"


class AuthorizationRequested(Requested):
    """Payments is to set the money aside."""

    TOPIC: ClassVar[str] = "saga.AuthorizationRequested"

    amount: Money
    payment_method: str


class CaptureRequested(Requested):
    """Payments is to take the money set aside."""

    TOPIC: ClassVar[str] = "saga.CaptureRequested"

    amount: Money


class VoidRequested(Requested):
    """Payments is to undo an authorisation, whatever became of it."""

    TOPIC: ClassVar[str] = "saga.VoidRequested"


class RefundRequested(Requested):
    """Payments is to undo a capture, whatever became of it: refund what was taken, else void."""

    TOPIC: ClassVar[str] = "saga.RefundRequested"


class ShipmentRequested(Requested):
    """Shipping is to book a shipment."""

    TOPIC: ClassVar[str] = "saga.ShipmentRequested"


class ShipmentCancellationRequested(Requested):
    """Shipping is to drop the booking, whatever became of it."""

    TOPIC: ClassVar[str] = "saga.ShipmentCancellationRequested"


class DeadlineSet(Event):
    """The process looks again at `due_at`, unless it has ended by then."""

    TOPIC: ClassVar[str] = "saga.DeadlineSet"

    order_id: UUID
    name: str
    due_at: datetime


class DeadlinePassed(Event):
    """The log says that a deadline is past; what follows is decided when this is read."""

    TOPIC: ClassVar[str] = "saga.DeadlinePassed"

    order_id: UUID
    name: str


class CompensationStarted(Event):
    """What was done is undone from now on; the order is to end `outcome`."""

    TOPIC: ClassVar[str] = "saga.Compensating"

    reason: str
    outcome: Outcome


class CompensationAbandoned(Event):
    """The shipment had left before it could be stopped: the order stands as it did."""

    TOPIC: ClassVar[str] = "saga.CompensationAbandoned"

    cause: str


class CaseOpened(Event):
    """A compensation does not finish, or a party's answer differs from what it was asked: a person has to look."""

    TOPIC: ClassVar[str] = "saga.CaseOpened"
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

    outcome: Outcome
    reason: str


class ProcessCompleted(Event):
    """Everything is done; the order is confirmed with this."""

    TOPIC: ClassVar[str] = "saga.Completed"


class ParcelDispatched(Event):
    """The shipment left; the order is shipped with this."""

    TOPIC: ClassVar[str] = "saga.ParcelDispatched"


class ParcelDelivered(Event):
    """The shipment arrived; the order is delivered with this."""

    TOPIC: ClassVar[str] = "saga.ParcelDelivered"


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
