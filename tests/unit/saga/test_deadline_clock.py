"""The clock says of each deadline that is due that it passed, once, and clears it; it decides nothing.

The table is one in memory here; `integration/saga` runs the clock on a real one.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import cast
from uuid import UUID

import pytest
from structlog.testing import capture_logs

from commerce.eventstore import Append, EventStore, Recorded
from commerce.runtime.tasks import end_tasks
from commerce.saga import deadline_clock
from commerce.saga import process as processes
from commerce.saga.deadline_clock import LOOK_INTERVAL_S, DeadlineClock
from commerce.saga.deadlines import DeadlineRow
from commerce.saga.events import DeadlinePassed, DeadlineSet, ProcessEvent
from commerce.saga.process import Process
from commerce.saga.subscription import ACTOR
from commerce.values import ids
from commerce.values.errors import StaleVersion, Unavailable
from tests.unit.saga.inputs import LIMITS, ORDER, PROCESS, RESERVED, START, placed
from tests.unit.saga.log import Log
from tests.unit.saga.scenario import given
from tests.waiting import eventually

DUE_AT = START + LIMITS.order
DUE = DeadlineRow(PROCESS, "order", ORDER, DUE_AT, -0.5)
OTHER = ids.order_id_of_request("clock", "other")
GONE = DeadlineRow(ids.process_id(OTHER), "order", OTHER, DUE_AT, 0.0)


class Database:
    """A log with an order that waits, and a table of deadlines."""

    pool = "the pool"

    def __init__(self, *rows: DeadlineRow) -> None:
        self.log = Log()
        self.rows = list(rows)
        self.appended: list[Append] = []
        self.is_moved = False
        self.is_down = False
        self.looks = 0
        assert self.log.append([Append(given(placed(), RESERVED).stated, ORDER, ACTOR)])

    async def read_streams(self, streams: Sequence[UUID]) -> dict[UUID, list[Recorded]]:
        return await self.log.read_streams(streams)

    async def append(self, command: Append) -> None:
        if self.is_moved:
            self.is_moved = False
            raise StaleVersion("somebody was faster")
        assert self.log.append([command])
        self.appended.append(command)

    @asynccontextmanager
    async def connection(self, pool: object) -> AsyncIterator[Database]:
        assert pool == self.pool
        if self.is_down:
            raise Unavailable("the database does not answer")
        yield self

    async def soonest(self, connection: Database, besides: Iterable[UUID]) -> list[DeadlineRow]:
        assert connection is self
        self.looks += 1
        return [row for row in self.rows if row.process_id not in besides]

    async def clear(self, connection: Database, rows: Sequence[DeadlineRow]) -> None:
        assert connection is self
        self.rows = [row for row in self.rows if row not in rows]


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch) -> Database:
    database = Database(DUE)
    monkeypatch.setattr(deadline_clock, "connection_from", database.connection)
    monkeypatch.setattr(deadline_clock, "soonest_deadlines", database.soonest)
    monkeypatch.setattr(deadline_clock, "clear_deadlines", database.clear)
    return database


def clock(database: Database) -> DeadlineClock:
    return DeadlineClock(cast(EventStore, database))


async def test_a_deadline_that_is_due_passed_once_by_the_process_managers_word(database: Database) -> None:
    assert await clock(database).look() == LOOK_INTERVAL_S
    (append,) = database.appended
    (passed,) = append.events
    assert isinstance(passed, DeadlinePassed)
    assert (passed.order_id, passed.name, passed.originator_id) == (ORDER, "order", PROCESS)
    assert (append.correlation_id, append.metadata) == (ORDER, ACTOR)
    set_at = next(one.position for one in database.log.events if one.topic == DeadlineSet.TOPIC)
    assert append.causation_id == set_at
    assert (database.rows, database.looks) == ([], 2)


async def test_the_cause_is_the_deadline_that_was_set_last(database: Database) -> None:
    again = DeadlineSet(order_id=ORDER, name="order", due_at=DUE_AT)
    assert database.log.say(PROCESS, [again], ORDER)
    await clock(database).look()
    assert database.appended[0].causation_id == database.log.events[-2].position


async def test_one_that_is_not_due_is_waited_for(database: Database) -> None:
    database.rows = [DUE._replace(seconds_left=0.25)]
    assert await clock(database).look() == 0.25
    assert not database.appended
    database.rows = [DUE._replace(seconds_left=0.0)]
    await clock(database).look()
    assert len(database.appended) == 1


@pytest.mark.parametrize("other", [DUE._replace(name="compensation"), DUE._replace(due_at=START), GONE])
async def test_one_that_its_process_does_not_wait_for_is_only_cleared(database: Database, other: DeadlineRow) -> None:
    database.rows = [other]
    await clock(database).look()
    assert (database.rows, database.appended) == ([], [])


async def test_a_process_that_moved_meanwhile_keeps_its_deadline_and_is_looked_at_again(database: Database) -> None:
    database.is_moved = True
    database.rows = [DUE, GONE]
    await clock(database).look()
    assert (len(database.appended), database.looks) == (1, 3)


async def test_the_clock_goes_on_when_the_database_comes_back(
    database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    ticking = clock(database)
    assert ticking.problem is None
    pauses: list[float] = []
    problems: list[str | None] = []
    warnings: list[tuple[str, dict[str, object]]] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        problems.append(ticking.problem)
        database.is_down = len(pauses) < 3
        if len(pauses) == 4:
            database.rows = [DUE._replace(seconds_left=0.25)]
        if len(pauses) == 5:
            database.rows = [DUE._replace(seconds_left=60)]
        if len(pauses) == 6:
            task = asyncio.current_task()
            assert task is not None
            task.cancel()

    class Log:
        def warning(self, event: str, **fields: object) -> None:
            warnings.append((event, fields))

    database.is_down = True
    monkeypatch.setattr(asyncio, "sleep", sleep)
    monkeypatch.setattr(deadline_clock, "_log", Log())
    with pytest.raises(asyncio.CancelledError):
        await _run_and_notice(ticking)
    down = "the database does not answer"
    assert problems == [down, down, down, None, None, None]
    assert pauses == [LOOK_INTERVAL_S] * 4 + [0.25, LOOK_INTERVAL_S]
    assert warnings == [("deadlines wait for the database", {"reason": down})]
    assert database.appended


async def _run_and_notice(ticking: DeadlineClock) -> None:
    """The clock stops when it is cancelled, though its wait did not notice; the next wait does."""
    await ticking.run()
    future = asyncio.get_running_loop().create_future()
    await future


async def test_a_process_that_cannot_be_handled_holds_up_only_itself_and_is_tried_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = DUE._replace(process_id=ids.process_id(OTHER), order_id=OTHER)
    database.rows = [broken, DUE]
    ticking, fold, tried = clock(database), processes.fold, list[UUID]()

    def fold_or_choke(events: Iterable[ProcessEvent]) -> Process | None:
        found = fold(events)
        if found is None:
            tried.append(OTHER)
            raise ValueError("no such event")
        return found

    monkeypatch.setattr(deadline_clock, "fold", fold_or_choke)
    with capture_logs() as logged:
        await ticking.look()
        await ticking.look()
    reason = {"order_id": str(OTHER), "name": "order", "reason": "ValueError: no such event"}
    assert logged == [{"event": "a deadline cannot be handled", "log_level": "error", **reason}]
    assert (database.rows, len(database.appended), len(tried)) == ([broken], 1, 1)
    monkeypatch.setattr(deadline_clock, "RETRY_INTERVAL_S", 0.0)
    again = clock(database)

    async def is_told() -> bool:
        return again.problem == f"deadlines cannot be handled of orders: 1, {OTHER} among them"

    running = asyncio.create_task(again.run())
    await eventually(is_told)
    await end_tasks([running])
    monkeypatch.setattr(deadline_clock, "fold", fold)
    await again.look()
    assert database.rows == []


async def test_what_is_no_events_fault_is_not_blamed_on_a_process(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def append(_: Append) -> None:
        raise Unavailable("the database does not answer")

    monkeypatch.setattr(database, "append", append)
    with pytest.raises(Unavailable):
        await clock(database).look()
    assert database.rows == [DUE]
