"""Migrations that were killed or run at once, and the limits on what one session may hold up."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import psycopg
from psycopg import sql

from commerce.embedded.postgres import EmbeddedPostgres
from commerce.eventstore import APPLICATION_ROLE, EventStore, migrate
from commerce.eventstore.postgres.migrations import FUNCTIONS, MIGRATIONS
from commerce.eventstore.postgres.sessions import session_address
from tests.conftest import Database, drop_database
from tests.waiting import LIMIT_S


def test_a_migration_goes_on_after_one_that_was_killed(database: Database) -> None:
    with psycopg.connect(database.admin_url, autocommit=True) as connection:
        connection.execute("INSERT INTO yoyo_lock (locked, ctime, pid) VALUES (1, now(), 999999)")
    assert migrate(database.admin_url, database.app_url) == []


def test_migrations_that_run_at_once_take_turns(postgres: EmbeddedPostgres) -> None:
    empty = postgres.admin_url.rpartition("/")[0] + "/fresh"
    with closing(psycopg.connect(postgres.admin_url, autocommit=True)) as connection:
        connection.execute("CREATE DATABASE fresh")
        try:
            with ThreadPoolExecutor(3) as threads:
                applied = list(threads.map(lambda _: migrate(empty, postgres.app_url), range(3)))
        finally:
            drop_database(connection, "fresh")
    assert sorted(map(len, applied)) == [0, 0, len([*MIGRATIONS.glob("*.sql"), *FUNCTIONS.glob("*.sql")])]


async def test_every_session_has_limits_even_in_a_copy_of_the_database(store: EventStore) -> None:
    async with store.pool.connection() as connection:
        cursor = await connection.execute(
            "SELECT count(*) FROM pg_settings WHERE name = ANY(%s) AND source = 'client' AND setting <> '0'",
            [list(APPLICATION_ROLE.limits)],
        )
        assert await cursor.fetchone() == (len(APPLICATION_ROLE.limits),)
    own = session_address("postgresql://u@h/d?options=-c%20statement_timeout%3D5s", "commerce test")
    assert own.index("statement_timeout=30s") < own.index("statement_timeout=5s")


async def test_a_client_frozen_before_the_last_message_of_its_append_frees_the_lock(
    postgres: EmbeddedPostgres,
) -> None:
    """The statement is over and no transaction is idle, so that only `transaction_timeout` ends it."""
    with psycopg.connect(postgres.app_url) as connection:
        if connection.info.server_version < 170_000:
            return
        assert connection.execute("SHOW transaction_timeout").fetchone() == ("40s",)
        connection.execute(sql.SQL("SET transaction_timeout = '500ms'"))
        connection.commit()
        connection.pgconn.enter_pipeline_mode()
        connection.pgconn.send_query_params(b"SELECT pg_advisory_xact_lock(7305461)", [])
        connection.pgconn.send_flush_request()
        connection.pgconn.flush()
        with psycopg.connect(postgres.app_url, autocommit=True) as waiting:
            async with asyncio.timeout(LIMIT_S):
                await asyncio.to_thread(waiting.execute, "SELECT pg_advisory_xact_lock(7305461)")
        connection.close()
