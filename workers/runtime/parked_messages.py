"""Messages that a consumer cannot handle: parked with their order, tried again in turn, left alone once discarded.

A message is only a hint that something stands in the log, so what is parked is named by that place. The relay may send
the same request again meanwhile; it is then taken for the one that is parked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import LiteralString
from uuid import UUID

import psycopg
import structlog

from commerce.eventstore import EventStore, Failure, connection_from
from commerce.outside.errors import TryAgain
from commerce.values.errors import CommerceError, Unavailable

LOOK_INTERVAL_S = 1.0
"""Seconds between looks at what is parked."""

FAILED_DELIVERIES = 5
"""So often a message may fail before it is parked: most errors of the moment are over by then."""

MOST_PARKED_MESSAGES = 2_000
"""Messages that one consumer parks, at most; then they stay on the broker, and come again and again."""

MOST_TRIES = 100
FIRST_PAUSE_S, LONGEST_PAUSE_S = 2.0, 60.0
"""How often a parked message is tried by itself, and the seconds in between: each time twice as many."""

_UNWATCHED_DELIVERIES = 2
MOST_UNFINISHED_DELIVERIES = 3
"""A delivery that ended without a word ended with its process: after so many, the message is parked. They are counted
from the third delivery on, so that an ordinary one costs nothing."""

DEADLY_PAUSES_S = (15.0, 60.0, 600.0, 3600.0)
"""A message that is parked for that is tried again after each of these, as it may be something else that ended its
processes; then only when a person wants it."""

_DIED = Failure.told("WorkerDied", "the process that handled it", "WorkerDied: the worker ended while it handled this")
_log = structlog.stdlib.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class MessageHint:
    """A message: what it is sent as, and what it is about: a place in the log, and an order."""

    subject: str
    body: bytes
    position: int
    order_id: UUID


@dataclass(frozen=True, slots=True)
class _Row:
    position: int
    sequence: str
    subject: str
    body: bytes
    attempts: int
    revision: int
    is_due: bool
    has_killed: bool

    @property
    def hint(self) -> MessageHint:
        return MessageHint(self.subject, self.body, self.position, UUID(self.sequence))


Handle = Callable[[MessageHint], Awaitable[None]]


class ParkedMessages:
    """What one consumer has parked, as seen by one process; every process of the consumer tries what is due."""

    def __init__(self, store: EventStore, consumer: str, handle: Handle) -> None:
        self.consumer = consumer
        self._store = store
        self._handle = handle
        self._rows: Sequence[_Row] = ()
        self._blocked: set[str] = set()
        self._discarded: set[int] = set()
        self._is_known = False
        """Whether this process has looked at what is parked."""
        self._alone = asyncio.Lock()
        """Held by a message that may have ended a process, so that no other such one is blamed for the next end."""
        self._suspect: MessageHint | None = None

    def counts(self) -> dict[str, str]:
        """What health says, as of the last look."""
        return {self.consumer: f"{len(self._rows)} messages are parked"} if self._rows else {}

    @property
    def count(self) -> int:
        """How many are parked, as of the last look."""
        return len(self._rows)

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            try:
                await self.look()
            except (Unavailable, psycopg.Error) as error:
                _log.warning("parked messages cannot be looked at", reason=type(error).__name__)
            await asyncio.sleep(LOOK_INTERVAL_S)

    async def look(self) -> None:
        """Try what is due, in order. Raises `Unavailable`, psycopg's errors."""
        await self._read()
        waiting: set[str] = set()
        for row in self._rows:
            if row.sequence in waiting:
                continue
            if row.position in self._discarded:
                await self._remove(row)
            elif not (row.is_due and await self._claim(row) and await self._try(row)):
                waiting.add(row.sequence)
        if self._rows:
            await self._read()

    async def takes(self, hint: MessageHint, deliveries: int) -> bool:
        """Whether a message that came is not to be handled now: it was discarded, waits behind another one of its
        order, or has ended one process after the other. Raises `Unavailable`, psycopg's errors."""
        if not self._is_known:
            await self._read()
        if hint.position in self._discarded:
            return True
        if str(hint.order_id) in self._blocked:
            return await self.park(hint, None)
        if deliveries <= _UNWATCHED_DELIVERIES:
            return False
        if await self._ask(_UNFINISHED, hint):
            await self._alone.acquire()
            self._suspect = hint
        return (await self._ask(_BEGUN, hint) or 0) > MOST_UNFINISHED_DELIVERIES and await self.park(hint, _DIED)

    async def _ask(self, query: LiteralString, hint: MessageHint) -> int | None:
        async with connection_from(self._store.pool) as connection:
            cursor = await connection.execute(query, [self.consumer, hint.position])
            row = await cursor.fetchone()
        return row[0] if row else None

    async def finished(self, hint: MessageHint, deliveries: int) -> None:
        """A delivery came to an end of any kind. Raises `Unavailable`, psycopg's errors."""
        if self._suspect is hint:
            self._suspect = None
            self._alone.release()
        if deliveries > _UNWATCHED_DELIVERIES:
            async with connection_from(self._store.pool) as connection:
                await connection.execute(_FINISHED, [self.consumer, hint.position])

    async def park(self, hint: MessageHint, failure: Failure | None) -> bool:
        """Leave a message aside; false where no more may be. Raises `Unavailable`, psycopg's errors."""
        told: dict[str, str | None] = dict.fromkeys(("group", "error", "place", "problem"))
        if failure is not None:
            group = failure.group
            told = {"group": group.id_for(self.consumer), "error": group.error, "place": group.place}
            told["problem"] = failure.problem
        async with connection_from(self._store.pool) as connection:
            cursor = await connection.execute(
                _PARK,
                {
                    "consumer": self.consumer,
                    "position": hint.position,
                    "subject": hint.subject,
                    "body": hint.body,
                    "sequence": [str(hint.order_id)],
                    "attempts": 0 if failure is None else 1,
                    "pause": DEADLY_PAUSES_S[0] if failure is _DIED else 0.0 if failure is None else FIRST_PAUSE_S,
                    "most": MOST_PARKED_MESSAGES,
                    **told,
                },
            )
            row = await cursor.fetchone()
            await connection.execute(_FINISHED, [self.consumer, hint.position])
        is_parked = bool(row and row[0])
        if is_parked:
            self._blocked.add(str(hint.order_id))
        if is_parked and failure is not None:
            about = {"order_id": str(hint.order_id), "subject": hint.subject, "place": failure.group.place}
            _log.warning("message parked", consumer=self.consumer, position=hint.position, **about)
        return is_parked

    async def _read(self) -> None:
        async with connection_from(self._store.pool) as connection:
            cursor = await connection.execute(_READ, {"died": _DIED.group.error, "consumer": self.consumer})
            found = await cursor.fetchall()
        self._discarded = set(found[0][0])
        self._rows = [_Row(*row[1:]) for row in found if row[1] is not None]
        self._blocked = {row.sequence for row in self._rows}
        self._is_known = True

    async def _claim(self, row: _Row) -> bool:
        """Whether this process is the one to try a message; should it end the process, the next try is a later one."""
        pause = _pause_of_deadly(row.attempts) if row.has_killed else LONGEST_PAUSE_S
        return await self._change(
            row,
            """attempts = attempts + %s,
               due_at = CASE WHEN %s::float8 IS NULL THEN 'infinity'
                             ELSE clock_timestamp() + make_interval(secs => %s) END""",
            [int(row.has_killed), pause, pause],
            "AND due_at <= clock_timestamp()",
        )

    async def _try(self, row: _Row) -> bool:
        """Whether a message was handled, and is parked no more."""
        try:
            await self._handle(row.hint)
        except (TryAgain, Unavailable, OSError) as error:
            _log.info("a parked message comes again", position=row.position, reason=type(error).__name__)
            await self._change(
                row,
                "attempts = %s, due_at = clock_timestamp() + make_interval(secs => %s)",
                [row.attempts, _pause(row.attempts)],
            )
            return False
        except Exception as error:  # noqa: BLE001 - a message must not be lost, whatever goes wrong
            failure = message_failure(error)
            last = row.attempts + 1 >= MOST_TRIES
            group = failure.group
            await self._change(
                row,
                """attempts = attempts + 1, failed_at = clock_timestamp(), error_group = %s, error = %s, place = %s,
                   problem = %s, due_at = CASE WHEN %s THEN 'infinity'
                                               ELSE clock_timestamp() + make_interval(secs => %s) END""",
                [group.id_for(self.consumer), group.error, group.place, failure.problem, last, _pause(row.attempts)],
            )
            return False
        await self._remove(row)
        return True

    async def _remove(self, row: _Row) -> None:
        async with connection_from(self._store.pool) as connection:
            await connection.execute(
                "DELETE FROM commerce_parked WHERE subscription = %s AND position = %s", [self.consumer, row.position]
            )

    async def _change(self, row: _Row, change: str, parameters: Sequence[object], only: str = "") -> bool:
        """Change a row, unless a person has decided about it since it was read."""
        async with connection_from(self._store.pool) as connection:
            cursor = await connection.execute(
                f"""UPDATE commerce_parked SET {change}
                    WHERE subscription = %s AND position = %s AND revision = %s {only}""",
                [*parameters, self.consumer, row.position, row.revision],
            )
        return cursor.rowcount == 1


