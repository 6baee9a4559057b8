"""What the projections worker is asked to do with read models: to rebuild one, or to verify it; and how far it is."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from psycopg import AsyncConnection
from pydantic import TypeAdapter

from commerce.eventstore import REQUESTS_CHANNEL, Pool, connection_from
from commerce.values.errors import NotFound, RuleBroken, Unavailable

Kind = Literal["rebuild", "verification"]
Status = Literal["waiting", "running", "cancelling", "done", "cancelled", "failed"]
LOOK_INTERVAL_S = 0.25
"""Seconds between looks at how far something is, and for requests where nobody tells of them."""
_UNASKED_LOOK_S = 1.0
"""Seconds between looks for requests where somebody tells of them."""
LISTED_DIFFERENCES = 1_000
"""Differing rows that are named at most."""

_SHOWN = """
SELECT row_to_json(shown)::text FROM (
    SELECT *,
           CASE WHEN ended_at IS NULL AND rate > 0 THEN greatest(0, round((total - done) / rate, 1)) END AS seconds_left
    FROM (
        SELECT id, kind, projection, version, requested_by, requested_at, done, total, problem, ended_at, differing,
               found AS differences,
               CASE WHEN cancelled THEN CASE WHEN ended_at IS NULL THEN 'cancelling' ELSE 'cancelled' END
                    WHEN ended_at IS NOT NULL AND problem IS NOT NULL THEN 'failed'
                    WHEN ended_at IS NOT NULL THEN 'done' WHEN resumed_at IS NULL THEN 'waiting'
                    ELSE 'running' END AS status,
               nullif(round((done - resumed_from) / nullif(extract(
                   epoch FROM coalesce(ended_at, clock_timestamp()) - resumed_at), 0), 1), 0) AS rate
        FROM asked) AS counted) AS shown
ORDER BY id"""
"""How rows of `asked`, which a query begins with, are shown."""


class AlreadyUnderWay(RuleBroken):
    """The same is being done with the same read model."""


@dataclass(frozen=True, slots=True)
class RowDifference:
    """A row that is not what its events say; `fields` that differ are named without their values, which may be
    personal.

    `failing`: what its events say is not known, as one of them cannot be folded.
    """

    key: str
    """The row's primary key."""
    kind: Literal["missing", "surplus", "differs", "unreadable", "failing"]
    """What it is."""
    fields: tuple[str, ...] = ()
    """The names of the fields that differ."""


@dataclass(frozen=True, slots=True)
class MaintenanceJob:
    """One request and how far it is.

    `done` of `total` counts places of the log, and for a verification its rows too; `rate` is per second since a worker
    last took it up, and `seconds_left` follows from that. `differing` rows were found; the first of them are
    `differences`. One that `failed` has ended with a `problem`, and left the read model as it is.
    """

    id: int
    """Its number."""
    kind: Kind
    """What it is."""
    projection: str
    """The read model."""
    version: int
    """The version of the read model's definition."""
    status: Status
    """Where it stands."""
    requested_by: str
    """Who asked for it."""
    requested_at: datetime
    """When somebody asked for it."""
    done: int
    """How many of `total` are done."""
    total: int
    """How much there is to do."""
    rate: float | None
    """How many are done in a second; null before that is known."""
    seconds_left: float | None
    """For how many seconds it still runs, at this rate; null before that is known."""
    problem: str | None
    """What keeps it from going on; null where nothing does."""
    ended_at: datetime | None
    """When it ended; null while it is under way."""
    differing: int
    """How many rows were found to be wrong."""
    differences: list[RowDifference]
    """The first rows that were found to be wrong."""

    @property
    def cancelled(self) -> bool:
        """Whether it is no more wanted."""
        return self.status in ("cancelling", "cancelled")


_JOB = TypeAdapter(MaintenanceJob)


