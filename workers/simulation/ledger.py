"""A simulator's durable ledger: an SQLite file, used by one thread, that commits many operations at a time."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TypeVar

from commerce.values.errors import BadUsage

Result = TypeVar("Result")
Operation = Callable[[sqlite3.Connection], Result]
"""Reads and writes within one transaction, in the ledger's thread; what it raises undoes all that shared its commit."""

Page = dict[str, object]
"""`items`, `next_cursor` and `totals`, ready for JSON."""


class Ledger:
    """Runs operations one after the other; what waited while the last commit was written shares the next one.

    An operation is answered once its commit is on disk, so that an answer given is never forgotten, whatever is killed.
    """

    def __init__(self, connection: sqlite3.Connection, thread: ThreadPoolExecutor) -> None:
        """Take over a connection that was made in the one thread of `thread`."""
        self._connection = connection
        self._thread = thread
        self._waiting: list[tuple[Operation[object], asyncio.Future[object]]] = []
        self._work = asyncio.Event()

    async def do(self, operation: Operation[Result]) -> Result:
        """Run an operation and commit it.

        Raises `sqlite3.Error` where it could not be written, and whatever an operation that shared its commit raised:
        in both cases nothing of it happened.
        """
        result: list[Result] = []
        done: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        self._waiting.append((lambda connection: result.append(operation(connection)), done))
        self._work.set()
        await done
        return result[-1]

    async def health(self) -> dict[str, str]:
        """What is wrong with the file, if anything."""
        try:
            await self.do(lambda connection: connection.execute("SELECT 1 FROM operations LIMIT 1").fetchone())
        except sqlite3.Error as error:
            return {"ledger": str(error)}
        return {}

    async def serve(self) -> None:
        """Commit what waits, for ever."""
        loop = asyncio.get_running_loop()
        while True:
            await self._work.wait()
            self._work.clear()
            batch, self._waiting = self._waiting, []
            commit = loop.run_in_executor(self._thread, self._commit, [operation for operation, _ in batch])
            await asyncio.wait({commit})
            error = commit.exception()
            for _, done in batch:
                if error is not None and not done.done():
                    done.set_exception(error)
                elif not done.done():
                    done.set_result(None)

    def _commit(self, operations: Sequence[Operation[object]]) -> None:
        with self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            for operation in operations:
                operation(self._connection)


@asynccontextmanager
async def open_ledger(path: Path, schema: str) -> AsyncIterator[Ledger]:
    """The ledger in a file, made where there is none. Raises `BadUsage` for a file that cannot be used."""
    thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=path.stem)
    loop = asyncio.get_running_loop()
    try:
        connection = await loop.run_in_executor(thread, _connect, path, schema)
        ledger = Ledger(connection, thread)
        serving = asyncio.create_task(ledger.serve())
        try:
            yield ledger
        finally:
            serving.cancel()
            with suppress(asyncio.CancelledError):
                await serving
            await loop.run_in_executor(thread, connection.close)
    finally:
        thread.shutdown()


def _connect(path: Path, schema: str) -> sqlite3.Connection:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.chmod(0o600)  # also one from before; SQLite gives the files beside it the same mode
        connection = sqlite3.connect(path, isolation_level=None)
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.executescript(schema)
    except (OSError, sqlite3.Error) as error:
        raise BadUsage(f"{path} cannot be used as a ledger ({error})") from None
    return connection


ENTRIES_BY_TIME = "CREATE INDEX IF NOT EXISTS entries_by_time ON entries (at, entry_id);"


def moved_page(
    connection: sqlite3.Connection, thing: str, since: str, after: int, limit: int
) -> tuple[list[str], str | None]:
    """The ids in the column `thing` of what has entries since a time, in their order, and the cursor of the next page.

    An id may come again on a later page.
    """
    rows = connection.execute(
        f"""SELECT entry_id, {thing} AS thing FROM entries
            WHERE {thing} IS NOT NULL AND (at, entry_id) > (coalesce((SELECT at FROM entries WHERE entry_id = ?), ?), ?)
            ORDER BY at, entry_id LIMIT ?""",
        (after, since, after, limit + 1),
    ).fetchall()
    ids = list(dict.fromkeys(row["thing"] for row in rows[:limit]))
    return ids, str(rows[limit - 1]["entry_id"]) if len(rows) > limit else None


def entries_page(
    connection: sqlite3.Connection, order_id: str | None, after: int, limit: int
) -> tuple[list[sqlite3.Row], str | None]:
    """Rows of the table `entries` after a number, oldest first, and the cursor of the next page, if there is one."""
    of_order, arguments = ("", ()) if order_id is None else ("order_id = ? AND ", (order_id,))
    rows = connection.execute(
        f"SELECT * FROM entries WHERE {of_order}entry_id > ? ORDER BY entry_id LIMIT ?",
        (*arguments, after, limit + 1),
    ).fetchall()
    return rows[:limit], str(rows[limit - 1]["entry_id"]) if len(rows) > limit else None
