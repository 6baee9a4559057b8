"""A rebuild in the database: a table beside the one that queries read, filled from the log, and put in its place."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

import psycopg
from psycopg import AsyncConnection

from commerce.eventstore import Pool, Subscription, connection_from, head_of
from projections.engine.maintenance import AlreadyUnderWay, MaintenanceJob, end, request
from projections.engine.progress import EVENTS_AFTER_IT
from projections.engine.projection import Projection, fetch, make_indexes, make_table, making_tables, table_exists
from projections.engine.terms import analyze_tables, drop_tables, rename_tables

SWAP_TIMEOUT_S = 2.0
"""Seconds for which the live read model is kept from moving while the new one does its last steps."""

_READERS_WAIT = "1500ms"
"""So long queries wait, at most, for the tables to change places; a query that takes longer is let go first.

After a second PostgreSQL ends an automatic vacuum that is in the way, so it is a little more.
"""
_LOOK_INTERVAL_S = 0.02
_SERVICE = "service:projections"
_AFTER_A_FAILURE = "1 minute"


class CorrectedMeanwhile(Exception):
    """A person has corrected an event since the rebuild began, so that the new table may lack that."""


class NotYet(Exception):
    """The tables cannot change places now: the new one is behind or lacks rows, or somebody uses the old one; try
    again."""


def copy_of(projection: Projection[Any], rebuild: MaintenanceJob) -> Subscription:
    """What fills the new table. Its name belongs to this rebuild alone, so that a rebuild that was given up is in
    nobody's way."""
    return projection.subscription(name=name_of(rebuild), table=_table(rebuild), begins=False)


async def prepare(pool: Pool, projection: Projection[Any], rebuild: MaintenanceJob) -> bool:
    """Make the new table, and its positions at the start of the log, unless they are there; false if it has ended."""
    async with connection_from(pool) as connection, connection.transaction():
        if not await _wanted(connection, rebuild):
            return False
        await making_tables(connection)
        if not await table_exists(connection, _table(rebuild)):
            await _forget_positions(connection, name_of(rebuild))  # of a table that was lost
        await make_table(connection, projection, _table(rebuild), indexed=False)
        await _begin_positions(connection, name_of(rebuild), projection)
    return True


async def index(pool: Pool, projection: Projection[Any], rebuild: MaintenanceJob) -> None:
    """Make the new table's indexes, all at once as there is not much to come: keeping them up for each event
    costs far more."""
    async with connection_from(pool) as connection, connection.transaction():
        if await _wanted(connection, rebuild):
            # so that others find a core free
            await connection.execute("SET LOCAL max_parallel_maintenance_workers = 0")
            await make_indexes(connection, projection, _table(rebuild))


async def places_done(pool: Pool, rebuild: MaintenanceJob) -> tuple[int, int]:
    """How many places of the log the new table has gone through, on average of its partitions, and how many there
    are."""
    async with connection_from(pool) as connection:
        positions = await _positions(connection, name_of(rebuild))
        return sum(positions.values()) // max(1, len(positions)), await head_of(connection)


async def positions_of(pool: Pool, rebuild: MaintenanceJob) -> dict[int, int]:
    """How far each partition of the new table has come."""
    async with connection_from(pool) as connection:
        return await _positions(connection, name_of(rebuild))


async def swap(pool: Pool, projection: Projection[Any], rebuild: MaintenanceJob) -> None:
    """Put the new table in the old one's place, at the same position of the log, in one transaction.

    The live positions are locked first, so that the new table can reach them; queries wait for as long as two tables
    are renamed. Subscriptions that have read the old table find that its generation is over. Raises `NotYet`,
    `CorrectedMeanwhile`.
    """
    async with _brief_transaction(pool) as connection:
        if await _wanted(connection, rebuild):
            # so that the first queries of the new table are planned as well as those of the old one
            await analyze_tables(connection, _table(rebuild), has_terms=projection.terms is not None)
            await _begin_positions(connection, projection.name, projection)
            live = await _positions(connection, projection.name, locked=True)
            await _require_same_corrections(connection, rebuild)
            copy = await _caught_up(connection, projection, rebuild, live)
            if worse := await _newly_parked(connection, rebuild):  # on the way there
                raise NotYet(worse)
            head = await head_of(connection)  # a live position beyond it would leave out what comes
            reached = {number: position if position <= head else 0 for number, position in live.items()}
            await _exchange(connection, projection, rebuild, {n: max(reached[n], copy.get(n, 0)) for n in live})


