"""Searches the log by position, in bounded steps, so that no page scans a log of millions for a filter that few
events pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, LiteralString
from uuid import UUID

from psycopg import AsyncConnection

from commerce.audit.events import PersonalDataRead
from commerce.eventstore import LogReader, Recorded, connection_from, head_of, read_events
from commerce.runtime.tokens import spellings

WINDOW_POSITIONS = 50_000
"""Positions that one statement looks through for a filter that no index answers."""
WINDOW_LOOKS = 5_000
"""Looks at personal data, which have an index of their own, that one statement goes through where only they are
wanted."""
MOST_WINDOWS = 8
"""A page takes this many statements at most; the next page goes on where they ended."""

_IS_LOOK: LiteralString = f"topic = '{PersonalDataRead.TOPIC}'"
"""As the index of looks has it: a parameter in the place of the topic would not lead to it."""


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Which events are looked for: those that fulfil all that is given. `reader`: others' looks at personal data
    are left out.

    `read_order` is for looks at personal data alone: those at this order, or this customer.
    """

    topic: str | None = None
    topics: Sequence[str] | None = None
    correlation_id: UUID | None = None
    streams: Sequence[UUID] | None = None
    actor: str | None = None
    begin: datetime | None = None
    end: datetime | None = None
    reader: str | None = None
    read_order: UUID | None = None

    @property
    def indexed(self) -> bool:
        """Whether an index leads to the events, so that the whole log can be asked at once."""
        return self.correlation_id is not None or self.streams is not None

    @property
    def only_stream(self) -> UUID | None:
        """The stream whose events are wanted, where it is one."""
        return self.streams[0] if self.streams is not None and len(self.streams) == 1 else None

    @property
    def is_of_looks(self) -> bool:
        """Whether only looks at personal data are wanted."""
        return self.topic == PersonalDataRead.TOPIC


@dataclass(frozen=True, slots=True)
class Found:
    """Events in log order; all others up to `until` are not wanted. `more`: the search can go on from there."""

    events: list[Recorded]
    until: int
    more: bool


def fulfils(recorded: Recorded, wanted: EventFilter) -> bool:
    """Whether an event fulfils a filter that names no time and no order that was looked at."""
    return (
        wanted.topic in (None, recorded.topic)
        and (wanted.topics is None or recorded.topic in wanted.topics)
        and wanted.correlation_id in (None, recorded.correlation_id)
        and (wanted.streams is None or recorded.stream in wanted.streams)
        and (wanted.actor is None or recorded.actor in spellings(wanted.actor))
        and (wanted.reader in (None, recorded.actor) or recorded.topic != PersonalDataRead.TOPIC)
    )


async def search(log: LogReader, wanted: EventFilter, after: int, limit: int) -> Found:
    """At most `limit` events after a position; fewer, even none, where the search has gone far enough for one page.

    The end of the log is read first, so that an event that comes meanwhile is not passed over. Raises `Unavailable`.
    """
    async with connection_from(log.pool) as connection:
        end = await head_of(connection)
        if wanted.end is not None:
            end = await position_at(connection, wanted.end, later=True) - 1
        if wanted.begin is not None:
            after = max(after, await position_at(connection, wanted.begin, later=False) - 1)
        events: list[Recorded] = []
        for _ in range(MOST_WINDOWS):
            until = await _window_end(connection, wanted, after, end)
            events += await _between(connection, wanted, after, until, limit + 1 - len(events))
            if len(events) > limit:
                return Found(events[:limit], events[limit - 1].position, more=True)
            after = max(after, until)
            if after >= end:
                return Found(events, after, more=False)
        return Found(events, after, more=True)


async def search_newest(log: LogReader, wanted: EventFilter, before: int | None, limit: int) -> Found:
    """At most `limit` events before a position, or of the whole log, newest first; the search goes on before `until`.

    Raises `Unavailable`.
    """
    async with connection_from(log.pool) as connection:
        oldest = 1 if wanted.begin is None else await position_at(connection, wanted.begin, later=False)
        end = await head_of(connection) + 1
        if wanted.end is not None:
            end = await position_at(connection, wanted.end, later=True)
        before = end if before is None else min(before, end)
        events: list[Recorded] = []
        for _ in range(MOST_WINDOWS):
            begin = await _window_begin(connection, wanted, before, oldest)
            events += await _between(connection, wanted, begin - 1, before - 1, limit + 1 - len(events), order="DESC")
            if len(events) > limit:
                return Found(events[:limit], events[limit - 1].position, more=True)
            before = min(before, begin)
            if before <= oldest:
                return Found(events, before, more=False)
        return Found(events, before, more=True)


