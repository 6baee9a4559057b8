"""The store as the rest of the system uses it: reads, group-committed appends, remembered requests and
personal-data keys."""

from __future__ import annotations

import os
import secrets
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import LiteralString
from uuid import UUID

import psycopg
from psycopg import AsyncConnection
from psycopg.conninfo import make_conninfo
from psycopg_pool import PoolTimeout

from commerce.eventstore.append.queue import AppendQueue
from commerce.eventstore.codec.event import Event
from commerce.eventstore.codec.records import Append, Idempotency, Recorded, key_digest
from commerce.eventstore.errors import Repeated
from commerce.eventstore.personal_keys import KeyRing
from commerce.eventstore.postgres.role import APPLICATION_ROLE
from commerce.eventstore.postgres.sessions import SLOWEST_STATEMENT_S, pool_of, session_address
from commerce.eventstore.read.known_topics import require_known
from commerce.eventstore.read.log import LogReader, Pool, connection_from
from commerce.eventstore.read.shared_reads import SharedReads
from commerce.eventstore.read.snapshots import Snapshots, StreamHistory, read_histories
from commerce.runtime.master_keys import MasterKeys
from commerce.values.errors import BadUsage, Unavailable, first_line

STORE_CONNECTIONS = 8
"""Sessions for reads of one process at most, unless it says otherwise."""
CONNECTION_TIMEOUT_S = 5.0
"""Seconds for which a caller that needs a session waits for one."""

_CONNECT_TIMEOUT_S = 5
_OPEN_TIMEOUT_S = 10.0
"""Seconds until a process gives up that cannot open its first session."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """An accepted request: its fingerprint, its answer's body without the position (JSON), that position, and how
    long ago it was, in seconds."""

    fingerprint: bytes
    answer: bytes
    position: int
    age_s: float = 0.0


FORGETTABLE: LiteralString = """created_at < clock_timestamp() - make_interval(secs => %s)
    AND scope NOT LIKE '%%POST /api/v1/orders'"""
"""Which accepted requests may be forgotten after so many seconds: nothing but its own says that an order was placed, so
that those stay. An index has the same condition."""

FORGOTTEN_REQUESTS = 5_000
"""Requests that one transaction forgets at most."""


class EventStore(LogReader):
    """One process's access to the log."""

    def __init__(
        self,
        pool: Pool,
        queue: AppendQueue,
        keys: KeyRing,
        address: str,
        application_name: str,
        *,
        known_topics: frozenset[str] | None = None,
    ) -> None:
        super().__init__(pool, address)
        self.known_topics = known_topics
        """Those of all events that the process can read; None where nobody said."""
        self._shared = SharedReads(self.read_streams)
        self.queue = queue
        self.keys = keys
        self.application_name = application_name

    async def append(self, command: Append) -> int:
        """Append one command's events; answers the position of the last once they are durable.

        Raises `StaleVersion`, `Repeated`, `KeyExists`, `Unavailable` (see `AppendQueue.append`), `InvalidInput` for a
        value that PostgreSQL cannot store.
        """
        return await self.queue.append(command)

    async def read_together(self, streams: Iterable[UUID]) -> Mapping[UUID, Sequence[Recorded]]:
        """As `read_streams`, in one query with others of this process who ask at the same time; there may be more
        streams."""
        return await self._shared.find(streams)

    async def read_histories(self, streams: Mapping[UUID, Snapshots | None]) -> dict[UUID, StreamHistory]:
        """What the states of streams are folded from; a long one, given with how it is snapshotted, begins with a
        snapshot."""
        return await read_histories(self.pool, streams)

    async def remembered(self, scope: str, key: str) -> Remembered | None:
        """The accepted request with this idempotency key, if there is one."""
        async with connection_from(self.pool) as connection:
            cursor = await connection.execute(
                """SELECT fingerprint, answer, position, extract(epoch FROM clock_timestamp() - created_at)::float8
                   FROM commerce_idempotency WHERE scope = %s AND key = %s""",
                [scope, key_digest(scope, key)],
            )
            row = await cursor.fetchone()
        return Remembered(bytes(row[0]), bytes(row[1]), row[2], row[3]) if row else None

    async def remembered_among(self, requests: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Remembered]:
        """Those of many requests, by scope and key, that were accepted, in one query. Raises `Unavailable`."""
        if not requests:
            return {}
        by_digest = {(scope, key_digest(scope, key)): (scope, key) for scope, key in requests}
        async with connection_from(self.pool) as connection:
            cursor = await connection.execute(
                """SELECT i.scope, i.key, i.fingerprint, i.answer, i.position
                   FROM unnest(%s::text[], %s::text[]) AS asked (scope, key)
                   JOIN commerce_idempotency i ON i.scope = asked.scope AND i.key = asked.key""",
                [[scope for scope, _ in by_digest], [digest for _, digest in by_digest]],
            )
            rows = await cursor.fetchall()
        return {by_digest[row[0], row[1]]: Remembered(bytes(row[2]), bytes(row[3]), row[4]) for row in rows}

    async def remember_each(self, requests: Sequence[tuple[Idempotency, int]]) -> list[bool]:
        """Remember many requests that were accepted and changed nothing, each with its position, in one transaction;
        answers which of them are the first with their key. Raises `Unavailable`."""
        if not requests:
            return []
        async with connection_from(self.pool) as connection:
            cursor = await connection.execute(
                """SELECT commerce_remember(scope, key, fingerprint, answer, position)
                   FROM unnest(%s::text[], %s::text[], %s::bytea[], %s::bytea[], %s::bigint[])
                       WITH ORDINALITY AS asked (scope, key, fingerprint, answer, position, ordinality)
                   ORDER BY ordinality""",
                [
                    [one.scope for one, _ in requests],
                    [key_digest(one.scope, one.key) for one, _ in requests],
                    [one.fingerprint for one, _ in requests],
                    [one.answer for one, _ in requests],
                    [position for _, position in requests],
                ],
            )
            return [bool(row[0]) for row in await cursor.fetchall()]

    async def remember(self, request: Idempotency, position: int) -> None:
        """Remember a request that was accepted and changed nothing; `position` is what its answer names.

        Raises `Repeated` where one with this key was accepted before, `Unavailable`.
        """
        digest = key_digest(request.scope, request.key)
        async with connection_from(self.pool) as connection:
            cursor = await connection.execute(
                "SELECT commerce_remember(%s, %s, %s, %s, %s)",
                [request.scope, digest, request.fingerprint, request.answer, position],
            )
            row = await cursor.fetchone()
        if row is None or not row[0]:
            raise Repeated("this request was accepted before")

    async def forget_requests(self, kept_s: int) -> int:
        """Forget accepted requests that are older than `kept_s` seconds, `FORGOTTEN_REQUESTS` at most; answers how
        many.

        A repeat of one is no repeat any more. Those that placed an order stay. Raises `Unavailable`.
        """
        async with connection_from(self.pool) as connection:
            cursor = await connection.execute(
                f"""DELETE FROM commerce_idempotency WHERE ctid = ANY(ARRAY(
                       SELECT ctid FROM commerce_idempotency WHERE {FORGETTABLE} LIMIT %s))""",
                [kept_s, FORGOTTEN_REQUESTS],
            )
        return cursor.rowcount


