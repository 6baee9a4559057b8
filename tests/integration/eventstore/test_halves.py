"""Two appends of one process at a time: what commands are told, and what the log holds, is as with one after the
other."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from time import perf_counter
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import AsyncConnection

from commerce.eventstore import Append, EventStore, open_store
from commerce.eventstore.append import function, queue, session
from commerce.eventstore.append.function import Conflict
from commerce.eventstore.append.queue import LARGEST_BATCH_COMMANDS, SMALLEST_HALF_COMMANDS
from commerce.values.errors import StaleVersion
from tests.conftest import MASTER_KEY, Database
from tests.integration.eventstore.proxy import proxied
from tests.integration.eventstore.test_append_queue import WHO, command, received, together
from tests.waiting import eventually

MANY = 4 * SMALLEST_HALF_COMMANDS
AT_ONCE = MANY // 2


@pytest.fixture(autouse=True)
def _python_always_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "thread_time", perf_counter)


async def warm(store: EventStore) -> None:
    """Let the append queue see that it is Python which takes the time, after which it sends halves."""
    await together(store, *(command(received(uuid4())) for _ in range(MANY)))
    store.queue.batch_sizes.clear()


def held_up(monkeypatch: pytest.MonkeyPatch, held: session.AppendSession, until: Callable[[], bool]) -> None:
    """Let what a session appends wait until a condition holds."""

    async def append_each(connection: AsyncConnection, commands: Sequence[Append]) -> list[int | Conflict]:
        if connection is held.connection:
            await eventually(until)
        return await function.append_each(connection, commands)

    monkeypatch.setattr(session, "append_each", append_each)


async def write(store: EventStore, stream: UUID, versions: int) -> None:
    for version in range(1, versions + 1):
        await store.append(command(received(stream, version)))


async def test_many_writers_go_in_two_halves_and_each_stream_is_whole(store: EventStore) -> None:
    await warm(store)
    streams = [uuid4() for _ in range(MANY)]
    await asyncio.gather(*(write(store, stream, 5) for stream in streams))
    assert store.queue.batch_sizes.most_common(1)[0][0] == AT_ONCE
    for events in (await store.read_streams(streams)).values():
        assert [event.originator_version for event in events] == [1, 2, 3, 4, 5]


async def test_of_many_who_contend_for_few_streams_one_wins_each_version(store: EventStore) -> None:
    await warm(store)
    streams = [uuid4() for _ in range(8)]
    won: Counter[tuple[UUID, int]] = Counter()

    async def contend(stream: UUID) -> None:
        for version in (1, 2, 3):
            try:
                await store.append(command(received(stream, version)))
            except StaleVersion:
                continue
            won[stream, version] += 1

    await asyncio.gather(*(contend(streams[number % 8]) for number in range(MANY)))
    assert won == Counter({(stream, version): 1 for stream in streams for version in (1, 2, 3)})
    assert all(len(events) == 3 for events in (await store.read_streams(streams)).values())


async def test_commands_that_continue_a_stream_keep_their_order_also_where_the_second_half_is_faster(
    store: EventStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await warm(store)
    stream = uuid4()
    crowd = [command(received(uuid4())) for _ in range(MANY)]
    chain = [command(received(stream, version)) for version in range(1, 5)]
    appends = [asyncio.create_task(store.append(one)) for one in [*chain[:2], *crowd, *chain[2:]]]
    held_up(monkeypatch, store.queue._first, lambda: any(append.done() for append in appends))
    await asyncio.gather(*appends)
    assert len(await store.read_stream(stream)) == 4


async def test_a_queue_that_stops_finishes_both_halves(store: EventStore, monkeypatch: pytest.MonkeyPatch) -> None:
    await warm(store)
    await store.queue._second.connected()
    may_go_on = asyncio.Event()
    held_up(monkeypatch, store.queue._second, may_go_on.is_set)
    appends = [asyncio.create_task(store.append(command(received(uuid4())))) for _ in range(MANY)]
    await eventually(lambda: any(append.done() for append in appends))
    stopping = asyncio.create_task(store.queue.stop())
    done, _ = await asyncio.wait([stopping], timeout=0.2)
    assert not done
    may_go_on.set()
    await stopping
    assert all([await append for append in appends])


async def test_what_both_halves_are_not_told_of_is_found_in_the_log(database: Database) -> None:
    async with proxied(database.app_url) as proxy, open_store(proxy.address, MASTER_KEY, "test") as store:
        await warm(store)
        streams = [uuid4() for _ in range(MANY)]
        proxy.fault = "answer lost"
        assert await together(store, *(command(received(stream)) for stream in streams)) == ["int"] * MANY
        assert all(len(events) == 1 for events in (await store.read_streams(streams)).values())


async def test_without_a_second_session_the_first_one_does_it_all(
    store: EventStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused() -> None:
        raise psycopg.OperationalError("too many clients already")

    monkeypatch.setattr(store.queue._second, "connected", refused)
    await warm(store)
    assert await together(store, *(command(received(uuid4())) for _ in range(MANY))) == ["int"] * MANY
    await warm(store)
    assert store.queue.batch_sizes == {}
    await together(store, *(command(received(uuid4())) for _ in range(MANY)))
    assert store.queue.batch_sizes == {MANY: 1}


async def test_an_append_that_mostly_waits_for_its_commit_is_not_halved(
    store: EventStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "thread_time", lambda: 0.0)
    await warm(store)
    await together(store, *(command(received(uuid4())) for _ in range(LARGEST_BATCH_COMMANDS)))
    assert store.queue.batch_sizes == {LARGEST_BATCH_COMMANDS: 1}


async def test_a_store_that_closes_finishes_both_halves(database: Database) -> None:
    streams = [uuid4() for _ in range(MANY)]
    async with open_store(database.app_url, MASTER_KEY, "test") as store:
        await warm(store)
        appends = [asyncio.create_task(store.append(command(received(stream), metadata=WHO))) for stream in streams]
        await asyncio.sleep(0)
    assert all([await append for append in appends])
