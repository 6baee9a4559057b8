"""A read model that stands still is never called right, its rebuild ends and says why, and old events do not stop
one at all."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any
from uuid import UUID

import psycopg
import pytest
from pydantic_core import to_json

from commerce.eventstore import EventStore, connection_from, find_stops
from commerce.inventory.events import StockItemRegistered, StockReceived
from commerce.shipping.events import ShipmentScheduled
from commerce.values import ids
from projections import ALL
from projections.engine import maintenance, rebuild_tables
from projections.engine.continuous_verifier import ContinuousVerifier
from projections.engine.maintenance import MaintenanceJob
from projections.engine.projection import Projection
from projections.engine.rebuilder import Rebuilder
from projections.engine.verification_walk import walk
from projections.engine.verifier import Verifier
from projections.orders import ORDERS
from projections.shipments import SHIPMENTS
from projections.stock import STOCK
from tests.catch_up import catch_up
from tests.conftest import Database
from tests.integration.projections.history import History
from tests.integration.rebuild.conftest import (
    ended,
    execute,
    following,
    order,
    rows,
    tables,
    until_ended,
    worker,
)
from tests.integration.rebuild.test_rebuild import ask
from tests.integration.rebuild.test_verify import verified
from tests.waiting import eventually

HUGE = b'{"sku":"mug","quantity":10000000000000000000000}'
"""More than a column takes; our append rejects it, and a log from elsewhere may have it."""


def write(database: Database, stream: UUID, topic: str, state: bytes, order_id: UUID | None = None) -> int:
    """The next event of a stream, written by the log's owner past our append; answers its position."""
    with psycopg.connect(database.admin_url) as connection:
        row = connection.execute(
            """INSERT INTO commerce_events (originator_id, originator_version, topic, state, correlation_id)
               SELECT %(stream)s, coalesce(max(originator_version), 0) + 1, %(topic)s, %(state)s, %(order)s
               FROM commerce_events WHERE originator_id = %(stream)s RETURNING notification_id""",
            {"stream": stream, "topic": topic, "state": state, "order": order_id},
        ).fetchone()
    assert row is not None
    return int(row[0])


def delete(database: Database, position: int) -> None:
    with psycopg.connect(database.admin_url) as connection:
        connection.execute("DELETE FROM commerce_events WHERE notification_id = %s", [position])


