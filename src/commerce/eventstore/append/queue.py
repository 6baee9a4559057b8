"""Group commit: commands of one process that arrive while an append is under way go into the next one together.

There is one append queue per process. Where so many commands wait that the processor is what limits it, and not the
commit, it sends them in two halves: while the database handles one, the other is answered and made ready (ADR 15).
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Hashable, Sequence, Set
from dataclasses import dataclass
from itertools import chain
from time import perf_counter, thread_time
from typing import Literal

import psycopg
import structlog
from eventsourcing.persistence import StoredEvent
from psycopg import AsyncConnection
from psycopg.rows import tuple_row

from commerce.eventstore.append.function import Conflict, append_each
from commerce.eventstore.codec.mapper import MAPPER
from commerce.eventstore.codec.records import Append
from commerce.eventstore.postgres.plain_words import plain_words
from commerce.eventstore.postgres.sessions import Session
from commerce.values.errors import CommerceError, InvalidInput, StaleVersion, Unavailable

LARGEST_BATCH_COMMANDS = 512
SMALLEST_HALF_COMMANDS = 24
LONGEST_QUEUE_COMMANDS = 4096
APPEND_TIMEOUT_S = 8.0
"""Seconds for which a command waits and is tried through lost connections before it is given up."""

_WORTH_HALVING = 0.3
"""The share of the time in which Python works, from which on halves are faster; below it appends mostly wait."""

_PAUSE_OF_SECOND_S = 30.0
"""Seconds for which one session does it all where the database had none left for a second."""

RETRY_AFTER_S = 5
"""Seconds after which clients may ask again where the database cannot record anything, as without room on its disk."""

_SHORTEST_TRY_S = 0.5

_RETRY_PAUSE_S = 0.1
_PASSING = frozenset({"08", "40", "55", "57P", "533"})
"""Beginnings of PostgreSQL's error codes: connection, serialization, lock not available, operator's intervention,
sessions."""

_NOTHING: Set[Hashable] = frozenset()

_log = structlog.get_logger(__name__)


class Repeated(CommerceError):
    """A request with this idempotency key was accepted before; its answer stands in the store."""


class KeyExists(CommerceError):
    """Somebody else made this person's key meanwhile: seal the data with that one and try again."""


@dataclass(slots=True, eq=False)
class _Waiting:
    command: Append
    done: asyncio.Future[int]
    until: float
    """The loop's time at which its patience ends."""
    writes: Set[Hashable]
    """The streams, keys and requests that it changes, and that others of its batch may neither change nor rest on."""
    rests_on: Set[Hashable]
    unsure: bool = False
    """Whether it was sent once and the answer was lost."""


