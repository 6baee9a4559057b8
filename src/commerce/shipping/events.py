"""The events of a shipment (a stream per order): the schema of record.

`commerce.outside.events` holds the fields that the events of all calls have.
"""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Literal
from uuid import UUID

from commerce.eventstore import Event
from commerce.outside.events import AnswerDiffered, CallAttempted, CallPostponed, CallUnanswered, RequestEvent


class BookingAttempted(CallAttempted):
    """The carrier is about to be asked, for the `attempt`-th time, to take a shipment."""

    TOPIC: ClassVar[str] = "shipping.BookingAttempted"
    SENTENCE: ClassVar[str] = "Carrier called to take the shipment (attempt {attempt})"


class ShipmentCallUnanswered(CallUnanswered):
    """The carrier gave no answer that tells whether it was done."""

    TOPIC: ClassVar[str] = "shipping.CallUnanswered"
    SENTENCE: ClassVar[str] = "No outcome of attempt {attempt}: {detail}"


class ShipmentCallPostponed(CallPostponed):
    """The carrier answered that it does not do it now."""

    TOPIC: ClassVar[str] = "shipping.CallPostponed"
    SENTENCE: ClassVar[str] = "Attempt {attempt} is put off: {detail}"


class ShipmentScheduled(RequestEvent):
    """The carrier will take the shipment; `booking_id` is the carrier's own."""

    TOPIC: ClassVar[str] = "shipping.Scheduled"
    SENTENCE: ClassVar[str] = (
        "{carrier} takes the shipment: tracking number {tracking_number}, expected {estimated_delivery}"
    )

    booking_id: str
    tracking_number: str
    carrier: str
    estimated_delivery: date


class ShipmentRefused(RequestEvent):
    """The carrier does not take the shipment, such as for a country it does not serve."""

    TOPIC: ClassVar[str] = "shipping.Refused"
    SENTENCE: ClassVar[str] = "The carrier does not take the shipment: {reason}"

    reason: str


class BookingOutcomeUnknown(RequestEvent):
    """After all attempts nobody knows whether the carrier booked; only an undo, which asks first, may follow."""

    TOPIC: ClassVar[str] = "shipping.OutcomeUnknown"
    SENTENCE: ClassVar[str] = "After {attempts} calls nobody knows whether the carrier takes the shipment"

    attempts: int


class ShipmentAnswerDiffered(AnswerDiffered):
    """The carrier's answer is about something else than what it was asked, or makes no sense: no success,
    whatever it says.

    `asked` and `answered` say it for people; `booking_id` is a booking that the carrier surely made for this order.
    """

    TOPIC: ClassVar[str] = "shipping.AnswerDiffered"
    SENTENCE: ClassVar[str] = "The carrier {answered} instead of {asked}"

    operation: Literal["book", "cancel"]
    booking_id: str | None


class SecondBookingFound(RequestEvent):
    """The carrier booked a second shipment for one request, under another `booking_id` than is on record."""

    TOPIC: ClassVar[str] = "shipping.SecondBookingFound"
    SENTENCE: ClassVar[str] = "The carrier booked a second shipment ({booking_id})"

    booking_id: str


class SecondBookingCancelled(RequestEvent):
    """The carrier dropped the second shipment."""

    TOPIC: ClassVar[str] = "shipping.SecondBookingCancelled"
    SENTENCE: ClassVar[str] = "The carrier dropped the second shipment ({booking_id})"

    booking_id: str


class SecondBookingKept(RequestEvent):
    """The carrier does not drop the second shipment: a person has to look."""

    TOPIC: ClassVar[str] = "shipping.SecondBookingKept"
    SENTENCE: ClassVar[str] = "The carrier does not drop the second shipment: {reason}"

    booking_id: str
    reason: str


class ShipmentCancellationAttempted(CallAttempted):
    """The carrier is about to be asked, for the `attempt`-th time, to drop the booking; no dispatch may follow."""

    TOPIC: ClassVar[str] = "shipping.CancellationAttempted"
    SENTENCE: ClassVar[str] = "Carrier called to drop the shipment (attempt {attempt})"


class ShipmentCancelled(RequestEvent):
    """The carrier dropped the booking."""

    TOPIC: ClassVar[str] = "shipping.Cancelled"
    SENTENCE: ClassVar[str] = "The carrier dropped the shipment"


class ShipmentCancellationRefused(RequestEvent):
    """The shipment cannot be stopped any more: it has left the warehouse, or the carrier has it."""

    TOPIC: ClassVar[str] = "shipping.CancellationRefused"
    SENTENCE: ClassVar[str] = "The shipment cannot be stopped any more: {reason}"

    reason: str


class ShipmentClosed(RequestEvent):
    """An undo found that the carrier knows of no booking; no later attempt may follow."""

    TOPIC: ClassVar[str] = "shipping.Closed"
    SENTENCE: ClassVar[str] = "The carrier knows of no shipment for the order; the shipment is closed"


class ShipmentDispatched(Event):
    """The shipment left the warehouse."""

    TOPIC: ClassVar[str] = "shipping.Dispatched"
    SENTENCE: ClassVar[str] = "{who} noted that the shipment left the house"

    order_id: UUID


class ShipmentDelivered(Event):
    """The shipment arrived."""

    TOPIC: ClassVar[str] = "shipping.Delivered"
    SENTENCE: ClassVar[str] = "{who} noted that the shipment arrived"

    order_id: UUID


ShipmentEvent = (
    BookingAttempted
    | ShipmentCallUnanswered
    | ShipmentCallPostponed
    | ShipmentScheduled
    | ShipmentRefused
    | BookingOutcomeUnknown
    | ShipmentAnswerDiffered
    | SecondBookingFound
    | SecondBookingCancelled
    | SecondBookingKept
    | ShipmentCancellationAttempted
    | ShipmentCancelled
    | ShipmentCancellationRefused
    | ShipmentClosed
    | ShipmentDispatched
    | ShipmentDelivered
)