async def give_up(pool: Pool, rebuild: MaintenanceJob, problem: str | None = None) -> None:
    """Drop the new table; the one that queries read stays as it is. Raises `NotYet` while the new one is in use.

    With a `problem` it has failed, else it was cancelled.
    """
    async with _brief_transaction(pool) as connection:
        if await _wanted(connection, rebuild):
            await _forget_positions(connection, name_of(rebuild))
            await drop_tables(connection, _table(rebuild))
            await end(connection, rebuild.id, cancelled=problem is None, problem=problem)


async def request_outdated(pool: Pool, projections: Iterable[Projection[Any]]) -> None:
    """Ask for a rebuild of every read model that an older version of the code made."""
    versions: dict[str, int] = dict(
        await fetch(pool, "SELECT split_part(application_name, ':', 1), min(version) FROM commerce_tracking GROUP BY 1")
    )
    for projection in projections:
        if versions.get(projection.name, projection.version) < projection.version:
            with suppress(AlreadyUnderWay):
                await request(pool, "rebuild", projection.name, projection.version, _SERVICE)


async def request_lost(pool: Pool, projection: Projection[Any]) -> None:
    """Ask for a rebuild of a read model that is damaged; not again a moment after one has failed."""
    has_failed = await fetch(
        pool,
        f"""SELECT FROM commerce_upkeep
            WHERE kind = 'rebuild' AND projection = %s AND problem IS NOT NULL
              AND ended_at > clock_timestamp() - interval '{_AFTER_A_FAILURE}'""",
        [projection.name],
    )
    if not has_failed:
        with suppress(AlreadyUnderWay):
            await request(pool, "rebuild", projection.name, projection.version, _SERVICE)


async def drop_lost(pool: Pool, projection: Projection[Any]) -> None:
    """Take the table of a damaged read model away, so that nobody is shown what is left. Raises `NotYet` while it
    is in use."""
    async with _brief_transaction(pool) as connection:
        await drop_tables(connection, projection.table)


@asynccontextmanager
async def _brief_transaction(pool: Pool) -> AsyncIterator[AsyncConnection[Any]]:
    """A transaction that does not wait long for locks, as others would wait behind it. Raises `NotYet`."""
    async with connection_from(pool) as connection:
        try:
            async with connection.transaction():
                await connection.execute(f"SET LOCAL lock_timeout = '{_READERS_WAIT}'")
                yield connection
        except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected) as error:
            raise NotYet(str(error.diag.message_primary)) from None


def name_of(rebuild: MaintenanceJob) -> str:
    """The subscription that fills the new table."""
    return f"{rebuild.projection}.rebuild-{rebuild.id}"


def _table(rebuild: MaintenanceJob) -> str:
    return f"projections.{rebuild.projection}_rebuild_{rebuild.id}"


async def _wanted(connection: AsyncConnection[Any], rebuild: MaintenanceJob) -> bool:
    """Whether it has not ended; nobody else ends it before this transaction does."""
    cursor = await connection.execute(
        "SELECT FROM commerce_upkeep WHERE id = %s AND ended_at IS NULL FOR UPDATE", [rebuild.id]
    )
    return await cursor.fetchone() is not None


async def _begin_positions(connection: AsyncConnection[Any], name: str, projection: Projection[Any]) -> None:
    names = [f"{name}:{number}" for number in range(projection.partitions)]
    await connection.execute(
        """INSERT INTO commerce_tracking (application_name, notification_id, version)
           SELECT unnest(%s::text[]), 0, %s ON CONFLICT DO NOTHING""",
        [names, projection.version],
    )


async def _positions(connection: AsyncConnection[Any], name: str, *, locked: bool = False) -> dict[int, int]:
    """The position of each partition; `locked` keeps them where they are until the transaction ends."""
    cursor = await connection.execute(
        f"""SELECT split_part(application_name, ':', 2)::int, notification_id FROM commerce_tracking
            WHERE split_part(application_name, ':', 1) = %s
            ORDER BY application_name {"FOR UPDATE" if locked else ""}""",
        [name],
    )
    return dict(await cursor.fetchall())


async def _forget_positions(connection: AsyncConnection[Any], name: str) -> None:
    await connection.execute("DELETE FROM commerce_tracking WHERE split_part(application_name, ':', 1) = %s", [name])
    await connection.execute("DELETE FROM commerce_stops WHERE split_part(partition, ':', 1) = %s", [name])
    await _forget_parked(connection, name)


async def _forget_parked(connection: AsyncConnection[Any], name: str) -> None:
    await connection.execute("DELETE FROM commerce_parked WHERE subscription = %s", [name])
    await connection.execute("DELETE FROM commerce_parked_sequences WHERE subscription = %s", [name])


