"""Decisions of people about parked events: in one transaction with the event that records them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import psycopg

from commerce.eventstore.append.function import APPEND, append_parameters
from commerce.eventstore.codec.records import Append
from commerce.eventstore.read.log import Pool, connection_from
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
    async with connection_from(pool) as connection:
        try:
            await connection.execute("BEGIN")
            cursor = await connection.execute(_DECIDED, [subscription, list(positions)])
            if cursor.rowcount != len(positions):
                await connection.execute("ROLLBACK")
                raise StaleVersion("some of the events are not parked any more; look again")
            async with connection.pipeline():  # so that the log's lock is held for no message there and back
                if corrections:
                    columns = zip(*((one.position, one.topic, one.state) for one in corrections), strict=True)
                    await connection.execute(_CORRECTED, [subscription, *map(list, columns)])
                appended = await connection.execute(APPEND, append_parameters([record], whole=True))
                await connection.execute("COMMIT")
            row = await appended.fetchone()
        except (psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected):
            await connection.rollback()
            raise StaleVersion("somebody else decides about parked events at this moment; try again") from None
        except psycopg.Error:
            with suppress(psycopg.Error):
                await connection.rollback()
            raise
    assert row is not None  # one command answers one row
    return int(row[1])
