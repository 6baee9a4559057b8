"""Personal data: the master keys open people's keys, so that what is sealed can be read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from commerce.cli.checks.finding import Finding, ok, problem
from commerce.runtime.master_key import CannotUnwrap, MasterKey, wrapped_by

CHECK = "personal data"
MOST_OWNERS = 10_000
"""Personal keys that are tried; of more, this many are drawn at random."""

_SAMPLE = """
SELECT owner_id, wrapped FROM commerce_keys TABLESAMPLE BERNOULLI (
    (SELECT least(100, 100.0 * %(most)s / greatest(reltuples, 1)) FROM pg_class WHERE oid = 'commerce_keys'::regclass))
WHERE wrapped IS NOT NULL
LIMIT %(most)s
"""


_MISSING = """
SELECT owner, count(*) FROM (
    SELECT coalesce(customer_id, order_id) AS owner FROM projections.orders ORDER BY first DESC LIMIT %(most)s
) AS newest
WHERE NOT EXISTS (SELECT FROM commerce_keys WHERE owner_id = owner)
GROUP BY owner ORDER BY owner
"""


async def personal_keys(connection: AsyncConnection[Any], masters: Mapping[UUID | None, MasterKey]) -> list[Finding]:
    """Whether the master keys open people's keys, and whether each of the newest orders has one."""
    rows = await (await connection.execute(_SAMPLE, {"most": MOST_OWNERS})).fetchall()
    found = judge_keys([(owner, bytes(wrapped)) for owner, wrapped in rows], masters)
    return [found, *judge_missing(await _missing(connection))]


async def _missing(connection: AsyncConnection[Any]) -> list[tuple[UUID, int]]:
    """Whose keys are missing, and how many of the newest orders need them; none where there are no read models yet."""
    cursor = await connection.execute("SELECT to_regclass('projections.orders') IS NULL")
    if await cursor.fetchone() == (True,):
        return []
    return await (await connection.execute(_MISSING, {"most": MOST_OWNERS})).fetchall()


def judge_missing(missing: Sequence[tuple[UUID, int]]) -> list[Finding]:
    """What to say of orders whose personal data cannot be read; nothing where there are none."""
    if not missing:
        return []
    orders = sum(count for _, count in missing)
    text = f"the keys of {orders} orders are missing, such as that of {missing[0][0]}; their shipments and mails wait"
    return [problem(CHECK, text, "restore these rows of commerce_keys from a backup")]


def judge_keys(rows: Sequence[tuple[UUID, bytes]], masters: Mapping[UUID | None, MasterKey]) -> Finding:
    """People's keys as they are stored, and the master keys that there are, by what wrapped keys say of them."""
    if not rows:
        return ok(CHECK, "nobody's data is stored yet")
    if not masters:
        return problem(CHECK, "there is no master key to open people's keys with", "restore the folder keys")
    closed = [owner for owner, wrapped in rows if not _is_open(masters, owner, wrapped)]
    if len(closed) == len(rows):
        text = "the master keys in the folder keys open none of the people's keys"
        return problem(CHECK, text, "restore the ones they were wrapped with")
    if closed:
        text = f"{len(closed)} of {len(rows)} people's keys cannot be opened, such as that of {closed[0]}"
        remedy = "restore the master key that it names, or these rows of commerce_keys, from a backup"
        return problem(CHECK, text, remedy)
    return ok(CHECK, f"the master keys open people's keys ({len(rows)} tried)")


def _is_open(masters: Mapping[UUID | None, MasterKey], owner: UUID, wrapped: bytes) -> bool:
    master = masters.get(wrapped_by(wrapped))
    if master is None:
        return False
    try:
        master.unwrap(owner, wrapped)
    except CannotUnwrap:
        return False
    return True
