"""Reads of the log: by stream, by position, as of a time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import fields
from datetime import datetime
from functools import lru_cache
from typing import Any, LiteralString
from uuid import UUID

import psycopg
from psycopg import AsyncConnection, AsyncCursor
from psycopg_pool import AsyncConnectionPool, PoolTimeout, TooManyRequests

from commerce.eventstore.codec.records import Recorded
from commerce.eventstore.postgres.arrays import Array, texts, uuids
from commerce.eventstore.postgres.sessions import Session
from commerce.runtime.error_text import error_text
from commerce.values.errors import Unavailable

Pool = AsyncConnectionPool[Session]

_COLUMNS: LiteralString = """originator_id, originator_version, topic, state, notification_id,
    recorded_at, correlation_id, causation_id, coalesce(metadata ->> 'actor', 'system:unknown'), metadata ->>
    'request_id'"""
"""The fields of `Recorded`, in their order."""

_TOO_LARGE = "54"
"""How PostgreSQL's codes begin for values that exceed a limit of its own, which no waiting changes."""

_KEPT_TOPICS = 64
"""Sets of topics whose parameters are kept: each look at the log has them, and a process has a few dozen."""

_FIELDS = tuple(field.name for field in fields(Recorded))


def recorded_row(_cursor: AsyncCursor[Any]) -> Callable[[Sequence[Any]], Recorded]:
    """psycopg's row factory for rows of the log."""
    return recorded_of


def recorded_of(row: Sequence[Any]) -> Recorded:
    """A row of the log, with its columns in the order of `_COLUMNS`."""
    recorded = object.__new__(Recorded)  # its `__init__` sets one field after the other, which takes twice as long
    recorded.__dict__.update(zip(_FIELDS, row, strict=True))
    return recorded


class LogReader:
    """Reads events over a pool of connections; a database that does not answer raises `Unavailable`.

    `address` is where this process opens further sessions, with its name and how long connecting may take.
    """

    def __init__(self, pool: Pool, address: str) -> None:
        self.pool = pool
        self.address = address

    async def head(self) -> int:
        """The position of the newest event, 0 for an empty log."""
        async with connection_from(self.pool) as connection:
            return await head_of(connection)

    async def read_stream(
        self, stream: UUID, *, until_version: int | None = None, until_time: datetime | None = None
    ) -> list[Recorded]:
        """The events of one stream, oldest first: all, or as it was at a version or a time."""
        return await self._read(
            """originator_id = %b AND (%b::bigint IS NULL OR originator_version <= %b)
               AND (%b::timestamptz IS NULL OR recorded_at <= %b) ORDER BY originator_version""",
            [stream, until_version, until_version, until_time, until_time],
        )

    async def read_streams(self, streams: Iterable[UUID]) -> dict[UUID, list[Recorded]]:
        """The events of several streams, each oldest first, in one query; a stream without events is an empty list."""
        found: dict[UUID, list[Recorded]] = {stream: [] for stream in streams}
        for recorded in await self._read(
            "originator_id = ANY(%b) ORDER BY originator_id, originator_version", [uuids(list(found))]
        ):
            found[recorded.stream].append(recorded)
        return found

    async def read_ends(self, streams: Iterable[UUID], most: int) -> tuple[datetime, dict[UUID, list[Recorded]]]:
        """The database's time, and the newest events of several streams, at most so many of each, oldest first."""
        found: dict[UUID, list[Recorded]] = {stream: [] for stream in streams}
        async with connection_from(self.pool) as connection:
            row = await (await connection.execute("SELECT clock_timestamp()")).fetchone()
            assert row is not None  # a clock always answers
            for recorded in await _read_ends_from(connection, list(found), most):
                found[recorded.stream].append(recorded)
        return row[0], found

    async def read_log(
        self, after: int, until: int, *, topics: Iterable[str] | None = None, limit: int = 1000
    ) -> list[Recorded]:
        """Events with `after < position <= until`, in order, at most `limit`; only of `topics`, where given."""
        chosen = None if topics is None else list(topics)
        return await self._read(
            """notification_id > %b AND notification_id <= %b AND (%b::text[] IS NULL OR topic = ANY(%b))
               ORDER BY notification_id LIMIT %b""",
            [after, until, chosen, chosen, limit],
        )

    async def read_beyond(
        self, after: int, topics: frozenset[str] | None, limit: int, known: frozenset[str] | None = None
    ) -> tuple[int, list[Recorded]]:
        """The position of the newest event, and the events after a position, at most `limit`, of topics as in
        `of_topics`; of one moment, in one query."""
        async with connection_from(self.pool) as connection:
            cursor = connection.cursor(binary=True)
            await cursor.execute(
                f"""SELECT coalesce(head.place, 0), events.*
                    FROM (SELECT max(notification_id) AS place FROM commerce_events) AS head
                    LEFT JOIN LATERAL (
                        SELECT {_COLUMNS} FROM commerce_events
                        WHERE notification_id > %b AND {OF_TOPICS}
                        ORDER BY notification_id LIMIT %b
                    ) AS events ON true
                    ORDER BY events.notification_id""",
                [after, *of_topics(topics, known), limit],
            )
            rows = await cursor.fetchall()
        return int(rows[0][0]), [recorded_of(row[1:]) for row in rows if row[1] is not None]

    async def read_correlated(
        self, correlation: UUID, *, after: int = 0, limit: int = 1000, topics: Iterable[str] | None = None
    ) -> list[Recorded]:
        """Events of every stream that belong to one order or customer, in log order; only of `topics`, where given."""
        chosen = None if topics is None else list(topics)
        return await self._read(
            """correlation_id = %b AND notification_id > %b AND (%b::text[] IS NULL OR topic = ANY(%b))
               ORDER BY notification_id LIMIT %b""",
            [correlation, after, chosen, chosen, limit],
        )

    async def read_each_correlated(
        self, correlations: Iterable[UUID], *, most: int, topics: Iterable[str]
    ) -> dict[UUID, list[Recorded]]:
        """The first events of `topics` of several orders or customers, at most so many of each, in log order and in
        one query; `read_correlated` goes on with one that has more."""
        found: dict[UUID, list[Recorded]] = {correlation: [] for correlation in correlations}
        async with connection_from(self.pool) as connection:
            cursor = connection.cursor(row_factory=recorded_row, binary=True)
            await cursor.execute(
                f"""SELECT {_COLUMNS} FROM unnest(%b::uuid[]) AS own (correlation)
                    CROSS JOIN LATERAL (
                        SELECT * FROM commerce_events
                        WHERE correlation_id = own.correlation AND topic = ANY(%b)
                        ORDER BY notification_id LIMIT %b
                    ) AS events
                    ORDER BY notification_id""",
                [uuids(list(found)), list(topics), most],
            )
            for recorded in await cursor.fetchall():
                assert recorded.correlation_id is not None  # the query asks for events that have one
                found[recorded.correlation_id].append(recorded)
        return found

    async def _read(self, condition: LiteralString, parameters: Sequence[object]) -> list[Recorded]:
        async with connection_from(self.pool) as connection:
            return await read_events(connection, condition, parameters)


