"""What caused what: an order's events as a tree, from the requests of those who asked to the last event, with the
time between."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from commerce.audit.actor_names import Names, actor_name
from commerce.audit.items import Item, items_of
from commerce.audit.languages import ENGLISH, ToldLanguage
from commerce.eventstore import KeyRing, LogReader, Metadata, Recorded

_BATCH_EVENTS = 1000


@dataclass(frozen=True, slots=True)
class Caused:
    """An event, how long after its cause it was recorded, and what it caused itself."""

    event: Item
    """The event itself."""
    seconds_after_cause: float
    """How long after its cause it was recorded, in seconds."""
    caused: list[Caused]
    """What followed from it."""


@dataclass(frozen=True, slots=True)
class TracedRequest:
    """What one request of somebody led to; events without a request's id are of the system's own accord."""

    actor: str
    """Who did it: role and subject, such as `operator:anna`."""
    who: str | None
    """Their name: the e-mail address of a member of staff, or how they are called otherwise; null where they are known
    by an id alone."""
    request_id: str | None
    """The request it came with; null for what the system did of its own accord."""
    recorded_at: datetime
    """When it was recorded, by the database's clock."""
    caused: list[Caused]
    """What followed from it."""


@dataclass(frozen=True, slots=True)
class Trace:
    """The whole of one order: `seconds` from its first event to its last."""

    order_id: UUID
    """The order."""
    events: int
    """How many events the order has."""
    seconds: float
    """The seconds from the order's first event to its last."""
    requests: list[TracedRequest]
    """What was asked for, and what each request led to."""


async def read_order(log: LogReader, order_id: UUID, *, until: datetime | None = None) -> list[Recorded]:
    """Every event about an order, in log order, of all streams; or those that were there at a time."""
    events: list[Recorded] = []
    while True:
        page = await log.read_correlated(order_id, after=events[-1].position if events else 0, limit=_BATCH_EVENTS)
        events += page
        if len(page) < _BATCH_EVENTS:
            return [event for event in events if until is None or event.recorded_at <= until]


async def trace_of(
    keys: KeyRing | None,
    order_id: UUID,
    events: Sequence[Recorded],
    names: Names = MappingProxyType({}),
    language: ToldLanguage = ENGLISH,
) -> Trace:
    """The tree of an order's events, given in log order; without keys personal data stays sealed."""
    items = await items_of(keys, events, names, language)
    by_cause: dict[int, list[Caused]] = defaultdict(list)
    times = {event.position: event.recorded_at for event in events}
    roots: dict[Metadata, TracedRequest] = {}
    for recorded, item in zip(events, items, strict=True):
        cause = recorded.causation_id
        if cause in times:
            seconds = (recorded.recorded_at - times[cause]).total_seconds()
            by_cause[cause].append(Caused(item, seconds, by_cause[item.position]))
            continue
        who = recorded.metadata
        asked = roots.setdefault(
            who, TracedRequest(who.actor, actor_name(who.actor, names), who.request_id, recorded.recorded_at, [])
        )
        seconds = (recorded.recorded_at - asked.recorded_at).total_seconds()
        asked.caused.append(Caused(item, seconds, by_cause[item.position]))
    lasted = (events[-1].recorded_at - events[0].recorded_at).total_seconds() if events else 0.0
    return Trace(order_id, len(events), lasted, list(roots.values()))