class AppendQueue:
    """Collects appends into batches; a conflict is the conflicting command's own, the rest of the batch goes
    through."""

    def __init__(self, address: str, application_name: str) -> None:
        self._loop = asyncio.get_running_loop()
        self._queue: deque[_Waiting] = deque()
        self._under_way: list[list[_Waiting]] = []
        self._changed = asyncio.Event()
        self._first = _QueueSession(address, application_name)
        self._second = _QueueSession(address, application_name)
        self._task: asyncio.Task[None] | None = None
        self._other: asyncio.Task[None] | None = None
        self._second_from = 0.0
        self._answered = (perf_counter(), thread_time())
        self._busy = 0.0
        self._closing = False
        self.problem: str | None = None
        """What the database said of the last append that it rejected; None once one went through."""
        self.refused_at = 0.0
        self.batch_sizes: Counter[int] = Counter()
        """How many batches there were of how many commands."""

    @property
    def length(self) -> int:
        """How many commands wait."""
        return len(self._queue)

    @property
    def alive(self) -> bool:
        """Whether appends are being handled."""
        return self._task is not None and not self._task.done()

    async def start(self) -> None:
        """Connect, so that a wrong address is noticed here, and take commands from now on."""
        await self._first.connected()
        self._task = asyncio.create_task(self._run(), name="append queue")

    async def stop(self) -> None:
        """Finish what was taken, then disconnect."""
        self._closing = True
        self._changed.set()
        if self._task is not None:
            await self._task
        for session in (self._first, self._second):
            await session.disconnect()

    async def append(self, command: Append) -> int:
        """Append one command's events; answers the position of the last once they are durable.

        Raises `StaleVersion` where a stream has moved, `Repeated`, `KeyExists`, and `Unavailable` where the queue is
        full, the queue is closing, or the database cannot be reached (then the outcome is unknown).
        """
        if self._closing or not self.alive:
            raise Unavailable("this process is stopping; ask another one")
        if len(self._queue) >= LONGEST_QUEUE_COMMANDS:
            raise Unavailable("too many commands are waiting")
        waiting = _waiting(command, self._loop)
        self._queue.append(waiting)
        self._changed.set()
        return await waiting.done

    async def _run(self) -> None:
        while self._queue or not self._closing:
            self._changed.clear()
            if not await self._append_next(self._first):
                await self._changed.wait()
        if self._other is not None:
            await self._other

    async def _run_second(self) -> None:
        """Append beside the first session for as long as that is worth it."""
        try:
            await self._second.connected()
        except (psycopg.OperationalError, OSError) as error:
            _log.warning("no second session for appends", error=_first_line(error))
            self._second_from = self._loop.time() + _PAUSE_OF_SECOND_S
            return
        while self._worth_halving() and await self._append_next(self._second):
            pass

    def _worth_halving(self) -> bool:
        """Whether so many commands wait that two appends at a time are faster."""
        waiting = len(self._queue) + sum(map(len, self._under_way))
        return (
            waiting >= 2 * SMALLEST_HALF_COMMANDS
            and self._busy >= _WORTH_HALVING
            and self._loop.time() >= self._second_from
        )

    async def _append_next(self, session: _QueueSession) -> bool:
        """Append what can go next; false where there is nothing that can."""
        batch = self._take()
        if not batch:
            return False
        self._under_way.append(batch)
        self.batch_sizes[len(batch)] += 1
        if self._queue and self._worth_halving() and (self._other is None or self._other.done()):
            self._other = asyncio.create_task(self._run_second(), name="second append")
        try:
            await self._commit(session, batch)
        except Exception as error:  # noqa: BLE001 - whatever it is, the waiters must hear of it and the append queue must go on
            _log.exception("append failed", commands=len(batch))
            for waiting in batch:
                _fail(waiting, Unavailable(f"the command could not be recorded: {type(error).__name__}"))
        self._under_way.remove(batch)
        self._note_busy(len(batch))
        self._changed.set()
        await asyncio.sleep(0)  # what those who were just answered ask next goes together with what was left over
        return True

    def _note_busy(self, commands: int) -> None:
        """Note in which share of the time since the last answer this thread worked, for the append queue and for
        those it answers."""
        now, worked = perf_counter(), thread_time()
        before, worked_before = self._answered
        if commands >= SMALLEST_HALF_COMMANDS:
            self._busy = (worked - worked_before) / (now - before)
        self._answered = now, worked

    def _take(self) -> list[_Waiting]:
        """The next batch: commands that do not touch what another one before them changes; the rest keeps its order."""
        limit = LARGEST_BATCH_COMMANDS
        written: set[Hashable] = set()
        for waiting in chain.from_iterable(self._under_way):
            written |= waiting.writes
            written |= waiting.rests_on
        if self._worth_halving():
            limit = min(limit, (len(self._queue) + sum(map(len, self._under_way))) // 2)
        batch: list[_Waiting] = []
        later: list[_Waiting] = []
        while self._queue and len(batch) < limit:
            waiting = self._queue.popleft()
            if waiting.done.done():
                continue
            if written.isdisjoint(waiting.writes) and written.isdisjoint(waiting.rests_on):
                batch.append(waiting)
            else:
                later.append(waiting)
            written |= waiting.writes
        self._queue.extendleft(reversed(later))
        return batch

    async def _commit(self, session: _QueueSession, batch: list[_Waiting]) -> None:
        """Append a batch, through lost connections; after one, what stands in the log already counts as done."""
        while batch := _still_waiting(batch):
            try:
                async with asyncio.timeout(_time_left(batch)):
                    await self._append(await session.connected(), batch)
            except Exception as error:  # noqa: BLE001 - told apart here: the connection's fault, or one command's
                if not _connection_lost(error):
                    await self._isolate(session, batch, error)
                    return
                if session.connection is None:  # nothing was sent
                    await asyncio.sleep(_RETRY_PAUSE_S)
                    continue
                for waiting in batch:
                    waiting.unsure = True
                await session.disconnect()

    async def _append(self, connection: AsyncConnection, batch: list[_Waiting]) -> None:
        answers = await append_each(connection, [waiting.command for waiting in batch])
        self.problem = None
        for waiting, answer in zip(batch, answers, strict=True):
            if waiting.unsure and not isinstance(answer, int):
                _settle(waiting, await self._already_there(connection, waiting.command) or answer)
            else:
                _settle(waiting, answer)

    async def _isolate(self, session: _QueueSession, batch: list[_Waiting], error: Exception) -> None:
        """One command made the whole batch fail: halve until it stands alone."""
        if len(batch) > 1:
            middle = len(batch) // 2
            await self._commit(session, batch[:middle])
            await self._commit(session, batch[middle:])
        elif isinstance(error, psycopg.DataError | psycopg.errors.ProgramLimitExceeded | ValueError):
            _fail(batch[0], InvalidInput(f"a value cannot be stored: {_first_line(error)}"))
        else:
            _log.error("append refused", error=type(error).__name__, detail=_first_line(error))
            self.problem, self.refused_at = f"nothing can be recorded: {plain_words(error)}", self._loop.time()
            _fail(batch[0], Unavailable(f"the command could not be recorded: {plain_words(error)}", RETRY_AFTER_S))

    async def _already_there(self, connection: AsyncConnection, command: Append) -> int | Literal["unknown"] | None:
        """The position of a command's last event, where exactly its events stand in the log.

        Without a request's id, equal events can be somebody else's: then nobody knows.
        """
        stored = [MAPPER.to_stored_event(event) for event in command.events]
        cursor = connection.cursor(row_factory=tuple_row)
        await cursor.execute(
            """
            SELECT originator_id, originator_version, topic, state, notification_id FROM commerce_events
            JOIN unnest(%b::uuid[], %b::bigint[]) AS own (id, version)
              ON originator_id = own.id AND originator_version = own.version
            WHERE metadata ->> 'request_id' IS NOT DISTINCT FROM %s
            """,
            [
                [event.originator_id for event in stored],
                [event.originator_version for event in stored],
                command.metadata.request_id,
            ],
        )
        found = {StoredEvent(*row[:4]): row[4] for row in await cursor.fetchall()}
        if set(stored) != set(found):
            return None
        return max(found.values()) if command.metadata.request_id else "unknown"


class _QueueSession:
    """A connection that is made when it is needed, and again when it was lost."""

    def __init__(self, address: str, application_name: str) -> None:
        self._address = address
        self._application_name = application_name
        self.connection: AsyncConnection | None = None

    async def connected(self) -> AsyncConnection:
        """The connection. Raises `psycopg.OperationalError`, also where it takes more than five seconds."""
        if self.connection is None or self.connection.closed:
            self.connection = None
            self.connection = await Session.connect(
                self._address, autocommit=True, application_name=self._application_name, connect_timeout=5
            )
        return self.connection

    async def disconnect(self) -> None:
        """End it, if there is one."""
        if self.connection is not None:
            await self.connection.close()
            self.connection = None


def _waiting(command: Append, loop: asyncio.AbstractEventLoop) -> _Waiting:
    writes: set[Hashable] = {event.originator_id for event in command.events}
    if command.keys:
        writes.update(key.owner_id for key in command.keys)
    if command.idempotency:
        writes.add((command.idempotency.scope, command.idempotency.key))
    rests_on = {stream for stream, _ in command.unchanged} if command.unchanged else _NOTHING
    return _Waiting(command, loop.create_future(), loop.time() + APPEND_TIMEOUT_S, writes, rests_on)


def _still_waiting(batch: list[_Waiting]) -> list[_Waiting]:
    """Those of a batch that somebody waits for, without the ones whose patience has ended."""
    now = asyncio.get_running_loop().time()
    for waiting in batch:
        if now > waiting.until:
            outcome = "whether this was recorded is unknown" if waiting.unsure else "nothing was recorded"
            _fail(waiting, Unavailable(f"the database does not answer; {outcome}"))
    return [waiting for waiting in batch if not waiting.done.done()]


def _time_left(batch: Sequence[_Waiting]) -> float:
    """Seconds for which a try may last, so that nobody waits much longer than its patience."""
    until = max(waiting.until for waiting in batch)
    return max(_SHORTEST_TRY_S, until - asyncio.get_running_loop().time())


def _connection_lost(error: Exception) -> bool:
    """Whether trying again may help: no answer came, or the server is starting, stopping, full of sessions or in
    others' way."""
    if isinstance(error, psycopg.OperationalError):
        return error.sqlstate is None or error.sqlstate[:3] in _PASSING or error.sqlstate[:2] in _PASSING
    return isinstance(error, TimeoutError)


def _settle(waiting: _Waiting, answer: int | Conflict | Literal["unknown"]) -> None:
    if isinstance(answer, int):
        if not waiting.done.done():
            waiting.done.set_result(answer)
    elif answer == "unknown":
        _fail(waiting, Unavailable("the connection was lost; whether this was recorded is unknown"))
    elif answer == "repeated":
        _fail(waiting, Repeated("this request was accepted before"))
    elif answer == "key":
        _fail(waiting, KeyExists("this person's key exists already"))
    else:
        _fail(waiting, StaleVersion("somebody else was faster; read again and decide anew"))


def _fail(waiting: _Waiting, error: CommerceError) -> None:
    if not waiting.done.done():
        waiting.done.set_exception(error)


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
