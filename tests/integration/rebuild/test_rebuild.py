"""A read model is rebuilt beside the one that is read, and put in its place between two queries."""

from __future__ import annotations

import asyncio
import base64
import os
import signal
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from commerce.eventstore import EventStore, connection_from, open_store
from commerce.eventstore.errors import CheckpointConflict, VersionMismatch
from commerce.eventstore.subscriptions.partition import Partition
from commerce.inventory.events import StockReceived
from commerce.values.errors import NotFound
from projections import ALL
from projections.engine import maintenance, rebuild_tables, rebuilder
from projections.engine.maintenance import AlreadyUnderWay
from projections.engine.pages import PageRequest
from projections.engine.projection import Projection
from projections.engine.rebuild_processes import HelperProcesses
from projections.engine.rebuilder import Rebuilder
from projections.orders import ORDERS, find_orders
from projections.sales import sales_by_sku
from projections.stock import STOCK
from tests.catch_up import catch_up
from tests.conftest import MASTER_KEY, Database
from tests.integration.projections.history import History
from tests.integration.rebuild.conftest import WHO, ended, execute, following, order, rows, tables, until_ended, worker
from tests.waiting import eventually

ORDER_INTERVAL_S, QUERY_INTERVAL_S = 0.03, 0.01
NEWER = replace(ORDERS, version=ORDERS.version + 1)


async def ask(store: EventStore, projection: Projection[Any]) -> maintenance.MaintenanceJob:
    return await maintenance.request(store.pool, "rebuild", projection.name, projection.version, WHO)


async def test_every_read_model_is_rebuilt_under_load_and_no_query_fails(store: EventStore, history: History) -> None:
    stop = asyncio.Event()
    queries = 0

    async def keep_reading() -> None:
        nonlocal queries
        fewest = 0
        while not stop.is_set():
            found = len((await find_orders(store.pool, paging=PageRequest(limit=100))).items)
            assert found >= fewest
            fewest = found
            assert await sales_by_sku(store.pool)
            queries += 1
            await asyncio.sleep(QUERY_INTERVAL_S)

    async def keep_ordering() -> None:
        while not stop.is_set():
            await order(history)
            await asyncio.sleep(ORDER_INTERVAL_S)

    async with worker(store):
        load = [asyncio.create_task(work) for work in (keep_reading(), keep_reading(), keep_ordering())]
        asked = [await ask(store, projection) for projection in ALL]
        for one in asked:
            assert (await until_ended(store, one)).status == "done"
        stop.set()
        await asyncio.gather(*load)
    await history.is_projected()
    assert queries > 20
    assert await tables(store) == {projection.name for projection in ALL}
    live = {projection.name: await rows(store, projection) for projection in ALL}
    for projection in ALL:
        await execute(store, f"TRUNCATE {projection.table}")
        await execute(store, f"DELETE FROM commerce_tracking WHERE application_name LIKE '{projection.name}:%'")
        await catch_up(store, projection.subscription())
        assert await rows(store, projection) == live[projection.name]


async def test_a_wrong_row_that_the_live_subscription_has_in_memory_does_not_come_back(
    store: EventStore, history: History
) -> None:
    subscription = STOCK.subscription()
    partitions = [Partition(store, subscription, number) for number in range(subscription.partitions)]
    await execute(store, "UPDATE projections.stock SET on_hand = 77 WHERE sku = 'mug'")
    await history.happens(StockReceived, "mug", quantity=1)
    for partition in partitions:
        await partition.step()
    assert await on_hand(store) == {"mug": 78, "jug": 10}
    asked = await ask(store, STOCK)
    rebuilding = asyncio.create_task(Rebuilder(store, ALL).run())
    assert (await until_ended(store, asked)).status == "done"
    await ended(rebuilding)
    await history.happens(StockReceived, "mug", quantity=1)
    before = await asyncio.gather(*(partition.step() for partition in partitions), return_exceptions=True)
    assert [type(outcome) for outcome in before].count(CheckpointConflict) == 1
    for partition in partitions:
        await partition.step()
    assert await on_hand(store) == {"mug": 12, "jug": 10}


async def on_hand(store: EventStore) -> dict[str, int]:
    return {folded.row.sku: folded.row.on_hand for folded in await rows(store, STOCK)}


