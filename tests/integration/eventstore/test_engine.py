"""The engine: nobody's trouble stops the others, whoever gets on is left alone, and what is wrong is named until
it is not."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from uuid import UUID

import psycopg
import pytest

from commerce.embedded.postgres import EmbeddedPostgres
from commerce.eventstore import EMPTY_WORK, Append, Engine, EventStore, Recorded, Sealed, Stateless, Work, open_store
from commerce.eventstore.postgres.sessions import session_address
from commerce.eventstore.read import slices
from commerce.eventstore.subscriptions import engine, standby, tail
from commerce.eventstore.subscriptions.leases import Leases
from commerce.eventstore.subscriptions.partition import Partition
from commerce.eventstore.subscriptions.standby import Watch
from commerce.eventstore.subscriptions.subscription import BATCH_EVENTS
from commerce.inventory.events import StockAdjusted, StockReceived
from tests.catch_up import catch_up
from tests.conftest import MASTER_KEY, Database
from tests.integration.eventstore.subscriptions import (
    WHO,
    Noted,
    Noting,
    adjust,
    noting,
    positions,
    receive,
    running,
    until_noted,
)
from tests.waiting import LIMIT_S, eventually


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine looks at leases more often, and soon calls others stalled."""
    monkeypatch.setattr(engine, "LEASE_INTERVAL_S", 0.1)
    monkeypatch.setattr(standby, "STALLED_AFTER_S", 0.5)


@asynccontextmanager
async def connected(address: str, name: str) -> AsyncIterator[Leases]:
    """The claims of a process that runs `noting`."""
    claims = Leases(session_address(address, name), [noting()])
    await claims.connect()
    try:
        yield claims
    finally:
        await claims.close()


async def sessions(database: Database, name: str) -> set[int]:
    async with await psycopg.AsyncConnection.connect(database.admin_url) as connection:
        cursor = await connection.execute(
            "SELECT pid FROM pg_stat_activity WHERE application_name LIKE %s AND datname = current_database()",
            [f"commerce {name} %"],
        )
        return {row[0] for row in await cursor.fetchall()}


async def test_a_pool_that_is_exhausted_does_not_end_the_claims(database: Database, hasty: None) -> None:
    async with (
        open_store(database.app_url, MASTER_KEY, "first") as first,
        open_store(database.app_url, MASTER_KEY, "second", connections=1) as second,
        running(first, noting()),
        running(second, noting()) as standby,
    ):
        await eventually(lambda: len(standby.progress()) == 2)
        second.pool.timeout = 0.1
        async with second.pool.connection(timeout=10):
            await asyncio.sleep(0.5)
        await eventually(lambda: not standby.problems())


async def test_a_process_is_not_ended_for_one_of_another_database(
    store: EventStore, postgres: EmbeddedPostgres
) -> None:
    async with connected(store.address, "here") as here, connected(postgres.app_url, "elsewhere") as elsewhere:
        assert await here.take("noting:0")
        assert await elsewhere.holders(["noting:0"]) == {}
        (holder,) = (await here.holders(["noting:0"])).values()
        await elsewhere.end_holder("noting:0", holder, 0)
        assert set(await here.holders(["noting:0"])) == {"noting:0"}


async def test_a_holder_is_ended_only_where_it_is_still_the_one_that_stood_still(store: EventStore) -> None:
    """Who decides on that may have slept between its look and its deed."""
    async with connected(store.address, "holder") as holder, connected(store.address, "other") as other:
        assert await holder.take("noting:0")
        (session,) = (await other.holders(["noting:0"])).values()
        await other.end_holder("noting:0", session + 1, 0)
        await other.end_holder("noting:0", session, 7)
        assert set(await other.holders(["noting:0"])) == {"noting:0"}
        await other.end_holder("noting:0", session, 0)
        assert await other.holders(["noting:0"]) == {}


