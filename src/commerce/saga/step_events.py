"""What a process notes of its steps: done, failed, postponed, undone, or found done late."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from commerce.eventstore import Event
from commerce.saga.request_events import Keyed, StepName


class StepSucceeded(Keyed):
    """A step's outcome arrived: it is done."""

    TOPIC: ClassVar[str] = "saga.StepSucceeded"
    SENTENCE: ClassVar[str] = "Step done: {step}"

    step: StepName


class AuthorizationHeld(Keyed):
    """The authorization's outcome arrived: it is done, and this is when the payment provider lets go of the money."""

    TOPIC: ClassVar[str] = "saga.AuthorizationHeld"
    SENTENCE: ClassVar[str] = "Step done: authorization; the money is held until {until}"

    until: datetime


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


StepEvent = (
    StepSucceeded
    | AuthorizationHeld
    | ShipmentBooked
    | StepFailed
    | StepPostponed
    | StepUndone
    | LateOutcomeFound
    | LateOutcomeUndone
)
