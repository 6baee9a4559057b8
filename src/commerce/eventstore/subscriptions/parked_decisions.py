"""Decisions of people about parked events: in one transaction with the event that records them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from commerce.eventstore.append.transaction import SqlCall, append_and_commit, transaction
from commerce.eventstore.codec.records import Append
from commerce.eventstore.read.log import Pool
from commerce.values.errors import StaleVersion

_DECIDED = """
UPDATE commerce_parked SET revision = revision + 1, due_at = clock_timestamp()
WHERE subscription = %s AND position = ANY(%s::bigint[]) AND error_group IS NOT NULL"""

_CORRECTED = """
INSERT INTO commerce_corrections (subscription, position, topic, state)
SELECT %s, edited.* FROM unnest(%s::bigint[], %s::text[], %s::bytea[]) AS edited (position, topic, state)
ON CONFLICT (subscription, position)
DO UPDATE SET topic = excluded.topic, state = excluded.state, decided_at = excluded.decided_at"""


@dataclass(frozen=True, slots=True)
class EventCorrection:
    """What becomes of one parked event: it is read as this or, without a `state`, left out."""

    position: int
    topic: str | None = None
    state: bytes | None = None


async def append_decision(
    pool: Pool, subscription: str, positions: Sequence[int], corrections: Sequence[EventCorrection], record: Append
) -> int:
    """Have a subscription try parked events as they were corrected, and record that; answers the record's position.

    Raises `StaleVersion` where one of them is not parked any more, or the record's stream has moved; `Unavailable`.
    """
    corrected: list[SqlCall] = []
    if corrections:
        columns = zip(*((one.position, one.topic, one.state) for one in corrections), strict=True)
        corrected.append((_CORRECTED, [subscription, *map(list, columns)]))
    contended = "somebody else decides about parked events at this moment; try again"
    async with transaction(pool, contended=contended) as connection:
        cursor = await connection.execute(_DECIDED, [subscription, list(positions)])
        if cursor.rowcount != len(positions):
            raise StaleVersion("some of the events are not parked any more; look again")
        return await append_and_commit(connection, record, before=corrected)
