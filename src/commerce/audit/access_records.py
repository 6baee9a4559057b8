"""An access record: that one person looked at data of others. It is appended before anything is shown."""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from uuid import UUID, uuid5

from cachetools import TTLCache

from commerce.audit.events import PersonalDataRead
from commerce.eventstore import Aggregate, Append, Event, EventStore, Metadata, in_stream
from commerce.values.errors import StaleVersion

SAME_ACCESS_S = 60
"""Seconds of a span of the clock, within which the same look by the same person is recorded once."""

REMEMBERED_ACCESSES = 10_000
"""The most looks that a process remembers to have recorded, each for `SAME_ACCESS_S`."""

_ACCESS = UUID("0c9a3c1e-0d6e-5f0b-8a9b-5d1f6f1f2b90")


@dataclass(frozen=True, slots=True)
class AccessRecord(Aggregate):
    """One person's look at orders and customers; it never changes."""

    what: str
    orders: tuple[UUID, ...]
    customers: tuple[UUID, ...] = ()


def evolve(record: AccessRecord | None, event: Event) -> AccessRecord | None:
    """Apply one event."""
    if isinstance(event, PersonalDataRead):
        place = event.originator_id, event.originator_version
        return AccessRecord(*place, event.what, event.orders, event.customers)
    return None if record is None else replace(record, version=event.originator_version)


class AccessRecords:
    """Records who looked at what, for one process. The id of the stream names the look, so that one which any process
    recorded already conflicts."""

    def __init__(self, store: EventStore) -> None:
        self._store = store
        self._recorded: TTLCache[UUID, None] = TTLCache(REMEMBERED_ACCESSES, ttl=SAME_ACCESS_S)

    async def record(self, what: str, orders: Iterable[UUID], reader: Metadata, customers: Iterable[UUID] = ()) -> None:
        """Record a look at these orders and customers, unless it is on record.

        Raises `Unavailable`: then nothing may be shown.
        """
        looked_at, people = tuple(sorted(set(orders))), tuple(sorted(set(customers)))
        stream = _stream(what, looked_at + people, reader)
        if not looked_at + people or stream in self._recorded:
            return
        events = in_stream([PersonalDataRead(what=what, orders=looked_at, customers=people)], stream, after=0)
        with suppress(StaleVersion):  # another request, of this process or another one, recorded the same look
            await self._store.append(Append(events, None, reader))
        self._recorded[stream] = None


def _stream(what: str, seen: tuple[UUID, ...], reader: Metadata) -> UUID:
    span = int(time.time() // SAME_ACCESS_S)
    return uuid5(_ACCESS, f"{reader.actor}\0{what}\0{span}\0{' '.join(map(str, seen))}")