async def await_requests(requested: asyncio.Event | None) -> None:
    """Wait until something may have been asked for; `requested` is set where somebody tells of that."""
    if requested is None:
        await asyncio.sleep(LOOK_INTERVAL_S)
        return
    with suppress(TimeoutError):
        async with asyncio.timeout(_UNASKED_LOOK_S):
            await requested.wait()
    requested.clear()


async def request(pool: Pool, kind: Kind, projection: str, version: int, by: str) -> MaintenanceJob:
    """Ask for a read model to be rebuilt or verified; `by` is an actor. Raises `AlreadyUnderWay`."""
    made = await _fetch(
        pool,
        """INSERT INTO commerce_upkeep (kind, projection, version, requested_by) VALUES (%s, %s, %s, %s)
            ON CONFLICT (projection, kind) WHERE ended_at IS NULL DO NOTHING RETURNING *""",
        [kind, projection, version, by],
    )
    if not made:
        raise AlreadyUnderWay(f"a {kind} of {projection} is under way; watch it, or cancel it first")
    await _tell(pool)
    return made[0]


async def cancel(pool: Pool, kind: Kind, projection: str) -> MaintenanceJob:
    """Ask for it to be given up; the read model stays as it is. Raises `NotFound` where none is under way."""
    found = await _fetch(
        pool,
        """UPDATE commerce_upkeep SET cancelled = true WHERE kind = %s AND projection = %s AND ended_at IS NULL
            RETURNING *""",
        [kind, projection],
    )
    if not found:
        raise NotFound(f"no {kind} of {projection} is under way")
    await _tell(pool)
    return found[0]


async def newest(pool: Pool, kind: Kind, projection: str) -> MaintenanceJob:
    """The request made last, whether it has ended or not. Raises `NotFound` where there was none."""
    found = await _fetch(
        pool,
        "SELECT * FROM commerce_upkeep WHERE kind = %s AND projection = %s ORDER BY id DESC LIMIT 1",
        [kind, projection],
    )
    if not found:
        raise NotFound(f"no {kind} of {projection} was ever asked for")
    return found[0]


async def under_way(pool: Pool, kind: Kind) -> list[MaintenanceJob]:
    """What has been asked for and has not ended, oldest first."""
    return await _fetch(pool, "SELECT * FROM commerce_upkeep WHERE kind = %s AND ended_at IS NULL ORDER BY id", [kind])


async def resume(pool: Pool, maintenance_id: int, done: int) -> None:
    """Say that a worker goes on with it, from where it is."""
    async with connection_from(pool) as connection:
        await connection.execute(
            "UPDATE commerce_upkeep SET resumed_at = clock_timestamp(), resumed_from = %s, done = %s WHERE id = %s",
            [done, done, maintenance_id],
        )


async def note_problem(pool: Pool, maintenance_id: int, problem: str | None) -> None:
    """Say what keeps it from going on; None: nothing does any more."""
    async with connection_from(pool) as connection:
        await connection.execute("UPDATE commerce_upkeep SET problem = %s WHERE id = %s", [problem, maintenance_id])


async def end(
    connection: AsyncConnection[Any], maintenance_id: int, *, cancelled: bool = False, problem: str | None = None
) -> None:
    """Say that it is done, given up, or has failed, and why."""
    await connection.execute(
        """UPDATE commerce_upkeep SET ended_at = clock_timestamp(), cancelled = %s, problem = %s,
               done = CASE WHEN %s THEN done ELSE total END
           WHERE id = %s""",
        [cancelled, problem, cancelled or problem is not None, maintenance_id],
    )


async def _tell(pool: Pool) -> None:
    """Wake the workers; where that fails, they look soon by themselves."""
    with suppress(Unavailable):
        async with connection_from(pool) as connection:
            await connection.execute(f"NOTIFY {REQUESTS_CHANNEL}")


async def _fetch(pool: Pool, asked: str, parameters: Sequence[object]) -> list[MaintenanceJob]:
    async with connection_from(pool) as connection:
        cursor = await connection.execute(f"WITH asked AS ({asked}) {_SHOWN}", parameters)
        return [_JOB.validate_json(row[0]) for row in await cursor.fetchall()]
