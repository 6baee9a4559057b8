"""The events of an order as chapters: what happened, each with the steps that led to it and that followed from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Item = Mapping[str, Any]
"""An event as the timeline shows it."""

STEPS_BETWEEN = frozenset(
    {
        "inventory.ReservationDispatched",
        "inventory.StockDispatched",
        "inventory.StockReleased",
        "inventory.StockReserved",
        "ordering.OrderDelivered",
        "ordering.OrderDisputeClosed",
        "ordering.OrderDisputed",
        "ordering.OrderShipped",
        "ordering.ReferenceClaimed",
        "payments.AuthorizationAttempted",
        "payments.AuthorizationOpened",
        "payments.CallPostponed",
        "payments.CallUnanswered",
        "payments.CaptureAttempted",
        "payments.RefundAttempted",
        "payments.VoidAttempted",
        "payments.WebhookHandled",
        "payments.WebhookReceived",
        "saga.AuthorizationHeld",
        "saga.AuthorizationRequested",
        "saga.CaptureRequested",
        "saga.Compensated",
        "saga.Compensating",
        "saga.CompensationAbandoned",
        "saga.Completed",
        "saga.DeadlineSet",
        "saga.DisputeSettled",
        "saga.LateOutcomeUndone",
        "saga.ParcelDelivered",
        "saga.ParcelDispatched",
        "saga.PartialRefundRequested",
        "saga.PartialRefundSettled",
        "saga.RefundRequested",
        "saga.RefundSkipped",
        "saga.ShipmentBooked",
        "saga.ShipmentCancellationRequested",
        "saga.ShipmentRequested",
        "saga.Started",
        "saga.StepFailed",
        "saga.StepSucceeded",
        "saga.StepUndone",
        "saga.StockDispatchRequested",
        "saga.StockReleaseRequested",
        "saga.StockReservationRequested",
        "saga.UndoSkipped",
        "saga.VoidRequested",
        "shipping.BookingAttempted",
        "shipping.CallPostponed",
        "shipping.CallUnanswered",
        "shipping.CancellationAttempted",
    }
)
"""The kinds of events that say how something came about; every other one says what happened."""


@dataclass(slots=True)
class Chapter:
    """What happened, and the events that led to it and that followed from it alone, in the order of the log."""

    event: Item
    steps: list[Item] = field(default_factory=list)

    @property
    def part(self) -> str:
        """The part that it happened in, such as `payments`."""
        return part_of(self.event)

    @property
    def attempts(self) -> int:
        """How often a party outside was called."""
        return sum(one["topic"].endswith("Attempted") for one in self.steps)

    @property
    def seconds(self) -> float:
        """How long it took from the first step before it."""
        at = recorded_at(self.event)
        return max(0.0, *((at - recorded_at(one)).total_seconds() for one in self.steps)) if self.steps else 0.0


def chapters(items: Sequence[Item]) -> list[Chapter]:
    """The chapters of events that are given in the order of the log.

    A step between belongs to the first event of a chapter that it led to; where it led to none, to what its cause
    belongs to.
    """
    told = {one["position"]: Chapter(one) for one in items if one["topic"] not in STEPS_BETWEEN}
    led_to = _led_to(items, told)
    chapter_of: dict[int, Chapter] = {}
    before: Chapter | None = None
    for one in items:
        position = one["position"]
        chapter = told.get(led_to.get(position, 0)) or chapter_of.get(one["causation_id"] or 0) or before
        if chapter is None:  # nothing has happened yet: what it follows from is on another page
            chapter = told[position] = Chapter(one)
        if chapter.event is not one:
            chapter.steps.append(one)
        chapter_of[position] = before = chapter
    return [told[position] for position in sorted(told)]


def _led_to(items: Sequence[Item], told: Mapping[int, Chapter]) -> dict[int, int]:
    """The position of the first event of a chapter that each event is, or led to."""
    found: dict[int, int] = {}
    for one in reversed(items):
        position, cause = one["position"], one["causation_id"]
        if position in told:
            found[position] = position
        if position in found and cause is not None and cause not in told:
            found[cause] = min(found[position], found.get(cause, found[position]))
    return found


def part_of(item: Item) -> str:
    """The part that an event happened in, such as `payments`."""
    return str(item["topic"]).partition(".")[0]


def recorded_at(item: Item) -> datetime:
    """When an event was recorded."""
    return datetime.fromisoformat(item["recorded_at"])


def last_of(items: Sequence[Item], topic: str) -> Item | None:
    """The last event of a kind."""
    return next((one for one in reversed(items) if one["topic"] == topic), None)
