"""Group commit: commands of one process that arrive while an append is under way go into the next one together.

There is one lane per process. With two, a failed append of version n and a committed one of n+1 could leave a hole.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from uuid import UUID

import psycopg
import structlog
from eventsourcing.persistence import StoredEvent
from psycopg import AsyncConnection
from psycopg.rows import tuple_row

from commerce.errors import CommerceError, InvalidInput, StaleVersion, Unavailable
from commerce.eventstore.appending import Conflict, append_each
from commerce.eventstore.mapper import MAPPER
from commerce.eventstore.records import Append

LARGEST_BATCH = 512
LONGEST_QUEUE = 4096
PATIENCE = 10.0
"""Seconds for which an append is tried through lost connections before its outcome is reported as unknown."""

_RETRY_PAUSE = 0.1
_log = structlog.get_logger(__name__)


class Repeated(CommerceError):
    """A request with this idempotency key was accepted before; its answer stands in the store."""


class KeyExists(CommerceError):
    """Somebody else made this person's key meanwhile: seal the data with that one and try again."""


@dataclass(slots=True, eq=False)
class _Waiting:
    command: Append
    done: asyncio.Future[int]


class Lane:
    """Collects appends into batches; a conflict is the conflicting command's own, the rest of the batch goes through."""

    def __init__(self, address: str, application_name: str) -> None:
        self._address = address
        self._application_name = application_name
        self._queue: deque[_Waiting] = deque()
        self._arrived = asyncio.Event()
        self._connection: AsyncConnection | None = None
        self._task: asyncio.Task[None] | None = None
        self._closing = False

    @property
    def length(self) -> int:
        """How many commands wait."""
        return len(self._queue)

    @property
    def alive(self) -> bool:
        """Whether appends are being carried out."""
        return self._task is not None and not self._task.done()

    async def start(self) -> None:
        """Connect, so that a wrong address is noticed here, and take commands from now on."""
        await self._connected()
        self._task = asyncio.create_task(self._run(), name="append lane")

    async def stop(self) -> None:
        """Finish what was taken, then disconnect."""
        self._closing = True
        self._arrived.set()
        if self._task is not None:
            await self._task
        if self._connection is not None:
            await self._connection.close()

    async def append(self, command: Append) -> int:
        """Append one command's facts; answers the position of the last once they are durable.

        Raises `StaleVersion` where a stream has moved, `Repeated`, `KeyExists`, and `Unavailable` where the queue is full, the
        lane is closing, or the database cannot be reached (then the outcome is unknown).
        """
        if self._closing or not self.alive:
            raise Unavailable("this process is stopping; ask another one")
        if len(self._queue) >= LONGEST_QUEUE:
            raise Unavailable("too many commands are waiting")
        waiting = _Waiting(command, asyncio.get_running_loop().create_future())
        self._queue.append(waiting)
        self._arrived.set()
        return await waiting.done

    async def _run(self) -> None:
        while True:
            if not self._queue:
                if self._closing:
                    return
                self._arrived.clear()
                await self._arrived.wait()
                continue
            batch = self._take()
            try:
                await self._commit(batch)
            except Exception as error:  # noqa: BLE001 - whatever it is, the waiters must hear of it and the lane must go on
                _log.exception("append failed", commands=len(batch))
                for waiting in batch:
                    _fail(waiting, Unavailable(f"the command could not be recorded: {type(error).__name__}"))

    def _take(self) -> list[_Waiting]:
        """The next batch: at most one command per stream, as two on one stream do not go together; the rest keeps its order."""
        batch: list[_Waiting] = []
        streams: set[UUID] = set()
        later: list[_Waiting] = []
        while self._queue and len(batch) < LARGEST_BATCH:
            waiting = self._queue.popleft()
            if waiting.done.done():
                continue
            touched = {event.originator_id for event in waiting.command.events}
            if streams.isdisjoint(touched):
                batch.append(waiting)
            else:
                later.append(waiting)
            streams |= touched
        self._queue.extendleft(reversed(later))
        return batch

    async def _commit(self, batch: list[_Waiting]) -> None:
        """Append a batch, through lost connections; after one, what stands in the log already counts as done."""
        give_up = asyncio.get_running_loop().time() + PATIENCE
        unsure = False
        while batch:
            try:
                connection = await self._connected()
                answers = await append_each(connection, [waiting.command for waiting in batch])
                for waiting, answer in zip(batch, answers, strict=True):
                    if unsure and not isinstance(answer, int):
                        answer = await self._already_there(connection, waiting.command) or answer  # noqa: PLW2901
                    _settle(waiting, answer)
            except psycopg.Error as error:
                if not _connection_lost(error):
                    await self._isolate(batch, error)
                    return
                unsure = True
                await self._disconnect()
                if asyncio.get_running_loop().time() > give_up:
                    for waiting in batch:
                        _fail(
                            waiting, Unavailable("the database does not answer; whether this was recorded is unknown")
                        )
                    return
                await asyncio.sleep(_RETRY_PAUSE)
                continue
            return

    async def _isolate(self, batch: list[_Waiting], error: psycopg.Error) -> None:
        """One command made the whole batch fail: halve until it stands alone."""
        if len(batch) > 1:
            middle = len(batch) // 2
            await self._commit(batch[:middle])
            await self._commit(batch[middle:])
        elif isinstance(error, psycopg.DataError):
            _fail(batch[0], InvalidInput(f"a value cannot be stored: {error.diag.message_primary}"))
        else:
            _log.error("append refused", error=type(error).__name__, detail=error.diag.message_primary)
            _fail(batch[0], Unavailable(f"the database refused the command: {error.diag.message_primary}"))

    async def _already_there(self, connection: AsyncConnection, command: Append) -> int | None:
        """The position of a command's last event, where exactly its events stand in the log."""
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
        return max(found.values()) if set(stored) == set(found) else None

    async def _connected(self) -> AsyncConnection:
        if self._connection is None or self._connection.closed:
            self._connection = await AsyncConnection.connect(
                self._address, autocommit=True, application_name=self._application_name, connect_timeout=5
            )
        return self._connection

    async def _disconnect(self) -> None:
        if self._connection is not None:
            await self._connection.close()
            self._connection = None


def _connection_lost(error: psycopg.Error) -> bool:
    """Whether trying again may help: the session is gone, or the server is starting, stopping or was told to end it."""
    return isinstance(error, psycopg.OperationalError) and not isinstance(
        error, psycopg.errors.DiskFull | psycopg.errors.ConfigurationLimitExceeded
    )


def _settle(waiting: _Waiting, answer: int | Conflict) -> None:
    if isinstance(answer, int):
        if not waiting.done.done():
            waiting.done.set_result(answer)
    elif answer == "repeated":
        _fail(waiting, Repeated("this request was accepted before"))
    elif answer == "key":
        _fail(waiting, KeyExists("this person's key exists already"))
    else:
        _fail(waiting, StaleVersion("somebody else was faster; read again and decide anew"))


def _fail(waiting: _Waiting, error: CommerceError) -> None:
    if not waiting.done.done():
        waiting.done.set_exception(error)
