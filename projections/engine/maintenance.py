"""What the projections worker is asked to do: to rebuild or verify a read model, or to verify the log; and how far it
is."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

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
               found AS differences, found AS findings,
               CASE WHEN cancelled THEN CASE WHEN ended_at IS NULL THEN 'cancelling' ELSE 'cancelled' END
                    WHEN ended_at IS NOT NULL AND problem IS NOT NULL THEN 'failed'
                    WHEN ended_at IS NOT NULL THEN 'done' WHEN resumed_at IS NULL THEN 'waiting'
                    ELSE 'running' END AS status,
               nullif(round((done - resumed_from) / nullif(extract(
                   epoch FROM coalesce(ended_at, clock_timestamp()) - resumed_at), 0), 1), 0) AS rate
        FROM asked) AS counted) AS shown
ORDER BY id"""
"""How rows of `asked`, which a query begins with, are shown."""


LOG = "log"
"""What stands in the place of a read model where the log itself is verified."""
_DEAD_AFTER = "10 seconds"


class AlreadyUnderWay(RuleBroken):
    """The same is being done with the same read model, or with the log."""


class TakenOver(Exception):
    """It was cancelled, or another worker has taken it over."""


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


@dataclass(frozen=True, slots=True)
class LogFinding:
    """Something in the log, or in what is signed of it, that is not as it was signed."""

    kind: Literal["changed", "removed", "reordered", "inserted", "time", "stream", "seal", "head"]
    """What was tampered with: an event, the order of events, the sealed tree, or a signed head."""
    detail: str
    """What is wrong, in words."""
    position: int | None = None
    """The event's place in the log; null where it is about no single event."""
    stream: UUID | None = None
    """The stream that the event stands in; null likewise."""
    version: int | None = None
    """Its place in its stream; null likewise."""
    topic: str | None = None
    """What kind of event it is; null likewise."""


@dataclass(frozen=True, slots=True)
class LogVerification:
    """A comparison of the whole log with what was signed of it, and how far it is.

    `done` of `total` counts events. `differing` things were found to be wrong; the first of them are `findings`. One
    that `failed` has ended with a `problem`, and says nothing about the log.
    """

    id: int
    """Its number."""
    status: Status
    """Where it stands."""
    requested_by: str
    """Who asked for it."""
    requested_at: datetime
    """When somebody asked for it."""
    done: int
    """How many of `total` are done."""
    total: int
    """How many events there are."""
    rate: float | None
    """How many are done in a second; null before that is known."""
    seconds_left: float | None
    """For how many seconds it still runs, at this rate; null before that is known."""
    problem: str | None
    """What keeps it from going on; null where nothing does."""
    ended_at: datetime | None
    """When it ended; null while it is under way."""
    differing: int
    """How many things were found to be wrong."""
    findings: list[LogFinding]
    """The first of them."""


_JOB = TypeAdapter(MaintenanceJob)
_LOG_JOB = TypeAdapter(LogVerification)


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
    """What has been asked for of read models and has not ended, oldest first."""
    return await _fetch(
        pool,
        "SELECT * FROM commerce_upkeep WHERE kind = %s AND projection <> %s AND ended_at IS NULL ORDER BY id",
        [kind, LOG],
    )


async def request_log_verification(pool: Pool, by: str) -> LogVerification:
    """Ask for the log to be verified; `by` is an actor. Raises `AlreadyUnderWay`."""
    made = await _shown(
        pool,
        """INSERT INTO commerce_upkeep (kind, projection, version, requested_by) VALUES ('verification', %s, 1, %s)
            ON CONFLICT (projection, kind) WHERE ended_at IS NULL DO NOTHING RETURNING *""",
        [LOG, by],
    )
    if not made:
        raise AlreadyUnderWay("a verification of the log is under way; watch it, or cancel it first")
    await _tell(pool)
    return _LOG_JOB.validate_json(made[0])


async def cancel_log_verification(pool: Pool) -> LogVerification:
    """Ask for it to be given up. Raises `NotFound` where none is under way."""
    found = await _shown(
        pool,
        "UPDATE commerce_upkeep SET cancelled = true WHERE projection = %s AND ended_at IS NULL RETURNING *",
        [LOG],
    )
    if not found:
        raise NotFound("no verification of the log is under way")
    await _tell(pool)
    return _LOG_JOB.validate_json(found[0])


async def newest_log_verification(pool: Pool) -> LogVerification | None:
    """The one that was asked for last, whether it has ended or not."""
    found = await _shown(pool, "SELECT * FROM commerce_upkeep WHERE projection = %s ORDER BY id DESC LIMIT 1", [LOG])
    return _LOG_JOB.validate_json(found[0]) if found else None


async def log_findings(pool: Pool) -> int | None:
    """How many things the last verification of the log that came to its end found to be wrong; None before the
    first."""
    async with connection_from(pool) as connection:
        cursor = await connection.execute(
            """SELECT differing FROM commerce_upkeep
               WHERE projection = %s AND ended_at IS NOT NULL AND NOT cancelled AND problem IS NULL
               ORDER BY id DESC LIMIT 1""",
            [LOG],
        )
        row = await cursor.fetchone()
    return int(row[0]) if row else None


async def take(pool: Pool, maintenance_id: int, worker: str) -> bool:
    """Make it a worker's, unless another one has shown itself with it a short while ago."""
    async with connection_from(pool) as connection:
        cursor = await connection.execute(
            f"""UPDATE commerce_upkeep SET worker = %s, seen_at = clock_timestamp()
                WHERE id = %s AND ended_at IS NULL
                  AND (worker = %s OR coalesce(seen_at, '-infinity') < clock_timestamp() - interval '{_DEAD_AFTER}')""",
            [worker, maintenance_id, worker],
        )
    return cursor.rowcount == 1


async def report(
    pool: Pool, maintenance_id: int, worker: str, done: int, total: int, *, differing: int, found: bytes
) -> None:
    """Say how far a worker is, what it found, as JSON, and that it goes on. Raises `TakenOver`."""
    async with connection_from(pool) as connection:
        cursor = await connection.execute(
            """UPDATE commerce_upkeep
               SET done = %s, total = %s, differing = %s, found = %s::jsonb, seen_at = clock_timestamp()
               WHERE id = %s AND worker = %s AND NOT cancelled AND ended_at IS NULL""",
            [done, total, differing, found.decode(), maintenance_id, worker],
        )
    if cursor.rowcount == 0:
        raise TakenOver


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
    return [_JOB.validate_json(row) for row in await _shown(pool, asked, parameters)]


async def _shown(pool: Pool, asked: str, parameters: Sequence[object]) -> list[str]:
    async with connection_from(pool) as connection:
        cursor = await connection.execute(f"WITH asked AS ({asked}) {_SHOWN}", parameters)
        return [row[0] for row in await cursor.fetchall()]
