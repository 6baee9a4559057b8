"""Watches the partitions that this process does not hold, and finds those that stand still."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from commerce.eventstore.read.log import Pool, connection_from
from commerce.eventstore.subscriptions.leases import Leases

STALLED_AFTER_S = 3.0
"""Seconds until a partition with events to handle that does not move counts as standing still."""

_LOOKS = 3
"""Looks it takes at least: a process that was away itself, or waited for a busy database, has not seen what others
did meanwhile."""


@dataclass(frozen=True, slots=True)
class Standstill:
    """A partition that has events to handle and does not move, its position, and the session that holds it, if
    one does."""

    partition: str
    position: int
    holder: int | None


@dataclass(slots=True)
class _Seen:
    """A partition as it was at the last look, `at` which time, and for how long it is known to have stood still,
    in seconds."""

    position: int
    holder: int | None
    at: float
    called_after_s: float
    still: float = 0.0


class Watch:
    """Compares positions and holders from look to look.

    A partition that changes hands, as one with an event that nobody can handle does, is not at a standstill. After each
    standstill at one position the next is called so twice as late, for an event that merely takes long.
    """

    def __init__(self, pool: Pool, leases: Leases) -> None:
        self._pool = pool
        self._leases = leases
        self._seen: dict[str, _Seen] = {}

    async def positions(self, partitions: Sequence[str]) -> dict[str, int]:
        """How far partitions have come, 0 for one that was never begun. Raises `Unavailable`."""
        async with connection_from(self._pool) as connection:
            cursor = await connection.execute(
                "SELECT application_name, notification_id FROM commerce_tracking WHERE application_name = ANY(%s)",
                [partitions],
            )
            return dict.fromkeys(partitions, 0) | dict(await cursor.fetchall())

    async def standstills(self, positions: Mapping[str, int], head: int) -> list[Standstill]:
        """Those of the partitions that stand still before `head`. Raises psycopg's errors."""
        holders = await self._leases.holders(positions)
        return [
            Standstill(name, position, holders.get(name))
            for name, position in positions.items()
            if self._stands_still(name, position, holders.get(name), head)
        ]

    def _stands_still(self, name: str, position: int, holder: int | None, head: int) -> bool:
        now = asyncio.get_running_loop().time()
        seen = self._seen.get(name)
        if seen is None or seen.position != position or position >= head:
            self._seen[name] = _Seen(position, holder, now, STALLED_AFTER_S)
            return False
        seen.still += min(now - seen.at, STALLED_AFTER_S / _LOOKS)
        seen.at = now
        if seen.holder != holder:
            seen.holder, seen.still = holder, 0.0
        if seen.still < seen.called_after_s:
            return False
        seen.still = 0.0
        seen.called_after_s *= 2
        return True
