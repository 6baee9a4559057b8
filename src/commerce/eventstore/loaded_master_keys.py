"""The master keys as one process uses them: it wraps new keys with the one that the log says is current, and loads any
other when it meets what that wrapped."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from uuid import UUID

import psycopg
import structlog

from commerce.eventstore.codec.records import WrappedKey
from commerce.eventstore.errors import MissingKey
from commerce.eventstore.read.log import Pool, connection_from
from commerce.runtime.error_text import problem_text
from commerce.runtime.master_key import CannotUnwrap, MasterKey, derived_secret, wrapped_by
from commerce.runtime.master_keys import MasterKeys
from commerce.runtime.tasks import end_tasks
from commerce.values import ids
from commerce.values.errors import BadUsage, CommerceError, Unavailable

LOOK_INTERVAL_S = 2.0
"""Seconds between two looks at which master key is current."""
_PAUSE_S = 5.0
"""Seconds for which a key management service that did not answer is not asked again."""

_LATER_PURPOSES = "purposes of later releases"
DERIVED_PURPOSES = (
    "e-mail addresses of customers",
    "e-mail addresses of staff",
    "references of orders",
    "what orders are found by",
    "fingerprints of requests",
    "api keys",
    "webhook secrets",
    "erasures",
    _LATER_PURPOSES,
)
"""What secrets were derived from the first master key for: they are kept when that is rotated, as what was found or
signed by them stays as it is. A purpose that is not among them has a secret derived from the last one's."""

_ADOPTED = """
SELECT convert_from(state, 'UTF8')::jsonb ->> 'key_id' FROM commerce_events
WHERE originator_id = %s AND topic = 'master_keys.MasterKeyAdopted' ORDER BY originator_version DESC LIMIT 1"""
_SAMPLE = "SELECT owner_id, wrapped FROM commerce_keys WHERE wrapped IS NOT NULL ORDER BY owner_id LIMIT 10"
"""Some keys of people: one of them is damaged now and then, all are where another master key wrapped them."""
_SECRETS = "SELECT owner_id, wrapped FROM commerce_keys WHERE owner_id = ANY(%s) AND wrapped IS NOT NULL"

_log = structlog.stdlib.get_logger(__name__)


