"""Events that a partition could not handle, with those that wait behind them: who has to wait, and whose turn it is to
be tried again. All of it stands in the database, so that a sequence of any length takes no memory."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, LiteralString

from psycopg import AsyncConnection
from psycopg.rows import class_row

from commerce.eventstore.codec.records import Recorded
from commerce.eventstore.errors import EventFailed, TooManyParked
from commerce.eventstore.postgres.statement import Statement
from commerce.eventstore.subscriptions.corrections import base_name, read_corrected
from commerce.eventstore.subscriptions.error_groups import Failure
from commerce.eventstore.subscriptions.subscription import Subscription

MOST_FAILED_EVENTS = 2_000
"""Events that one partition parks because they fail, at most; then it stands still at the next one. Those that wait
behind them are not counted."""

LOOK_INTERVAL_S = 1.0
"""Seconds between looks at parked events, and so until one is tried that a person wants tried."""

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 60.0
"""Seconds until a parked event is tried again by itself: each time twice as many, up to the longest."""

MOST_TRIES = 100
"""So often a parked event is tried by itself; then, after about an hour and a half, only by a new process, or when a
person wants it."""

DRAINED_EVENTS = 200
"""Parked events that are tried in one transaction, at most."""


@dataclass(frozen=True, slots=True)
class ParkedEvent:
    """One parked event that may be tried; `waits_for` are the positions of the last ones before it, in each of its
    sequences."""

    position: int
    attempts: int
    revision: int
    """Grows with each decision of a person about it."""
    is_due: bool
    waits_for: Sequence[int]


@dataclass(frozen=True, slots=True)
class Waiting:
    """An event that is parked: it waits for all of its `keys`, and later ones in one of `sequences` wait for it."""

    recorded: Recorded
    keys: Sequence[str]
    sequences: Sequence[str]


class ParkedQueue:
    """The parked events of one partition, which only this partition adds to and takes away.

    `count` is how many there are. Nearly always that is none, and nothing is asked of the database.
    """

    def __init__(self, subscription: Subscription, number: int) -> None:
        self.count = 0
        self._subscription = subscription
        self._number = number
        self._place = {"subscription": subscription.name, "partition": number}
        self._corrected_until = 0
        self._is_new = True
        """Whether this process has not looked yet: its code may be able to handle what failed before."""
        self._next_look = 0.0

    @property
    def look_in_s(self) -> float | None:
        """Seconds until the queue is to be looked at; None where nothing is parked."""
        return max(0.0, self._next_look - _now()) if self.count else None

    @property
    def look_is_due(self) -> bool:
        """Whether parked events may have to be tried."""
        return self.count > 0 and self._next_look <= _now()

    def look_at_once(self) -> None:
        """There may be more to try now."""
        self._next_look = 0.0

    async def load(self, connection: AsyncConnection[Any]) -> None:
        """Count what is parked; a process that is new tries everything that failed. Raises psycopg's errors."""
        cursor = await connection.execute(_KNOWN, {**self._place, "base": base_name(self._subscription.name)})
        row = await cursor.fetchone()
        self.count, self._corrected_until = row or (0, 0)
        if self._is_new and self.count:
            await connection.execute(_TRY_ALL, self._place)
        self._is_new = False
        self.look_at_once()

    async def turns(self, connection: AsyncConnection[Any], most: int) -> list[ParkedEvent]:
        """What is to be tried now, in order: nothing that waits for an event which is not tried with it. Raises
        psycopg's errors."""
        cursor = connection.cursor(row_factory=class_row(ParkedEvent))
        await cursor.execute(_TURNS, {**self._place, "most": DRAINED_EVENTS}, prepare=False)
        self._next_look = _now() + LOOK_INTERVAL_S
        chosen: dict[int, ParkedEvent] = {}
        for row in await cursor.fetchall():
            if row.is_due and chosen.keys() >= set(row.waits_for):
                chosen[row.position] = row
        return list(chosen.values())[:most]

    def concerns(self, events: Sequence[Recorded]) -> bool:
        """Whether some of a batch's events may have to wait, or were corrected."""
        return self.count > 0 or events[0].position <= self._corrected_until

    async def corrected(self, connection: AsyncConnection[Any], events: Sequence[Recorded]) -> Sequence[Recorded]:
        """Events as they are to be read, without those that are left out. Raises psycopg's errors."""
        return await read_corrected(connection, self._subscription.name, events)

    async def divide(
        self, connection: AsyncConnection[Any], events: Sequence[Recorded]
    ) -> tuple[list[Recorded], list[Waiting]]:
        """Events that can be handled, and those that have to wait behind parked ones. Raises psycopg's errors."""
        keys = [self._subscription.sequences_of(recorded) for recorded in events]
        blocked = await self._blocked(connection, {key for own in keys for key in own})
        free: list[Recorded] = []
        behind: list[Waiting] = []
        for recorded, own in zip(events, keys, strict=True):
            if blocked.isdisjoint(own):
                free.append(recorded)
            else:
                behind.append(Waiting(recorded, own, [own[0], *(key for key in own[1:] if key in blocked)]))
                blocked.add(own[0])
        return free, behind

    async def _blocked(self, connection: AsyncConnection[Any], sequences: Iterable[str]) -> set[str]:
        """Those of some sequences in which events wait."""
        cursor = await connection.execute(_BLOCKED, {**self._place, "sequences": list(sequences)}, prepare=False)
        return {row[0] for row in await cursor.fetchall()}

    async def require_room(self, connection: AsyncConnection[Any]) -> None:
        """Raise `TooManyParked` where no more events that fail may be parked; psycopg's errors."""
        cursor = await connection.execute(_FAILED, self._place)
        row = await cursor.fetchone()
        if row and row[0] >= MOST_FAILED_EVENTS:
            raise TooManyParked(
                f"{MOST_FAILED_EVENTS} events that fail are parked already, the most that may be; see commerce parked"
            )

    def to_park(self, behind: Sequence[Waiting]) -> Statement:
        """Park events that wait behind others."""
        return self._insert(behind, None, None)

    def to_park_failed(self, failed: Recorded, error: Exception) -> Statement:
        """Park an event that could not be handled."""
        keys = self._subscription.sequences_of(failed)
        broken = _broken(error)
        if broken is not None and broken not in keys:
            keys = [*keys, broken]
        return self._insert([Waiting(failed, keys, [keys[0], *([broken] if broken else [])])], error, FIRST_PAUSE_S)

    def to_unpark(self, rows: Sequence[ParkedEvent]) -> Statement:
        """Take parked events away, as they are handled as they were known."""
        return Statement(
            "SELECT commerce_unpark(%s, %s::bigint[], %s::integer[])",
            [self._subscription.name, [row.position for row in rows], [row.revision for row in rows]],
        )

    def to_park_again(self, row: ParkedEvent, error: Exception) -> Statement:
        """A parked event was tried in vain: when it is tried again."""
        is_last = row.attempts + 1 >= MOST_TRIES
        pause = None if is_last else min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** min(row.attempts + 1, 16))
        return Statement(
            "SELECT commerce_park_again(%s, %s, %s, %s, %s, %s, %s, %s, %s::float8)",
            [self._subscription.name, row.position, row.revision, _broken(error), *self._told(error), pause],
        )

    def _told(self, error: Exception | None) -> list[str | None]:
        if error is None:
            return [None] * 4
        failure = Failure.of(error)
        group = failure.group
        return [group.id_for(base_name(self._subscription.name)), group.error, group.place, failure.problem]

    def _insert(self, parked: Sequence[Waiting], error: Exception | None, pause: float | None) -> Statement:
        rows = [(one.recorded.position, one.recorded.topic, one.keys, one.sequences) for one in parked]
        values = ", ".join(["(%s::bigint, %s::text, %s::text[], %s::text[])"] * len(rows))
        own = [self._subscription.name, self._number]
        told = [*self._told(error), pause]
        return Statement(_PARK.replace("ROWS", values), [*own, *told, *(value for row in rows for value in row)])


