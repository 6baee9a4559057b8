"""The benchmarks' statement that computes the rows of orders in PostgreSQL alone comes to the same rows as ours, so
that the two can be compared."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import psycopg

from bench.order_log import events, fill
from bench.orders_in_sql import INSERT_SELECT
from commerce.eventstore import EventStore
from projections.engine.projection import make_tables
from projections.orders import ORDERS
from tests.catch_up import catch_up
from tests.conftest import Database


async def test_postgresql_alone_comes_to_the_same_rows_of_orders(store: EventStore, database: Database) -> None:
    fill(database.admin_url, events(2_000))
    await make_tables(store.pool, [ORDERS])
    await catch_up(store, ORDERS.subscription())
    with closing(psycopg.connect(database.admin_url, autocommit=True)) as connection:
        ours = _rows(connection)
        connection.execute(f"TRUNCATE {ORDERS.table}")
        connection.execute(INSERT_SELECT)
        assert len(ours) > 100
        assert _rows(connection) == ours


def _rows(connection: psycopg.Connection[Any]) -> list[str]:
    return [row[0] for row in connection.execute(f"SELECT r::text FROM {ORDERS.table} AS r ORDER BY order_id")]
