"""Personal data: the master key opens people's keys, so that what is sealed can be read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from commerce.cli.checks.finding import Finding, ok, problem
from commerce.eventstore import opens_key

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


async def personal_keys(connection: AsyncConnection[Any], master: bytes | None) -> list[Finding]:
    """Whether the master key opens people's keys, and whether each of the newest orders has one."""
    rows = await (await connection.execute(_SAMPLE, {"most": MOST_OWNERS})).fetchall()
    found = judge_keys([(owner, bytes(wrapped)) for owner, wrapped in rows], master)
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


def judge_keys(rows: Sequence[tuple[UUID, bytes]], master: bytes | None) -> Finding:
    """People's keys as they are stored, and the master key where there is a sound one."""
    if not rows:
        return ok(CHECK, "nobody's data is stored yet")
    if master is None:
        return problem(CHECK, "there is no master key to open people's keys with", "restore keys/master.key")
    closed = [owner for owner, wrapped in rows if not opens_key(master, owner, wrapped)]
    if len(closed) == len(rows):
        return problem(CHECK, "keys/master.key opens none of the people's keys", "restore the one they were made with")
    if closed:
        text = f"{len(closed)} of {len(rows)} people's keys are damaged, such as that of {closed[0]}"
        return problem(CHECK, text, "restore these rows of commerce_keys from a backup")
    return ok(CHECK, f"the master key opens people's keys ({len(rows)} tried)")
