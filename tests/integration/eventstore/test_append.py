"""The append: all of a command or none, one command's conflict its own, one order for all readers."""

from __future__ import annotations

import asyncio
import random
from uuid import UUID, uuid4

import psycopg
import pytest

from commerce.eventstore import (
    Append,
    Event,
    EventStore,
    Idempotency,
    KeyExists,
    Metadata,
    Sealed,
    WrappedKey,
    open_store,
)
from commerce.eventstore.append.function import append_each
from commerce.eventstore.errors import Repeated
from commerce.inventory.events import StockAdjusted, StockReceived
from commerce.runtime.tasks import end_tasks
from commerce.values.errors import InvalidInput, StaleVersion
from tests.conftest import MASTER_KEY, Database

WHO = Metadata("operator:tess", "request-1")


def received(stream: UUID, version: int, sku: str = "A") -> StockReceived:
    return StockReceived(originator_id=stream, originator_version=version, sku=sku, quantity=1)


def command(*events: Event, **about: object) -> Append:
    return Append(events, None, WHO, **about)  # type: ignore[arg-type]


async def test_a_event_comes_back_with_all_that_is_known_of_it(store: EventStore) -> None:
    stream, order = uuid4(), uuid4()
    position = await store.append(Append([received(stream, 1)], order, WHO, causation_id=7))
    (recorded,) = await store.read_stream(stream)
    assert recorded.event == received(stream, 1)
    assert (recorded.position, recorded.correlation_id, recorded.causation_id) == (position, order, 7)
    assert recorded.metadata == WHO


async def test_a_command_decided_on_an_old_version_is_rejected_whole(store: EventStore) -> None:
    stream, other = uuid4(), uuid4()
    await store.append(command(received(stream, 1)))
    with pytest.raises(StaleVersion):
        await store.append(command(received(other, 1), received(stream, 1)))
    assert await store.read_stream(other) == []


async def test_a_command_may_not_leave_a_hole_in_a_stream(store: EventStore) -> None:
    stream = uuid4()
    with pytest.raises(StaleVersion):
        await store.append(command(received(stream, 2)))
    with pytest.raises(StaleVersion):
        await store.append(command(received(stream, 1), received(stream, 3)))
    assert await store.read_stream(stream) == []


async def test_in_a_batch_only_the_conflicting_commands_fail(store: EventStore) -> None:
    taken = uuid4()
    await store.append(command(received(taken, 1)))
    fresh = [uuid4() for _ in range(50)]
    results = await asyncio.gather(
        *(store.append(command(received(stream, 1))) for stream in [*fresh[:25], taken, *fresh[25:]]),
        return_exceptions=True,
    )
    assert [type(result) for result in results].count(StaleVersion) == 1
    assert all(len(found) == 1 for found in (await store.read_streams(fresh)).values())


async def test_of_many_commands_on_one_version_exactly_one_wins(store: EventStore) -> None:
    stream = uuid4()
    results = await asyncio.gather(
        *(store.append(command(received(stream, 1))) for _ in range(20)), return_exceptions=True
    )
    assert sorted(type(result).__name__ for result in results) == ["StaleVersion"] * 19 + ["int"]


async def test_a_stream_that_a_decision_rests_on_must_not_have_moved(store: EventStore) -> None:
    basis, stream = uuid4(), uuid4()
    await store.append(command(received(basis, 1)))
    with pytest.raises(StaleVersion):
        await store.append(command(received(stream, 1), unchanged=[(basis, 0)]))
    await store.append(command(received(stream, 1), unchanged=[(basis, 1)]))


async def test_within_a_call_a_stream_that_an_earlier_command_is_on_has_moved(database: Database) -> None:
    basis = uuid4()
    commands = [command(received(basis, 1)), command(received(uuid4(), 1), unchanged=[(basis, 0)])]
    async with await psycopg.AsyncConnection.connect(database.app_url, autocommit=True) as connection:
        assert await append_each(connection, commands) == [1, "version"]