@asynccontextmanager
async def open_reader(address: str, application_name: str) -> AsyncIterator[LogReader]:
    """Connect a process that only reads to the log. Raises `BadUsage` where the database cannot be reached."""
    try:
        conninfo = make_conninfo(address, application_name=application_name, connect_timeout=_CONNECT_TIMEOUT_S)
        async with await AsyncConnection.connect(conninfo):
            pass
    except psycopg.Error as error:
        text = f"the database cannot be reached: {first_line(error)}; start a system with `commerce up`"
        raise BadUsage(text) from None
    pool = pool_of(conninfo, min_size=1, max_size=2)
    try:
        await pool.open(wait=True, timeout=_OPEN_TIMEOUT_S)
        yield LogReader(pool, conninfo)
    except PoolTimeout:
        raise BadUsage("the database does not answer") from None
    finally:
        await pool.close()


@asynccontextmanager
async def open_store(
    address: str,
    master: MasterKeys | bytes,
    name: str,
    *,
    connections: int = STORE_CONNECTIONS,
    known: Mapping[str, type[Event]] | None = None,
    slowest: float = SLOWEST_STATEMENT_S,
) -> AsyncIterator[EventStore]:
    """Connect one process, called `name`, to the log, with at most `connections` + 2 sessions.

    `master` are the installation's master keys, or the only one, `known` the events that the process can read
    (`commerce.events.EVENTS`), `slowest` the seconds that a query may take. Raises `BadUsage` where the database cannot
    be reached, has no log yet, or holds events that are not known, and where the current master key cannot be had.
    """
    application_name = f"commerce {name} {os.getpid()} {secrets.token_hex(4)}"
    try:
        address = session_address(address, application_name, slowest)
    except psycopg.ProgrammingError as error:
        raise BadUsage(f"the database's address cannot be read: {error}") from None
    pool = pool_of(
        address,
        slowest,
        min_size=1,
        max_size=connections,
        max_waiting=1000,
        timeout=CONNECTION_TIMEOUT_S,
        reconnect_timeout=CONNECTION_TIMEOUT_S,  # then the next caller makes it try at once, instead of ever later
    )
    queue, keys = AppendQueue(address), KeyRing(pool, master)
    try:
        await pool.open(wait=True, timeout=_OPEN_TIMEOUT_S)
        await _require_log(pool)
        if known is not None:
            await require_known(pool, known)
        await _require_master_key(keys)
        await queue.start()
    except (PoolTimeout, Unavailable, psycopg.OperationalError) as error:
        await pool.close()
        raise BadUsage(f"the database cannot be reached: {first_line(error)}") from None
    except BaseException:
        await pool.close()
        raise
    try:
        known_topics = None if known is None else frozenset(known)
        yield EventStore(pool, queue, keys, address, application_name, known_topics=known_topics)
    finally:
        await queue.stop()
        await pool.close()


async def _require_master_key(keys: KeyRing) -> None:
    try:
        await keys.masters.refresh()
    except Unavailable as error:
        raise BadUsage(f"the current master key cannot be had: {first_line(error)}") from None


async def _require_log(pool: Pool) -> None:
    async with connection_from(pool) as connection:
        cursor = await connection.execute(
            "SELECT name FROM unnest(%s::text[]) AS name WHERE to_regclass('public.' || name) IS NULL ORDER BY name",
            [sorted(APPLICATION_ROLE.tables)],
        )
        missing = [row[0] for row in await cursor.fetchall()]
    if "commerce_events" in missing:
        raise BadUsage("the database has no log yet; run `commerce migrate` first")
    if missing:
        raise BadUsage(
            f"the database has no {', '.join(missing)}: run `commerce migrate` first; what that does not make was "
            "dropped,"
            " and comes back with a backup"
        )
