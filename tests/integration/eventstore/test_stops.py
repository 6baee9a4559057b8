"""A subscription that parks nothing and stands still says where, why and since when; and it gets on as soon as the
event is gone."""

from __future__ import annotations

from collections.abc import Sequence

import psycopg
import pytest

from commerce.events import EVENTS
from commerce.eventstore import Append, EventStore, Recorded, Stateless, Stop, Work, find_stops, open_store
from commerce.eventstore.subscriptions.partition import Partition
from commerce.inventory.events import StockReceived
from commerce.values.errors import InvalidInput
from tests.conftest import MASTER_KEY, Database
from tests.integration.eventstore.subscriptions import WHO, Noted, Noting, noting, receive, running, until_noted
from tests.integration.eventstore.test_known import STREAM, opens, write
from tests.waiting import eventually


class Unreadable(Stateless):
    """Decodes what it is given."""

    async def handle(self, batch: Sequence[Recorded]) -> Work:
        for recorded in batch:
            assert recorded.event
        return await Noting().handle(batch)


def delete(database: Database, position: int) -> None:
    """Take a row out of the log, as its owner."""
    with psycopg.connect(database.admin_url) as connection:
        connection.execute("DELETE FROM commerce_events WHERE notification_id = %s", [position])


def newest(database: Database) -> int:
    with psycopg.connect(database.admin_url) as connection:
        row = connection.execute("SELECT max(notification_id) FROM commerce_events").fetchone()
    assert row is not None
    return int(row[0])


async def only_stop(store: EventStore) -> Stop:
    await eventually(lambda: _found(store))
    (stop,) = await find_stops(store.pool)
    return stop


async def _found(store: EventStore) -> bool:
    return bool(await find_stops(store.pool))


async def _none(store: EventStore) -> bool:
    return not await find_stops(store.pool)


@pytest.mark.parametrize("last", [True, False], ids=["the last of the log", "one in the middle"])
async def test_an_event_that_cannot_be_read_is_named_until_it_is_deleted_and_then_all_goes_on(
    store: EventStore, database: Database, noted: Noted, last: bool
) -> None:
    before = await receive(store, 3)
    async with running(store, noting(Unreadable(), partitions=1, parks=False)) as engine:
        await until_noted(noted, before)
        write(database, "inventory.StockReceived", b'{"quantity":"many"}')
        bad = newest(database)
        after = [] if last else await receive(store, 3)
        stop = await only_stop(store)
        assert (stop.partition, stop.position, stop.topic) == ("noting:0", bad, "inventory.StockReceived")
        assert "MapperDeserialisationError" in stop.problem
        await eventually(lambda: "noting:0" in engine.problems())
        assert f"stands still before position {bad} (inventory.StockReceived) since" in engine.problems()["noting:0"]
        delete(database, bad)
        await until_noted(noted, [*before, *after])
        await eventually(lambda: _none(store))
        await eventually(lambda: not engine.problems())
        await until_noted(noted, [*before, *after, *await receive(store, 2)])


async def test_a_stop_keeps_its_time_while_it_lasts_and_is_forgotten_by_a_subscription_that_gets_on(
    store: EventStore, noted: Noted
) -> None:
    poison = Noting()
    (position,) = await receive(store)
    poison.poisoned = (await store.read_log(0, position))[0].stream
    async with running(store, noting(poison, partitions=1, parks=False)) as engine:
        first = await only_stop(store)
        await eventually(lambda: engine.problems() != {})
    async with running(store, noting(poison, partitions=1, parks=False)):
        await eventually(lambda: _found(store))
        assert (await only_stop(store)).since == first.since
    assert (await only_stop(store)) == first
    async with running(store, noting(partitions=1, parks=False)):
        await until_noted(noted, [position])
        await eventually(lambda: _none(store))


async def test_a_deleted_row_is_gone_from_a_partition_that_had_it_in_memory(
    store: EventStore, database: Database, noted: Noted
) -> None:
    async with running(store, noting(Unreadable(), partitions=1, parks=False)) as engine:
        write(database, "inventory.StockReceived", b"not JSON")
        bad = newest(database)
        await only_stop(store)
        delete(database, bad)
        await eventually(lambda: not engine.problems())
        assert engine.progress()[0].position == bad, "positions are never drawn twice, so what comes next is beyond it"


async def test_a_process_starts_on_a_log_from_which_an_unknown_event_was_deleted_or_corrected(
    database: Database,
) -> None:
    write(database, "ordering.OrderGifted", b"{}")
    delete(database, newest(database))
    await opens(database)
    write(database, "inventory.StockReceived", b'{"class_version":12,"sku":"LAMP","quantity":1}')
    with psycopg.connect(database.admin_url) as connection:
        connection.execute("UPDATE commerce_events SET state = %s", [b'{"sku":"LAMP","quantity":1}'])
    await opens(database)


async def test_a_kind_of_event_that_stands_elsewhere_in_the_log_stays_unknown(database: Database) -> None:
    with psycopg.connect(database.admin_url) as connection:
        for version in (1, 2):
            connection.execute(
                "INSERT INTO commerce_events (originator_id, originator_version, topic, state) VALUES (%s, %s, %s, "
                "'{}')",
                [STREAM, version, "ordering.OrderGifted"],
            )
    delete(database, newest(database))
    with pytest.raises(Exception, match=r"ordering\.OrderGifted, which this version does not know"):
        await opens(database)


async def test_a_command_whose_event_no_read_model_could_store_is_rejected_and_the_others_of_its_batch_are_not(
    store: EventStore,
) -> None:
    def received(sku: str) -> Append:
        return Append([StockReceived(originator_id=STREAM, originator_version=1, sku=sku, quantity=1)], None, WHO)

    with pytest.raises(InvalidInput, match=r"sku of inventory\.StockReceived has a NUL character"):
        await store.append(received("LA\0MP"))
    assert await store.head() == 0
    await store.append(received("LAMP"))


async def test_a_subscription_that_would_append_what_cannot_be_stored_stands_still_and_appends_nothing(
    store: EventStore,
) -> None:
    class Appending(Stateless):
        async def handle(self, batch: Sequence[Recorded]) -> Work:
            bad = StockReceived(originator_id=STREAM, originator_version=1, sku="LA\0MP", quantity=1)
            return Work(appends=[Append([bad], None, WHO)])

    (position,) = await receive(store)
    partition = Partition(store, noting(Appending(), partitions=1, parks=False), 0)
    with pytest.raises(ValueError, match="has a NUL character"):
        await partition.step()
    assert await store.head() == position


async def test_a_process_that_knows_every_kind_opens_a_database_without_any(database: Database) -> None:
    async with open_store(database.app_url, MASTER_KEY, "test", known=EVENTS) as opened:
        assert await opened.head() == 0


async def test_a_position_beyond_the_end_of_the_log_is_told_and_nothing_is_left_out(
    store: EventStore, database: Database, noted: Noted
) -> None:
    with psycopg.connect(database.app_url) as connection:
        connection.execute(
            "INSERT INTO commerce_tracking (application_name, notification_id) VALUES ('noting:0', 1000)"
        )
    expected = await receive(store, 3)
    async with running(store, noting(partitions=1)) as engine:
        await eventually(lambda: "the log has not come beyond" in engine.problems().get("noting:0", ""))
        with psycopg.connect(database.app_url) as connection:
            connection.execute("UPDATE commerce_tracking SET notification_id = 0 WHERE application_name = 'noting:0'")
        await until_noted(noted, expected, 30)
        await eventually(lambda: not engine.problems())
