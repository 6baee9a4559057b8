"""The decisions about the parked events of one subscription, as far as they matter for the next one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import cast
from uuid import UUID, uuid5

from commerce.eventstore import Aggregate, Event
from commerce.parked.events import ParkedDecision, ParkedDiscarded, ParkedEdited, ParkedRetried

_ROOT = UUID("6a1a0e2c-54c3-5d0e-9a43-6d5b2f0c8e71")


@dataclass(frozen=True, slots=True)
class InterventionLog(Aggregate):
    """The decisions about one subscription's parked events at one version of their stream."""

    subscription: str
    retried: int = 0
    edited: int = 0
    discarded: int = 0


def intervention_log_id(subscription: str) -> UUID:
    """The stream of decisions about a subscription's parked events."""
    return uuid5(_ROOT, subscription)


def evolve(log: InterventionLog | None, event: Event) -> InterventionLog | None:
    """Apply one event."""
    if log is None:
        decision = cast(ParkedDecision, event)
        log = InterventionLog(event.originator_id, 0, decision.subscription)
    match event:
        case ParkedRetried():
            log = replace(log, retried=log.retried + len(event.positions))
        case ParkedEdited():
            log = replace(log, edited=log.edited + len(event.positions))
        case ParkedDiscarded():
            log = replace(log, discarded=log.discarded + len(event.positions))
    return replace(log, version=event.originator_version)