def message_failure(error: Exception) -> Failure:
    """What is kept of an error; the text of one that is not ours may be personal."""
    failure = Failure.of(error)
    return failure if isinstance(error, CommerceError) else replace(failure, problem=type(error).__name__)


def _pause_of_deadly(attempts: int) -> float | None:
    """Seconds from a try of a message that may end its process to the next one; None where a person has to want it."""
    return DEADLY_PAUSES_S[attempts] if attempts < len(DEADLY_PAUSES_S) else None


def _pause(attempts: int) -> float:
    return min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** min(attempts, 16))


_READ = """
SELECT discarded.positions, parked.*
FROM (SELECT array(SELECT position FROM commerce_corrections WHERE subscription = %(consumer)s AND state IS NULL)
          AS positions) AS discarded
LEFT JOIN (SELECT position, keys[1] AS sequence, message_subject AS subject, message_body AS body, attempts, revision,
                  due_at <= clock_timestamp() AS is_due, coalesce(error = %(died)s, false) AS has_killed
           FROM commerce_parked WHERE subscription = %(consumer)s AND message_subject IS NOT NULL) AS parked ON true
ORDER BY parked.position"""

_PARK = """
WITH added AS (
    INSERT INTO commerce_parked (subscription, partition, position, topic, keys, message_subject, message_body,
                                 error_group, error, place, problem, attempts, failed_at, due_at)
    SELECT %(consumer)s, 0, %(position)s, %(subject)s, %(sequence)s::text[], %(subject)s,
           %(body)s, %(group)s, %(error)s, %(place)s, %(problem)s, %(attempts)s::integer,
           CASE WHEN %(attempts)s::integer > 0 THEN clock_timestamp() END,
           CASE WHEN %(pause)s::float8 IS NULL THEN 'infinity'
                ELSE clock_timestamp() + make_interval(secs => %(pause)s::float8) END
    WHERE (SELECT count(*) FROM commerce_parked WHERE subscription = %(consumer)s) < %(most)s
    ON CONFLICT DO NOTHING RETURNING true
)
SELECT EXISTS (SELECT FROM added)
    OR EXISTS (SELECT FROM commerce_parked WHERE subscription = %(consumer)s AND position = %(position)s)"""

_BEGUN = """
INSERT INTO commerce_deliveries AS known (consumer, position, unfinished) VALUES (%s, %s, 1)
ON CONFLICT (consumer, position) DO UPDATE SET unfinished = known.unfinished + 1 RETURNING unfinished"""

_UNFINISHED = "SELECT unfinished FROM commerce_deliveries WHERE consumer = %s AND position = %s"

_FINISHED = "DELETE FROM commerce_deliveries WHERE consumer = %s AND position = %s"
