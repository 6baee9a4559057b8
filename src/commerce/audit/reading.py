"""A reading: one look of one person at the data of others. It is recorded before anything is shown."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from uuid import UUID, uuid5

from commerce.aggregate import Aggregate, first_fact
from commerce.audit.events import PersonalDataRead
from commerce.errors import StaleVersion
from commerce.eventstore.event import Event
from commerce.eventstore.records import Append, Metadata
from commerce.eventstore.store import EventStore

SAME_FOR = 60
"""Seconds: the same look again by the same person, within the same such span of the clock, is the same reading."""

_REMEMBERED = 10_000
_READING = UUID("0c9a3c1e-0d6e-5f0b-8a9b-5d1f6f1f2b90")


@dataclass(frozen=True, slots=True)
class Reading(Aggregate):
    """A reading, which never changes."""

    what: str
    orders: tuple[UUID, ...]


def evolve(reading: Reading | None, event: Event) -> Reading | None:
    """Apply one fact."""
    if isinstance(event, PersonalDataRead):
        return Reading(event.originator_id, event.originator_version, event.what, event.orders)
    return None if reading is None else replace(reading, version=event.originator_version)


class Readings:
    """Records readings for one process; its stream's id makes one that was recorded already, by whomever, conflict."""

    def __init__(self, store: EventStore) -> None:
        self._store = store
        self._recorded: OrderedDict[UUID, None] = OrderedDict()

    async def record(self, what: str, orders: Iterable[UUID], reader: Metadata) -> None:
        """Record a look at these orders, unless it has been. Raises `Unavailable`: then nothing may be shown."""
        looked_at = tuple(sorted(set(orders)))
        stream = _stream(what, looked_at, reader)
        if not looked_at or stream in self._recorded:
            return
        fact = first_fact(PersonalDataRead, stream, what=what, orders=looked_at)
        with suppress(StaleVersion):  # another request, of this process or another one, recorded the same look
            await self._store.append(Append([fact], None, reader))
        self._recorded[stream] = None
        while len(self._recorded) > _REMEMBERED:
            self._recorded.popitem(last=False)


def _stream(what: str, orders: tuple[UUID, ...], reader: Metadata) -> UUID:
    span = int(time.time() // SAME_FOR)
    return uuid5(_READING, f"{reader.actor}\0{what}\0{span}\0{' '.join(map(str, orders))}")
