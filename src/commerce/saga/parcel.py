"""After confirmation: the parcel leaves and arrives, and from then on the order cannot be undone."""

from __future__ import annotations

from commerce.saga.compensation import abandon
from commerce.saga.events import ParcelDelivered, ParcelDispatched
from commerce.saga.process import Process, Stage
from commerce.saga.reaction import NOTHING, Decision, Deliver, OrderWish, Reaction, RefuseCancellation, Ship


def dispatched(process: Process) -> Reaction:
    """The parcel left: book out what was reserved. A cancellation that was still being asked for has come too late."""
    decision = Decision(process)
    wishes: tuple[OrderWish, ...] = (Ship(),)
    if process.confirmed and process.awaits == "cancel shipment":
        abandon(decision, "dispatched")
        wishes = (RefuseCancellation("dispatched"), Ship())
    elif process.stage is not Stage.COMPLETED:
        return NOTHING
    decision.add(ParcelDispatched)
    if "stock" in process.held:
        decision.ask("dispatch")
    return decision.reaction(*wishes)


def delivered(process: Process) -> Reaction:
    """The parcel arrived."""
    if process.stage is not Stage.DISPATCHED:
        return NOTHING
    decision = Decision(process)
    decision.add(ParcelDelivered)
    return decision.reaction(Deliver())
