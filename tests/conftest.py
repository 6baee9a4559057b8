"""The real servers that tests run on: one PostgreSQL and one NATS per test run (and worker), on loopback, on free
ports."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from dataclasses import dataclass
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from commerce.embedded.nats import EmbeddedNats
from commerce.embedded.postgres import EmbeddedPostgres
from commerce.eventstore import EventStore, migrate, open_store

MASTER_KEY = b"only for tests, 32 bytes long..."


@dataclass(frozen=True)
class Database:
    """A migrated database of its own, by owner and by application role."""

    admin_url: str
    app_url: str


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """A PostgreSQL server whose database `commerce` is migrated, and serves as the template of every test's own."""
    server = EmbeddedPostgres(tmp_path_factory.mktemp("postgres"))
    server.start()
    try:
        migrate(server.admin_url, server.app_url)
        yield server
    finally:
        server.stop()


@pytest.fixture
def database(postgres: EmbeddedPostgres) -> Iterator[Database]:
    """A database of the test's own, copied from the migrated one."""
    name = f"test_{uuid4().hex}"
    with closing(psycopg.connect(_at(postgres.admin_url, "postgres"), autocommit=True)) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE commerce").format(sql.Identifier(name)))
        yield Database(_at(postgres.admin_url, name), _at(postgres.app_url, name))
        connection.execute(  # and not FORCE, which may not end an autovacuum that is at work there; a plain DROP does that itself
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s AND backend_type = 'client backend'",
            [name],
        )
        connection.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))


@pytest.fixture
async def store(database: Database) -> AsyncIterator[EventStore]:
    """A store on the test's own database, as the application's role."""
    async with open_store(database.app_url, MASTER_KEY, "test") as opened:
        yield opened


@pytest.fixture(scope="session")
def nats(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a NATS server with JetStream."""
    server = EmbeddedNats(tmp_path_factory.mktemp("nats"))
    url = server.start()
    try:
        yield url
    finally:
        server.stop()


def _at(url: str, database: str) -> str:
    return f"{url.rpartition('/')[0]}/{database}"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what takes minutes, unless it is asked for by `-m long`."""
    if config.option.markexpr:
        return
    long = [item for item in items if item.get_closest_marker("long")]
    config.hook.pytest_deselected(items=long)
    items[:] = [item for item in items if item not in long]


def pytest_report_header() -> str:
    """Say whose orders are played."""
    return f"shop that is played: {os.environ.get('COMMERCE_SHOP_CSV') or 'our own small one, as COMMERCE_SHOP_CSV is not set'}"
