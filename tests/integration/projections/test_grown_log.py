"""The benchmark of a long log begins with what a shop's own log would have: ids in the order of time, and a read model
that goes on from its positions."""

from __future__ import annotations

from contextlib import closing

import psycopg

from bench.grown import settle
from bench.order_log import events, fill, multiply
from commerce.eventstore import EventStore
from projections.engine.projection import make_tables
from projections.orders import ORDERS
from tests.catch_up import catch_up
from tests.conftest import Database

_EVENTS, _TIMES = 500, 3


async def test_orders_of_a_log_that_was_multiplied_have_ids_in_the_order_of_time(
    store: EventStore, database: Database
) -> None:
    fill(database.admin_url, events(_EVENTS))
    multiply(database.admin_url, _TIMES)
    with closing(psycopg.connect(database.admin_url)) as connection:
        rows = connection.execute(
            "SELECT originator_id FROM commerce_events WHERE originator_version = 1 ORDER BY notification_id"
        ).fetchall()
    ids = [order_id for (order_id,) in rows]
    assert len(ids) == len(set(ids)) > _TIMES * 100
    assert {(order_id.version, order_id.variant) for order_id in ids} == {(7, "specified in RFC 4122")}
    placed = [order_id.int >> 80 for order_id in ids]
    assert placed == sorted(placed)


async def test_the_read_model_goes_on_from_where_it_was_settled(store: EventStore, database: Database) -> None:
    fill(database.admin_url, events(_EVENTS))
    await make_tables(store.pool, [ORDERS])
    settle(database.admin_url, database.app_url)
    multiply(database.admin_url, 2)
    await catch_up(store, ORDERS.subscription())
    with closing(psycopg.connect(database.admin_url)) as connection:
        positions = connection.execute(
            "SELECT notification_id FROM commerce_tracking WHERE application_name LIKE 'orders:%'"
        )
        assert [position for (position,) in positions.fetchall()] == [2 * _EVENTS] * ORDERS.partitions
