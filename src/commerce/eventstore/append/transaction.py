"""An append in one transaction with other statements, past the queue: for what has to be true together with it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, LiteralString

import psycopg
from psycopg import AsyncConnection

from commerce.eventstore.append.function import APPEND, append_parameters
from commerce.eventstore.codec.records import Append
from commerce.eventstore.read.log import Pool, connection_from
from commerce.values.errors import StaleVersion

SqlCall = tuple[LiteralString, Sequence[object]]
"""A statement and its parameters."""


@asynccontextmanager
async def transaction(pool: Pool, *, contended: str) -> AsyncIterator[AsyncConnection[Any]]:
    """A transaction, which `append_and_commit` ends.

    Raises `StaleVersion` with the words `contended` where somebody else was faster, `Unavailable`.
    """
    async with connection_from(pool) as connection:
        try:
            await connection.execute("BEGIN")
            yield connection
        except (psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected):
            await connection.rollback()
            raise StaleVersion(contended) from None
        except (psycopg.Error, StaleVersion):
            with suppress(psycopg.Error):
                await connection.rollback()
            raise


async def append_and_commit(
    connection: AsyncConnection[Any], record: Append, *, before: Sequence[SqlCall] = (), after: Sequence[SqlCall] = ()
) -> int:
    """Append a record between other statements, and commit; answers the record's position.

    All of it is one message there and one back, so that the log's lock is held for no other.
    """
    async with connection.pipeline():
        for statement, parameters in before:
            await connection.execute(statement, parameters)
        appended = await connection.execute(APPEND, append_parameters([record], whole=True))
        for statement, parameters in after:
            await connection.execute(statement, parameters)
        await connection.execute("COMMIT")
    row = await appended.fetchone()
    assert row is not None  # one command answers one row
    return int(row[1])
