"""`commerce doctor` on a real database and broker: each thing that is broken is named, and nothing is changed."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from commerce.cli.checks.doctor import doctor
from commerce.embedded.nats import EmbeddedNats
from commerce.embedded.ports import free_port
from commerce.embedded.postgres import EmbeddedPostgres
from commerce.eventstore import EventStore, migrate
from commerce.eventstore.subscriptions.leases import HOLDER, lock_key
from projections import ALL
from projections.engine.projection import make_tables
from tests.conftest import MASTER_KEY, Database
from tests.integration.eventstore.proxy import proxied

Report = dict[str, list[dict[str, str]]]


@pytest.fixture
def home(tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation on the test's own database, known by variables only."""
    keys = tmp_path / "keys"
    keys.mkdir(mode=0o700)
    (keys / "master.key").write_bytes(base64.b64encode(MASTER_KEY))
    (keys / "master.key").chmod(0o600)
    monkeypatch.setenv("COMMERCE_HOME", str(tmp_path))
    monkeypatch.setenv("COMMERCE_DATABASE_URL", database.app_url)
    monkeypatch.setenv("COMMERCE_ADMIN_DATABASE_URL", database.admin_url)
    monkeypatch.setenv("COMMERCE_BROKER_URL", f"nats://127.0.0.1:{free_port()}")
    migrate(database.admin_url, database.app_url)  # a copied database has lost the limits of the role
    return tmp_path


@pytest.fixture
def examine(home: Path, capsys: pytest.CaptureFixture[str]) -> Callable[[], Report]:
    """Run the command; answers what is not well, by check."""

    def run() -> Report:
        code = doctor(json=True)
        findings = json.loads(capsys.readouterr().out)["findings"]
        assert code == (1 if any(one["level"] == "problem" for one in findings) else 0)
        found: Report = {}
        for one in findings:
            if one["level"] != "ok":
                found.setdefault(one["check"], []).append(one)
                assert one["remedy"]
        return found

    return run


@contextmanager
def owner(database: Database) -> Iterator[psycopg.Connection[Any]]:
    """The database, as its owner."""
    with closing(psycopg.connect(database.admin_url, autocommit=True)) as connection:
        yield connection


def without_processes(report: Report) -> Report:
    """What is not well in the database itself."""
    return {check: found for check, found in report.items() if check not in {"workers", "subscriptions", "nats"}}


def test_a_sound_database_without_processes_says_so(examine: Callable[[], Report]) -> None:
    report = examine()
    assert without_processes(report) == {}
    assert "no saga runs: no order gets on" in report["workers"][0]["text"]
    assert [one["text"] for one in report["subscriptions"]] == [
        f"{name} has never run" for name in ("saga", "inventory", "relay", "webhooks")
    ]
    assert "does not answer" in report["nats"][0]["text"]


