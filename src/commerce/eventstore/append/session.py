"""The append queue's session with the database: it appends a batch through lost connections and around a command that
cannot be stored."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Literal

import psycopg
import structlog
from eventsourcing.persistence import StoredEvent
from psycopg import AsyncConnection
from psycopg.rows import tuple_row

from commerce.eventstore.append.function import append_each
from commerce.eventstore.append.queued_append import WaitingAppend, settle_append
from commerce.eventstore.codec.mapper import MAPPER
from commerce.eventstore.codec.records import Append
from commerce.eventstore.postgres.sessions import Session
from commerce.runtime.batches import unanswered
from commerce.runtime.error_text import error_text
from commerce.values.errors import InvalidInput, Unavailable, first_line

RETRY_AFTER_S = 5
"""Seconds after which clients may ask again where the database cannot record anything, as without room on its disk."""

_SHORTEST_TRY_S = 0.5
_RETRY_PAUSE_S = 0.1

_PASSING = frozenset({"08", "40", "55", "57P", "533"})
"""Beginnings of PostgreSQL's codes of errors that pass: connection, serialization, lock not available, operator's
intervention, sessions."""

_log = structlog.get_logger(__name__)


class AppendSession:
    """A connection that is made when it is needed, and again when it was lost.

    `note` hears of each append what the database said against it, None for one that went through.
    """

    def __init__(self, address: str, note: Callable[[str | None], None]) -> None:
        self._address = address
        self._note = note
        self.connection: AsyncConnection | None = None

    async def connected(self) -> AsyncConnection:
        """The connection. Raises `psycopg.OperationalError`, also where it takes longer than the address allows."""
        if self.connection is None or self.connection.closed:
            self.connection = None
            self.connection = await Session.connect(self._address, autocommit=True)
        return self.connection

    async def disconnect(self) -> None:
        """End it, if there is one."""
        if self.connection is not None:
            await self.connection.close()
            self.connection = None

    async def append(self, batch: list[WaitingAppend]) -> None:
        """Append a batch, and settle each command; after a lost connection, what stands in the log already is done."""
        while batch := _give_up_late(batch):
            try:
                async with asyncio.timeout(_time_left(batch)):
                    await self._try(await self.connected(), batch)
            except Exception as error:  # noqa: BLE001 - told apart here: the connection's fault, or one command's
                if not _passes(error):
                    await self._isolate(batch, error)
                    return
                if self.connection is None:  # nothing was sent
                    await asyncio.sleep(_RETRY_PAUSE_S)
                    continue
                for waiting in batch:
                    waiting.item.unsure = True
                await self.disconnect()

    async def _try(self, connection: AsyncConnection, batch: list[WaitingAppend]) -> None:
        answers = await append_each(connection, [waiting.item.command for waiting in batch])
        self._note(None)
        for waiting, answer in zip(batch, answers, strict=True):
            if waiting.item.unsure and not isinstance(answer, int):
                settle_append(waiting, await _position_in_log(connection, waiting.item.command) or answer)
            else:
                settle_append(waiting, answer)

    async def _isolate(self, batch: list[WaitingAppend], error: Exception) -> None:
        """One command made the whole batch fail: halve until it stands alone."""
        if len(batch) > 1:
            middle = len(batch) // 2
            await self.append(batch[:middle])
            await self.append(batch[middle:])
        elif isinstance(error, psycopg.DataError | psycopg.errors.ProgramLimitExceeded | ValueError):
            batch[0].fail(InvalidInput(f"a value cannot be stored: {first_line(error)}"))
        else:
            _log.error("append rejected", error=type(error).__name__, detail=first_line(error))
            self._note(f"nothing can be recorded: {error_text(error)}")
            batch[0].fail(Unavailable(f"the command could not be recorded: {error_text(error)}", RETRY_AFTER_S))


async def _position_in_log(connection: AsyncConnection, command: Append) -> int | Literal["unknown"] | None:
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


def _give_up_late(batch: list[WaitingAppend]) -> list[WaitingAppend]:
    """Those of a batch that still wait, once those whose time is over were told so."""
    now = asyncio.get_running_loop().time()
    for waiting in batch:
        if now > waiting.item.until:
            outcome = "whether this was recorded is unknown" if waiting.item.unsure else "nothing was recorded"
            waiting.fail(Unavailable(f"the database does not answer; {outcome}"))
    return unanswered(batch)


def _time_left(batch: Sequence[WaitingAppend]) -> float:
    """Seconds for which a try may last, so that no caller waits much longer than its time."""
    until = max(waiting.item.until for waiting in batch)
    return max(_SHORTEST_TRY_S, until - asyncio.get_running_loop().time())


def _passes(error: Exception) -> bool:
    """Whether trying again may help: no answer came, or the server is starting, stopping, full of sessions or in
    others' way."""
    if isinstance(error, psycopg.OperationalError):
        return error.sqlstate is None or error.sqlstate[:3] in _PASSING or error.sqlstate[:2] in _PASSING
    return isinstance(error, TimeoutError)