@pytest.fixture(autouse=True)
def nothing_may_be_parked(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where a partition has parked as many events as it may."""
    monkeypatch.setattr("commerce.eventstore.subscriptions.parked.MOST_FAILED_EVENTS", 0)


async def stands_still(store: EventStore, projection: Projection[Any]) -> bool:
    return bool(await find_stops(store.pool, projection.name))


async def test_a_verification_says_where_a_read_model_stands_still_and_names_every_row_that_is_missing_beyond(
    store: EventStore, history: History, database: Database
) -> None:
    bad = write(database, ids.stock_item_id("mug"), "inventory.StockReceived", HUGE)
    async with worker(store):
        await eventually(lambda: stands_still(store, STOCK))
        place = ids.stock_item_id("mug").bytes[15] % STOCK.partitions
        others = [sku for sku in map(str, range(200)) if ids.stock_item_id(sku).bytes[15] % STOCK.partitions == place]
        for sku in others[:5]:
            await history.happens(StockItemRegistered, sku)
        await history.happens(StockReceived, "jug", quantity=1)
        found = await verified(store, STOCK)
        assert found.status == "failed"
        assert found.problem is not None
        assert f"stock:{place} stands still before position {bad} (inventory.StockReceived) since" in found.problem
        assert "TooManyParked" in found.problem
        assert {(each.key, each.kind) for each in found.differences} >= {(sku, "missing") for sku in others[:5]}
        assert found.differing == len(found.differences)
        assert (await verified(store, ORDERS)).status == "done"
        delete(database, bad)
        await eventually(lambda: _is_right(store))


async def _is_right(store: EventStore) -> bool:
    found = await verified(store, STOCK)
    return (found.status, found.differing, found.problem) == ("done", 0, None)


async def test_an_event_that_cannot_be_read_makes_its_row_a_difference_and_keeps_no_other_from_being_verified(
    store: EventStore, history: History, database: Database
) -> None:
    (folded, *_) = await rows(store, ORDERS)
    order_id = folded.row.order_id
    write(database, order_id, "ordering.OrderShipped", b"not JSON", order_id)
    async with worker(store):
        found = await verified(store, ORDERS)
        assert (found.status, [(each.key, each.kind) for each in found.differences]) == (
            "failed",
            [(str(order_id), "failing")],
        )
        assert (await verified(store, STOCK)).status == "done"


@pytest.mark.usefixtures("history")
async def test_a_read_model_that_is_behind_and_does_not_move_is_not_called_right(
    store: EventStore, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("projections.engine.verifier.STANDSTILL_S", 0.2)
    await history.happens(StockReceived, "mug", quantity=1)
    verifying = asyncio.create_task(Verifier(store, ALL).run())  # and nobody follows the log
    found = await verified(store, STOCK)
    assert found.status == "failed"
    assert found.problem is not None
    assert "does not move, and the log goes on" in found.problem
    assert [(each.key, each.kind) for each in found.differences] == [("mug", "differs")]
    await ended(verifying)


async def test_the_slow_check_says_where_a_read_model_stands_still(
    store: EventStore, history: History, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("projections.engine.continuous_verifier.SHORTEST_ROUND_S", 0.1)
    bad = write(database, ids.stock_item_id("mug"), "inventory.StockReceived", HUGE)
    verifier = ContinuousVerifier(store, ALL, lambda _name: False)
    watching = asyncio.create_task(verifier.run())
    async with following(store):
        await eventually(verifier.problems)
        (said,) = verifier.problems().values()
        assert f"stands still before position {bad} (inventory.StockReceived) since" in said
        delete(database, bad)
        await eventually(lambda: not verifier.problems())
    await ended(watching)


@pytest.mark.parametrize("state", [HUGE, b"not JSON"], ids=["cannot be stored", "cannot be read"])
async def test_a_rebuild_that_cannot_come_to_its_end_says_why_and_lets_the_next_one_go_on(
    store: EventStore, history: History, database: Database, state: bytes
) -> None:
    before = await rows(store, STOCK)
    bad = write(database, ids.stock_item_id("mug"), "inventory.StockReceived", state)
    async with worker(store):
        failing, next_one = await ask(store, STOCK), await ask(store, ORDERS)
        failed = await until_ended(store, failing)
        assert failed.status == "failed"
        assert failed.problem is not None
        assert f"stands still before position {bad} (inventory.StockReceived)" in failed.problem
        assert (await until_ended(store, next_one)).status == "done"
    assert await tables(store) == {projection.name for projection in ALL}
    assert await rows(store, STOCK) == before
    delete(database, bad)
    async with worker(store):
        assert (await until_ended(store, await ask(store, STOCK))).status == "done"


@pytest.mark.usefixtures("history")
async def test_a_rebuild_whose_table_is_dropped_fails_and_the_one_that_is_read_stays(store: EventStore) -> None:
    before = await rows(store, ORDERS)
    asked = await ask(store, ORDERS)
    rebuilder = Rebuilder(store, ALL)
    await rebuilder._look()
    done = await until_filled(store, asked)
    await execute(store, f"DROP TABLE projections.orders_rebuild_{asked.id}")
    while (found := await maintenance.newest(store.pool, "rebuild", "orders")).ended_at is None:
        await rebuilder._look()
    assert (found.status, done) == ("failed", True)
    assert found.problem is not None
    assert "does not exist" in found.problem
    assert await rows(store, ORDERS) == before


async def until_filled(store: EventStore, asked: MaintenanceJob) -> bool:
    async def is_filled() -> bool:
        done, total = await rebuild_tables.places_done(store.pool, asked)
        return done == total

    await eventually(is_filled)
    return True


@pytest.mark.usefixtures("history")
async def test_a_rebuild_whose_table_was_dropped_while_no_worker_ran_begins_again_from_the_start(
    store: EventStore,
) -> None:
    before = await rows(store, ORDERS)
    asked = await ask(store, ORDERS)
    await rebuild_tables.prepare(store.pool, ORDERS, asked)
    await catch_up(store, rebuild_tables.copy_of(ORDERS, asked))
    await execute(store, f"DROP TABLE projections.orders_rebuild_{asked.id}")
    async with worker(store):
        assert (await until_ended(store, asked)).status == "done"
    assert await rows(store, ORDERS) == before


@pytest.mark.usefixtures("history")
async def test_a_rebuild_whose_positions_are_gone_fails_instead_of_standing_still(store: EventStore) -> None:
    asked = await ask(store, ORDERS)
    rebuilder = Rebuilder(store, ALL)
    await rebuilder._look()
    await execute(store, f"DELETE FROM commerce_tracking WHERE application_name = 'orders.rebuild-{asked.id}:1'")
    await rebuilder._look()
    found = await maintenance.newest(store.pool, "rebuild", "orders")
    assert (found.status, found.problem) == ("failed", "its positions are gone")


async def test_events_with_a_nul_from_before_they_were_rejected_are_shown_without_it_and_stop_nothing(
    store: EventStore, history: History, database: Database
) -> None:
    order_id = await order(history)
    event = ShipmentScheduled(
        originator_id=ids.shipment_id(order_id),
        originator_version=2,
        order_id=order_id,
        request_id=order_id,
        booking_id="b1",
        tracking_number="TRK\0-1",
        carrier="Post",
        estimated_delivery=date(2026, 12, 1),
    )
    state = to_json(event, exclude={"originator_id", "originator_version"})
    assert b"TRK\\u0000-1" in state
    write(database, ids.shipment_id(order_id), ShipmentScheduled.TOPIC, state, order_id)
    async with worker(store):
        assert (await verified(store, SHIPMENTS)).status == "done"
        assert (await until_ended(store, await ask(store, SHIPMENTS))).status == "done"
        assert (await verified(store, SHIPMENTS)).status == "done"
    shown = await SHIPMENTS.find(store.pool, ids.shipment_id(order_id))
    assert shown is not None
    assert shown.tracking_number == "TRK\ufffd-1"
    assert [step.differences async for step in walk(store.pool, SHIPMENTS) if step.differences] == []


async def test_a_read_model_gets_on_by_itself_once_its_event_can_be_handled(
    store: EventStore, history: History, database: Database
) -> None:
    bad = write(database, ids.stock_item_id("mug"), "inventory.StockReceived", HUGE)
    async with following(store) as engine:
        await eventually(engine.problems)
        with psycopg.connect(database.admin_url) as connection:
            good = HUGE.replace(b"10000000000000000000000", b"7")
            connection.execute("UPDATE commerce_events SET state = %s WHERE notification_id = %s", [good, bad])
        await eventually(lambda: _on_hand(store, 17))
        await eventually(lambda: not engine.problems())
    assert not await stands_still(store, STOCK)


async def _on_hand(store: EventStore, wanted: int) -> bool:
    found = await STOCK.find(store.pool, "mug")
    return found is not None and found.on_hand == wanted


async def test_a_stop_of_a_rebuild_that_ended_is_known_no_more(store: EventStore, history: History) -> None:
    async with connection_from(store.pool) as connection:
        await connection.execute(
            "INSERT INTO commerce_stops (partition, position, topic, problem) VALUES ('orders.rebuild-7:0', 9, 't', "
            "'p')"
        )
    assert await find_stops(store.pool) == []
