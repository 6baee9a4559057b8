"""Whether the database could record a command now, found out without recording one."""

from __future__ import annotations

import asyncio

import psycopg

from commerce.eventstore.append.queue import AppendQueue
from commerce.eventstore.read.log import Pool, connection_from
from commerce.runtime.error_text import error_text
from commerce.values.errors import Unavailable

LOOK_INTERVAL_S = 5.0
"""Seconds for which an outcome holds."""

UNWRITABLE_FOR_S = 15.0
"""Seconds for which the rejection of an append counts, at least: else a balancer would send clients back at once."""

_WRITES = """
SET LOCAL work_mem = '64kB';
SET LOCAL max_parallel_workers_per_gather = 0;
SELECT count(*) FROM (SELECT sha256(n::text::bytea) FROM generate_series(1, 16000) n ORDER BY 1) AS sorted
"""
"""Sorts in files of some hundred KiB, gone with the statement: without room on the disk it fails as an append would."""


class WriteProbe:
    """Knows what keeps commands from being recorded: what the last append ended in, and a look at the database
    now and then."""

    def __init__(self, pool: Pool, queue: AppendQueue) -> None:
        self._pool = pool
        self._queue = queue
        self._look_at = 0.0
        self._found: str | None = None
        self._turn = asyncio.Lock()

    async def problem(self) -> str | None:
        """What keeps commands from being recorded; a database that is not there at all is somebody else's to tell
        of."""
        loop = asyncio.get_running_loop()
        async with self._turn:
            if loop.time() >= self._look_at:
                self._found = await self._look()
                self._look_at = loop.time() + LOOK_INTERVAL_S
                if self._found is None and loop.time() - self._queue.rejected_at >= UNWRITABLE_FOR_S:
                    self._queue.problem = None  # should it still be so, the next append says it again
        return self._found or self._queue.problem

    async def _look(self) -> str | None:
        try:
            async with connection_from(self._pool) as connection, connection.transaction():
                await connection.execute(_WRITES)
        except Unavailable as error:
            cause = error.__cause__
            is_told = isinstance(cause, psycopg.Error) and cause.sqlstate is not None
            return f"nothing can be recorded: {error_text(cause)}" if is_told and cause is not None else None
        return None
