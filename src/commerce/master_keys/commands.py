"""What is done about master keys: rotate to a new one, wrap what older ones wrapped, retire and remove those."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from commerce.eventstore import (
    Event,
    EventStore,
    KeyExists,
    Metadata,
    Rewrapped,
    StreamDecision,
    handle_command,
    rewrap_keys,
    wrapped_counts,
)
from commerce.master_keys import master_key_list
from commerce.master_keys.events import MasterKeyAdopted
from commerce.master_keys.master_key_list import ListedKey, MasterKeyList, MasterKeyStatus, RotatedMeanwhile
from commerce.runtime.master_key import MasterKey
from commerce.runtime.master_keys import IN_A_FILE, MasterKeys
from commerce.values import ids

CLOSED_AFTER_S = 60
"""Seconds from a rotation to the last moment at which a process may still wrap a new key with the old master key; it
takes each a few to learn of the new one."""
ACTOR = Metadata("service:master-key-rotation")


@dataclass(frozen=True, slots=True)
class MasterKeyStanding:
    """The master keys on record, and the seconds since the newest one was adopted; no list where the first one was
    never rotated."""

    listed: MasterKeyList | None
    adopted_s: float


async def read_standing(store: EventStore) -> MasterKeyStanding:
    """How the master keys stand now. Raises `Unavailable`."""
    history = await store.read_stream(ids.MASTER_KEYS)
    listed = master_key_list.fold(one.event for one in history)
    if listed is None:
        return MasterKeyStanding(None, 0)
    now, _ = await store.read_ends((), 1)
    adopted_at = max(one.recorded_at for one in history if isinstance(one.event, MasterKeyAdopted))
    return MasterKeyStanding(listed, (now - adopted_at).total_seconds())


async def prepare_master_key(store: EventStore) -> UUID:
    """Make a master key for the next rotation to adopt, where none is prepared; answers its id. Raises as
    `MasterKeys.make`."""
    standing = await read_standing(store)
    key = await asyncio.to_thread(_spare, store.keys.masters.keys, standing.listed)
    return key.id


async def rotate_master_key(store: EventStore, metadata: Metadata) -> UUID:
    """Make another master key the current one; answers its id. The secrets that were derived from the first one are
    kept with the first rotation.

    A crash leaves a prepared key at most, and the next rotation takes that. Raises `RotatedMeanwhile`, `BadUsage`,
    `OSError`, `Unavailable`.
    """
    ring, standing = store.keys.masters, await read_standing(store)
    await ring.refresh()
    key = await asyncio.to_thread(_spare, ring.keys, standing.listed)
    kept_in = {one.id: one.kept_in for one in await asyncio.to_thread(ring.keys.kept)}
    new, first = (_listed(one, kept_in) for one in (key.id, ring.current.id))
    version = standing.listed.version if standing.listed else 0

    def decide(history: Sequence[Event]) -> Sequence[Event]:
        if len(history) != version:
            raise RotatedMeanwhile
        return master_key_list.adopt(master_key_list.fold(history), new, first)

    secrets = ring.kept_secrets(key) if standing.listed is None else ()
    try:
        await handle_command(store, StreamDecision(ids.MASTER_KEYS, decide), metadata, keys=secrets)
    except KeyExists:
        raise RotatedMeanwhile from None
    await ring.refresh()
    return key.id


def _listed(key_id: UUID, kept_in: Mapping[UUID, str]) -> ListedKey:
    return ListedKey(key_id, kept_in.get(key_id, IN_A_FILE), MasterKeyStatus.CURRENT)


def _spare(keys: MasterKeys, listed: MasterKeyList | None) -> MasterKey:
    """A key that is kept as new ones are and was never adopted; a new one where there is none."""
    known = {key.id for key in listed.keys} if listed else set()
    wanted = IN_A_FILE if keys.service is None else keys.service.name
    for kept in keys.kept():
        is_first = listed is None and kept.is_first
        if not is_first and kept.id not in known and kept.kept_in == wanted and (found := keys.find(kept.id)):
            return found
    return keys.make()


async def rewrap(store: EventStore) -> Rewrapped:
    """Wrap all keys with the current master key. Raises `Unavailable`, `BadUsage`."""
    await store.keys.masters.refresh()
    return await rewrap_keys(store.pool, store.keys.masters)


async def close_replaced(store: EventStore) -> None:
    """Have all replaced master keys wrap nothing new. Raises `StaleVersion`, `Unavailable`."""

    def decide(history: Sequence[Event]) -> Sequence[Event]:
        listed = master_key_list.fold(history)
        return [] if listed is None else master_key_list.close(listed)

    await handle_command(store, StreamDecision(ids.MASTER_KEYS, decide), ACTOR)


async def retire_unused(store: EventStore, listed: MasterKeyList, done: Rewrapped) -> None:
    """Retire those that were closed before a pass over all keys, and that wrap none after it. Raises `StaleVersion`,
    `Unavailable`."""
    first = listed.keys[0].id
    used = {first if one is None else one for one, count in done.left.items() if count}
    unused = {key.id for key in listed.keys if key.status is MasterKeyStatus.CLOSED} - used

    def decide(history: Sequence[Event]) -> Sequence[Event]:
        present = master_key_list.fold(history)
        return [] if present is None else master_key_list.retire(present, unused)

    await handle_command(store, StreamDecision(ids.MASTER_KEYS, decide), ACTOR)


async def remove_master_key(store: EventStore, key_id: UUID, metadata: Metadata) -> bool:
    """Remove a retired master key, and its file here; answers whether there was one.

    What it wrapped in older backups cannot be read after that. Raises `NotFound`, `MasterKeyInUse`, `OSError`,
    `Unavailable`.
    """
    wrapped = await wrapped_counts(store.pool)

    def decide(history: Sequence[Event]) -> Sequence[Event]:
        return master_key_list.remove(master_key_list.fold(history), key_id, wrapped[key_id])

    await handle_command(store, StreamDecision(ids.MASTER_KEYS, decide), metadata)
    return await asyncio.to_thread(store.keys.masters.keys.remove, key_id)
