"""The master keys of an installation as the log has them: each is current, replaced, closed, retired, removed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import reduce
from typing import cast
from uuid import UUID

from commerce.eventstore import Aggregate, Event
from commerce.master_keys.events import (
    MasterKeyAdopted,
    MasterKeyClosed,
    MasterKeyEvent,
    MasterKeyRemoved,
    MasterKeyRetired,
)
from commerce.values.errors import BadUsage, NotFound


class MasterKeyStatus(StrEnum):
    """Where a master key stands."""

    CURRENT = "current"
    REPLACED = "replaced"
    """Another one is current; a process that does not know that yet may still wrap with it."""
    CLOSED = "closed"
    """It wraps nothing new."""
    RETIRED = "retired"
    """Nothing is wrapped with it."""
    REMOVED = "removed"


_AFTER: Mapping[type[Event], MasterKeyStatus] = {
    MasterKeyClosed: MasterKeyStatus.CLOSED,
    MasterKeyRetired: MasterKeyStatus.RETIRED,
    MasterKeyRemoved: MasterKeyStatus.REMOVED,
}


class MasterKeyInUse(BadUsage):
    """A master key is to be removed that something is, or may come to be, wrapped with."""


class MasterKeyKnown(BadUsage):
    """A master key is to be adopted that was adopted before."""


class RotatedMeanwhile(BadUsage):
    """Somebody else changed the master keys at the same time."""

    def __init__(self) -> None:
        super().__init__("somebody else changed the master keys at the same time; see `commerce master-key list`")


@dataclass(frozen=True, slots=True)
class ListedKey:
    """One master key."""

    id: UUID
    kept_in: str
    status: MasterKeyStatus


@dataclass(frozen=True, slots=True)
class MasterKeyList(Aggregate):
    """All that were ever adopted, oldest first; the first is the one that the installation began with."""

    keys: tuple[ListedKey, ...] = ()

    def with_status(self, *statuses: MasterKeyStatus) -> list[UUID]:
        """Those that stand so."""
        return [key.id for key in self.keys if key.status in statuses]

    @property
    def is_unfinished(self) -> bool:
        """Whether something is left to be done about a rotation."""
        return bool(self.with_status(MasterKeyStatus.REPLACED, MasterKeyStatus.CLOSED))


def evolve(listed: MasterKeyList | None, event: Event) -> MasterKeyList:
    """Apply one event."""
    listed = listed or MasterKeyList(event.originator_id, 0)
    key_id = cast(MasterKeyEvent, event).key_id
    if isinstance(event, MasterKeyAdopted):
        before = tuple(_replaced(key) for key in listed.keys)
        keys = (*before, ListedKey(key_id, event.kept_in, MasterKeyStatus.CURRENT))
    else:
        status = _AFTER[type(event)]
        keys = tuple(replace(key, status=status) if key.id == key_id else key for key in listed.keys)
    return replace(listed, version=event.originator_version, keys=keys)


def fold(history: Iterable[Event]) -> MasterKeyList | None:
    """The keys after these events; None where the first one was never rotated."""
    start: MasterKeyList | None = None
    return reduce(evolve, history, start)


def _replaced(key: ListedKey) -> ListedKey:
    return replace(key, status=MasterKeyStatus.REPLACED) if key.status is MasterKeyStatus.CURRENT else key


def adopt(listed: MasterKeyList | None, new: ListedKey, first: ListedKey) -> Sequence[MasterKeyEvent]:
    """Have a new key be the current one; with the first rotation the first key comes to be on record, too.

    Raises `MasterKeyKnown`.
    """
    known = [first] if listed is None else listed.keys
    if new.id in {key.id for key in known}:
        raise MasterKeyKnown(f"master key {new.id} was adopted before; rotate to a new one")
    before = [first] if listed is None else []
    return [MasterKeyAdopted(key_id=key.id, kept_in=key.kept_in) for key in (*before, new)]


def close(listed: MasterKeyList) -> Sequence[MasterKeyEvent]:
    """Have all that were replaced wrap nothing new."""
    return [MasterKeyClosed(key_id=key) for key in listed.with_status(MasterKeyStatus.REPLACED)]


def retire(listed: MasterKeyList, unused: Collection[UUID]) -> Sequence[MasterKeyEvent]:
    """Put on record which of the closed ones nothing is wrapped with."""
    closed = listed.with_status(MasterKeyStatus.CLOSED)
    return [MasterKeyRetired(key_id=key) for key in closed if key in unused]


def remove(listed: MasterKeyList | None, key_id: UUID, wrapped: int) -> Sequence[MasterKeyEvent]:
    """Remove a retired key; `wrapped` says how many keys it still wraps. A repeat is no new event.

    Raises `NotFound`, `MasterKeyInUse`.
    """
    key = next((one for one in listed.keys if one.id == key_id), None) if listed else None
    if key is None:
        raise NotFound(f"there is no replaced master key {key_id}; `commerce master-key list` names them")
    if key.status is MasterKeyStatus.REMOVED:
        return []
    if key.status is not MasterKeyStatus.RETIRED or wrapped:
        left = f", and {wrapped} keys are wrapped with it" if wrapped else ""
        raise MasterKeyInUse(f"master key {key_id} is {key.status}{left}; it can be removed once it is retired")
    return [MasterKeyRemoved(key_id=key_id)]
