"""What is done about a person's erasure: it is requested, done, certified, and applied again after a restore."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from commerce.customers import customer as customers
from commerce.customers import email_claim, erasure
from commerce.customers.erasure import Erasure, ErasureStatus, Person
from commerce.customers.erasure_events import ErasureGround, ErasureRequested, KeysDestroyed
from commerce.customers.erasure_file import DoneErasure, ErasureFile
from commerce.customers.events import EmailClaimed, EmailReleased
from commerce.eventstore import (
    MOST_TRIES,
    Append,
    Event,
    EventStore,
    Metadata,
    Recorded,
    StreamDecision,
    append_and_destroy_keys,
    destroy_keys,
    handle_command,
    in_stream,
    keys_among,
    undestroyed,
)
from commerce.values import ids
from commerce.values.errors import StaleVersion, Unavailable, existing

ACTOR = Metadata("service:erasure")


@dataclass(frozen=True, slots=True)
class RecordedErasure:
    """A person's erasure, and the events that it is made of."""

    erasure: Erasure
    history: Sequence[Recorded]

    @property
    def request(self) -> Recorded:
        """The event that it began with."""
        return self.history[0]

    @property
    def requested_by(self) -> str:
        """Who wanted it."""
        return self.request.actor

    @property
    def destroyed_at(self) -> datetime:
        """When the last of the keys was destroyed; when it was requested, as long as none is."""
        return max(one.recorded_at for one in self.history if isinstance(one.event, ErasureRequested | KeysDestroyed))


async def find_erasure(store: EventStore, person_id: UUID) -> RecordedErasure | None:
    """A person's erasure, if one was requested. Raises `Unavailable`."""
    stream = ids.erasure_id(person_id)
    return recorded_erasure((await store.read_together([stream]))[stream])


def recorded_erasure(history: Sequence[Recorded]) -> RecordedErasure | None:
    """The erasure that the events of its stream leave; None where there are none."""
    found = erasure.fold(one.event for one in history)
    return None if found is None else RecordedErasure(found, history)


async def load_erasure(store: EventStore, person_id: UUID) -> RecordedErasure:
    """A person's erasure. Raises `NotFound`, `Unavailable`."""
    return existing(await find_erasure(store, person_id), f"nobody asked for the data of {person_id} to be erased")


async def request_erasure(
    store: EventStore, person: Person, ground: ErasureGround, metadata: Metadata
) -> RecordedErasure:
    """Have a person's data erased once their orders have ended; where they have an account, it is closed.

    A repeated request is nothing new. Raises `StaleVersion`, `Unavailable`.
    """
    account = [StreamDecision(person.id, _closed)] if person.kind == "customer" else []
    await handle_command(
        store,
        StreamDecision(
            ids.erasure_id(person.id), lambda history: erasure.request(erasure.fold(history), person, ground)
        ),
        metadata,
        alongside=account,
        correlation_id=person.id,
    )
    return await load_erasure(store, person.id)


async def erase_person(store: EventStore, file: ErasureFile, person_id: UUID, orders: Sequence[UUID]) -> datetime:
    """Destroy all keys that a person's data was sealed with, and release their e-mail address; `orders` are theirs,
    and have ended. Answers when the last of the keys was destroyed.

    The file has it first, so that a crash or a backup never loses an erasure; until then nothing is destroyed. Nothing
    is done where no key is left. Raises `StaleVersion`, `Unavailable`, `OSError`.
    """
    known = await load_erasure(store, person_id)
    wanted = [person_id, *orders, *map(ids.process_id, orders)]
    keys = await keys_among(store.pool, wanted)
    if not keys and known.erasure.status is not ErasureStatus.REQUESTED:
        return known.destroyed_at
    entry = DoneErasure(
        known.erasure.person, known.erasure.ground, known.requested_by, tuple(dict.fromkeys((person_id, *keys)))
    )
    await asyncio.to_thread(file.append, entry)
    await _destroy(store, entry)
    return (await load_erasure(store, person_id)).destroyed_at