async def _window_end(connection: AsyncConnection[Any], wanted: EventFilter, after: int, end: int) -> int:
    """The last position up to `end` that one statement searches, from a position on."""
    if wanted.indexed:
        return end
    if not wanted.is_of_looks:
        return min(end, after + WINDOW_POSITIONS)
    beyond: LiteralString = "notification_id > %b ORDER BY notification_id OFFSET %b LIMIT 1"
    last = await _look_at(connection, beyond, [after, WINDOW_LOOKS - 1])
    return end if last is None else min(end, last)


async def _window_begin(connection: AsyncConnection[Any], wanted: EventFilter, before: int, oldest: int) -> int:
    """The first position from `oldest` on that one statement searches, up to a position."""
    if wanted.indexed:
        return oldest
    if not wanted.is_of_looks:
        return max(oldest, before - WINDOW_POSITIONS)
    earlier: LiteralString = "notification_id < %b ORDER BY notification_id DESC OFFSET %b LIMIT 1"
    first = await _look_at(connection, earlier, [before, WINDOW_LOOKS - 1])
    return oldest if first is None else max(oldest, first)


async def _look_at(connection: AsyncConnection[Any], condition: LiteralString, values: Sequence[int]) -> int | None:
    """The position of the look that a condition leads to, if there is one."""
    cursor = await connection.execute(
        f"SELECT notification_id FROM commerce_events WHERE {_IS_LOOK} AND {condition}", values
    )
    row = await cursor.fetchone()
    return None if row is None else int(row[0])


async def _between(
    connection: AsyncConnection[Any],
    wanted: EventFilter,
    after: int,
    until: int,
    limit: int,
    *,
    order: Literal["ASC", "DESC"] = "ASC",
) -> list[Recorded]:
    stream = wanted.only_stream
    reads: LiteralString = f"(NOT {_IS_LOOK} OR metadata ->> 'actor' = %b)"
    kind: LiteralString = f"topic = %b AND {_IS_LOOK}" if wanted.is_of_looks else "topic = %b"
    given: list[tuple[LiteralString, object]] = [
        ("notification_id > %b", after),
        ("notification_id <= %b", until),
        (kind, wanted.topic),
        ("topic = ANY(%b)", None if wanted.topics is None else list(wanted.topics)),
        ("metadata ->> 'actor' = ANY(%b)", None if wanted.actor is None else spellings(wanted.actor)),
        (reads, wanted.reader),
        ("correlation_id = %b", wanted.correlation_id),
        ("position(convert_to(%b::text, 'UTF8') IN state) > 0", wanted.read_order and str(wanted.read_order)),
        ("originator_id = %b", stream),
        ("originator_id = ANY(%b)", None if wanted.streams is None or stream else list(wanted.streams)),
    ]
    applied = [(condition, value) for condition, value in given if value is not None]
    conditions = " AND ".join(condition for condition, _ in applied)
    values = [value for _, value in applied]
    place: LiteralString = "originator_version" if stream else "notification_id"  # which order a stream's events alike
    ordered: LiteralString = f"{conditions} ORDER BY {place} {order} LIMIT %b"
    return await read_events(connection, ordered, [*values, limit])


async def position_at(connection: AsyncConnection[Any], time: datetime, *, later: bool) -> int:
    """The position of the first event recorded at a time or later (or: only later), one past the end if there is
    none.

    Times never run backwards along the log, so halving finds it, without an index on them that every append would pay
    for.
    """
    cursor = await connection.execute(
        """
        WITH RECURSIVE search (low, high) AS (
            SELECT 0::bigint, (SELECT coalesce(max(notification_id), 0) + 1 FROM commerce_events)
            UNION ALL
            SELECT CASE WHEN past THEN low ELSE middle END, CASE WHEN past THEN middle ELSE high END
            FROM search
            CROSS JOIN LATERAL (SELECT (low + high) / 2 AS middle) AS halved
            CROSS JOIN LATERAL (
                SELECT recorded_at > %b::timestamptz OR (NOT %b AND recorded_at = %b::timestamptz) AS past
                FROM commerce_events WHERE notification_id >= middle ORDER BY notification_id LIMIT 1
            ) AS probed
            WHERE high - low > 1
        )
        SELECT min(high) FROM search""",
        [time, later, time],
    )
    row = await cursor.fetchone()
    assert row is not None  # an aggregate answers one row
    return int(row[0])
