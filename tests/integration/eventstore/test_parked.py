"""An event that a subscription cannot handle is parked with its own sequence; everything else goes on, and all of it
ends once the event can be handled."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID, uuid4

import psycopg
import pytest

from commerce.events import EVENTS
from commerce.eventstore import Append, EventFailed, EventStore, Recorded, Statement, Work, find_stops, open_store
from commerce.eventstore.errors import CheckpointConflict
from commerce.eventstore.subscriptions import parked
from commerce.eventstore.subscriptions.partition import Partition
from commerce.inventory.events import StockItemRegistered, StockReceived
from commerce.runtime.tasks import end_tasks
from tests.catch_up import catch_up
from tests.conftest import MASTER_KEY, Database
from tests.integration.eventstore.subscriptions import (
    WHO,
    Noted,
    Noting,
    noting,
    positions,
    receive,
    running,
    until_noted,
)
from tests.integration.eventstore.test_known import STREAM, write
from tests.waiting import eventually


class Picky(Noting):
    """Fails at some positions, in a way; `named` says so itself."""

    def __init__(self, *bad: int, named: bool = False) -> None:
        super().__init__()
        self.bad = set(bad)
        self.named = named
        self.batches: list[list[int]] = []

    async def handle(self, batch: Sequence[Recorded]) -> Work:
        self.batches.append([recorded.position for recorded in batch])
        for recorded in batch:
            if recorded.position in self.bad:
                if self.named:
                    raise EventFailed(recorded.position) from ValueError("cannot be handled")
                raise ValueError("cannot be handled")
        return await super().handle(batch)


class Unstorable(Noting):
    """Its effects for some positions are nothing that the database takes."""

    def __init__(self, *bad: int) -> None:
        super().__init__()
        self.bad = set(bad)

    async def handle(self, batch: Sequence[Recorded]) -> Work:
        work = await super().handle(batch)
        broken = [Statement("SELECT 1 / 0")] if self.bad & {recorded.position for recorded in batch} else []
        return replace(work, statements=[*work.statements, *broken])


async def happen(store: EventStore, stream: UUID, times: int = 1) -> list[int]:
    """Further events of one stream."""
    before = len(await store.read_stream(stream))
    found = []
    for version in range(before + 1, before + times + 1):
        event = StockReceived(originator_id=stream, originator_version=version, sku="A", quantity=1)
        found.append(await store.append(Append([event], stream, WHO)))
    return found


async def parked_rows(store: EventStore) -> list[tuple[object, ...]]:
    async with store.pool.connection() as connection:
        cursor = await connection.execute(
            "SELECT position, error IS NOT NULL, attempts FROM commerce_parked ORDER BY subscription, position"
        )
        return await cursor.fetchall()


async def _nothing_parked(store: EventStore) -> bool:
    return not await parked_rows(store)


async def _are_parked(store: EventStore, expected: list[int]) -> bool:
    return [row[0] for row in await parked_rows(store)] == expected


@pytest.mark.parametrize("named", [True, False], ids=["the handler names it", "found by halves"])
@pytest.mark.parametrize("count", [1, 7, 64])
async def test_only_the_events_that_cannot_be_handled_and_later_ones_of_their_sequences_wait(
    store: EventStore, noted: Noted, named: bool, count: int
) -> None:
    streams = [uuid4() for _ in range(count)]
    firsts = [(await happen(store, stream))[0] for stream in streams]
    later = [(await happen(store, stream))[0] for stream in streams]
    bad = firsts[:: max(1, count // 3)]
    handler = Picky(*bad, named=named)
    waiting = sorted(bad + [after for first, after in zip(firsts, later, strict=True) if first in bad])
    await catch_up(store, noting(handler, partitions=1))
    assert await positions(noted) == sorted(set(firsts + later) - set(waiting))
    assert [row[0] for row in await parked_rows(store)] == waiting
    assert [row[0] for row in await parked_rows(store) if row[1]] == bad
    assert await find_stops(store.pool) == []
    handler.bad.clear()
    async with running(store, noting(handler, partitions=1)):
        await until_noted(noted, firsts + later)
        await eventually(lambda: _nothing_parked(store))
    backwards = [position for batch in reversed(handler.batches) for position in reversed(batch)]
    for first, after in zip(firsts, later, strict=True):
        assert backwards.index(after) < backwards.index(first), "the last time each was handled is when it succeeded"


async def test_an_error_of_the_database_is_traced_to_its_event(store: EventStore, noted: Noted) -> None:
    all_positions = sorted(await receive(store, 100))
    bad = all_positions[::30]
    await catch_up(store, noting(Unstorable(*bad), partitions=1))
    assert await positions(noted) == sorted(set(all_positions) - set(bad))
    assert [row[0] for row in await parked_rows(store)] == bad


@pytest.mark.parametrize("is_there_before", [True, False], ids=["read from the log", "from its end in memory"])
@pytest.mark.parametrize("topic", [StockReceived.TOPIC, StockItemRegistered.TOPIC])
async def test_an_event_of_a_topic_that_nobody_knows_waits_with_later_ones_until_it_is_known_whose_it_is(
    database: Database, noted: Noted, topic: str, *, is_there_before: bool
) -> None:
    async with open_store(database.app_url, MASTER_KEY, "test", known=EVENTS) as store:
        if is_there_before:
            write(database, "inventory.StockLent", b"{}")
        async with running(store, noting(partitions=1)):
            (known,) = await receive(store)
            await until_noted(noted, [known])
            if not is_there_before:
                write(database, "inventory.StockLent", b"{}")
            write(database, "returns.ReturnAsked", b"{}", stream=uuid4())
            event = StockReceived(originator_id=STREAM, originator_version=2, sku="A", quantity=1)
            waiting = [known + 1 if not is_there_before else 1, await store.append(Append([event], None, WHO))]
            (later,) = await receive(store)
            await until_noted(noted, [known, later])
            await eventually(lambda: _are_parked(store, waiting))
            with psycopg.connect(database.admin_url) as connection:
                connection.execute(
                    "UPDATE commerce_events SET topic = %s, state = %s WHERE topic = 'inventory.StockLent'",
                    [topic, b'{"sku":"A","quantity":1}'],
                )
            await until_noted(noted, [known, later, *(waiting if topic == StockReceived.TOPIC else waiting[1:])])
            await eventually(lambda: _nothing_parked(store))


async def test_an_event_that_cannot_be_read_is_parked_and_goes_on_once_it_was_corrected_in_the_log(
    store: EventStore, database: Database, noted: Noted
) -> None:
    class Reading(Noting):
        async def handle(self, batch: Sequence[Recorded]) -> Work:
            for recorded in batch:
                assert recorded.event
            return await super().handle(batch)

    write(database, "inventory.StockReceived", b"not JSON")
    others = await receive(store, 5)
    async with running(store, noting(Reading(), partitions=1)):
        await until_noted(noted, others)
        await eventually(lambda: _is_parked(store, 1))
        with psycopg.connect(database.admin_url) as connection:
            connection.execute(
                "UPDATE commerce_events SET state = %s WHERE originator_id = %s", [b'{"sku":"A","quantity":1}', STREAM]
            )
        await eventually(lambda: _nothing_parked(store))
        assert len(await positions(noted)) == 6


async def _is_parked(store: EventStore, count: int) -> bool:
    return len(await parked_rows(store)) == count


async def test_a_conflict_or_a_lost_connection_parks_nothing(
    store: EventStore, database: Database, noted: Noted
) -> None:
    expected = await receive(store, 50)

    class Losing(Noting):
        """The first times, the session is gone before the effects are written."""

        times = 0

        async def handle(self, batch: Sequence[Recorded]) -> Work:
            Losing.times += 1
            work = await super().handle(batch)
            if Losing.times == 1:
                return replace(work, statements=[Statement("SELECT pg_terminate_backend(pg_backend_pid())")])
            if Losing.times == 2:
                raise psycopg.errors.SerializationFailure
            if Losing.times == 3:
                raise TimeoutError
            if Losing.times == 4:
                return replace(work, statements=[Statement("SELECT * FROM there_is_no_such_table")])
            return work

    async with running(store, noting(Losing(), partitions=1)):
        await until_noted(noted, expected, 30)
    assert Losing.times > 4
    assert await parked_rows(store) == []


async def test_no_more_than_so_many_are_parked_then_the_partition_stops_and_says_so(
    store: EventStore, noted: Noted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parked, "MOST_FAILED_EVENTS", 3)
    all_positions = sorted(await receive(store, 6))
    handler = Picky(*all_positions[:4])
    async with running(store, noting(handler, partitions=1)) as engine:
        await eventually(lambda: "noting:0" in engine.problems())
        said = engine.problems()["noting:0"]
        assert f"stands still before position {all_positions[3]}" in said
        assert "3 events that fail are parked already" in said
        assert len(await parked_rows(store)) == 3
        handler.bad.clear()
        await until_noted(noted, all_positions)
        await eventually(lambda: not engine.problems())
    assert await parked_rows(store) == []


async def test_however_many_wait_in_a_sequence_others_go_on_and_they_are_drained_in_order(
    store: EventStore, noted: Noted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parked, "MOST_FAILED_EVENTS", 1)
    monkeypatch.setattr(parked, "DRAINED_EVENTS", 7)
    stream = uuid4()
    own = await happen(store, stream, 50)
    others = await receive(store, 10)
    handler = Picky(own[0])
    subscription = noting(handler, partitions=1)
    partition = Partition(store, subscription, 0)
    while await partition.step():
        pass
    assert await positions(noted) == sorted(others)
    assert partition.parked.count == 50
    handler.bad.clear()
    handler.batches.clear()
    await catch_up(store, subscription)
    drained = [position for batch in handler.batches for position in batch]
    assert drained == own
    assert max(map(len, handler.batches)) <= 7
    assert await parked_rows(store) == []


async def test_a_position_that_is_put_back_meanwhile_is_not_moved_beyond_a_parked_event(
    store: EventStore, database: Database, noted: Noted
) -> None:
    first, bad = await receive(store), await receive(store)

    class PutBack(Picky):
        async def handle(self, batch: Sequence[Recorded]) -> Work:
            if [recorded.position for recorded in batch] == bad:
                with psycopg.connect(database.admin_url) as connection:
                    connection.execute("DELETE FROM projections.noted")
                    connection.execute("UPDATE commerce_tracking SET notification_id = 0, generation = generation + 1")
            return await super().handle(batch)

    partition = Partition(store, noting(PutBack(*bad), partitions=1), 0)
    await partition.load()
    await partition.step()  # both fail together
    await partition.step()  # the first one
    with pytest.raises(CheckpointConflict):
        await partition.step()
    assert await parked_rows(store) == []
    await catch_up(store, noting(Picky(*bad), partitions=1))
    assert await positions(noted) == first


async def test_a_decision_made_while_an_event_is_tried_in_vain_is_not_forgotten(store: EventStore) -> None:
    (bad,) = await receive(store)
    await catch_up(store, noting(Picky(bad), partitions=1))

    class Decided(Picky):
        async def handle(self, batch: Sequence[Recorded]) -> Work:
            async with store.pool.connection() as connection:
                await connection.execute("UPDATE commerce_parked SET revision = revision + 1, due_at = now()")
            return await super().handle(batch)

    partition = Partition(store, noting(Decided(bad), partitions=1), 0)
    await partition.step()
    async with store.pool.connection() as connection:
        cursor = await connection.execute("SELECT due_at <= clock_timestamp() FROM commerce_parked")
        assert await cursor.fetchall() == [(True,)]


async def test_what_waits_for_two_sequences_is_tried_once_both_are_free_and_before_later_ones(
    store: EventStore, noted: Noted
) -> None:
    """As orders wait for a stock item: each for its own order and the item, the later ones behind the earlier."""
    one, two, three = [(await happen(store, uuid4()))[0] for _ in range(3)]
    four = (await happen(store, uuid4()))[0]
    further = {one: ["sku:A"], two: ["sku:B"], three: ["sku:A", "sku:B"], four: ["sku:B"]}

    class Breaking(Picky):
        async def handle(self, batch: Sequence[Recorded]) -> Work:
            self.batches.append([recorded.position for recorded in batch])
            for recorded in batch:
                if recorded.position in self.bad:
                    raise EventFailed(recorded.position, broken=further[recorded.position][0]) from ValueError("broken")
            return await Noting.handle(self, batch)

    handler = Breaking(one, two)
    subscription = replace(noting(handler, partitions=1), further_sequences=lambda recorded: further[recorded.position])
    await catch_up(store, subscription)
    assert [row[:2] for row in await parked_rows(store)] == [(one, True), (two, True), (three, False), (four, False)]
    handler.bad = {one}
    await catch_up(store, subscription)
    assert await positions(noted) == [two]
    handler.bad.clear()
    await catch_up(store, subscription)
    assert await positions(noted) == [one, two, three, four]
    handled = [position for batch in handler.batches[-2:] for position in batch]
    assert handled.index(three) < handled.index(four)


async def test_a_subscription_that_parks_nothing_stops(store: EventStore) -> None:
    (bad,) = await receive(store)
    partition = Partition(store, replace(noting(Picky(bad), partitions=1), parks=False), 0)
    with pytest.raises(ValueError, match="cannot be handled"):
        await partition.step()
    assert await parked_rows(store) == []


async def test_whatever_dies_in_the_middle_no_event_is_lost_or_handled_twice(
    store: EventStore, database: Database, noted: Noted
) -> None:
    """Processes are cut off again and again while they park and drain: sessions ended, tasks cancelled."""
    streams = [uuid4() for _ in range(20)]
    expected = [position for _ in range(3) for stream in streams for position in await happen(store, stream)]
    handler = Picky(*expected[::7])
    for turn in range(12):
        async with open_store(database.app_url, MASTER_KEY, f"victim {turn}") as other:
            from commerce.eventstore import Engine

            engine = Engine(other, [noting(handler, partitions=2)])
            await engine.start()
            await asyncio.sleep(0.02 * turn)
            if turn == 8:
                handler.bad.clear()
            with psycopg.connect(database.admin_url, autocommit=True) as connection:
                connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE %s",
                    [f"commerce victim {turn}%"],
                )
            await end_tasks(engine._tasks)
            await engine.stop()
    async with running(store, noting(handler, partitions=2)):
        await until_noted(noted, expected)
        await eventually(lambda: _nothing_parked(store))


async def test_two_processes_that_drain_the_same_events_handle_them_once(store: EventStore, noted: Noted) -> None:
    expected = await receive(store, 10)
    handler = Picky(*expected[:5])
    await catch_up(store, noting(handler, partitions=1))
    handler.bad.clear()
    first, second = (Partition(store, noting(handler, partitions=1), 0) for _ in range(2))
    await asyncio.gather(first.load(), second.load())
    for partition in (first, second):
        partition.parked.look_at_once()
    results = await asyncio.gather(first.step(), second.step(), return_exceptions=True)
    assert sum(isinstance(result, Exception) for result in results) <= 1
    await catch_up(store, noting(handler, partitions=1))
    assert await positions(noted) == sorted(expected)


async def test_what_waits_for_a_broken_further_sequence_waits_behind_it(store: EventStore, noted: Noted) -> None:
    class Breaking(Noting):
        broken: bool = True

        async def handle(self, batch: Sequence[Recorded]) -> Work:
            for recorded in batch:
                if recorded.position == bad and self.broken:
                    raise EventFailed(bad, broken="sku:A") from ValueError("unreadable stock item")
            return await super().handle(batch)

    good, bad, behind = [(await happen(store, uuid4()))[0] for _ in range(3)]
    handler = Breaking()
    subscription = replace(
        noting(handler, partitions=1),
        further_sequences=lambda recorded: ["sku:A"] if recorded.position in (bad, behind) else [],
    )
    await catch_up(store, subscription)
    assert await positions(noted) == [good]
    assert [(row[0], row[1]) for row in await parked_rows(store)] == [(bad, True), (behind, False)]
    handler.broken = False
    async with running(store, subscription):
        await until_noted(noted, [good, bad, behind])


async def test_a_partition_without_parked_events_asks_for_none(
    store: EventStore, noted: Noted, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = await receive(store, 30)
    partition = Partition(store, noting(partitions=1), 0)
    await partition.load()
    asked = 0

    async def ask(*_arguments: object) -> None:
        nonlocal asked
        asked += 1

    for question in ("turns", "divide", "corrected"):
        monkeypatch.setattr(partition.parked, question, ask)
    while await partition.step():
        pass
    assert await positions(noted) == sorted(expected)
    assert asked == 0