class MasterKeyRing:
    """The master keys of one process. Before `refresh` it knows the first one alone, and only where it is in memory."""

    def __init__(self, pool: Pool, keys: MasterKeys) -> None:
        self.problem: str | None = None
        """What keeps this process from a master key that it needs, for health."""
        self.keys = keys
        self._pool = pool
        self._current = keys.known_first
        self._secrets: Mapping[str, bytes] | None = None
        self._loading = asyncio.Lock()
        self._failed: Unavailable | None = None
        self._asked_again_at = 0.0

    @property
    def current(self) -> MasterKey:
        """What new keys are wrapped with."""
        assert self._current is not None, "refresh the ring first"
        return self._current

    def derived(self, purpose: str) -> bytes:
        """A secret of 32 bytes for one purpose alone; the same whatever master key is current."""
        if purpose not in DERIVED_PURPOSES:
            return derived_secret(self.derived(_LATER_PURPOSES), purpose)
        if self._secrets is not None:
            return self._secrets[purpose]
        first = self.keys.known_first
        assert first is not None, "refresh the ring first"
        return first.derived(purpose)

    def kept_secrets(self, key: MasterKey) -> list[WrappedKey]:
        """All secrets that are derived from the first master key, wrapped with another one, to be kept."""
        owned = [(ids.secret_id(purpose), self.derived(purpose)) for purpose in DERIVED_PURPOSES]
        return [WrappedKey(owner, key.wrap(owner, secret)) for owner, secret in owned]

    async def refresh(self) -> None:
        """Learn which master key is current.

        Raises `BadUsage` where that is not here, is damaged, or the key management service refuses to unwrap it,
        and where the first one here is of another installation: what it hashes and seals would be neither found nor
        read by the others. Raises `Unavailable`.
        """
        adopted = await self._adopted()
        current = await (self._first() if adopted is None else self._load(adopted))
        if current is None or (adopted is None and self._current is None and not await self._fits(current)):
            raise BadUsage(await self._missing(adopted))
        if adopted is not None and self._secrets is None:
            self._secrets = await self._kept()
        self._current = current

    @asynccontextmanager
    async def followed(self) -> AsyncIterator[None]:
        """Refresh again and again until the block ends; what keeps it from that is `problem`."""
        task = asyncio.create_task(self._follow(), name="master keys")
        try:
            yield
        finally:
            await end_tasks([task])

    async def _follow(self) -> None:
        while True:
            await asyncio.sleep(LOOK_INTERVAL_S)
            try:
                await self.refresh()
                self.problem = None
            except (CommerceError, psycopg.Error) as error:
                if self.problem is None:
                    _log.warning("the current master key cannot be learnt", reason=problem_text(error))
                self.problem = problem_text(error)

    async def keys_of(self, wrapped: Iterable[bytes]) -> Mapping[UUID | None, MasterKey]:
        """The master keys that these were wrapped with, by what `wrapped_by` says; those that are not here are left
        out. Raises `Unavailable`."""
        needed = {wrapped_by(one) for one in wrapped}
        found = {one: await self._needed(one) for one in needed}
        return {one: key for one, key in found.items() if key is not None}

    async def _needed(self, key_id: UUID | None) -> MasterKey | None:
        known = self.keys.known_first if key_id is None else self.keys.known(key_id)
        if known is not None:
            return known
        try:
            return await (self._first() if key_id is None else self._load(key_id))
        except BadUsage as error:
            raise Unavailable(str(error)) from None

    async def _first(self) -> MasterKey | None:
        return self.keys.known_first or await self._in_thread(None)

    async def _load(self, key_id: UUID) -> MasterKey | None:
        return self.keys.known(key_id) or await self._in_thread(key_id)

    async def _in_thread(self, key_id: UUID | None) -> MasterKey | None:
        """A key that is not in memory, by its id or the first; a service that did not answer is left alone for a
        while."""
        loop = asyncio.get_running_loop()
        async with self._loading:
            if self._failed is not None and loop.time() < self._asked_again_at:
                raise Unavailable(str(self._failed), self._failed.retry_after)
            try:
                found = await asyncio.to_thread(self.keys.first if key_id is None else lambda: self.keys.find(key_id))
            except Unavailable as error:
                self._failed, self._asked_again_at = error, loop.time() + _PAUSE_S
                raise
            self._failed = None
            return found

    async def _adopted(self) -> UUID | None:
        async with connection_from(self._pool) as connection:
            row = await (await connection.execute(_ADOPTED, [ids.MASTER_KEYS])).fetchone()
        return None if row is None else UUID(row[0])

    async def _sample(self) -> list[tuple[UUID, bytes]]:
        async with connection_from(self._pool) as connection:
            rows = await (await connection.execute(_SAMPLE)).fetchall()
        return [(owner, bytes(wrapped)) for owner, wrapped in rows]

    async def _fits(self, first: MasterKey) -> bool:
        """Whether the first key unwraps some of what is kept, or nothing is."""
        sample = await self._sample()
        return not sample or any(_unwraps(first, owner, wrapped) for owner, wrapped in sample)

    async def _missing(self, adopted: UUID | None) -> str:
        """Which master key the database needs, which are here instead, and what to do."""
        needed = f"master key {adopted}"
        if adopted is None:
            named = next((wrapped_by(wrapped) for _, wrapped in await self._sample()), None)
            needed = "the first master key" if named is None else f"master key {named}, the first,"
        here = ", ".join(str(one.id) for one in await asyncio.to_thread(self.keys.kept)) or "none"
        return (
            f"{needed} is not among this installation's keys (here: {here}); restore its file in the folder keys, from"
            " a backup of that folder of the time of this database"
        )

    async def _kept(self) -> Mapping[str, bytes]:
        """The kept secrets, by purpose. Raises `BadUsage` where one is missing, or cannot be unwrapped."""
        owners = {ids.secret_id(purpose): purpose for purpose in DERIVED_PURPOSES}
        async with connection_from(self._pool) as connection:
            rows = await (await connection.execute(_SECRETS, [list(owners)])).fetchall()
        masters = await self.keys_of(bytes(wrapped) for _, wrapped in rows)
        secrets: dict[str, bytes] = {}
        for owner, wrapped in rows:
            try:
                secrets[owners[owner]] = unwrapped(masters, owner, bytes(wrapped))
            except MissingKey as error:
                raise BadUsage(f"the secret for {owners[owner]} cannot be read: {error}") from None
        if missing := [purpose for purpose in DERIVED_PURPOSES if purpose not in secrets]:
            raise BadUsage(f"the secrets for {', '.join(missing)} are missing; restore commerce_keys from a backup")
        return secrets


def _unwraps(key: MasterKey, owner: UUID, wrapped: bytes) -> bool:
    try:
        key.unwrap(owner, wrapped)
    except CannotUnwrap:
        return False
    return True


def unwrapped(masters: Mapping[UUID | None, MasterKey], owner: UUID, wrapped: bytes) -> bytes:
    """A person's key, of what is stored. Raises `MissingKey` where it is damaged, or its master key is not among
    these."""
    named = wrapped_by(wrapped)
    master = masters.get(named)
    if master is None:
        which = "the first master key" if named is None else f"master key {named}"
        raise MissingKey(f"the key of {owner} is wrapped with {which}, which is not here; restore its file in keys/")
    try:
        return master.unwrap(owner, wrapped)
    except CannotUnwrap:
        raise MissingKey(
            f"the key of {owner} is damaged, or another master key wrapped it; restore keys/master.key"
        ) from None