async def complete_erasure(store: EventStore, person_id: UUID, orders: int) -> None:
    """Certify that a person's data is erased, of so many orders. Raises `NotFound`, `StaleVersion`, `Unavailable`."""
    known = await load_erasure(store, person_id)
    released = await store.read_correlated(person_id, topics=[EmailReleased.TOPIC], limit=1)

    def decide(history: Sequence[Event]) -> Sequence[Event]:
        present = existing(erasure.fold(history), f"nobody asked for the data of {person_id} to be erased")
        return erasure.complete(present, known.requested_by, orders, address_released=bool(released))

    await handle_command(store, StreamDecision(ids.erasure_id(person_id), decide), ACTOR, correlation_id=person_id)


async def reapply_erasures(store: EventStore, file: ErasureFile) -> int:
    """Do again all erasures of the file that the database does not know, as it was restored from an older
    backup; answers how many. To be done before a process serves.

    Raises `BadUsage` for a file that is not ours, `Unavailable`.
    """
    count = 0
    for entries in await asyncio.to_thread(lambda: list(file.batches())):
        unknown = await undestroyed(store.pool, {key for entry in entries for key in entry.keys})
        for entry in entries:
            if not unknown.isdisjoint(entry.keys):
                await _reapply(store, entry)
                count += 1
    return count


async def _reapply(store: EventStore, entry: DoneErasure) -> None:
    for _ in range(MOST_TRIES):
        with suppress(StaleVersion):
            return await _destroy(store, entry)
    raise Unavailable(f"the erasure of {entry.person.id} could not be applied again, as others are at it; start again")


async def _destroy(store: EventStore, entry: DoneErasure) -> None:
    """Destroy the keys of an erasure, and put on record what the log lacks of it. Raises `StaleVersion`."""
    person, stream = entry.person, ids.erasure_id(entry.person.id)
    claim = await _claim_of(store, person)
    account = [person.id] if person.kind == "customer" else []
    histories = await store.read_streams([stream, *account, *claim])
    events = {one: [recorded.event for recorded in history] for one, history in histories.items()}
    present = erasure.fold(events[stream])
    if present is None:
        await _request_again(store, entry)
        raise StaleVersion("the request is on record again; now it can be done")
    destroying = in_stream(erasure.destroy(present, entry.keys), stream, after=present.version)
    if not destroying:
        return await destroy_keys(store.pool, [event for event in events[stream] if isinstance(event, KeysDestroyed)])
    further: list[Event] = []
    if account and (owner := customers.fold(events[person.id])):
        further += in_stream(customers.erase(owner), owner.id, after=owner.version)
    for one in claim:
        further += in_stream(email_claim.release(events[one], person.id), one, after=len(events[one]))
    record = Append([*destroying, *further], person.id, ACTOR, causation_id=histories[stream][0].position)
    await append_and_destroy_keys(store.pool, record, destroying)
    return None


async def _request_again(store: EventStore, entry: DoneErasure) -> None:
    requested = erasure.request(None, entry.person, entry.ground, again=True)
    events: list[Event] = [*in_stream(requested, ids.erasure_id(entry.person.id), after=0)]
    await store.append(Append(events, entry.person.id, Metadata(entry.requested_by)))


async def _claim_of(store: EventStore, person: Person) -> list[UUID]:
    """The stream in which a customer claimed their e-mail address, which is the last that they claimed; none where they
    have no account."""
    claims: list[UUID] = []
    after = 0
    while person.kind == "customer" and (
        claimed := await store.read_correlated(person.id, after=after, topics=[EmailClaimed.TOPIC])
    ):
        after, claims = claimed[-1].position, [claimed[-1].stream]
    return claims


def _closed(history: Sequence[Event]) -> Sequence[Event]:
    """What closes an account, where there is one that is open."""
    owner = customers.fold(history)
    return [] if owner is None else customers.deactivate(owner)