OF_TOPICS: LiteralString = """(%b::text[] IS NULL OR topic = ANY(%b)
    OR topic <> ALL(%b) AND split_part(topic, '.', 1) = ANY(%b))"""
"""The condition for events of some topics; its parameters are `of_topics`."""


@lru_cache(maxsize=_KEPT_TOPICS)
def of_topics(topics: frozenset[str] | None, known: frozenset[str] | None) -> tuple[Array | None, ...]:
    """The parameters of `OF_TOPICS`: for `topics`, where None means all, and for those of the same contexts that are
    not `known`, where that is given."""
    chosen = None if topics is None else texts(sorted(topics))
    contexts = texts(sorted({topic_context(topic) for topic in topics or ()}))
    return chosen, chosen, None if known is None else texts(sorted(known)), contexts


def topic_context(topic: str) -> str:
    """The bounded context that a topic belongs to."""
    return topic.partition(".")[0]


async def read_events(
    connection: AsyncConnection[Any],
    condition: LiteralString,
    parameters: Sequence[object],
    source: LiteralString = "commerce_events",
) -> list[Recorded]:
    """The events that fulfil a condition; it ends with their order, and a limit where they may be many."""
    cursor = connection.cursor(row_factory=recorded_row, binary=True)
    await cursor.execute(f"SELECT {_COLUMNS} FROM {source} WHERE {condition}", parameters)
    return await cursor.fetchall()


async def read_streams_from(
    connection: AsyncConnection[Any], versions: Mapping[UUID, int]
) -> dict[UUID, list[Recorded]]:
    """The events of several streams, each from a version of its own on, oldest first."""
    cursor = connection.cursor(row_factory=recorded_row, binary=True)
    await cursor.execute(
        f"""SELECT {_COLUMNS} FROM unnest(%b::uuid[], %b::bigint[]) AS own (stream, version)
            CROSS JOIN LATERAL (
                SELECT * FROM commerce_events
                WHERE originator_id = own.stream AND originator_version >= own.version
                ORDER BY originator_version
            ) AS events""",
        [list(versions), list(versions.values())],
    )
    found: dict[UUID, list[Recorded]] = {stream: [] for stream in versions}
    for recorded in await cursor.fetchall():
        found[recorded.stream].append(recorded)
    return found


async def _read_ends_from(connection: AsyncConnection[Any], streams: list[UUID], most: int) -> list[Recorded]:
    cursor = connection.cursor(row_factory=recorded_row, binary=True)
    await cursor.execute(
        f"""SELECT {_COLUMNS} FROM unnest(%b::uuid[]) AS own (stream)
            CROSS JOIN LATERAL (
                SELECT * FROM commerce_events
                WHERE originator_id = own.stream
                ORDER BY originator_version DESC LIMIT %b
            ) AS events
            ORDER BY originator_id, originator_version""",
        [uuids(streams), most],
    )
    return await cursor.fetchall()


async def head_of(connection: AsyncConnection[Any]) -> int:
    """The position of the newest event, 0 for an empty log."""
    cursor = await connection.execute("SELECT coalesce(max(notification_id), 0) FROM commerce_events")
    row = await cursor.fetchone()
    return int(row[0]) if row else 0


@asynccontextmanager
async def connection_from(pool: Pool) -> AsyncIterator[AsyncConnection[Any]]:
    """A pooled connection in autocommit mode; a database that does not answer raises `Unavailable`."""
    try:
        async with pool.connection() as connection:
            yield connection
    except (PoolTimeout, TooManyRequests, psycopg.OperationalError) as error:
        if isinstance(error, psycopg.OperationalError) and (error.sqlstate or "").startswith(_TOO_LARGE):
            raise
        raise Unavailable(_unavailable(error)) from error


def _unavailable(error: Exception) -> str:
    if isinstance(error, psycopg.OperationalError) and error.sqlstate:
        return error_text(error)
    return f"the database does not answer: {type(error).__name__}"