def _broken(error: Exception) -> str | None:
    return error.broken if isinstance(error, EventFailed) else None


def _now() -> float:
    return asyncio.get_running_loop().time()


# Nothing of this is prepared: a plan that was right while little was parked would stay.
_COUNT = "SELECT count(*) FROM commerce_parked WHERE subscription = %(subscription)s AND partition = %(partition)s"

_KNOWN = f"""SELECT ({_COUNT}),
       (SELECT coalesce(max(position), 0) FROM commerce_corrections WHERE subscription = %(base)s)"""

_FAILED = f"{_COUNT} AND error_group IS NOT NULL"

_TRY_ALL = """
UPDATE commerce_parked SET due_at = clock_timestamp()
WHERE subscription = %(subscription)s AND partition = %(partition)s AND error_group IS NOT NULL
  AND due_at > clock_timestamp()"""

_BLOCKED = """
SELECT own.sequence FROM unnest(%(sequences)s::text[]) AS own (sequence)
WHERE EXISTS (
    SELECT FROM commerce_parked_sequences s
    WHERE s.subscription = %(subscription)s AND s.partition = %(partition)s AND s.sequence = own.sequence)"""

_PARK: LiteralString = """
WITH own (subscription, partition) AS (VALUES (%s::text, %s::integer)),
told (error_group, error, place, problem, pause_s) AS (VALUES (%s::text, %s::text, %s::text, %s::text, %s::float8)),
row (position, topic, keys, sequences) AS (VALUES ROWS),
added AS (
    INSERT INTO commerce_parked
        (subscription, partition, position, topic, keys,
         error_group, error, place, problem, attempts, failed_at, due_at)
    SELECT own.subscription, own.partition, row.position, row.topic, row.keys,
           told.error_group, told.error, told.place, told.problem, (told.error_group IS NOT NULL)::integer,
           CASE WHEN told.error_group IS NOT NULL THEN clock_timestamp() END,
           CASE WHEN told.pause_s IS NOT NULL THEN clock_timestamp() + make_interval(secs => told.pause_s)
                WHEN EXISTS (
                    SELECT FROM commerce_parked_sequences s
                    WHERE s.subscription = own.subscription AND s.partition = own.partition
                      AND s.sequence = ANY(row.keys) AND s.position < row.position) THEN 'infinity'
                ELSE clock_timestamp() END
    FROM own, told, row
    ON CONFLICT DO NOTHING RETURNING position
)
INSERT INTO commerce_parked_sequences (subscription, sequence, position, partition)
SELECT own.subscription, blocked.sequence, row.position, own.partition
FROM own, row JOIN added ON added.position = row.position CROSS JOIN unnest(row.sequences) AS blocked (sequence)
ON CONFLICT DO NOTHING"""
"""Whoever waits is due once what it waits for is parked no more, which is looked at under the lock of the position."""

