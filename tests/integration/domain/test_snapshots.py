"""Snapshots spare reading long streams from their first event, and nothing depends on them."""

from __future__ import annotations

from uuid import UUID

import psycopg
import pytest

from commerce.eventstore import SNAPSHOT_INTERVAL_EVENTS, Append, EventStore, StreamHistory
from commerce.eventstore.application import CommerceApplication
from commerce.inventory import stock_item
from commerce.inventory.commands import adjust_stock, load_stock_item, receive_stock
from commerce.inventory.events import StockItemRegistered, StockReceived
from commerce.inventory.snapshots import STOCK_ITEMS
from commerce.inventory.stock_item import StockItem
from commerce.inventory.subscription import inventory_subscription
from commerce.saga.request_events import STOCK_TOPICS, stock_request
from commerce.values import ids
from tests.catch_up import catch_up
from tests.conftest import Database
from tests.integration.domain.test_stock_requests import WHO, reserve
from tests.integration.eventstore.test_library import project

CUP = ids.stock_item_id("cup")


async def grown(store: EventStore, version: int) -> None:
    """A stock item at a version, with as many pieces less one, written without reading it."""
    events = [
        StockItemRegistered(originator_id=CUP, originator_version=1, sku="cup"),
        *(StockReceived(originator_id=CUP, originator_version=n, sku="cup", quantity=1) for n in range(2, version + 1)),
    ]
    await store.append(Append(events, None, WHO))


async def history(store: EventStore) -> StreamHistory:
    """The stock item's history as a command reads it."""
    return (await store.read_histories({CUP: STOCK_ITEMS}))[CUP]


async def item(store: EventStore) -> StockItem:
    """The stock item as a command sees it."""
    found = stock_item.fold((await history(store)).events)
    assert found is not None
    return found


async def snapshots(store: EventStore) -> list[tuple[UUID, int]]:
    """Streams and versions of all snapshots."""
    async with store.pool.connection() as connection:
        cursor = await connection.execute(
            "SELECT originator_id, originator_version FROM commerce_snapshots ORDER BY originator_version"
        )
        return [(row[0], row[1]) for row in await cursor.fetchall()]


async def test_a_command_that_read_a_long_stream_leaves_one_snapshot_and_the_next_begins_there(
    store: EventStore,
) -> None:
    await grown(store, 2 * SNAPSHOT_INTERVAL_EVENTS)
    first = await receive_stock(store, "cup", 5, WHO)
    assert first.version == 2 * SNAPSHOT_INTERVAL_EVENTS + 1
    assert await snapshots(store) == [(CUP, 2 * SNAPSHOT_INTERVAL_EVENTS)]
    assert len((await history(store)).events) == 2
    assert await item(store) == await whole(store)
    second = await adjust_stock(store, "cup", -3, "broken", WHO)
    assert (second.version, second.position) == (first.version + 1, first.position + 1)


async def whole(store: EventStore) -> StockItem:
    """The stock item folded from all of its events."""
    found = stock_item.fold(recorded.event for recorded in await store.read_stream(CUP))
    assert found is not None
    return found


async def test_who_asks_what_is_in_stock_begins_with_a_snapshot_too_and_leaves_one_where_there_was_none(
    store: EventStore,
) -> None:
    await grown(store, SNAPSHOT_INTERVAL_EVENTS + 1)
    assert await load_stock_item(store, "cup") == await whole(store)
    assert await snapshots(store) == [(CUP, SNAPSHOT_INTERVAL_EVENTS + 1)]
    assert len((await history(store)).events) == 1
    assert await load_stock_item(store, "cup") == await whole(store)
    assert await load_stock_item(store, "vase") is None


async def test_only_the_newest_snapshot_of_a_stream_is_kept(store: EventStore) -> None:
    await grown(store, SNAPSHOT_INTERVAL_EVENTS)
    for _ in range(SNAPSHOT_INTERVAL_EVENTS + 1):
        await receive_stock(store, "cup", 1, WHO)
    assert await snapshots(store) == [(CUP, 2 * SNAPSHOT_INTERVAL_EVENTS)]


async def test_the_inventory_subscription_leaves_snapshots_as_it_goes_and_begins_with_them(store: EventStore) -> None:
    await grown(store, 2 * SNAPSHOT_INTERVAL_EVENTS - 2)
    for _ in range(3):
        await reserve(store, cup=1)
        await catch_up(store, inventory_subscription(STOCK_TOPICS, stock_request))
    assert [version for _, version in await snapshots(store)] == [2 * SNAPSHOT_INTERVAL_EVENTS]
    assert await item(store) == await whole(store)
    assert (await item(store)).reserved == 3


async def test_without_snapshots_everything_is_as_it_is_with_them(store: EventStore, database: Database) -> None:
    await grown(store, SNAPSHOT_INTERVAL_EVENTS)
    await receive_stock(store, "cup", 5, WHO)
    before = await item(store)
    with psycopg.connect(database.admin_url) as connection:
        assert connection.execute("DELETE FROM commerce_snapshots").rowcount == 1
    assert await item(store) == before
    assert (await receive_stock(store, "cup", 5, WHO)).version == before.version + 1
    assert (await item(store)).on_hand == before.on_hand + 5


@pytest.mark.parametrize(
    "change",
    [
        "state = convert_to(replace(convert_from(state, 'UTF8'), code.text, 'othercode'), 'UTF8')",
        "state = convert_to(replace(convert_from(state, 'UTF8'), 'reserved', 'promised'), 'UTF8')",
        "state = '{'",
        "topic = 'inventory.Forgotten'",
        "originator_version = originator_version + 100",
    ],
)
async def test_a_snapshot_that_this_code_did_not_make_of_this_log_is_ignored(
    store: EventStore, database: Database, change: str
) -> None:
    await grown(store, SNAPSHOT_INTERVAL_EVENTS)
    await receive_stock(store, "cup", 5, WHO)
    with psycopg.connect(database.admin_url) as connection:
        changed = f"UPDATE commerce_snapshots SET {change} FROM (SELECT %s AS text) AS code"
        assert connection.execute(changed, [STOCK_ITEMS.code]).rowcount == 1
    assert (await history(store)).since == 0
    assert await item(store) == await whole(store)


async def test_the_library_begins_with_our_snapshots(store: EventStore, database: Database) -> None:
    class Snapshotting(CommerceApplication):
        name = "commerce"
        is_snapshotting_enabled = True

    await grown(store, SNAPSHOT_INTERVAL_EVENTS)
    await receive_stock(store, "cup", 5, WHO)
    application = Snapshotting.connect(database.app_url)
    try:
        assert application.snapshots is not None
        assert [snapshot.originator_version for snapshot in application.snapshots.get(CUP)] == [
            SNAPSHOT_INTERVAL_EVENTS
        ]
        assert application.repository.get(CUP, projector_func=project) == await whole(store)
    finally:
        application.close()