@pytest.mark.parametrize(
    ("breaking", "check", "said"),
    [
        ("REVOKE SELECT ON commerce_events FROM {app}", "privileges", "has no SELECT on commerce_events"),
        ("GRANT INSERT ON commerce_events TO {app}", "privileges", "has INSERT on commerce_events"),
        ("GRANT UPDATE (state) ON commerce_events TO {app}", "privileges", "has UPDATE on commerce_events"),
        ("GRANT TRUNCATE ON commerce_events TO PUBLIC", "privileges", "has TRUNCATE on commerce_events"),
        ("REVOKE EXECUTE ON FUNCTION commerce_append FROM {app}", "privileges", "has no EXECUTE on commerce_append"),
        ("ALTER ROLE {app} IN DATABASE {database} RESET lock_timeout", "limits", "has no lock_timeout"),
        (
            "ALTER ROLE {app} IN DATABASE {database} SET synchronous_commit = off",
            "postgresql",
            "synchronous_commit is off",
        ),
        ("ALTER DATABASE {database} CONNECTION LIMIT 20", "sessions", "of 20 sessions"),
        (
            "INSERT INTO _yoyo_migration (migration_hash, migration_id, applied_at_utc) VALUES ('x', '9999-later', "
            "now())",
            "migrations",
            "applied, and unknown to this code: 9999-later",
        ),
        ("DELETE FROM _yoyo_migration WHERE migration_id = '0001-log'", "migrations", "not applied: 0001-log"),
        (
            "COMMENT ON FUNCTION commerce_append IS NULL",
            "migrations",
            "of another version than this code: commerce_append",
        ),
        ("DROP TABLE commerce_requests", "migrations", "the database has no commerce_requests"),
        (
            "INSERT INTO commerce_topics (topic, class_version, first_position) VALUES ('ordering.OrderGifted', 1, 7)",
            "events",
            "the log holds ordering.OrderGifted",
        ),
        (
            "INSERT INTO commerce_deadlines VALUES (gen_random_uuid(), 'timeout', gen_random_uuid(), now() - interval "
            "'1 h')",
            "deadlines",
            "1 passed unnoticed, the first 3600 s ago",
        ),
        (
            """INSERT INTO commerce_requests (request_id, subject, order_id, process_id, position, sent_at)
               VALUES (gen_random_uuid(), 'commands.payments.capture', gen_random_uuid(), gen_random_uuid(), 7,
                       now() - interval '10 min')""",
            "requests",
            "1 without an answer are not sent again",
        ),
        (
            """INSERT INTO commerce_upkeep (kind, projection, version, requested_by, differing, ended_at)
               VALUES ('verification', 'log', 1, 'operator:anna', 2, now())""",
            "tampering",
            "the log was not as it was signed, when it was verified at",
        ),
        (
            "INSERT INTO commerce_keys (owner_id, wrapped) VALUES (gen_random_uuid(), decode(repeat('00', 60), 'hex'))",
            "personal data",
            "open none of the people's keys",
        ),
    ],
)
def test_what_is_broken_is_named_and_nothing_else(
    examine: Callable[[], Report], database: Database, breaking: str, check: str, said: str
) -> None:
    names = {
        "app": sql.Identifier("commerce_app"),
        "database": sql.Identifier(database.admin_url.rpartition("/")[2]),
    }
    with owner(database) as connection:
        connection.execute(sql.SQL(breaking).format(**names))
    report = without_processes(examine())
    assert said in " | ".join(one["text"] for one in report.pop(check))
    cannot_be_checked = {found["text"].partition(":")[0] for rest in report.values() for found in rest}
    assert cannot_be_checked <= {"cannot be checked"}


async def test_one_damaged_key_among_sound_ones_is_named(
    examine: Callable[[], Report], database: Database, store: EventStore
) -> None:
    people = [uuid4() for _ in range(3)]
    with owner(database) as connection:
        for person in people:
            wrapped = store.keys.fresh(person).new[0].wrapped
            connection.execute("INSERT INTO commerce_keys (owner_id, wrapped) VALUES (%s, %s)", [person, wrapped])
        assert "personal data" not in await asyncio.to_thread(examine)
        spoil = (
            "UPDATE commerce_keys SET wrapped = set_byte(wrapped, 20, get_byte(wrapped, 20) # 1) WHERE owner_id = %s"
        )
        connection.execute(spoil, [people[1]])
    report = await asyncio.to_thread(examine)
    assert f"1 of 3 people's keys cannot be opened, such as that of {people[1]}" in report["personal data"][0]["text"]


async def test_orders_whose_key_is_missing_are_counted_and_one_is_named(
    examine: Callable[[], Report], database: Database, store: EventStore
) -> None:
    await make_tables(store.pool, ALL)
    order_id = uuid4()
    with owner(database) as connection:
        connection.execute(
            """INSERT INTO projections.orders (order_id, place, placed_at, updated_at, state, first, position)
               VALUES (%s, 1, now(), now(), '{"status": "placed"}', 1, 1)""",
            [order_id],
        )
    (found,) = (await asyncio.to_thread(examine))["personal data"]
    assert (
        found["text"] == f"the keys of 1 orders are missing, such as that of {order_id}; their shipments and mails wait"
    )