_TURNS = """
WITH heads AS (
    SELECT p.position FROM commerce_parked p
    WHERE p.subscription = %(subscription)s AND p.partition = %(partition)s
      AND p.due_at < 'infinity' AND p.due_at <= clock_timestamp()
      AND NOT EXISTS (
          SELECT FROM commerce_parked_sequences s
          WHERE s.subscription = p.subscription AND s.partition = p.partition AND s.sequence = ANY(p.keys)
            AND s.position < p.position)
    ORDER BY p.position LIMIT %(most)s
), turns AS (
    SELECT heads.position FROM heads
    UNION
    SELECT next.position FROM heads
    JOIN commerce_parked_sequences b ON b.subscription = %(subscription)s AND b.position = heads.position
    CROSS JOIN LATERAL (
        SELECT s.position FROM commerce_parked_sequences s
        WHERE s.subscription = b.subscription AND s.partition = b.partition AND s.sequence = b.sequence
          AND s.position > b.position
        ORDER BY s.position LIMIT %(most)s / (SELECT count(*) FROM heads) + 1
    ) AS next
    ORDER BY position LIMIT %(most)s
)
SELECT p.position, p.attempts, p.revision, p.error_group IS NULL OR p.due_at <= clock_timestamp() AS is_due,
       ARRAY(
           SELECT before.position FROM unnest(p.keys) AS own (sequence)
           CROSS JOIN LATERAL (
               SELECT s.position FROM commerce_parked_sequences s
               WHERE s.subscription = p.subscription AND s.partition = p.partition AND s.sequence = own.sequence
                 AND s.position < p.position
               ORDER BY s.position DESC LIMIT 1
           ) AS before
       ) AS waits_for
FROM turns JOIN commerce_parked p ON p.subscription = %(subscription)s AND p.position = turns.position
ORDER BY p.position"""
"""The first ones whose time has come, and those next behind them."""
