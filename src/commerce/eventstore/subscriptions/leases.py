"""Which process works on which partitions: session locks of PostgreSQL, so that a dead process holds nothing.

Only efficiency rests on leases; that no event is handled twice rests on the position rows.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from typing import Any

import psycopg
import structlog
from psycopg import AsyncConnection

from commerce.eventstore.subscriptions.subscription import Subscription

MEMBER = 7305462
HOLDER = 7305463
"""The first halves of the advisory locks' keys; the second is a hash of the subscription's or the partition's name."""

_log = structlog.get_logger(__name__)


class Leases:
    """One process's leases: a fair share of each subscription's partitions among the processes that run it."""

    def __init__(self, address: str, subscriptions: Iterable[Subscription]) -> None:
        self._address = address
        self._subscriptions = list(subscriptions)
        self._connection: AsyncConnection[Any] | None = None
        self.held: set[str] = set()

    async def connect(self) -> None:
        """Open the session that carries the leases, and become a member of each subscription's group."""
        await self.close()
        self._connection = await AsyncConnection.connect(self._address, autocommit=True)
        await self._connection.execute(
            "SELECT pg_advisory_lock_shared(%s, key) FROM unnest(%s::int[]) AS key",
            [MEMBER, [lock_key(subscription.name) for subscription in self._subscriptions]],
        )

    async def close(self) -> None:
        """Give everything up."""
        self.held.clear()
        if self._connection is not None:
            await self._connection.close()
            self._connection = None

    @property
    def connected(self) -> bool:
        """Whether the session stands, as far as is known."""
        return self._connection is not None and not self._connection.closed

    async def shares(self) -> dict[str, int]:
        """How many partitions of each subscription one process should hold."""
        cursor = await self._session.execute(
            """SELECT objid::bigint, count(*) FROM pg_locks
               WHERE locktype = 'advisory' AND classid = %s AND mode = 'ShareLock' AND granted
                 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
               GROUP BY objid""",
            [MEMBER],
        )
        members = {int(key): int(count) for key, count in await cursor.fetchall()}
        return {
            subscription.name: -(
                -subscription.partitions // max(1, members.get(lock_key(subscription.name) % 2**32, 1))
            )
            for subscription in self._subscriptions
        }

    async def take(self, partition: str) -> bool:
        """Take a partition unless another process has it."""
        cursor = await self._session.execute("SELECT pg_try_advisory_lock(%s, %s)", [HOLDER, lock_key(partition)])
        row = await cursor.fetchone()
        if row is not None and row[0]:
            self.held.add(partition)
        return partition in self.held

    async def give_up(self, partition: str) -> None:
        """Let another process have it."""
        self.held.discard(partition)
        await self._session.execute("SELECT pg_advisory_unlock(%s, %s)", [HOLDER, lock_key(partition)])

    async def holders(self, partitions: Iterable[str]) -> dict[str, int]:
        """As `read_holders`, over the session of the leases."""
        return await read_holders(self._session, partitions)

    async def end_holder(self, partition: str, holder: int, position: int) -> None:
        """End every session of the process that holds a partition, as it does not get on; its leases are free at once.

        Nobody is ended where by now another session holds it, or it has moved from that position after all.
        """
        cursor = await self._session.execute(
            """SELECT a.application_name, count(pg_terminate_backend(b.pid, 1000))
               FROM pg_locks l
               JOIN pg_stat_activity a ON a.pid = l.pid
               JOIN pg_stat_activity b ON b.application_name = a.application_name AND b.usename = current_user
               WHERE l.locktype = 'advisory' AND l.classid = %s AND l.objid = %s AND l.granted
                 AND l.pid = %s AND l.pid <> pg_backend_pid()
                 AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
                 AND coalesce((SELECT notification_id FROM commerce_tracking t WHERE t.application_name = %s), 0) = %s
               GROUP BY a.application_name""",
            [HOLDER, lock_key(partition) % 2**32, holder, partition, position],
        )
        for process, sessions in await cursor.fetchall():
            _log.warning("ended a holder that stood still", partition=partition, holder=process, sessions=sessions)

    @property
    def _session(self) -> AsyncConnection[Any]:
        if self._connection is None:
            raise psycopg.OperationalError("not connected")
        return self._connection


async def read_holders(connection: AsyncConnection[Any], partitions: Iterable[str]) -> dict[str, int]:
    """The process ids of the sessions, of any process, that hold those of the partitions which are held."""
    cursor = await connection.execute(
        """SELECT objid::bigint, pid FROM pg_locks
           WHERE locktype = 'advisory' AND classid = %s AND granted
             AND database = (SELECT oid FROM pg_database WHERE datname = current_database())""",
        [HOLDER],
    )
    found = dict(await cursor.fetchall())
    return {name: found[lock_key(name) % 2**32] for name in partitions if lock_key(name) % 2**32 in found}


def lock_key(name: str) -> int:
    """The second half of a lock's key: a signed 32-bit hash."""
    return zlib.crc32(name.encode()) - 2**31
