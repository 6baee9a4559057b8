"""The part of the log that a tree head is signed for: how far it goes, and the key that heads are signed with."""

from __future__ import annotations

import asyncio

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from commerce.eventstore import Pool, connection_from
from commerce.evidence.heads import published_key
from commerce.runtime.settings import Settings
from commerce.values.errors import Unavailable

HEAD_WAIT_S = 10.0
"""How long a request waits for the next head; while the log grows, one is signed every five seconds."""
_LOOK_INTERVAL_S = 0.25
_RETRY_S = 5
_SIGNED = """
SELECT leaf.notification_id
FROM (SELECT tree_size FROM commerce_audit_heads ORDER BY tree_size DESC LIMIT 1) AS head
JOIN commerce_audit_leaves leaf ON leaf.leaf_index = head.tree_size - 1
"""


class SignedLog:
    """Waits for heads: however many requests wait, one look in `_LOOK_INTERVAL_S` serves all of them."""

    def __init__(self, pool: Pool, settings: Settings) -> None:
        self._pool = pool
        self._settings = settings
        self._looking = asyncio.Lock()
        self._position = 0
        self._good_until = 0.0

    def public_key(self) -> Ed25519PublicKey | None:
        """The key that heads are checked with; None where this machine does not have it. Raises `BadUsage`."""
        return published_key(self._settings)

    async def reach(self, position: int) -> None:
        """Wait until the newest head covers everything up to a position. Raises `Unavailable` after `HEAD_WAIT_S`."""
        loop = asyncio.get_running_loop()
        until = loop.time() + HEAD_WAIT_S
        while await self._reached() < position:
            if loop.time() >= until:
                raise Unavailable(
                    "the newest events are not signed yet; the worker `projections` signs the log every few seconds",
                    _RETRY_S,
                )
            await asyncio.sleep(_LOOK_INTERVAL_S)

    async def _reached(self) -> int:
        """The last position that is signed, as of the last look."""
        loop = asyncio.get_running_loop()
        async with self._looking:
            if loop.time() >= self._good_until:
                async with connection_from(self._pool) as connection:
                    cursor = await connection.execute(_SIGNED)
                    row = await cursor.fetchone()
                self._position = row[0] if row else 0
                self._good_until = loop.time() + _LOOK_INTERVAL_S
            return self._position
