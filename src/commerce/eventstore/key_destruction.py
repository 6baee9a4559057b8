"""The destruction of people's keys: in one transaction with the event in the log that says which, and never without.

The SQL function that does it, `migrations/functions/commerce_destroy_keys.sql`, reads the keys out of that event.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from commerce.eventstore.append.transaction import SqlCall, append_and_commit, transaction
from commerce.eventstore.codec.event import Event
from commerce.eventstore.codec.records import Append
from commerce.eventstore.read.log import Pool, connection_from

_DESTROY = "SELECT commerce_destroy_keys(%s, %s)"

_AMONG = "SELECT owner_id FROM commerce_keys WHERE owner_id = ANY(%b) AND wrapped IS NOT NULL ORDER BY owner_id"

_UNDESTROYED = """
SELECT owner FROM unnest(%b::uuid[]) AS owner
WHERE NOT EXISTS (SELECT FROM commerce_keys k WHERE k.owner_id = owner AND k.erased_at IS NOT NULL)"""


async def append_and_destroy_keys(pool: Pool, record: Append, destroying: Sequence[Event]) -> int:
    """Append a record, and destroy the keys that these events of it name; answers the record's position.

    Raises `StaleVersion` where one of its streams has moved, `Unavailable`.
    """
    calls: list[SqlCall] = [(_DESTROY, [event.originator_id, event.originator_version]) for event in destroying]
    async with transaction(pool, contended="somebody else was faster; read and decide again") as connection:
        return await append_and_commit(connection, record, after=calls)


async def destroy_keys(pool: Pool, destroying: Iterable[Event]) -> None:
    """Destroy once more the keys that events in the log name, as after rows of an older backup were put back.

    Raises `Unavailable`.
    """
    async with connection_from(pool) as connection:
        for event in destroying:
            await connection.execute(_DESTROY, [event.originator_id, event.originator_version])


async def keys_among(pool: Pool, owners: Iterable[UUID]) -> list[UUID]:
    """Those of these people who have a key. Raises `Unavailable`."""
    async with connection_from(pool) as connection:
        cursor = await connection.execute(_AMONG, [list(owners)])
        return [owner for (owner,) in await cursor.fetchall()]


async def undestroyed(pool: Pool, owners: Iterable[UUID]) -> set[UUID]:
    """Those of these people whose keys are not known to be destroyed, whether they have one or not. Raises
    `Unavailable`."""
    async with connection_from(pool) as connection:
        cursor = await connection.execute(_UNDESTROYED, [list(owners)])
        return {owner for (owner,) in await cursor.fetchall()}