async def test_a_second_rebuild_of_the_same_is_rejected_and_one_of_another_is_not(store: EventStore) -> None:
    await ask(store, ORDERS)
    with pytest.raises(AlreadyUnderWay, match="cancel it first"):
        await ask(store, ORDERS)
    await ask(store, STOCK)


@pytest.mark.usefixtures("history")
async def test_a_cancelled_rebuild_leaves_everything_as_it_was(store: EventStore) -> None:
    before = await rows(store, ORDERS)
    asked = await ask(store, ORDERS)
    await rebuild_tables.prepare(store.pool, ORDERS, asked)
    await catch_up(store, rebuild_tables.copy_of(ORDERS, asked))
    assert len(await tables(store)) == len(ALL) + 1
    assert (await maintenance.cancel(store.pool, "rebuild", "orders")).status == "cancelling"
    async with worker(store):
        assert (await until_ended(store, asked)).status == "cancelled"
    assert await tables(store) == {projection.name for projection in ALL}
    assert await rows(store, ORDERS) == before
    with pytest.raises(NotFound):
        await maintenance.cancel(store.pool, "rebuild", "orders")


@pytest.mark.usefixtures("history")
async def test_a_rebuild_goes_on_where_it_was_when_its_worker_was_killed(store: EventStore) -> None:
    before = await rows(store, ORDERS)
    asked = await ask(store, ORDERS)
    await rebuild_tables.prepare(store.pool, ORDERS, asked)
    await catch_up(store, rebuild_tables.copy_of(ORDERS, asked))
    done, total = await rebuild_tables.places_done(store.pool, asked)
    assert done == total
    async with worker(store):
        assert (await until_ended(store, asked)).status == "done"
    taken_up = await maintenance.newest(store.pool, "rebuild", "orders")
    async with connection_from(store.pool) as connection:
        cursor = await connection.execute("SELECT resumed_from FROM commerce_upkeep WHERE id = %s", [taken_up.id])
        assert await cursor.fetchone() == (done,)
    assert await rows(store, ORDERS) == before


@pytest.mark.usefixtures("history")
async def test_two_workers_share_a_rebuild_and_one_of_them_puts_it_in_place(
    database: Database, store: EventStore
) -> None:
    before = await rows(store, ORDERS)
    async with open_store(database.app_url, MASTER_KEY, "other") as other, worker(store), worker(other):
        for _ in range(2):
            asked = await ask(store, ORDERS)
            assert (await until_ended(store, asked)).status == "done"
    assert await rows(store, ORDERS) == before
    assert await tables(store) == {projection.name for projection in ALL}


async def rebuilt_to(store: EventStore, projection: Projection[Any]) -> None:
    """Wait until the live read model is of a projection's version."""

    async def is_there() -> bool:
        async with connection_from(store.pool) as connection:
            cursor = await connection.execute(
                "SELECT bool_and(version = %s) FROM commerce_tracking WHERE application_name LIKE %s",
                [projection.version, f"{projection.name}:%"],
            )
            return await cursor.fetchone() == (True,)

    await eventually(is_there)


async def test_a_new_version_is_rebuilt_at_the_start_and_old_code_stands_aside(
    store: EventStore, history: History, database: Database
) -> None:
    async with open_store(database.app_url, MASTER_KEY, "old") as old, following(old, [ORDERS]) as old_engine:
        await eventually(old_engine.progress)
        async with worker(store, [NEWER]):
            await rebuilt_to(store, NEWER)
            placed = await order(history)

            async def shows_it() -> bool:
                return bool(await NEWER.load(store.pool, [placed]))

            await eventually(shows_it)
            await eventually(lambda: not old_engine.progress())
            assert not old_engine.problems()
    with pytest.raises(VersionMismatch):
        await Partition(store, ORDERS.subscription(), 0).load()


@pytest.mark.usefixtures("history")
async def test_a_rebuild_for_an_older_version_is_given_up_for_one_of_this_version(store: EventStore) -> None:
    older = await ask(store, ORDERS)
    await rebuild_tables.prepare(store.pool, ORDERS, older)
    before = await rows(store, ORDERS)
    async with worker(store, [NEWER]):
        await rebuilt_to(store, NEWER)
    assert await rows(store, ORDERS) == before
    assert await tables(store) == {projection.name for projection in ALL}
    newer = await maintenance.newest(store.pool, "rebuild", "orders")
    assert (newer.version, newer.requested_by) == (NEWER.version, "service:projections")


