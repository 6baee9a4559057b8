"""Somebody wants the order undone: what that means depends on how far the process is."""

from __future__ import annotations

from datetime import datetime

from commerce.saga.compensation import begin, end
from commerce.saga.decision import (
    NOTHING,
    DeliverOrder,
    OrderCommand,
    ProcessDecision,
    ProcessLimits,
    Reaction,
    RejectCancellation,
    ShipOrder,
)
from commerce.saga.events import CompensationStarted
from commerce.saga.process import Completion, Process, Stage

CANCELLED = Completion("cancelled", "cancelled")
"""How a process ends that somebody wanted undone."""

_REACHED: dict[Stage, tuple[OrderCommand, ...]] = {
    Stage.DISPATCHED: (ShipOrder(),),
    Stage.DELIVERED: (ShipOrder(), DeliverOrder()),
}
"""What the order could not be told while it was being cancelled."""


def cancellation_requested(process: Process, at: datetime, limits: ProcessLimits) -> Reaction:
    """Undo what is done or in flight; a shipment that left is not called back."""
    if process.stage in (Stage.COMPENSATING, Stage.COMPENSATED):
        return _instead_of_rejection(process)
    if process.stage in (Stage.RUNNING, Stage.COMPLETED) and process.irrevocable is None:
        return begin(ProcessDecision(process), CANCELLED, at, limits)
    cause = process.irrevocable or process.stage.value
    return Reaction(commands=(RejectCancellation(cause), *_REACHED.get(process.stage, ())))


def _instead_of_rejection(process: Process) -> Reaction:
    """An order that somebody asked to cancel is not rejected any more: it ends cancelled, whatever began the
    undoing."""
    if process.completion == CANCELLED:
        return NOTHING
    decision = ProcessDecision(process)
    if process.stage is Stage.COMPENSATED:
        return end(decision, CANCELLED)
    decision.add(CompensationStarted, reason=CANCELLED.reason, outcome=CANCELLED.outcome)
    return decision.reaction()
