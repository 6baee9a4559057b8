"""Subscriptions: no event skipped, none handled twice, whoever dies, pauses or fails."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID, uuid4

import psycopg
import pytest

from commerce.eventstore import Append, Engine, EventStore, Recorded, Work, open_store
from commerce.eventstore.errors import CheckpointConflict
from commerce.eventstore.read import slices
from commerce.eventstore.subscriptions.partition import Partition
from commerce.inventory.events import StockReceived
from commerce.runtime.tasks import end_tasks
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
from tests.waiting import eventually


async def test_every_event_of_its_topics_is_handled_once(store: EventStore, noted: Noted) -> None:
    before = await receive(store, 300)
    await adjust(store)
    async with running(store, noting()):
        await until_noted(noted, before)
        after = await receive(store, 300)
        await until_noted(noted, before + after)


async def test_effects_and_position_are_one(store: EventStore, noted: Noted) -> None:
    expected = await receive(store, 10)
    late, early = (Partition(store, noting(partitions=1), 0) for _ in range(2))
    await late.load()
    assert await early.step()
    with pytest.raises(CheckpointConflict):
        await late.step()
    assert await positions(noted) == sorted(expected)


@pytest.mark.parametrize(
    ("batch", "sizes"), [(1000, [20, 40, 80, 60]), (50, [20, 40, 50, 50, 40]), (3, [3] * 66 + [2])]
)
async def test_the_first_batch_is_small_and_each_next_one_may_be_twice_as_large(
    store: EventStore, noted: Noted, monkeypatch: pytest.MonkeyPatch, batch: int, sizes: list[int]
) -> None:
    monkeypatch.setattr("commerce.eventstore.subscriptions.partition.FIRST_BATCH_EVENTS", 20)
    expected = await receive(store, 200)
    partition = Partition(store, replace(noting(partitions=1), batch=batch), 0)
    taken: list[int] = []
    while await partition.step():
        taken.append(partition.handled - sum(taken))
    assert taken == sizes
    assert await positions(noted) == sorted(expected)


async def test_a_filtered_subscription_moves_on_past_what_it_does_not_read(
    store: EventStore, database: Database
) -> None:
    head = await adjust(store)
    await catch_up(store, noting())
    async with await psycopg.AsyncConnection.connect(database.app_url) as connection:
        cursor = await connection.execute(
            "SELECT notification_id FROM commerce_tracking WHERE application_name LIKE 'noting:%'"
        )
        assert await cursor.fetchall() == [(head,)] * 4


async def test_a_batch_that_is_read_from_the_database_is_bounded_in_bytes(
    store: EventStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await receive(store, 20)
    (state,) = {recorded.state for recorded in await store.read_log(0, 20)}
    monkeypatch.setattr(slices, "BATCH_BYTES", 3 * len(state))
    place, sizes = 0, []
    while (batch := await slices.read_slice(store.pool, place, slices.Filter(None), 1000)).events:
        sizes.append(len(batch.events))
        place = batch.until
    assert sizes == [3] * 6 + [2]


async def test_two_processes_share_the_partitions_and_the_work(
    store: EventStore, database: Database, noted: Noted
) -> None:
    async with running(store, noting()) as first, open_store(database.app_url, MASTER_KEY, "other") as other:
        async with running(other, noting()) as second:
            await eventually(lambda: len(first.progress()) == len(second.progress()) == 2)
            expected = await receive(store, 400)
            await until_noted(noted, expected)
            assert all(sum(part.handled for part in engine.progress()) > 0 for engine in (first, second))
        await eventually(lambda: len(first.progress()) == 4)
        expected += await receive(store, 50)
        await until_noted(noted, expected)


async def test_lost_sessions_cost_nothing(store: EventStore, database: Database, noted: Noted) -> None:
    expected: list[int] = []
    async with running(store, noting()):
        for _ in range(5):
            expected += await receive(store, 100)
            async with await psycopg.AsyncConnection.connect(database.admin_url, autocommit=True) as connection:
                await connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'commerce "
                    "test%'"
                )
        await until_noted(noted, expected)


async def test_a_event_that_cannot_be_handled_stops_its_partition_only_where_nothing_is_parked_and_is_named(
    store: EventStore, noted: Noted
) -> None:
    handler = Noting()
    handler.poisoned = UUID(int=0)
    async with running(store, noting(handler, parks=False)) as engine:
        good = await receive(store, 50)
        event = StockReceived(originator_id=handler.poisoned, originator_version=1, sku="A", quantity=1)
        poison = await store.append(Append([event], handler.poisoned, WHO))
        stream = UUID(int=4)
        behind = await store.append(Append([event.model_copy(update={"originator_id": stream})], stream, WHO))
        elsewhere = await store.append(
            Append([event.model_copy(update={"originator_id": UUID(int=1)})], UUID(int=1), WHO)
        )
        await until_noted(noted, [*good, elsewhere])
        await eventually(lambda: "noting:0" in engine.problems())
        assert "cannot be handled" in engine.problems()["noting:0"]
        handler.poisoned = None
        await until_noted(noted, [*good, poison, behind, elsewhere])
        await eventually(lambda: not engine.problems())


async def test_a_holder_that_stands_still_is_ended_by_a_standby(
    store: EventStore, database: Database, noted: Noted
) -> None:
    class Frozen(Noting):
        async def handle(self, batch: Sequence[Recorded]) -> Work:
            await asyncio.Event().wait()
            return await super().handle(batch)

    async with open_store(database.app_url, MASTER_KEY, "frozen") as other:
        frozen = Engine(other, [noting(Frozen(), partitions=1)])
        await frozen.start()
        await eventually(frozen.progress)
        expected = await receive(store, 5)
        async with running(store, noting(partitions=1)):
            await until_noted(noted, expected)
        await end_tasks(frozen._tasks)
        await frozen.stop()


async def test_pausing_writers_hide_nothing_from_subscriptions(
    store: EventStore, database: Database, noted: Noted
) -> None:
    """Writers hold their transactions open for random times and roll some back, while three subscriptions read
    along."""
    appended: list[int] = []

    async def write(seed: int) -> None:
        chance = random.Random(seed)
        async with await psycopg.AsyncConnection.connect(database.app_url) as connection:
            for _ in range(25):
                stream = uuid4()
                cursor = await connection.execute(
                    """SELECT appended FROM commerce_append(ARRAY[1], ARRAY[%s]::uuid[], ARRAY[1]::bigint[], ARRAY[%s],
                       ARRAY[%s]::bytea[], ARRAY[%s]::uuid[], ARRAY[NULL]::bigint[], ARRAY['{}'], '{}', '{}', '{}',
                       '{}', '{}',
                       '{}', '{}', '{}', '{}', '{}', '{}', false)""",
                    [stream, StockReceived.TOPIC, b'{"sku":"A","quantity":1}', stream],
                )
                row = await cursor.fetchone()
                await asyncio.sleep(chance.random() * 0.01)
                if chance.random() < 0.2:
                    await connection.rollback()
                else:
                    await connection.commit()
                    assert row is not None
                    appended.append(row[0])

    async with running(store, noting()):
        await asyncio.gather(*(write(seed) for seed in range(8)))
        await until_noted(noted, appended)
