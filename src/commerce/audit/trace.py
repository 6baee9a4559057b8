"""What caused what: an order's facts as a tree, from the requests of those who asked to the last fact, with the time between."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from commerce.audit.items import Item, items_of
from commerce.eventstore.keys import KeyRing
from commerce.eventstore.reading import LogReader
from commerce.eventstore.records import Metadata, Recorded

_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Caused:
    """A fact, how long after its cause it was recorded, and what it caused itself."""

    fact: Item
    seconds_after_cause: float
    caused: list[Caused]


@dataclass(frozen=True, slots=True)
class Asked:
    """What one request of somebody led to; facts without a request's id are of the system's own accord."""

    actor: str
    request_id: str | None
    recorded_at: datetime
    caused: list[Caused]


@dataclass(frozen=True, slots=True)
class Trace:
    """The whole of one order: `seconds` from its first fact to its last."""

    order_id: UUID
    facts: int
    seconds: float
    requests: list[Asked]


async def read_order(log: LogReader, order_id: UUID, *, until: datetime | None = None) -> list[Recorded]:
    """Every fact about an order, in log order, of all streams; or those that were there at a time."""
    facts: list[Recorded] = []
    while True:
        page = await log.read_correlated(order_id, after=facts[-1].position if facts else 0, limit=_AT_ONCE)
        facts += page
        if len(page) < _AT_ONCE:
            return [fact for fact in facts if until is None or fact.recorded_at <= until]


async def trace_of(keys: KeyRing | None, order_id: UUID, facts: Sequence[Recorded]) -> Trace:
    """The tree of an order's facts, given in log order; without keys personal data stays sealed."""
    items = await items_of(keys, facts)
    by_cause: dict[int, list[Caused]] = defaultdict(list)
    times = {fact.position: fact.recorded_at for fact in facts}
    roots: dict[Metadata, Asked] = {}
    for recorded, item in zip(facts, items, strict=True):
        cause = recorded.causation_id
        if cause in times:
            seconds = (recorded.recorded_at - times[cause]).total_seconds()
            by_cause[cause].append(Caused(item, seconds, by_cause[item.position]))
            continue
        who = recorded.metadata
        asked = roots.setdefault(who, Asked(who.actor, who.request_id, recorded.recorded_at, []))
        seconds = (recorded.recorded_at - asked.recorded_at).total_seconds()
        asked.caused.append(Caused(item, seconds, by_cause[item.position]))
    lasted = (facts[-1].recorded_at - facts[0].recorded_at).total_seconds() if facts else 0.0
    return Trace(order_id, len(facts), lasted, list(roots.values()))
