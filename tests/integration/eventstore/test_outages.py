"""Crashes and frozen processes: nothing acknowledged is lost, nothing is handled twice, and others take over
within seconds."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from commerce.embedded.postgres import EmbeddedPostgres
from commerce.eventstore import EventStore, migrate, open_store
from commerce.inventory.events import StockAdjusted, StockReceived
from commerce.values.errors import Unavailable
from tests.conftest import MASTER_KEY, Database
from tests.integration.eventstore.subscriptions import Noted, Noting, noting, receive, running, until_noted
from tests.waiting import eventually


@pytest.fixture
def own_postgres(tmp_path: Path) -> Iterator[EmbeddedPostgres]:
    """A migrated server that the test may crash."""
    server = EmbeddedPostgres(tmp_path)
    server.start()
    try:
        migrate(server.admin_url, server.app_url)
        with psycopg.connect(server.app_url) as connection:
            connection.execute("CREATE TABLE projections.noted (position bigint)")
        yield server
    finally:
        server.stop()


async def test_a_crash_of_the_database_loses_and_doubles_nothing(own_postgres: EmbeddedPostgres) -> None:
    acknowledged: list[int] = []
    ending = asyncio.Event()

    async def write(store: EventStore) -> None:
        while not ending.is_set():
            try:
                acknowledged.extend(await receive(store))
            except Unavailable:
                await asyncio.sleep(0.1)

    async with open_store(own_postgres.app_url, MASTER_KEY, "test") as store, running(store, noting()) as engine:
        writers = [asyncio.create_task(write(store)) for _ in range(8)]
        for _ in range(2):
            await eventually(lambda so_far=len(acknowledged): len(acknowledged) > so_far + 100)  # type: ignore[misc]
            assert own_postgres.pid
            os.kill(own_postgres.pid, signal.SIGQUIT)
            await asyncio.to_thread(own_postgres.start)
        await eventually(lambda so_far=len(acknowledged): len(acknowledged) > so_far + 100)  # type: ignore[misc]
        ending.set()
        await asyncio.gather(*writers)
        log = [event.position for event in await store.read_log(0, await store.head(), limit=10**6)]
        assert set(acknowledged) <= set(log)
        async with await psycopg.AsyncConnection.connect(own_postgres.app_url, autocommit=True) as noted:
            await until_noted(noted, log)
        await eventually(lambda: not engine.problems())


WORKER = """
import asyncio, sys
sys.path[:0] = sys.argv[2:]
from commerce.eventstore.store import open_store
from tests.conftest import MASTER_KEY
from tests.integration.eventstore.subscriptions import noting, receive, running

async def main():
    async with open_store(sys.argv[1], MASTER_KEY, "frozen") as store, running(store, noting()) as engine:
        while True:
            await receive(store, 20)
            await asyncio.sleep(0.01)
            if engine.progress():
                print(len(engine.progress()), flush=True)

asyncio.run(main())
"""


async def test_a_frozen_process_is_replaced_in_seconds_and_writes_nothing_stale_when_it_wakes(
    store: EventStore, database: Database, noted: Noted
) -> None:
    worker = await asyncio.create_subprocess_exec(
        sys.executable, "-c", WORKER, database.app_url, *filter(None, sys.path), stdout=subprocess.PIPE
    )
    try:
        assert worker.stdout
        while await worker.stdout.readline() != b"4\n":
            pass
        async with running(store, noting()) as standby:
            await eventually(lambda: len(standby.progress()) == 2)
            for _ in range(2):
                worker.send_signal(signal.SIGSTOP)
                await receive(store, 20)
                await eventually(lambda: len(standby.progress()) == 4)
                head = await store.head()

                await eventually(lambda head=head: min(part.position for part in standby.progress()) >= head)  # type: ignore[misc]
                worker.send_signal(signal.SIGCONT)
                await eventually(lambda: len(standby.progress()) == 2)
            worker.kill()
            await worker.wait()
            log = [event.position for event in await store.read_log(0, await store.head(), limit=10**6)]
            await until_noted(noted, log)
    finally:
        if worker.returncode is None:
            worker.kill()
        await worker.communicate()


@pytest.mark.long
async def test_subscriptions_with_different_filters_see_every_event_of_pausing_writers_once(
    store: EventStore, database: Database, noted: Noted
) -> None:
    """16 writers append 100,000 events, hold their transactions open for random times and roll some back."""
    left = 100_000 // 16
    kinds = (StockReceived.TOPIC, StockAdjusted.TOPIC)
    appended: dict[str, list[int]] = {kind: [] for kind in kinds}

    async def write(seed: int) -> None:
        chance = random.Random(seed)
        async with await psycopg.AsyncConnection.connect(database.app_url) as connection:
            written = 0
            while written < left:
                count, kind = chance.randint(1, 200), chance.choice(kinds)
                streams = [uuid4() for _ in range(count)]
                cursor = await connection.execute(
                    """SELECT appended FROM commerce_append(%(commands)s::int[], %(streams)s::uuid[],
                       array_fill(1::bigint, ARRAY[%(count)s]), array_fill(%(kind)s::text, ARRAY[%(count)s]),
                       array_fill(%(state)s::bytea, ARRAY[%(count)s]), %(streams)s::uuid[],
                       array_fill(NULL::bigint, ARRAY[%(count)s]), array_fill('{}'::text, ARRAY[%(count)s]),
                       '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', false)""",
                    {
                        "commands": list(range(1, count + 1)),
                        "streams": streams,
                        "count": count,
                        "kind": kind,
                        "state": b'{"sku":"A","quantity":1,"reason":"counted"}',
                    },
                )
                found = [row[0] for row in await cursor.fetchall()]
                await asyncio.sleep(chance.random() * 0.02)
                if chance.random() < 0.2:
                    await connection.rollback()
                else:
                    await connection.commit()
                    appended[kind] += found
                    written += count

    await noted.execute(
        "CREATE TABLE projections.received (position bigint); CREATE TABLE projections.adjusted (position bigint)"
    )
    async with running(
        store,
        noting(topics=frozenset(kinds)),
        noting(Noting("projections.received"), 4, frozenset(kinds[:1]), "received"),
        noting(Noting("projections.adjusted"), 1, frozenset(kinds[1:]), "adjusted"),
    ):
        await asyncio.gather(*(write(seed) for seed in range(16)))
        await until_noted(noted, [*appended[kinds[0]], *appended[kinds[1]]])
        await until_noted(noted, appended[kinds[0]], table="projections.received")
        await until_noted(noted, appended[kinds[1]], table="projections.adjusted")
    assert sum(map(len, appended.values())) >= 100_000
