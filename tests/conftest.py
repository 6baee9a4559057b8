"""The real servers that tests run on: one PostgreSQL and one NATS per test run (and worker), on loopback, on free
ports."""

from __future__ import annotations

import asyncio
import fcntl
import gc
import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
import structlog
import uvloop
from psycopg import sql

from commerce.embedded.nats import EmbeddedNats
from commerce.embedded.passwords import password
from commerce.embedded.postgres import EmbeddedPostgres
from commerce.embedded.postgres_roles import SUPERUSER
from commerce.eventstore import EventStore, migrate, open_store
from commerce.runtime.garbage import look_rarely
from projections import ALL
from projections.engine.projection import make_tables

MASTER_KEY = b"only for tests, 32 bytes long..."
_MEMORY = Path("/dev/shm")
_ROOM_BYTES = 3 * 2**30
MIGRATED = "commerce"
WITH_READ_MODELS = "with_read_models"
SLOW = (
    "system",
    "integration/console",
    "integration/embedded",
    "integration/evidence",
    "integration/rebuild",
    "integration/workers",
    "integration/api/test_access.py",
    "integration/api/test_backpressure.py",
    "integration/api/test_every_route.py",
    "integration/api/test_fuzzing.py",
    "integration/api/test_missing_keys.py",
    "integration/api/test_openapi.py",
    "integration/api/test_plans.py",
    "integration/api/test_process.py",
    "integration/audit_api/test_commands.py",
    "integration/eventstore/test_library_elsewhere.py",
    "integration/eventstore/test_outages.py",
    "integration/projections/test_every_projection.py",
    "unit/embedded/test_command_line.py",
    "unit/test_extending.py",
)
"""Tests that start whole systems, workers or programs, rebuild, look at pages or for forgeries, break what they run
on, or ask every route: a tenth of all, which take half of the processor time. `make test-slow` runs them, and so does
`.ci/run`."""

_COPY = "CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy"


@dataclass(frozen=True)
class Database:
    """A migrated database of its own, by owner and by application role."""

    admin_url: str
    app_url: str


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """The event loop of the API's and the workers' processes is that of tests, too."""
    return {"uvloop": uvloop.new_event_loop}


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """A PostgreSQL server with the database `commerce`, which is migrated, and `with_read_models`, which has their
    tables, too: each test's own is a copy of one of them.

    The first process of a test run makes the server's folder, and each other one begins with a copy of it.
    """
    home = tmp_path_factory.mktemp("postgres")
    own = tmp_path_factory.getbasetemp()
    of_all = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    prepared = of_all / "prepared_postgres"
    with (of_all / "prepared_postgres.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not prepared.exists():
            making = tmp_path_factory.mktemp("prepared")
            _prepare(making)
            making.rename(prepared)
    subprocess.run(["cp", "-a", f"{prepared}/.", str(home)], check=True)
    server = EmbeddedPostgres(home)
    server.start()
    try:
        _write_relation_caches(server)
        yield server
    finally:
        server.stop()


def _write_relation_caches(server: EmbeddedPostgres) -> None:
    """Have PostgreSQL write down what it knows of the catalog's own tables, which the first session of a database does
    after each start of the server: copies of the templates have it, too, and each saves a session 10 ms."""
    for template in (MIGRATED, WITH_READ_MODELS):
        psycopg.connect(_at(server.admin_url, template)).close()


def _prepare(home: Path) -> None:
    """Make a server's folder.

    Each test drops its database, which looks through all of the server's memory, and logs in many times: so there is
    little memory, and the server's check of a password is a cheap one. Nothing lives for long enough to be vacuumed.
    """
    server = EmbeddedPostgres(home)
    server.start()
    try:
        secret = password(home / "keys", f"postgres-{SUPERUSER}")
        with psycopg.connect(server.admin_url, user=SUPERUSER, password=secret, autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET shared_buffers = '128MB'")
            connection.execute("ALTER SYSTEM SET scram_iterations = 1")
            connection.execute("ALTER SYSTEM SET autovacuum = off")
        server.stop()
        server.start()  # which also sets the passwords
        migrate(server.admin_url, server.app_url)
        with closing(psycopg.connect(_at(server.admin_url, "postgres"), autocommit=True)) as connection:
            connection.execute(sql.SQL(_COPY).format(sql.Identifier(WITH_READ_MODELS), sql.Identifier(MIGRATED)))
        asyncio.run(_make_read_models(_at(server.app_url, WITH_READ_MODELS)))
    finally:
        server.stop()


async def _make_read_models(url: str) -> None:
    async with open_store(url, MASTER_KEY, "test") as store:
        await make_tables(store.pool, ALL)


@pytest.fixture
def template() -> str:
    """The name of the database that each test's own is a copy of."""
    return WITH_READ_MODELS


@pytest.fixture
def database(postgres: EmbeddedPostgres, template: str) -> Iterator[Database]:
    """A database of the test's own."""
    name = f"test_{uuid4().hex}"
    with closing(psycopg.connect(_at(postgres.admin_url, "postgres"), autocommit=True)) as connection:
        connection.execute(sql.SQL(_COPY).format(sql.Identifier(name), sql.Identifier(template)))
        yield Database(_at(postgres.admin_url, name), _at(postgres.app_url, name))
        drop_database(connection, name)


def drop_database(connection: psycopg.Connection[Any], name: str) -> None:
    """Drop a test's database, whoever is still connected to it.

    Not by FORCE, which may not end an autovacuum that is at work there; a plain DROP does that itself. It waits for
    every process of the server: one whose client was cancelled while it logged in stands still until the client's
    socket is closed, which is when it is collected.
    """
    connection.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s AND backend_type = "
        "'client backend'",
        [name],
    )
    drop = sql.SQL("DROP DATABASE {}").format(sql.Identifier(name))
    connection.execute("SET statement_timeout = '1s'")
    try:
        connection.execute(drop)
    except psycopg.errors.QueryCanceled:
        gc.collect()
        connection.execute("SET statement_timeout = 0")
        connection.execute(drop)


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


def pytest_configure() -> None:
    """Prepare what all tests share: tracebacks in plain text, and temporary folders in memory.

    The garbage collector rests while modules are imported and tests are found: nothing of it is garbage.
    """
    gc.disable()
    plain = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[*structlog.get_config()["processors"][:-1], plain])
    _use_memory()