async def test_processes_that_fail_at_the_same_event_do_not_end_each_other(
    database: Database, noted: Noted, hasty: None
) -> None:
    handler = Noting()
    handler.poisoned = UUID(int=0)
    async with (
        open_store(database.app_url, MASTER_KEY, "first") as first,
        open_store(database.app_url, MASTER_KEY, "second") as second,
        running(first, noting(handler, parks=False)) as one,
        running(second, noting(handler, parks=False)) as two,
    ):
        event = StockReceived(originator_id=UUID(int=0), originator_version=1, sku="A", quantity=1)
        poison = await first.append(Append([event], UUID(int=0), WHO))
        await eventually(lambda: "noting:0" in one.problems() and "noting:0" in two.problems())
        before = await sessions(database, "first") | await sessions(database, "second")
        await asyncio.sleep(2)
        assert before <= await sessions(database, "first") | await sessions(database, "second")
        handler.poisoned = None
        await until_noted(noted, [poison])
        await eventually(lambda: not one.problems() and not two.problems())


async def test_who_was_away_itself_does_not_say_that_others_stood_still(
    store: EventStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standby, "STALLED_AFTER_S", 0.3)
    async with connected(store.address, "holder") as claims:
        assert await claims.take("noting:0")
        looking = Watch(store.pool, claims)
        assert not await looking.standstills({"noting:0": 0}, 1)
        time.sleep(1)  # noqa: ASYNC251 - as a process that is frozen
        assert not await looking.standstills({"noting:0": 0}, 1)

        async def found() -> bool:
            return [each.partition for each in await looking.standstills({"noting:0": 0}, 1)] == ["noting:0"]

        await eventually(found)


@pytest.mark.parametrize(("concurrent_partitions", "most"), [(1, 1), (None, 4)])
async def test_partitions_are_worked_on_side_by_side_unless_they_are_to_take_turns(
    store: EventStore, noted: Noted, concurrent_partitions: int | None, most: int
) -> None:
    class Counting(Noting):
        now = most = 0

        async def handle(self, batch: Sequence[Recorded]) -> Work:
            self.now += 1
            self.most = max(self.most, self.now)
            if most > 1 and self.most < most:  # stay until all have come
                await eventually(lambda: self.most == most)
            elif most == 1:  # stay for long enough that another one would come
                with suppress(TimeoutError):
                    await eventually(lambda: self.now > 1, 0.2)
            self.now -= 1
            return await super().handle(batch)

    due = await receive(store, 40)
    handler = Counting()
    async with running(store, noting(handler), concurrent_partitions=concurrent_partitions):
        await until_noted(noted, due)
    assert handler.most == most


