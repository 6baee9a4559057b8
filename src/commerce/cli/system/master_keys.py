"""`commerce master-key`: which master keys there are, the rotation to a new one, and the removal of retired ones."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from typing import Annotated
from uuid import UUID

import typer

from commerce.events import EVENTS
from commerce.eventstore import EventStore, Metadata, open_store, wrapped_counts
from commerce.master_keys.commands import prepare_master_key, read_standing, remove_master_key, rotate_master_key
from commerce.master_keys.master_key_list import MasterKeyList, MasterKeyStatus
from commerce.runtime.master_keys import KeptKey
from commerce.runtime.os_user import os_user
from commerce.runtime.settings import load_settings
from commerce.runtime.tokens import load_keys
from commerce.values.errors import BadUsage, NotFound
from commerce.values.ids import read_id

KeyId = Annotated[str, typer.Argument(metavar="KEY_ID", help="Which key, as `commerce master-key list` names it.")]
AsJson = Annotated[bool, typer.Option("--json", help="A JSON document on each line.")]


@dataclass(frozen=True, slots=True)
class MasterKeyLine:
    """A master key as it is listed: where it stands, what keeps it, and how many keys it wraps."""

    key_id: str
    status: str
    kept_in: str
    is_here: bool
    wraps: int


def list_master_keys(*, as_json: AsJson = False) -> None:
    """List the master keys, oldest first: which is current, what keeps each, and how many keys it still wraps."""
    for line in asyncio.run(_lines()):
        print(json.dumps(asdict(line)) if as_json else _text(line))


def rotate_to_new_key(
    *,
    prepare: Annotated[
        bool, typer.Option("--prepare", help="Only make the key, to be copied to other machines; then rotate to it.")
    ] = False,
) -> None:
    """Make a new master key the current one. Workers then wrap everything with it, and retire the old one."""
    key_id = asyncio.run(_rotated(is_prepared=prepare))
    print(f"{key_id} is {'prepared' if prepare else 'current; `commerce master-key list` shows what is left'}")


def remove_retired_key(key_id: KeyId) -> None:
    """Remove a retired master key. What it wrapped in older backups can never be read after that."""
    id_ = read_id(key_id)
    if id_ is None:
        raise BadUsage(f"{key_id!r} is no KEY_ID; `commerce master-key list` names them")
    print("removed" if asyncio.run(_removed(id_)) else "removed; its file was not here")


@asynccontextmanager
async def _store() -> AsyncIterator[EventStore]:
    settings = load_settings()
    address, master = settings.required("database_url"), load_keys(settings).master
    async with open_store(address, master, "master-key", connections=2, known=EVENTS) as store:
        yield store


async def _lines() -> list[MasterKeyLine]:
    async with _store() as store:
        standing = await read_standing(store)
        kept = await asyncio.to_thread(store.keys.masters.keys.kept)
        return lines_of(standing.listed, kept, store.keys.masters.current.id, await wrapped_counts(store.pool))


async def _rotated(*, is_prepared: bool) -> UUID:
    async with _store() as store:
        try:
            act = prepare_master_key(store) if is_prepared else rotate_master_key(store, _metadata())
            return await act
        except OSError as error:
            raise BadUsage(f"the folder keys does not take a new key: {error.strerror}") from None


async def _removed(key_id: UUID) -> bool:
    async with _store() as store:
        try:
            return await remove_master_key(store, key_id, _metadata())
        except NotFound as error:
            raise BadUsage(str(error)) from None
        except OSError as error:
            raise BadUsage(f"the file of {key_id} cannot be removed: {error.strerror}") from None


def _metadata() -> Metadata:
    return Metadata(f"system:{os_user()}")


def lines_of(
    listed: MasterKeyList | None, kept: Sequence[KeptKey], current: UUID, wraps: Counter[UUID | None]
) -> list[MasterKeyLine]:
    """The master keys on record, and those that are here and not on record: the first of an installation that never
    rotated it, and prepared ones."""
    here = {one.id: one.kept_in for one in kept}
    first = listed.keys[0].id if listed else current
    known = {key.id: (key.status.value, key.kept_in) for key in listed.keys} if listed else {}
    if listed is None:
        known[current] = (MasterKeyStatus.CURRENT.value, here.get(current, ""))
    prepared = {key_id: ("prepared", kept_in) for key_id, kept_in in here.items() if key_id not in known}
    wraps[first] += wraps[None]
    return [
        MasterKeyLine(str(key_id), status, kept_in, key_id in here, wraps[key_id])
        for key_id, (status, kept_in) in {**known, **prepared}.items()
    ]


def _text(line: MasterKeyLine) -> str:
    here = "" if line.is_here or line.status == MasterKeyStatus.REMOVED else "  NOT HERE"
    return f"{line.key_id}  {line.status:<8}  wraps {line.wraps} keys  in {line.kept_in}{here}"
