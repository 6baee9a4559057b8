"""The table of the last comparison of each party: who runs the next one, and what it came to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from commerce.eventstore import Pool, connection_from
from commerce.outside.ledger import LedgerParty
from workers.reconciliation.comparison import Reconciled

RUN_LIMIT_S = 3_000.0
"""Seconds that one comparison takes, at most."""

_ABANDONED = timedelta(hours=1)
"""After this long, a comparison without an end is another process's to make; it is more than one can take."""

_TRY_AGAIN = timedelta(minutes=10)
"""From a comparison that did not come to its end to the next one, at most."""


async def claim(pool: Pool, party: LedgerParty, interval: timedelta) -> bool:
    """Whether a comparison is due now, and this process's to make. The first is due an interval after the system's
    first start. Raises `Unavailable`."""
    async with connection_from(pool) as connection:
        await connection.execute(
            "INSERT INTO commerce_reconciliations (party, ended_at) VALUES (%s, clock_timestamp())"
            " ON CONFLICT DO NOTHING",
            [party],
        )
        cursor = await connection.execute(
            """UPDATE commerce_reconciliations SET started_at = clock_timestamp(), ended_at = NULL
               WHERE party = %(party)s AND clock_timestamp() >= started_at + CASE
                   WHEN ended_at IS NULL THEN %(abandoned)s
                   WHEN problem IS NOT NULL THEN least(%(interval)s, %(again)s)
                   ELSE %(interval)s
               END""",
            {"party": party, "interval": interval, "abandoned": _ABANDONED, "again": _TRY_AGAIN},
        )
        return cursor.rowcount == 1


async def keep_result(pool: Pool, result: Reconciled) -> None:
    """Note what a comparison came to. Raises `Unavailable`."""
    async with connection_from(pool) as connection:
        await connection.execute(
            """INSERT INTO commerce_reconciliations AS last
                   (party, ended_at, completed_at, compared, in_flight, differences, problem)
               SELECT party, at, CASE WHEN problem IS NULL THEN at END, compared, in_flight, differences, problem
               FROM (SELECT %s AS party, clock_timestamp() AS at, %s::bigint AS compared, %s::bigint AS in_flight,
                            %s::bigint AS differences, %s::text AS problem) AS made
               ON CONFLICT (party) DO UPDATE SET
                   ended_at = excluded.ended_at,
                   completed_at = coalesce(excluded.completed_at, last.completed_at),
                   compared = excluded.compared,
                   in_flight = excluded.in_flight,
                   differences = excluded.differences,
                   problem = excluded.problem""",
            [result.party, result.compared, result.in_flight, result.open_differences, result.problem],
        )


@dataclass(frozen=True, slots=True)
class LastResult:
    """How many differences the last comparison of a party's ledger found, and when one came to its end last."""

    party: str
    differences: int
    completed_at: datetime


async def last_results(pool: Pool) -> list[LastResult]:
    """Of each party whose ledger was ever compared to its end. Raises `Unavailable`."""
    async with connection_from(pool) as connection:
        cursor = await connection.execute(
            "SELECT party, differences, completed_at FROM commerce_reconciliations"
            " WHERE completed_at IS NOT NULL ORDER BY party"
        )
        return [LastResult(*row) for row in await cursor.fetchall()]
