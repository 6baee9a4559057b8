"""Brings a database to the schema of this version: numbered migrations by yoyo, the present text of each SQL function,
and what the application's role may do."""

from __future__ import annotations

import hashlib
import time
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import AsyncConnection, sql
from psycopg.conninfo import conninfo_to_dict

from commerce.eventstore.postgres.role import grant
from commerce.values.errors import BadUsage, first_line

MIGRATIONS = Path(__file__).resolve().parents[4] / "migrations"
FUNCTIONS = MIGRATIONS / "functions"
"""One file for each SQL function, named after it, with its text as it is now."""

_MIGRATION_LOCK_KEY = 7305460
_TURN_INTERVAL_S = 0.1

_MARKED = """
SELECT p.proname, coalesce(obj_description(p.oid, 'pg_proc'), '') FROM pg_proc p
WHERE p.pronamespace = 'public'::regnamespace AND p.proname LIKE 'commerce\\_%'
"""
"""The functions in the database, each with its comment: the hash of the file that it was made from."""


@dataclass(frozen=True, slots=True)
class SchemaState:
    """What of the schema differs between a database and this code, by name."""

    missing: list[str]
    """Numbered migrations that were not applied."""
    unknown: list[str]
    """Numbered migrations that were applied and that this code does not have."""
    outdated_functions: list[str]
    """Functions that are not there, or were made from another text."""


def migrate(admin_url: str, application_url: str) -> list[str]:
    """Apply the migrations that are missing and the functions that changed, and grant the application's role what it
    needs; answers the names of what was applied.

    Safe to repeat and to run twice at once. Raises `BadUsage` when a server cannot be reached or a role is missing.
    """
    application = _role(application_url)
    try:
        with psycopg.connect(admin_url, autocommit=True) as connection:
            _await_turn(connection)
            applied = _apply_numbered(admin_url) + _apply_functions(connection)
            grant(connection, application)
    except psycopg.OperationalError as error:
        raise BadUsage(f"the database cannot be reached: {first_line(error)}") from None
    except psycopg.errors.UndefinedObject as error:
        raise BadUsage(f"{first_line(error)}; create the application's role first") from None
    except psycopg.errors.InsufficientPrivilege as error:
        raise BadUsage(f"migrations need the owner's rights: {first_line(error)}") from None
    return applied


def _await_turn(connection: psycopg.Connection[Any]) -> None:
    """Wait while another process migrates; where that one ends, its lock does.

    The lock is asked for again and again: a statement that waits for it would hold a snapshot, whose end an index that
    the other one makes `CONCURRENTLY` waits for.
    """
    while True:
        row = connection.execute("SELECT pg_try_advisory_lock(%s)", [_MIGRATION_LOCK_KEY]).fetchone()
        if row is not None and row[0]:
            return
        time.sleep(_TURN_INTERVAL_S)


async def schema_state(connection: AsyncConnection[Any]) -> SchemaState:
    """How the schema differs from this code's, as the owner sees it. Raises psycopg's errors."""
    try:
        cursor = await connection.execute("SELECT migration_id FROM _yoyo_migration")
        applied = {row[0] for row in await cursor.fetchall()}
    except psycopg.errors.UndefinedTable:
        applied = set()
    wanted = {path.stem for path in MIGRATIONS.glob("*.sql")}
    marked = await (await connection.execute(_MARKED)).fetchall()
    return SchemaState(sorted(wanted - applied), sorted(applied - wanted), list(_outdated(marked)))


def _apply_numbered(admin_url: str) -> list[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import yoyo  # noqa: PLC0415 - warns when imported

        backend = yoyo.get_backend(_yoyo_url(admin_url))
        try:
            backend.break_lock()  # ours keeps others out, so this one was left by a migration that was killed
            with backend.lock():
                missing = backend.to_apply(yoyo.read_migrations(str(MIGRATIONS)))
                names = [migration.id for migration in missing]
                backend.apply_migrations(missing)
        finally:
            backend.connection.close()
    return names


def _apply_functions(connection: psycopg.Connection[Any]) -> list[str]:
    """Create or replace each function whose text has changed, with its mark in the same transaction."""
    outdated = _outdated(connection.execute(_MARKED).fetchall())
    for name, text in outdated.items():
        comment = sql.SQL("COMMENT ON FUNCTION {} IS {}").format(sql.Identifier(name), sql.Literal(_mark(text)))
        with connection.transaction():
            connection.execute(text)
            connection.execute(comment)
    return [f"functions/{name}" for name in outdated]


def _outdated(marked: Iterable[tuple[str, str]]) -> dict[str, bytes]:
    """The names and texts of those functions that the database does not have as they are now."""
    marks = dict(marked)
    texts = {path.stem: path.read_bytes() for path in sorted(FUNCTIONS.glob("*.sql"))}
    return {name: text for name, text in texts.items() if marks.get(name) != _mark(text)}


def _mark(text: bytes) -> str:
    return f"sha256:{hashlib.sha256(text).hexdigest()}"


def _yoyo_url(url: str) -> str:
    """The same address for yoyo, which takes psycopg 3 only by this scheme."""
    scheme, separator, rest = url.partition("://")
    if not separator or scheme not in {"postgresql", "postgres"}:
        raise BadUsage(
            f"{scheme!r} is not a PostgreSQL address; write it as postgresql://user:password@host:port/database"
        )
    return f"postgresql+psycopg://{rest}"


def _role(application_url: str) -> str:
    try:
        role = conninfo_to_dict(application_url).get("user")
    except psycopg.ProgrammingError as error:
        raise BadUsage(f"COMMERCE_DATABASE_URL: {first_line(error)}") from None
    if not role:
        raise BadUsage("COMMERCE_DATABASE_URL names no user; write it as postgresql://user:password@host:port/database")
    return str(role)
