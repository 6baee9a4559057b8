"""A read model that lost its table, rows, columns or place is shown to nobody, and is rebuilt without being asked."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from commerce.eventstore import EventStore, connection_from, open_store
from commerce.inventory.events import StockReceived
from commerce.values.errors import BadUsage
from projections import ALL
from projections.engine import maintenance, rebuilder
from projections.engine.pages import PageRequest
from projections.engine.projection import Lost, Projection, make_tables
from projections.engine.soundness import Soundness, columns_of, indexes_of
from projections.orders import ORDERS, find_orders
from projections.stock import STOCK
from tests.conftest import MASTER_KEY, Database
from tests.integration.projections.history import History
from tests.integration.rebuild.conftest import execute, order, rows, worker
from tests.integration.rebuild.test_rebuild import indexes_of_orders
from tests.integration.rebuild.test_verify import each_projection, verified
from tests.waiting import eventually


async def is_sound(store: EventStore, projection: Projection[Any]) -> bool:
    """Whether nothing is wrong with it, and no rebuild of it is under way."""
    damage = await Soundness(store.pool).damage(projection)
    return damage is None and not await maintenance.under_way(store.pool, "rebuild")


async def is_never_partly_shown_until_it_is_whole(store: EventStore, wanted: int) -> None:
    """Every query of the orders answers all of them, or that they are being made."""
    while True:
        try:
            assert len((await find_orders(store.pool, paging=PageRequest(limit=100))).items) == wanted
        except Lost:
            continue
        if await is_sound(store, ORDERS):
            return


@each_projection
@pytest.mark.usefixtures("history")
async def test_the_shape_that_a_read_model_should_have_is_the_one_that_it_has(
    store: EventStore, projection: Projection[Any]
) -> None:
    async with connection_from(store.pool) as connection:
        cursor = await connection.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0", [projection.table]
        )
        assert {row[0] for row in await cursor.fetchall()} == columns_of(projection)
        cursor = await connection.execute(
            "SELECT count(*) FROM pg_index WHERE indrelid = %s::regclass", [projection.table]
        )
        assert await cursor.fetchone() == (indexes_of(projection),)
    assert await Soundness(store.pool).damage(projection) is None


@pytest.mark.usefixtures("history")
async def test_a_table_that_is_lost_is_not_made_empty_at_the_next_start(store: EventStore) -> None:
    before = await rows(store, ORDERS)
    await execute(store, "DROP TABLE projections.orders")
    await make_tables(store.pool, ALL)
    with pytest.raises(Lost) as lost:
        await find_orders(store.pool)
    assert lost.value.retry_after > 1
    async with worker(store):
        await is_never_partly_shown_until_it_is_whole(store, len(before))
    assert await rows(store, ORDERS) == before


@pytest.mark.parametrize(
    "damage",
    [
        "DROP TABLE {table}",
        pytest.param("TRUNCATE {table}", marks=pytest.mark.long),
        pytest.param("DELETE FROM {table}", marks=pytest.mark.long),
        pytest.param("ALTER TABLE {table} DROP COLUMN {column}", marks=pytest.mark.long),
        "UPDATE commerce_tracking SET notification_id = 1000000 WHERE application_name LIKE '{name}:%'",
    ],
    ids=["dropped", "truncated", "emptied", "without a column", "far ahead"],
)
async def test_a_damaged_read_model_is_rebuilt_while_its_worker_runs(
    store: EventStore, history: History, damage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rebuilder, "_MEND_INTERVAL_S", 0.1)
    async with worker(store):
        for projection in ALL:
            await is_rebuilt(store, projection, damage)
        await is_rebuilt(store, ORDERS, "DROP TABLE projections.orders_terms")
        placed = await order(history)
        for projection in ALL:
            assert (await verified(store, projection)).problem is None, projection.name
        assert (await verified(store, ORDERS)).differing == 0
        assert placed in {folded.row.order_id for folded in await rows(store, ORDERS)}


async def is_rebuilt(store: EventStore, projection: Projection[Any], damage: str) -> None:
    """A damage of this read model alone is noticed, and leaves nothing behind."""
    before = await rows(store, projection)
    await eventually(lambda: is_sound(store, projection))
    column = "first" if projection is not ORDERS else "updated_at"
    await execute(store, damage.format(table=projection.table, name=projection.name, column=column))
    assert not await is_sound(store, projection), projection.name
    await eventually(lambda: is_sound(store, projection))
    assert await rows(store, projection) == before, projection.name


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM commerce_tracking WHERE application_name LIKE 'stock:%'",
        "UPDATE commerce_tracking SET notification_id = 0 WHERE application_name LIKE 'stock:%'",
    ],
    ids=["deleted", "set back"],
)
async def test_a_position_that_is_lost_or_set_back_does_no_harm(
    store: EventStore, history: History, change: str
) -> None:

    async def is_right() -> bool:
        """A read model that is being made again cannot be verified, and it may be so from one moment to the next."""
        if not await is_sound(store, STOCK):
            return False
        found = await verified(store, STOCK)
        assert found.problem is None or found.problem.endswith("has not been made by this version of the code yet")
        return found.problem is None

    async with worker(store):
        await eventually(lambda: is_sound(store, STOCK))
        await execute(store, change)
        await history.happens(StockReceived, "mug", quantity=5)
        await eventually(is_right)
    assert {folded.row.sku: folded.row.on_hand for folded in await rows(store, STOCK)} == {"mug": 15, "jug": 10}


@pytest.mark.usefixtures("history")
async def test_a_read_model_without_an_index_is_shown_and_rebuilt(store: EventStore) -> None:
    wanted = await indexes_of_orders(store)
    await execute(store, "DROP INDEX projections.orders_status_first_idx")
    found = await Soundness(store.pool).damage(ORDERS)
    assert found is not None
    assert not found.is_lost
    async with worker(store):
        await eventually(lambda: is_sound(store, ORDERS))
    assert await indexes_of_orders(store) == wanted


async def test_rows_are_missed_that_came_after_the_first_look_at_an_empty_log(store: EventStore) -> None:
    await make_tables(store.pool, ALL)
    soundness = Soundness(store.pool)
    assert [await soundness.damage(projection) for projection in ALL] == [None] * len(ALL)
    history = History(store)
    for number in range(3):
        await order(history)
        await history.is_projected()
        assert await soundness.damage(ORDERS) is None
        if number:
            await execute(
                store, "DELETE FROM projections.orders WHERE first = (SELECT max(first) FROM projections.orders)"
            )
            found = await soundness.damage(ORDERS)
            assert found is not None
            assert found.is_lost
            return


@pytest.mark.usefixtures("history")
async def test_a_row_that_an_event_taken_out_of_the_log_began_is_no_damage(
    store: EventStore, database: Database
) -> None:
    soundness = Soundness(store.pool)
    assert await soundness.damage(STOCK) is None
    with psycopg.connect(database.admin_url) as connection:
        connection.execute("DELETE FROM commerce_events WHERE topic LIKE 'inventory.%'")
    await execute(store, "DELETE FROM projections.stock")
    assert await soundness.damage(STOCK) is None


@pytest.mark.parametrize(
    "table", ["commerce_deadlines", "commerce_requests", "commerce_idempotency", "commerce_tracking"]
)
async def test_a_process_does_not_start_without_a_table_that_is_no_read_model(database: Database, table: str) -> None:
    with psycopg.connect(database.admin_url) as connection:
        connection.execute(f"DROP TABLE {table}")
    with pytest.raises(
        BadUsage, match=f"the database has no {table}: run `commerce migrate` first; what that does not"
    ):
        async with open_store(database.app_url, MASTER_KEY, "test"):
            pass
