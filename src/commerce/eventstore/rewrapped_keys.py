"""People's keys under another master key: page by page, so that it can end anywhere and go on.

A row changes by the SQL function `migrations/functions/commerce_rewrap_keys.sql`, and only if it is as it was read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from commerce.eventstore.errors import MissingKey
from commerce.eventstore.loaded_master_keys import MasterKeyRing, unwrapped
from commerce.eventstore.postgres.arrays import byteas, uuids
from commerce.eventstore.read.log import Pool, connection_from
from commerce.runtime.master_key import NAMED_BYTES, UNNAMED_BYTES, MasterKey, wrapped_by

PAGE_KEYS = 1_000
_COUNTED_KEYS = 10_000

_PAGE = "SELECT owner_id, wrapped FROM commerce_keys WHERE owner_id > %s ORDER BY owner_id LIMIT %s"
_REWRAP = "SELECT commerce_rewrap_keys(%b, %b, %b)"
_NAMES = """
SELECT owner_id, substring(wrapped FROM 2 FOR 16), octet_length(wrapped) FROM (
    SELECT owner_id, wrapped FROM commerce_keys WHERE owner_id > %s ORDER BY owner_id LIMIT %s
) AS page"""

_BEFORE_ALL = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Rewrapped:
    """One pass over all keys: how many changed, and how many others are left by the master key that wrapped them, None
    for the first; `unreadable` of these no master key opens."""

    changed: int
    left: Counter[UUID | None]
    unreadable: int


async def rewrap_keys(pool: Pool, ring: MasterKeyRing, page_keys: int = PAGE_KEYS) -> Rewrapped:
    """Wrap all keys with the current master key that another one wrapped, a page in a transaction.

    Raises `Unavailable`.
    """
    current, after = ring.current, _BEFORE_ALL
    changed, unreadable, left = 0, 0, Counter[UUID | None]()
    while rows := await _page(pool, after, page_keys):
        after = rows[-1][0]
        stale = [(owner, wrapped) for owner, wrapped in rows if _is_stale(wrapped, current)]
        if not stale:
            continue
        moved = await _moved(ring, current, stale)
        done = await _store(pool, moved) if moved else 0
        changed, unreadable = changed + done, unreadable + len(stale) - len(moved)
        if done < len(stale):
            left.update(wrapped_by(wrapped) for _, wrapped in stale)
    return Rewrapped(changed, left, unreadable)


async def wrapped_counts(pool: Pool) -> Counter[UUID | None]:
    """How many keys each master key wraps; None for what the first one wrapped before that was written down.

    Raises `Unavailable`.
    """
    after, counts = _BEFORE_ALL, Counter[UUID | None]()
    async with connection_from(pool) as connection:
        while rows := await (await connection.execute(_NAMES, [after, _COUNTED_KEYS])).fetchall():
            after = rows[-1][0]
            counts.update(UUID(bytes=bytes(name)) for _, name, size in rows if size == NAMED_BYTES)
            counts.update(None for _, _, size in rows if size == UNNAMED_BYTES)
    return counts


async def _page(pool: Pool, after: UUID, page_keys: int) -> list[tuple[UUID, bytes]]:
    async with connection_from(pool) as connection:
        rows = await (await connection.execute(_PAGE, [after, page_keys])).fetchall()
    return [(owner, b"" if wrapped is None else bytes(wrapped)) for owner, wrapped in rows]


def _is_stale(wrapped: bytes, current: MasterKey) -> bool:
    """Whether another master key wrapped this; what is erased, or cut off, none did."""
    return len(wrapped) in (NAMED_BYTES, UNNAMED_BYTES) and wrapped_by(wrapped) != current.id


async def _moved(
    ring: MasterKeyRing, current: MasterKey, stale: Sequence[tuple[UUID, bytes]]
) -> list[tuple[UUID, bytes, bytes]]:
    """Whose key, as it is and under the current master key; those that no master key opens are left out."""
    masters = await ring.keys_of(wrapped for _, wrapped in stale)
    moved = []
    for owner, wrapped in stale:
        try:
            moved.append((owner, wrapped, current.wrap(owner, unwrapped(masters, owner, wrapped))))
        except MissingKey:
            continue
    return moved


async def _store(pool: Pool, moved: Sequence[tuple[UUID, bytes, bytes]]) -> int:
    owners, before, after = zip(*moved, strict=True)
    async with connection_from(pool) as connection:
        row = await (await connection.execute(_REWRAP, [uuids(owners), byteas(before), byteas(after)])).fetchone()
    assert row is not None
    return int(row[0])
