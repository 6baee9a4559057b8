"""The events of an order's process (a stream per order): its beginning and end, deadlines, compensation.

`ProcessEvent` is all of them: what it asks of other parts is in `request_events`, what it notes of its steps in
`step_events`, and what people see and do in `case_events` and `intervention_events`. Every event's `causation_id` in
the log is the position of the input it follows from.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

from commerce.eventstore import Event
from commerce.inventory.events import Quantity
from commerce.saga.case_events import CaseEvent
from commerce.saga.intervention_events import InterventionEvent
from commerce.saga.reconciliation_events import ReconciliationEvent
from commerce.saga.request_events import ProcessRequest
from commerce.saga.step_events import StepEvent
from commerce.values.dispute import DisputeOutcome
from commerce.values.money import Money

Outcome = Literal["rejected", "cancelled"]


class ProcessStarted(Event):
    """An order was placed; all that its steps will need.

    Each new definition raises `class_version`, so that code which does not know it does not start on the log.
    """

    TOPIC: ClassVar[str] = "saga.Started"
    class_version: ClassVar[int] = 2
    SENTENCE: ClassVar[str] = "The process manager takes the order in hand"

    order_id: UUID
    total: Money
    payment_method: str
    wanted: tuple[Quantity, ...]
    definition: int = 1
    """The version of the process's definition that the order begins with, and ends under."""

    @staticmethod
    def upcast_v1_v2(fields: dict[str, object]) -> None:
        """Version 2 says the definition; there was one before."""
        fields["definition"] = 1


class UnclaimedMoneyFound(Event):
    """The payment provider has a payment that is no order's of ours; `amount` is what it holds or took, if it says so.

    `order_id` is an id of the payment's own, in an order's place.
    """

    TOPIC: ClassVar[str] = "saga.UnclaimedMoneyFound"
    SENTENCE: ClassVar[str] = "The process manager notes {unclaimed} at the payment provider that no order is behind"

    order_id: UUID
    amount: Money | None


class PartialRefundSettled(Event):
    """A refund that somebody asked for has its outcome."""

    TOPIC: ClassVar[str] = "saga.PartialRefundSettled"
    SENTENCE: ClassVar[str] = "The refund that was asked for is settled: {outcome}"

    request_id: UUID
    outcome: Literal["refunded", "failed"]


class DisputeSettled(Event):
    """A dispute about the order's payment has ended: nobody has to answer it any more."""

    TOPIC: ClassVar[str] = "saga.DisputeSettled"
    SENTENCE: ClassVar[str] = "The process manager notes that the dispute {dispute_id} is over: {outcome}"

    order_id: UUID
    dispute_id: str
    outcome: DisputeOutcome


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
    | UnclaimedMoneyFound
    | StepEvent
    | ProcessRequest
    | PartialRefundSettled
    | DisputeSettled
    | DeadlineSet
    | DeadlinePassed
    | CompensationStarted
    | CompensationAbandoned
    | CaseEvent
    | InterventionEvent
    | ReconciliationEvent
    | ProcessCompensated
    | ProcessCompleted
    | ParcelDispatched
    | ParcelDelivered
)
