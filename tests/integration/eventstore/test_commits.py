"""Partitions of one process share commits: all of them in one transaction, and a conflict is still one
partition's own."""

from __future__ import annotations

import asyncio
from uuid import UUID, uuid4

import psycopg
import pytest

from commerce.eventstore import Append, Event, EventStore, Metadata, Statement, Work, connection_from, in_stream
from commerce.eventstore.errors import CheckpointConflict
from commerce.eventstore.subscriptions.commits import Committer, Effects
from commerce.inventory.events import StockItemRegistered

WHO = Metadata("service:test")


def registered(stream: UUID) -> Event:
    return in_stream([StockItemRegistered(sku="TEA")], stream, after=0)[0]


def effects(partition: str, stream: UUID, *, events: int = 1, unchanged: tuple[tuple[UUID, int], ...] = ()) -> Effects:
    append = Append([registered(stream)], None, WHO, unchanged=unchanged)
    return Effects(partition, 0, 7, 0, events, Work(appends=[append]))


async def track(store: EventStore, *partitions: str) -> None:
    async with connection_from(store.pool) as connection:
        for name in partitions:
            await connection.execute(
                "INSERT INTO commerce_tracking (application_name, notification_id, version) VALUES (%s, 0, 1)", [name]
            )


async def position(store: EventStore, partition: str) -> int:
    async with connection_from(store.pool) as connection:
        cursor = await connection.execute(
            "SELECT notification_id FROM commerce_tracking WHERE application_name = %s", [partition]
        )
        row = await cursor.fetchone()
    assert row is not None
    return int(row[0])


async def commit(committer: Committer, *together: Effects) -> list[BaseException | None]:
    return await asyncio.gather(*(committer.commit(each) for each in together), return_exceptions=True)


async def transactions(store: EventStore) -> set[str]:
    """The ids of the transactions that the events were written in."""
    async with connection_from(store.pool) as connection:
        cursor = await connection.execute("SELECT DISTINCT xmin::text FROM commerce_events")
        return {row[0] for row in await cursor.fetchall()}


async def test_what_waits_while_a_commit_is_written_shares_the_next_one(store: EventStore) -> None:
    await track(store, "one", "two", "three", "four")
    names = ("one", "two", "three", "four")
    assert await commit(Committer(store.pool), *(effects(name, uuid4()) for name in names)) == [None] * 4
    assert [await position(store, name) for name in names] == [7] * 4
    assert len(await transactions(store)) <= 2


async def test_all_that_goes_out_together_is_one_transaction(store: EventStore) -> None:
    """However many statements it is, of which each could be one by itself: no `BEGIN` is sent."""
    await track(store, "one", "two")
    async with connection_from(store.pool) as connection:
        await connection.execute("CREATE TABLE projections.seen (transaction bigint, number integer UNIQUE)")
    numbers = [Statement("INSERT INTO projections.seen VALUES (txid_current(), %s)", [each]) for each in range(300)]
    await Committer(store.pool).commit(Effects("one", 0, 7, 0, 1, Work(numbers)))
    again = Effects("two", 0, 7, 0, 1, Work([Statement("DELETE FROM projections.seen"), numbers[0], numbers[0]]))
    with pytest.raises(psycopg.errors.UniqueViolation):
        await Committer(store.pool).commit(again)
    async with connection_from(store.pool) as connection:
        cursor = await connection.execute("SELECT count(*), count(DISTINCT transaction) FROM projections.seen")
        assert await cursor.fetchone() == (300, 1), "what failed left nothing, not even what came before it"
    assert [await position(store, name) for name in ("one", "two")] == [7, 0]


async def test_large_batches_do_not_share_commits(store: EventStore) -> None:
    names = ("one", "two", "three", "four")
    await track(store, *names)
    large = [effects(name, uuid4(), events=600) for name in names]
    assert await commit(Committer(store.pool), *large) == [None] * 4
    assert len(await transactions(store)) == 4


async def test_a_conflict_is_one_partitions_own(store: EventStore) -> None:
    await track(store, "one", "two", "three")
    taken = uuid4()
    await store.append(Append([registered(taken)], None, WHO))
    outcomes = await commit(
        Committer(store.pool), effects("one", uuid4()), effects("two", taken), effects("three", uuid4())
    )
    assert [type(outcome) for outcome in outcomes] == [type(None), CheckpointConflict, type(None)]
    assert [await position(store, name) for name in ("one", "two", "three")] == [7, 0, 7]


async def test_a_partition_that_moved_meanwhile_does_not_hold_the_others_up(store: EventStore) -> None:
    await track(store, "one", "two")
    missing = effects("not there", uuid4())
    outcomes = await commit(Committer(store.pool), effects("one", uuid4()), missing, effects("two", uuid4()))
    assert [type(outcome) for outcome in outcomes] == [type(None), CheckpointConflict, type(None)]


async def test_work_that_rests_on_a_stream_is_not_committed_with_what_moves_it(store: EventStore) -> None:
    await track(store, "one", "two", "three")
    stream = uuid4()
    resting = effects("three", uuid4(), unchanged=((stream, 0),))
    outcomes = await commit(Committer(store.pool), effects("one", uuid4()), effects("two", stream), resting)
    found = [event.stream for event in await store.read_log(0, 100)]
    if outcomes[2] is None:
        assert found.index(resting.work.appends[0].events[0].originator_id) < found.index(stream)
    else:
        assert isinstance(outcomes[2], CheckpointConflict)


async def test_who_is_cancelled_leaves_the_others_their_commits(store: EventStore) -> None:
    await track(store, "one", "two", "three")
    committer = Committer(store.pool)
    tasks = [asyncio.create_task(committer.commit(effects(name, uuid4()))) for name in ("one", "two", "three")]
    await asyncio.sleep(0)
    tasks[0].cancel()
    tasks[1].cancel()
    with pytest.raises(asyncio.CancelledError):
        await tasks[0]
    await tasks[2]
    assert await position(store, "three") == 7


async def test_an_error_is_one_partitions_own(store: EventStore) -> None:
    await track(store, "one", "two", "three")
    broken = Effects("two", 0, 7, 0, 1, Work([Statement("SELECT 1 / 0")], [Append([registered(uuid4())], None, WHO)]))
    outcomes = await commit(Committer(store.pool), effects("one", uuid4()), broken, effects("three", uuid4()))
    assert [type(outcome) for outcome in outcomes] == [type(None), psycopg.errors.DivisionByZero, type(None)]
