"""The simulators' ledger: what it answered is on disk, what failed never happened, and a key stands for one request."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest

from commerce.values.errors import BadUsage, InvalidInput
from tests.waiting import LIMIT_S
from workers.simulation.idempotency import (
    SCHEMA,
    IdempotentRequest,
    StoredAnswer,
    answer_stored,
    operation_under,
    problem,
)
from workers.simulation.ledger import Operation, entries_page, open_ledger

ENTRIES = SCHEMA + "CREATE TABLE IF NOT EXISTS entries (entry_id INTEGER PRIMARY KEY, order_id TEXT);"
BUY = IdempotentRequest("key", "buy", {"what": "bread"})
DONE = StoredAnswer(201, {"status": "done"})


def write(order: str) -> Operation[None]:
    def operation(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO entries (order_id) VALUES (?)", (order,))

    return operation


def orders(connection: sqlite3.Connection) -> list[str]:
    return [row["order_id"] for row in connection.execute("SELECT order_id FROM entries ORDER BY entry_id")]


async def test_what_was_written_is_there_when_opened_again(tmp_path: Path) -> None:
    for order in ("a", "b"):
        async with open_ledger(tmp_path / "x.sqlite3", ENTRIES) as ledger:
            await ledger.do(write(order))
    async with open_ledger(tmp_path / "x.sqlite3", ENTRIES) as ledger:
        assert await ledger.do(orders) == ["a", "b"]
        assert await ledger.health() == {}


def modes_in(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()}


async def test_nobody_else_on_the_machine_reads_the_file(tmp_path: Path) -> None:
    async with open_ledger(tmp_path / "x.sqlite3", ENTRIES) as ledger:
        await ledger.do(write("a"))
        modes = modes_in(tmp_path)
    assert modes == {"x.sqlite3": 0o600, "x.sqlite3-wal": 0o600, "x.sqlite3-shm": 0o600}


async def test_the_file_is_written_through_before_an_answer(tmp_path: Path) -> None:
    async with open_ledger(tmp_path / "x.sqlite3", ENTRIES) as ledger:
        pragmas = [
            await ledger.do(lambda connection, name=name: connection.execute(f"PRAGMA {name}").fetchone()[0])  # type: ignore[misc]
            for name in ("journal_mode", "synchronous")
        ]
        assert pragmas == ["wal", 2]
        await ledger.do(write("a"))
        with sqlite3.connect(tmp_path / "x.sqlite3") as other:
            assert other.execute("SELECT count(*) FROM entries").fetchone() == (1,)
        other.close()


async def test_operations_at_once_are_done_in_the_order_they_came(tmp_path: Path) -> None:
    async with open_ledger(tmp_path / "x.sqlite3", ENTRIES) as ledger:
        await asyncio.gather(*(ledger.do(write(str(number))) for number in range(100)))
        assert await ledger.do(orders) == [str(number) for number in range(100)]


async def test_a_failing_operation_undoes_its_commit_and_the_ledger_goes_on(tmp_path: Path) -> None:
    def failing(connection: sqlite3.Connection) -> None:
        write("half")(connection)
        raise ZeroDivisionError

    async with open_ledger(tmp_path / "x.sqlite3", ENTRIES) as ledger:
        with pytest.raises(ZeroDivisionError):
            await ledger.do(failing)
        with pytest.raises(sqlite3.OperationalError):
            await ledger.do(lambda connection: connection.execute("SELECT nothing FROM nowhere"))
        await ledger.do(write("whole"))
        assert await ledger.do(orders) == ["whole"]


async def test_who_gives_up_waiting_disturbs_nobody(tmp_path: Path) -> None:
    async with open_ledger(tmp_path / "x.sqlite3", ENTRIES) as ledger:
        impatient = asyncio.create_task(ledger.do(write("impatient")))
        patient = asyncio.create_task(ledger.do(write("patient")))
        await asyncio.sleep(0)
        impatient.cancel()
        async with asyncio.timeout(LIMIT_S):
            await patient
            assert "patient" in await ledger.do(orders)


async def test_a_failure_that_nobody_waits_for_disturbs_nobody(tmp_path: Path) -> None:
    async with open_ledger(tmp_path / "x.sqlite3", ENTRIES) as ledger:
        impatient = asyncio.create_task(ledger.do(lambda connection: connection.execute("SELECT nothing FROM nowhere")))
        await asyncio.sleep(0)
        impatient.cancel()
        await asyncio.wait({impatient})
        async with asyncio.timeout(LIMIT_S):
            await ledger.do(write("next"))
        assert await ledger.do(orders) == ["next"]


async def test_a_file_that_is_no_ledger_is_bad_usage(tmp_path: Path) -> None:
    file = tmp_path / "x.sqlite3"
    file.write_bytes(b"no database at all" * 100)
    with pytest.raises(BadUsage, match=r"x\.sqlite3"):
        async with open_ledger(file, ENTRIES):
            pass


async def test_pages_follow_each_other_to_the_end(tmp_path: Path) -> None:
    async with open_ledger(tmp_path / "x.sqlite3", ENTRIES) as ledger:
        for order in "ababa":
            await ledger.do(write(order))

        def page(order: str | None, after: int) -> Operation[tuple[list[int], str | None]]:
            def read(connection: sqlite3.Connection) -> tuple[list[int], str | None]:
                rows, cursor = entries_page(connection, order, after, 2)
                return [row["entry_id"] for row in rows], cursor

            return read

        assert await ledger.do(page(None, 0)) == ([1, 2], "2")
        assert await ledger.do(page(None, 4)) == ([5], None)
        assert await ledger.do(page("a", 0)) == ([1, 3], "3")
        assert await ledger.do(page("a", 3)) == ([5], None)
        assert await ledger.do(page("b", 0)) == ([2, 4], None)


@pytest.fixture
def connection() -> sqlite3.Connection:
    made = sqlite3.connect(":memory:", isolation_level=None)
    made.row_factory = sqlite3.Row
    made.executescript(SCHEMA)
    return made


def test_a_repeated_request_is_given_the_first_answer_and_nothing_is_done(connection: sqlite3.Connection) -> None:
    assert answer_stored(connection, BUY, lambda: DONE) == DONE
    again = answer_stored(connection, BUY, lambda: pytest.fail("done again"))
    assert (again.status_code, again.body, again.repeated) == (201, DONE.body, True)
    connection.close()


@pytest.mark.parametrize(
    "other", [IdempotentRequest("key", "buy", {"what": "wine"}), IdempotentRequest("key", "sell", {"what": "bread"})]
)
def test_a_key_of_another_request_is_rejected(connection: sqlite3.Connection, other: IdempotentRequest) -> None:
    answer_stored(connection, BUY, lambda: DONE)
    assert answer_stored(connection, other, lambda: pytest.fail("done")).body["code"] == "idempotency_key_reused"
    connection.close()


def test_a_lost_answer_is_given_to_a_client_that_repeats(connection: sqlite3.Connection) -> None:
    assert answer_stored(connection, BUY, lambda: StoredAnswer(201, DONE.body, lost=True)).lost
    assert answer_stored(connection, BUY, lambda: pytest.fail("done again")).lost is False
    connection.close()


def test_a_rejection_is_kept_but_a_failure_and_a_malformed_request_are_not(connection: sqlite3.Connection) -> None:
    def malformed() -> StoredAnswer:
        raise InvalidInput("no amount")

    assert answer_stored(connection, BUY, malformed).status_code == 422
    assert answer_stored(connection, BUY, lambda: problem(503, "broken", "Try again.")).status_code == 503
    assert operation_under(connection, "key").status_code == 404
    answer_stored(connection, BUY, lambda: problem(402, "declined", "No."))
    found = operation_under(connection, "key")
    assert (found.status_code, found.body["status_code"], found.body["operation"]) == (200, 402, "buy")
    connection.close()


def test_what_was_asked_is_kept_only_as_a_keyed_hash(connection: sqlite3.Connection) -> None:
    other = sqlite3.connect(":memory:", isolation_level=None)
    other.row_factory = sqlite3.Row
    other.executescript(SCHEMA)
    for each in (connection, other):
        answer_stored(each, BUY, lambda: DONE)
    kept = ["".join(map(str, each.execute("SELECT * FROM operations").fetchone())) for each in (connection, other)]
    prints = [each.execute("SELECT fingerprint FROM operations").fetchone()[0] for each in (connection, other)]
    assert all("bread" not in text for text in kept)
    assert prints[0] != prints[1]
    connection.close()
    other.close()