def _use_memory() -> None:
    """Let temporary folders be in memory where there is room: a database there is made and dropped ten times as fast.

    What is flushed to it is not durable, which only the crash of the machine would show, and no test makes.
    """
    if _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK):
        may_run_programs = not os.statvfs(_MEMORY).f_flag & os.ST_NOEXEC
        if may_run_programs and shutil.disk_usage(_MEMORY).free > _ROOM_BYTES:
            os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(_MEMORY))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is long or slow, unless it is asked for by `-m`, or what is slow by its path; one process has the
    Stripe for tests."""
    tests = Path(__file__).parent
    slow = tuple(tests / place for place in SLOW)
    for item in items:
        if _is_in(item.path, slow):
            item.add_marker(pytest.mark.slow)
        if "localstripe_url" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("stripe"))
    if config.option.markexpr:
        return
    named = [(config.invocation_params.dir / argument.partition("::")[0]).resolve() for argument in config.args]
    asked_for = {item for item in items if any(item.path.is_relative_to(one) and _is_in(one, slow) for one in named)}
    left_out = {
        item
        for item in items
        if item.get_closest_marker("long") or (item.get_closest_marker("slow") and item not in asked_for)
    }
    config.hook.pytest_deselected(items=list(left_out))
    items[:] = [item for item in items if item not in left_out]


def _is_in(path: Path, places: Iterable[Path]) -> bool:
    return any(path.is_relative_to(place) for place in places)


def pytest_collection_finish() -> None:
    """Let the garbage collector begin, and never go through modules and tests, which stay to the end."""
    gc.freeze()
    look_rarely()
    gc.enable()


def pytest_report_header() -> list[str]:
    """Say whose orders are played, and where temporary folders are."""
    shop = os.environ.get("COMMERCE_SHOP_CSV") or "our own small one, as COMMERCE_SHOP_CSV is not set"
    return [f"shop that is played: {shop}", f"temporary folders: {os.environ.get('PYTEST_DEBUG_TEMPROOT', 'on disk')}"]