@pytest.mark.usefixtures("history")
async def test_a_long_query_is_not_ended_and_the_tables_change_places_after_it(store: EventStore) -> None:
    async with connection_from(store.pool) as reading, worker(store):
        await reading.execute("BEGIN")
        await reading.execute("SELECT count(*) FROM projections.orders")
        asked = await ask(store, ORDERS)
        await asyncio.sleep(2.5)
        assert (await maintenance.newest(store.pool, "rebuild", "orders")).status == "running"
        assert (await find_orders(store.pool)).items
        await reading.execute("COMMIT")
        assert (await until_ended(store, asked)).status == "done"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home that processes find the store's master key in."""
    keys = tmp_path / "keys"
    keys.mkdir(mode=0o700)
    (keys / "master.key").write_bytes(base64.b64encode(MASTER_KEY))
    monkeypatch.setenv("COMMERCE_HOME", str(tmp_path))
    return tmp_path


@pytest.mark.usefixtures("home")
async def test_a_long_rebuild_is_carried_out_by_other_processes_and_goes_on_when_one_is_killed(
    store: EventStore, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    monkeypatch.setattr(rebuilder, "LONG_REBUILD_EVENTS", 0)
    before, indexes = await rows(store, ORDERS), await indexes_of_orders(store)

    async def helper() -> int | None:
        async with connection_from(store.pool) as connection:
            cursor = await connection.execute(
                """SELECT split_part(application_name, ' ', 4)::int FROM pg_stat_activity
                   WHERE application_name LIKE 'commerce projections helper %' AND datname = current_database()"""
            )
            row = await cursor.fetchone()
        return int(row[0]) if row else None

    async def one_is_killed() -> bool:
        pid = await helper()
        with suppress(ProcessLookupError):
            if pid is not None:
                os.kill(pid, signal.SIGKILL)
        return pid is not None

    start = HelperProcesses.start

    async def start_and_kill_the_first(helpers: HelperProcesses, *arguments: Any) -> bool:
        """Before the rebuild goes on: it could be done before a helper, which gives way to all others, has begun."""
        monkeypatch.setattr(HelperProcesses, "start", start)
        at_work = await start(helpers, *arguments)
        await eventually(one_is_killed)
        return at_work

    monkeypatch.setattr(HelperProcesses, "start", start_and_kill_the_first)
    async with worker(store, [ORDERS]):
        asked = await ask(store, ORDERS)
        assert (await until_ended(store, asked)).status == "done"
    assert await rows(store, ORDERS) == before
    assert await indexes_of_orders(store) == indexes

    async def none_is_left() -> bool:
        return await helper() is None

    await eventually(none_is_left)  # PostgreSQL ends the sessions of a process a moment after it


async def indexes_of_orders(store: EventStore) -> int:
    async with connection_from(store.pool) as connection:
        cursor = await connection.execute("SELECT count(*) FROM pg_indexes WHERE tablename = 'orders'")
        row = await cursor.fetchone()
    return int(row[0]) if row else 0


@pytest.mark.usefixtures("home")
async def test_a_process_that_helps_fills_its_share_and_ends_when_it_is_let_go(
    store: EventStore, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    asked = await ask(store, ORDERS)
    assert await rebuild_tables.prepare(store.pool, ORDERS, asked)
    helpers = HelperProcesses()
    await helpers.start(store, ORDERS, asked.id)

    async def is_filled() -> bool:
        done, total = await rebuild_tables.places_done(store.pool, asked)
        return done == total

    async def at_work() -> set[int]:
        async with connection_from(store.pool) as connection:
            cursor = await connection.execute(
                "SELECT split_part(application_name, ' ', 4)::int FROM pg_stat_activity"
                " WHERE application_name LIKE 'commerce projections helper%' AND datname = current_database()"
            )
            return {row[0] for row in await cursor.fetchall()}

    await eventually(is_filled)
    (helping,) = await at_work()
    if sys.platform == "linux":
        assert os.sched_getscheduler(helping) == os.SCHED_IDLE
    before = await rows(store, ORDERS)
    await rebuild_tables.swap(store.pool, ORDERS, asked)
    assert await rows(store, ORDERS) == before
    await helpers.stop()
    assert await at_work() == set()
