"""The API keys of services as one process sees them: makes new ones, checks those that requests bring, and notes their
use."""

from __future__ import annotations

import hmac
from datetime import UTC, datetime
from uuid import UUID

import structlog
from cachetools import TTLCache

from commerce.eventstore import EventStore, Pool, connection_from
from commerce.machines.api_key import ApiKey, fold
from commerce.machines.key_text import digest_of, is_key, write_key
from commerce.runtime.tokens import InvalidToken
from commerce.values import ids
from commerce.values.errors import Unavailable

KNOWN_FOR_S = 2
"""Seconds for which a key that was looked up is not looked up again: a revoked one is accepted no longer than that."""
USE_INTERVAL_S = 60
"""Seconds within which further uses of a key are not noted, by one process."""
MOST_KEYS = 10_000
"""Keys that a process remembers, at most."""

_log = structlog.get_logger(__name__)


class ApiKeys:
    """The keys of services, for one process. A secret for this purpose alone makes new ones."""

    def __init__(self, store: EventStore) -> None:
        self._store = store
        self._maker = store.keys.derived("api keys")
        self._known: TTLCache[UUID, ApiKey] = TTLCache(MOST_KEYS, ttl=KNOWN_FOR_S)
        self._noted: TTLCache[UUID, None] = TTLCache(MOST_KEYS, ttl=USE_INTERVAL_S)

    def new_key(self, request: str) -> str:
        """The key for a request, by what it is recognised by: the same when the request is sent again.

        So the answer to a repeat has the key, too, and it need not be kept for that.
        """
        return write_key(hmac.digest(self._maker, request.encode(), "sha256"))

    async def check(self, text: str) -> ApiKey:
        """The key that a request brings. Raises `InvalidToken` for one that is not accepted, and `Unavailable`.

        The stream of a key follows from its hash, so that one read by the log's own index finds it.
        """
        if not is_key(text):
            raise InvalidToken("this is no API key as they are issued; look whether all of it was copied")
        digest = digest_of(text)
        key = await self._find(ids.api_key_id(digest))
        if key is None or not hmac.compare_digest(key.digest, digest):
            raise InvalidToken("there is no such API key; ask an operator for one")
        if not key.is_good(datetime.now(UTC)):
            raise InvalidToken("the API key was revoked, or its time is over; ask an operator for a new one")
        await self._note_use(key.id)
        return key

    def forget(self, key_id: UUID) -> None:
        """Look a key up again, as something happened to it."""
        self._known.pop(key_id, None)

    async def _find(self, key_id: UUID) -> ApiKey | None:
        if (known := self._known.get(key_id)) is not None:
            return known
        history = (await self._store.read_together([key_id]))[key_id]
        key = fold(recorded.event for recorded in history)
        if key is not None:
            self._known[key_id] = key
        return key

    async def _note_use(self, key_id: UUID) -> None:
        """Note that a key is used, once in a while; where that cannot be noted, the request goes on."""
        if key_id in self._noted:
            return
        self._noted[key_id] = None
        try:
            async with connection_from(self._store.pool) as connection:
                await connection.execute(
                    """INSERT INTO commerce_api_key_uses (key_id) VALUES (%s)
                       ON CONFLICT (key_id) DO UPDATE SET used_at = excluded.used_at""",
                    [key_id],
                )
        except Unavailable as error:
            _log.warning("the use of an API key is not noted", key_id=str(key_id), reason=str(error))


async def last_uses(pool: Pool, keys: list[UUID]) -> dict[UUID, datetime]:
    """When each of these keys was used last, to within a minute; those that never were are left out."""
    async with connection_from(pool) as connection:
        cursor = await connection.execute(
            "SELECT key_id, used_at FROM commerce_api_key_uses WHERE key_id = ANY(%s)", [keys]
        )
        return dict(await cursor.fetchall())