def test_a_subscription_that_stands_before_an_old_event_is_named_with_its_worker(
    examine: Callable[[], Report], database: Database
) -> None:
    with owner(database) as connection:
        connection.execute(
            """INSERT INTO commerce_events (originator_id, originator_version, topic, state, recorded_at)
               VALUES (gen_random_uuid(), 1, 'inventory.StockReceived', 'poison', now() - interval '3 h')"""
        )
        connection.execute("INSERT INTO commerce_tracking VALUES ('inventory:0', 0), ('orders:2', 0), ('saga:0', 1)")
        connection.execute("SELECT pg_advisory_lock(%s, %s)", [HOLDER, lock_key("inventory:0")])
        found = [one for one in examine()["subscriptions"] if one["level"] == "problem"]
    held, abandoned = found
    assert held["text"] == "inventory:0 stands at 0, 1 events behind; the next one waits since 3 h"
    assert "/health" in held["remedy"]
    assert "orders:2 stands at 0" in abandoned["text"]
    assert abandoned["remedy"] == "start the worker projections"


def test_the_owner_or_a_superuser_as_the_application_is_a_problem(
    examine: Callable[[], Report],
    database: Database,
    postgres: EmbeddedPostgres,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COMMERCE_DATABASE_URL", database.admin_url)
    assert "it can change the log" in examine()["privileges"][0]["text"]
    name = database.app_url.rpartition("/")[2]
    superuser = postgres._url("postgres", name)
    monkeypatch.setenv("COMMERCE_DATABASE_URL", superuser)
    assert "is a superuser" in examine()["privileges"][0]["text"]


async def test_a_database_that_falls_silent_is_a_line_and_no_hang(
    examine: Callable[[], Report], database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("commerce.cli.checks.database._TIMEOUT_S", 1)
    async with proxied(database.app_url) as proxy:
        monkeypatch.setenv("COMMERCE_DATABASE_URL", proxy.address)
        proxy.fault = "silent"
        report = await asyncio.to_thread(examine)
    assert "COMMERCE_DATABASE_URL: " in report["postgresql"][0]["text"]


def test_a_broker_without_our_streams_is_named(
    examine: Callable[[], Report], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = EmbeddedNats(home)
    monkeypatch.setenv("COMMERCE_BROKER_URL", server.start())
    run_file = home / "run.json"
    try:
        run_file.touch(0o600)
        run_file.write_text(json.dumps({"processes": [{"name": "nats", "pid": server.pid, "url": server.monitor_url}]}))
        report = examine()
    finally:
        server.stop()
    assert "nats" not in report
    assert "processes" not in report
    assert [one["text"] for one in report["streams"]] == ["there is no COMMANDS", "there is no EVENTS"]
    gone = examine()
    assert gone["processes"][0]["text"] == "nats does not run"
    assert "does not answer" in gone["nats"][0]["text"]


def test_nothing_is_changed(examine: Callable[[], Report], database: Database, home: Path) -> None:
    def state() -> tuple[list[Any], list[str]]:
        with owner(database) as connection:
            rows = connection.execute("SELECT relname, relacl::text FROM pg_class ORDER BY oid").fetchall()
        return rows, sorted(str(path) for path in home.rglob("*"))

    before = state()
    examine()
    assert state() == before


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(("variable", "value"), [("COMMERCE_API_PORT", "many"), ("COMMERCE_DATABASE_URL", None)])
def test_where_nothing_can_be_checked_the_exit_code_is_2(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    value: str | None,
) -> None:
    monkeypatch.delenv(variable, raising=False)
    if value is not None:
        monkeypatch.setenv(variable, value)
    assert doctor() == 2
    line = next(line for line in capsys.readouterr().out.splitlines() if variable in line)
    assert line.startswith("problem  settings")
    assert " -> " in line


def test_a_damaged_run_file_does_not_keep_the_rest_from_being_checked(
    examine: Callable[[], Report], home: Path
) -> None:
    (home / "run.json").touch(0o600)
    (home / "run.json").write_text("{")
    report = examine()
    assert "run.json cannot be read" in report["files"][0]["text"]
    assert "workers" in report
