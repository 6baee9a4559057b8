"""Who looked at an order: the readings that were recorded of it, oldest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from commerce.audit.events import PersonalDataRead
from commerce.audit.items import read_event
from commerce.audit.searching import Wanted, search
from commerce.errors import NotFound
from commerce.eventstore.reading import LogReader
from commerce.eventstore.records import Recorded


@dataclass(frozen=True, slots=True)
class Look:
    """One look at an order: by whom, when, and at what of it; the same again within a minute is not told anew."""

    position: int
    recorded_at: datetime
    actor: str
    route: str
    request_id: str | None


@dataclass(frozen=True, slots=True)
class Looks:
    """Looks at one order; all others up to the position `until` are told. `more`: the search can go on from there."""

    looks: list[Look]
    until: int
    more: bool


async def looks_at(log: LogReader, order_id: UUID, after: int, limit: int, *, reader: str | None = None) -> Looks:
    """At most `limit` looks after a position, those of one `reader` only where one is named; fewer, as `search` says.

    Raises `NotFound` for an order that there is not, `Unavailable`.
    """
    first = next(iter(await log.read_stream(order_id, until_version=1)), None)
    if first is None or first.correlation_id != order_id:
        raise NotFound(f"there is no order {order_id}")
    wanted = Wanted(topic=PersonalDataRead.TOPIC, read_order=order_id, actor=reader)
    found = await search(log, wanted, max(after, first.position), limit)
    return Looks([_look(recorded) for recorded in found.facts], found.until, found.more)


def _look(recorded: Recorded) -> Look:
    event = read_event(recorded)
    route = event.what if isinstance(event, PersonalDataRead) else str(event)
    return Look(recorded.position, recorded.recorded_at, recorded.actor, route, recorded.request_id)