async def _require_same_corrections(connection: AsyncConnection[Any], rebuild: MaintenanceJob) -> None:
    """Raise `CorrectedMeanwhile` where the new table may have been filled with an event that is left out by now."""
    cursor = await connection.execute(
        "SELECT EXISTS (SELECT FROM commerce_corrections WHERE subscription = %s AND decided_at > %s)",
        [rebuild.projection, rebuild.requested_at],
    )
    row = await cursor.fetchone()
    if row and row[0]:
        raise CorrectedMeanwhile("an event was edited or discarded meanwhile; ask for the rebuild again")


async def newly_parked(pool: Pool, rebuild: MaintenanceJob) -> str | None:
    """What the new table lacks of what the one that queries read shows: the first event that only the rebuild parked.

    Where a read model waits for such an event itself, or has not come so far, a rebuild that parks it makes nothing
    worse.
    """
    async with connection_from(pool) as connection:
        return await _newly_parked(connection, rebuild)


async def _newly_parked(connection: AsyncConnection[Any], rebuild: MaintenanceJob) -> str | None:
    cursor = await connection.execute(
        """SELECT c.position, c.topic, c.problem FROM commerce_parked c
           JOIN commerce_tracking t ON t.application_name = %(live)s || ':' || c.partition
           WHERE c.subscription = %(copy)s AND c.position <= t.notification_id
             AND to_regclass(%(table)s) IS NOT NULL
             AND NOT EXISTS (
                 SELECT FROM commerce_parked l WHERE l.subscription = %(live)s AND l.keys[1] = c.keys[1])
           ORDER BY c.position LIMIT 1""",
        {"live": rebuild.projection, "copy": name_of(rebuild), "table": f"projections.{rebuild.projection}"},
    )
    found = await cursor.fetchone()
    if found is None:
        return None
    position, topic, problem = found
    return f"the event at position {position} ({topic}) cannot be folded any more: {problem}"


async def _caught_up(
    connection: AsyncConnection[Any], projection: Projection[Any], rebuild: MaintenanceJob, live: Mapping[int, int]
) -> dict[int, int]:
    """Wait until the new table shows all that the live one does, then lock its positions. Raises `NotYet`."""
    until = asyncio.get_running_loop().time() + SWAP_TIMEOUT_S
    while await _behind(connection, projection, await _positions(connection, name_of(rebuild)), live):
        if asyncio.get_running_loop().time() > until:
            raise NotYet("the new table is behind")
        await asyncio.sleep(_LOOK_INTERVAL_S)
    return await _positions(connection, name_of(rebuild), locked=True)


async def _behind(
    connection: AsyncConnection[Any], projection: Projection[Any], copy: Mapping[int, int], live: Mapping[int, int]
) -> bool:
    """Whether an event lies between a position of the new table and that of the live one."""
    cursor = await connection.execute(
        f"""SELECT EXISTS (
                SELECT FROM unnest(%(numbers)s::int[], %(copy)s::bigint[], %(live)s::bigint[])
                    AS part (partition, position, live)
                WHERE EXISTS (
                    SELECT FROM {EVENTS_AFTER_IT.format(key=projection.partition_key)}
                    AND e.notification_id <= part.live))""",
        {
            "numbers": list(live),
            "copy": [copy.get(number, 0) for number in live],
            "live": list(live.values()),
            "topics": list(projection.topics),
            "partitions": projection.partitions,
        },
    )
    row = await cursor.fetchone()
    return bool(row and row[0])


async def _exchange(
    connection: AsyncConnection[Any], projection: Projection[Any], rebuild: MaintenanceJob, positions: Mapping[int, int]
) -> None:
    await _forget_parked(connection, projection.name)
    names = [projection.name, name_of(rebuild)]
    await connection.execute("UPDATE commerce_parked SET subscription = %s WHERE subscription = %s", names)
    await connection.execute("UPDATE commerce_parked_sequences SET subscription = %s WHERE subscription = %s", names)
    await _forget_positions(connection, name_of(rebuild))
    await drop_tables(connection, projection.table)
    await rename_tables(connection, _table(rebuild), projection.name)
    await connection.execute(
        """UPDATE commerce_tracking t SET notification_id = new.position, version = %s, generation = t.generation + 1
           FROM unnest(%s::text[], %s::bigint[]) AS new (name, position) WHERE t.application_name = new.name""",
        [projection.version, [f"{projection.name}:{number}" for number in positions], list(positions.values())],
    )
    await end(connection, rebuild.id)
