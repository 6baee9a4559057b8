"""After confirmation: the shipment leaves and arrives, and from then on the order cannot be undone."""

from __future__ import annotations

from commerce.saga.compensation import abandon
from commerce.saga.decision import (
    NOTHING,
    DeliverOrder,
    OrderCommand,
    ProcessDecision,
    Reaction,
    RejectCancellation,
    ShipOrder,
)
from commerce.saga.events import ParcelDelivered, ParcelDispatched
from commerce.saga.process import Process, Stage


def dispatched(process: Process) -> Reaction:
    """The shipment left: book out what was reserved. A cancellation that was still being asked for has come too
    late."""
    decision = ProcessDecision(process)
    commands: tuple[OrderCommand, ...] = (ShipOrder(),)
    if process.confirmed and process.awaits == "cancel shipment":
        abandon(decision, "dispatched")
        commands = (RejectCancellation("dispatched"), ShipOrder())
    elif process.stage is not Stage.COMPLETED:
        return NOTHING
    decision.add(ParcelDispatched)
    if "stock" in process.held:
        decision.ask("dispatch")
    return decision.reaction(*commands)


def delivered(process: Process) -> Reaction:
    """The shipment arrived."""
    if process.stage is not Stage.DISPATCHED:
        return NOTHING
    decision = ProcessDecision(process)
    decision.add(ParcelDelivered)
    return decision.reaction(DeliverOrder())