async def test_a_handler_that_hangs_does_not_keep_the_engine_from_stopping(
    store: EventStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Hanging(Stateless):
        async def handle(self, batch: Sequence[Recorded]) -> Work:
            started.set()
            await asyncio.Event().wait()
            return EMPTY_WORK

    started = asyncio.Event()
    monkeypatch.setattr(engine, "STOP_TIMEOUT_S", 0.5)
    running_engine = Engine(store, [noting(Hanging(), partitions=1)])
    await running_engine.start()
    await receive(store)
    await started.wait()
    async with asyncio.timeout(LIMIT_S):
        await running_engine.stop()


async def test_a_subscription_whose_appends_always_conflict_is_named_and_does_not_run_hot(store: EventStore) -> None:
    class Stubborn(Stateless):
        tries = 0

        async def handle(self, batch: Sequence[Recorded]) -> Work:
            self.tries += 1
            event = StockAdjusted(
                originator_id=batch[0].stream, originator_version=1, sku="A", quantity=1, reason=Sealed("again")
            )
            return Work(appends=[Append([event], None, WHO)])

    handler = Stubborn()
    async with running(store, noting(handler, partitions=1)) as stubborn:
        await receive(store)
        await eventually(lambda: "noting:0" in stubborn.problems())
        assert handler.tries < 30


async def test_a_holder_whose_batches_take_long_gets_on_with_shorter_ones(
    database: Database, noted: Noted, hasty: None
) -> None:
    class Slow(Noting):
        async def handle(self, batch: Sequence[Recorded]) -> Work:
            await asyncio.sleep(0.005 * len(batch))
            return await super().handle(batch)

    async with open_store(database.app_url, MASTER_KEY, "first") as first:
        expected = await receive(first, 400)
        async with (
            open_store(database.app_url, MASTER_KEY, "second") as second,
            running(first, noting(Slow(), partitions=1)),
            running(second, noting(Slow(), partitions=1)),
        ):
            await until_noted(noted, expected)


async def test_a_share_that_its_process_does_not_take_is_taken_by_another(
    store: EventStore, database: Database, noted: Noted, hasty: None
) -> None:
    """A process that was frozen when it had just come counts when shares are made, and takes nothing."""
    frozen = Leases(session_address(database.app_url, "frozen"), [noting()])
    await frozen.connect()
    async with running(store, noting()):
        await until_noted(noted, await receive(store, 40))
    await frozen.close()


async def test_one_bad_event_in_a_long_batch_holds_up_the_good_ones_only_shortly(
    store: EventStore, noted: Noted
) -> None:
    """By halves, each at once: one by one would take a try for each, and the next try at the bad one is later
    anyway."""

    class Trying(Noting):
        tries = 0

        async def handle(self, batch: Sequence[Recorded]) -> Work:
            self.tries += 1
            return await super().handle(batch)

    handler = Trying()
    handler.poisoned = UUID(int=0)
    good = await receive(store, BATCH_EVENTS // 2)
    event = StockReceived(originator_id=UUID(int=0), originator_version=1, sku="A", quantity=1)
    await store.append(Append([event], UUID(int=0), WHO))
    async with running(store, noting(handler, partitions=1)) as parking:
        await until_noted(noted, good)
        await eventually(lambda: [each.parked for each in parking.progress()] == [1])
        assert handler.tries < 40


async def test_a_long_way_without_events_is_gone_in_steps_that_others_see(
    store: EventStore, noted: Noted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slices, "WINDOW_POSITIONS", 10)
    for _ in range(25):
        await adjust(store)
    wanted = await receive(store)
    partition = Partition(store, noting(partitions=1), 0)
    assert await partition.step()
    assert (partition.stored, partition.seen) == (10, 10)
    assert await catch_up(store, noting(partitions=1)) == 1
    assert await positions(noted) == wanted


@pytest.mark.parametrize(
    ("limit", "value"), [("KEPT_EVENTS", 50), ("KEPT_BYTES", 1000), ("KEPT_BYTES", 1), ("_READ_BATCH_EVENTS", 7)]
)
async def test_what_is_forgotten_of_the_end_of_the_log_is_read_from_the_database(
    store: EventStore, noted: Noted, monkeypatch: pytest.MonkeyPatch, limit: str, value: int
) -> None:
    monkeypatch.setattr(tail, limit, value)
    async with running(store, noting()) as following:
        expected: list[int] = []
        for _ in range(5):
            expected += await receive(store, 100)
        await until_noted(noted, expected)
        kept = following.tail._events
        assert len(kept) <= tail.KEPT_EVENTS
        assert sum(len(event.state) for event in kept) <= tail.KEPT_BYTES


async def test_the_end_of_the_log_is_found_again_after_any_error(store: EventStore, database: Database) -> None:
    async with (
        running(store, noting()) as following,
        await psycopg.AsyncConnection.connect(database.admin_url, autocommit=True) as admin,
    ):
        await eventually(lambda: not following.problems())
        await admin.execute("REVOKE SELECT ON commerce_events FROM commerce_app")
        await eventually(lambda: "log" in following.problems())
        await admin.execute("GRANT SELECT ON commerce_events TO commerce_app")
        await eventually(lambda: not following.problems())