async def test_a_request_is_accepted_once(store: EventStore) -> None:
    def accept() -> Append:
        return command(received(uuid4(), 1), idempotency=Idempotency("anna POST /orders", "k", b"f", b'{"a":1}'))

    results = await asyncio.gather(*(store.append(accept()) for _ in range(10)), return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["Repeated"] * 9 + ["int"]
    with pytest.raises(Repeated):
        await store.append(accept())
    remembered = await store.remembered("anna POST /orders", "k")
    assert remembered is not None
    assert (remembered.fingerprint, remembered.answer) == (b"f", b'{"a":1}')
    assert remembered.position == next(result for result in results if isinstance(result, int))


async def test_a_persons_key_is_made_once(store: EventStore) -> None:
    owner = uuid4()
    results = await asyncio.gather(
        *(store.append(command(received(uuid4(), 1), keys=[WrappedKey(owner, bytes([n]))])) for n in range(5)),
        return_exceptions=True,
    )
    assert sorted(type(result).__name__ for result in results) == ["KeyExists"] * 4 + ["int"]
    with pytest.raises(KeyExists):
        await store.append(command(received(uuid4(), 1), keys=[WrappedKey(owner, b"x")]))


async def test_a_value_that_cannot_be_stored_fails_its_own_command_only(store: EventStore) -> None:
    good = [uuid4() for _ in range(5)]
    bad = Append([received(uuid4(), 1)], None, WHO, causation_id=2**70)
    results = await asyncio.gather(
        *(store.append(command(received(stream, 1))) for stream in good), store.append(bad), return_exceptions=True
    )
    assert [type(result).__name__ for result in results] == ["int"] * 5 + ["InvalidInput"]
    assert isinstance(results[-1], InvalidInput)


async def test_a_cancelled_waiter_does_not_stop_the_lane(store: EventStore) -> None:
    tasks = [asyncio.create_task(store.append(command(received(uuid4(), 1)))) for _ in range(20)]
    await asyncio.sleep(0)
    for task in tasks[::2]:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert await store.append(command(received(uuid4(), 1))) > 0


async def test_an_append_whose_session_is_ended_is_neither_lost_nor_doubled(
    store: EventStore, database: Database
) -> None:
    """Sessions are ended at random moments, some after the COMMIT and before its answer; each time some appends
    get through."""
    streams = [uuid4() for _ in range(400)]
    positions: list[int] = []
    got_through = asyncio.Event()

    async def end_sessions() -> None:
        async with await psycopg.AsyncConnection.connect(database.admin_url, autocommit=True) as connection:
            while True:
                await connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'commerce "
                    "test%'"
                    " AND query LIKE '%commerce_append%' AND usename = 'commerce_app'"
                )
                got_through.clear()
                await got_through.wait()
                await asyncio.sleep(random.uniform(0, 0.02))

    killer = asyncio.create_task(end_sessions())
    for stream in streams:
        positions.append(await store.append(command(received(stream, 1))))
        got_through.set()
    await end_tasks([killer])
    await asyncio.gather(killer, return_exceptions=True)
    found = await store.read_streams(streams)
    assert [[recorded.position for recorded in found[stream]] for stream in streams] == [
        [position] for position in positions
    ]


async def test_time_never_runs_backwards_along_the_log(store: EventStore) -> None:
    async def write() -> None:
        for _ in range(20):
            await store.append(command(received(uuid4(), 1)))

    await asyncio.gather(*(write() for _ in range(8)))
    log = await store.read_log(0, await store.head())
    assert [event.recorded_at for event in log] == sorted(event.recorded_at for event in log)
    middle = log[80]
    as_of = [event for event in log if event.recorded_at <= middle.recorded_at]
    assert as_of == log[: len(as_of)]


async def test_the_application_can_only_append(database: Database) -> None:
    async with await psycopg.AsyncConnection.connect(database.app_url, autocommit=True) as connection:
        for forbidden in (
            "INSERT INTO commerce_events (originator_id, originator_version) VALUES (gen_random_uuid(), 1)",
            "UPDATE commerce_events SET topic = 'x'",
            "DELETE FROM commerce_events",
            "TRUNCATE commerce_events",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                await connection.execute(forbidden.encode())


async def test_the_payload_is_json_that_sql_can_read(store: EventStore, database: Database) -> None:
    stream = uuid4()
    event = StockAdjusted(originator_id=stream, originator_version=1, sku="Ä 1", quantity=-2, reason=Sealed("v1.…"))
    await store.append(command(event))
    async with await psycopg.AsyncConnection.connect(database.app_url) as connection:
        cursor = await connection.execute("SELECT convert_from(state, 'UTF8')::jsonb FROM commerce_events")
        assert await cursor.fetchall() == [({"class_version": 2, "sku": "Ä 1", "quantity": -2, "reason": "v1.…"},)]


async def test_an_append_to_a_young_log_looks_at_what_it_asks_for_and_at_nothing_else(database: Database) -> None:
    """A session keeps the plans that it made while the tables were empty; they have to be good for full ones too."""
    appends = 40
    async with open_store(database.app_url, MASTER_KEY, "test") as store:
        for number in range(appends):
            about = Idempotency("test", str(number), b"", b"{}"), WrappedKey(uuid4(), b"")
            await store.append(command(received(uuid4(), 1), idempotency=about[0], keys=[about[1]]))
    with psycopg.connect(database.admin_url, autocommit=True) as owner:
        read = owner.execute(
            """SELECT relname, sum(idx_tup_read) FROM pg_stat_user_indexes
               WHERE relname IN ('commerce_events', 'commerce_idempotency', 'commerce_keys') GROUP BY 1"""
        ).fetchall()
    assert len(read) == 3
    assert [table for table, rows in read if rows > 2 * appends] == []
