"""Who looked at whose data: the readings that were recorded, of one order, or by person, customer and time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from commerce.audit.events import PersonalDataRead
from commerce.audit.items import read_event
from commerce.audit.search import EventFilter, search, search_newest
from commerce.eventstore import LogReader, Recorded
from commerce.values.errors import NotFound


@dataclass(frozen=True, slots=True)
class AccessEntry:
    """One look at an order: by whom, when, and at what of it; the same within a minute is listed once."""

    position: int
    """The place in the log."""
    recorded_at: datetime
    """When it was recorded, by the database's clock."""
    actor: str
    """Who did it: role and subject, such as `operator:anna`."""
    route: str
    """The method and path that were asked, with `{order_id}` and the like in the place of what was asked for."""
    request_id: str | None
    """The request it came with; null for what the system did of its own accord."""
    who: str | None = None
    """Their name: the e-mail address of a member of staff, or how they are called otherwise; null where they are known
    by an id alone."""


@dataclass(frozen=True, slots=True)
class AccessEntries:
    """Looks at one order; all others up to the position `until` are told. `more`: the search can go on from there."""

    looks: list[AccessEntry]
    until: int
    more: bool


async def access_entries(
    log: LogReader, order_id: UUID, after: int, limit: int, *, reader: str | None = None
) -> AccessEntries:
    """At most `limit` looks after a position, those of one `reader` only where one is named; fewer, as `search` says.

    Raises `NotFound` for an order that there is not, `Unavailable`.
    """
    first = next(iter(await log.read_stream(order_id, until_version=1)), None)
    if first is None or first.correlation_id != order_id:
        raise NotFound(f"there is no order {order_id}")
    wanted = EventFilter(topic=PersonalDataRead.TOPIC, read_order=order_id, actor=reader)
    found = await search(log, wanted, max(after, first.position), limit)
    return AccessEntries([_entry(recorded) for recorded in found.events], found.until, found.more)


@dataclass(frozen=True, slots=True)
class Reading:
    """One look at others' data, with whose it was; the same within a minute is listed once."""

    position: int
    """The place in the log."""
    recorded_at: datetime
    """When it was recorded, by the database's clock."""
    actor: str
    """Who did it: role and subject, such as `operator:anna`."""
    route: str
    """The method and path that were asked, with `{order_id}` and the like in the place of what was asked for."""
    request_id: str | None
    """The request it came with; null for what the system did of its own accord."""
    orders: Sequence[UUID]
    """The orders that were shown."""
    customers: Sequence[UUID]
    """The customers that were shown."""
    numbers: Sequence[str | None] = ()
    """What people call the orders, one after the other as in `orders`; null while the list of orders does not show
    one yet."""
    who: str | None = None
    """Their name: the e-mail address of a member of staff, or how they are called otherwise; null where they are known
    by an id alone."""


@dataclass(frozen=True, slots=True)
class ReadingFilter:
    """Which looks are asked for: those that fulfil all that is given."""

    actor: str | None = None
    """By whom."""
    subject: UUID | None = None
    """At which order, or which customer."""
    begin: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Readings:
    """Looks, newest first; all others down to the position `until` are told. `more`: the search can go on there."""

    looks: list[Reading]
    until: int
    more: bool


async def newest_readings(log: LogReader, wanted: ReadingFilter, before: int | None, limit: int) -> Readings:
    """At most `limit` looks before a position, newest first; fewer, as `search_newest` says. Raises `Unavailable`."""
    found = await search_newest(
        log,
        EventFilter(
            topic=PersonalDataRead.TOPIC,
            actor=wanted.actor,
            read_order=wanted.subject,
            begin=wanted.begin,
            end=wanted.end,
        ),
        before,
        limit,
    )
    return Readings([_reading(recorded) for recorded in found.events], found.until, found.more)


def _entry(recorded: Recorded) -> AccessEntry:
    event = read_event(recorded)
    route = event.what if isinstance(event, PersonalDataRead) else str(event)
    return AccessEntry(recorded.position, recorded.recorded_at, recorded.actor, route, recorded.request_id)


def _reading(recorded: Recorded) -> Reading:
    event, entry = read_event(recorded), _entry(recorded)
    seen = (event.orders, event.customers) if isinstance(event, PersonalDataRead) else ((), ())
    return Reading(entry.position, entry.recorded_at, entry.actor, entry.route, entry.request_id, *seen)
