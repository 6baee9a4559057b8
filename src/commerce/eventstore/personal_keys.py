"""Personal data: sealed field by field with a key per person, which is itself sealed with the master key.

Destroying a person's key makes all of their data unreadable, in the log, its copies and the read models alike. A sealed
value is `v1.<owner>.<nonce and ciphertext>`: AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce, bound to its
owner. `v0.<text>` is what was recorded in plain text before its field was sealed; only an upcast makes it, and it is
never written.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Iterable, Mapping
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from commerce.eventstore.codec.event import PLAIN, Sealed
from commerce.eventstore.codec.records import WrappedKey
from commerce.eventstore.errors import DataErased, KeyErasure, MissingKey
from commerce.eventstore.loaded_master_keys import MasterKeyRing, unwrapped
from commerce.eventstore.read.log import Pool, connection_from
from commerce.eventstore.read.shared_reads import SharedReads
from commerce.runtime.master_key import MasterKey
from commerce.runtime.master_keys import MasterKeys

_NONCE_BYTES = 12

_READ = "SELECT owner_id, wrapped, erased_by, erased_at FROM commerce_keys WHERE owner_id = ANY(%b)"


class PersonKey:
    """The key of one person's data; new ones carry the wrapped form that has to be appended with the first events."""

    def __init__(self, owner: UUID, secret: bytes, new: tuple[WrappedKey, ...] = ()) -> None:
        self.owner = owner
        self.new = new
        self._cipher = AESGCM(secret)

    def seal(self, text: str) -> Sealed:
        """Encrypt one value."""
        nonce = os.urandom(_NONCE_BYTES)
        ciphertext = self._cipher.encrypt(nonce, text.encode(), self.owner.bytes)
        return Sealed(f"v1.{self.owner.hex}.{base64.urlsafe_b64encode(nonce + ciphertext).decode()}")

    def open(self, sealed: Sealed) -> str:
        """Decrypt one value. Raises `MissingKey` where it was sealed with another key."""
        try:
            data = base64.urlsafe_b64decode(sealed.rpartition(".")[2])
            return self._cipher.decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], self.owner.bytes).decode()
        except (InvalidTag, ValueError):
            raise MissingKey(f"the key of {self.owner} is not the one its data was sealed with") from None


class Readable(dict[Sealed, str]):
    """The texts of those sealed values that can be read; of those that were erased, `erased` says by whom and when."""

    def __init__(self) -> None:
        super().__init__()
        self.erased: dict[Sealed, KeyErasure] = {}


class KeyRing:
    """Finds and makes people's keys. None is kept beyond what it was asked for, so that a process knows no key that
    was destroyed; those who ask at the same time share one query."""

    def __init__(self, pool: Pool, master: MasterKeys | bytes) -> None:
        """`master` are the installation's master keys, or the only one."""
        self._pool = pool
        self.masters = MasterKeyRing(pool, MasterKeys.of(master) if isinstance(master, bytes) else master)
        self._shared = SharedReads(self._read)

    async def of(self, owner: UUID) -> PersonKey:
        """The key of a person; where there is none yet, a new one, to be appended (`PersonKey.new`) with what it seals.

        Raises `DataErased` where it was destroyed, `MissingKey` where there is one that the master key does not open.
        """
        found = await self._find([owner])
        return _usable(found[owner]) if owner in found else self.fresh(owner)

    def fresh(self, owner: UUID) -> PersonKey:
        """A new key for somebody who cannot have one yet, such as the guest of a new order."""
        secret = AESGCM.generate_key(256)
        return PersonKey(owner, secret, (WrappedKey(owner, self.masters.current.wrap(owner, secret)),))

    def derived(self, purpose: str) -> bytes:
        """A key for one purpose alone, such as to find what is sealed by a keyed hash of it; the same for ever."""
        return self.masters.derived(purpose)

    async def open(self, sealed: Sealed) -> str:
        """Decrypt one value. Raises `DataErased` where its key was destroyed, `MissingKey` where it is gone."""
        return (await self.open_all([sealed]))[0]

    async def open_all(self, sealed: Iterable[Sealed]) -> list[str]:
        """Decrypt several values with one query for their keys. Raises as `open` does."""
        values = list(sealed)
        tried = await self._try_all(values)
        for value in values:
            if isinstance(error := tried[value], MissingKey):
                raise error
        return [str(tried[value]) for value in values]

    async def open_readable(self, sealed: Iterable[Sealed]) -> Readable:
        """Decrypt those of several values that can be, with one query for their keys; the others are left out."""
        readable = Readable()
        for value, found in (await self._try_all(sealed)).items():
            if isinstance(found, str):
                readable[value] = found
            elif isinstance(found, DataErased):
                readable.erased[value] = found.erasure
        return readable

    async def _try_all(self, sealed: Iterable[Sealed]) -> dict[Sealed, str | MissingKey]:
        """Each value's text, or why it cannot be read: one person's key that is gone, or damaged, is nobody
        else's fault."""
        found: dict[Sealed, str | MissingKey] = {}
        owners: dict[Sealed, UUID] = {}
        for value in sealed:
            if value.startswith(PLAIN):
                found[value] = value.removeprefix(PLAIN)
                continue
            try:
                owners[value] = owner_of(value)
            except MissingKey as error:
                found[value] = error
        keys = await self._find(set(owners.values()))
        return found | {value: _opened(keys.get(owner), owner, value) for value, owner in owners.items()}

    async def _find(self, owners: Iterable[UUID]) -> dict[UUID, PersonKey | MissingKey]:
        """The keys that there are; in the place of one that cannot be used, why."""
        wanted = set(owners)
        stored = await self._shared.find(wanted) if wanted else {}
        found = {owner: stored[owner] for owner in stored.keys() & wanted}
        masters = await self.masters.keys_of(one for one in found.values() if isinstance(one, bytes))
        return {owner: _key(masters, owner, one) for owner, one in found.items()}

    async def _read(self, owners: Iterable[UUID]) -> dict[UUID, bytes | KeyErasure]:
        async with connection_from(self._pool) as connection:
            cursor = await connection.execute(_READ, [list(owners)])
            return {
                owner: KeyErasure(erased_by, erased_at) if wrapped is None else bytes(wrapped)
                for owner, wrapped, erased_by, erased_at in await cursor.fetchall()
            }


def _key(masters: Mapping[UUID | None, MasterKey], owner: UUID, stored: bytes | KeyErasure) -> PersonKey | MissingKey:
    if isinstance(stored, KeyErasure):
        return DataErased(owner, stored)
    try:
        return PersonKey(owner, unwrapped(masters, owner, stored))
    except MissingKey as error:
        return error


def owner_of(sealed: Sealed) -> UUID:
    """Whose key a sealed value needs. Raises `MissingKey` for what was never sealed."""
    try:
        return UUID(hex=sealed.split(".", 2)[1])
    except (ValueError, IndexError):
        raise MissingKey("a value is damaged: it names nobody whose key it was sealed with") from None


def _usable(key: PersonKey | MissingKey) -> PersonKey:
    if isinstance(key, MissingKey):
        raise key
    return key


def _opened(key: PersonKey | MissingKey | None, owner: UUID, value: Sealed) -> str | MissingKey:
    if key is None:
        return MissingKey(f"the key of {owner} does not exist: its data cannot be read")
    try:
        return _usable(key).open(value)
    except MissingKey as error:
        return error
