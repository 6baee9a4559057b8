"""Brings a database to the schema of this version: numbered SQL by yoyo, then the application role's privileges."""

from __future__ import annotations

import re
import warnings
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from commerce.eventstore.postgres.sessions import LIMITS
from commerce.values.errors import BadUsage

MIGRATIONS = Path(__file__).resolve().parents[4] / "migrations"
_MIGRATION_LOCK_KEY = 7305460

GRANTS = """
GRANT USAGE ON SCHEMA public TO {app};
GRANT SELECT ON commerce_events, commerce_keys, commerce_idempotency, commerce_topics TO {app};
GRANT DELETE ON commerce_keys, commerce_idempotency TO {app};
GRANT SELECT, INSERT, UPDATE, DELETE ON commerce_tracking, commerce_deadlines, commerce_requests, commerce_streams,
    commerce_snapshots, commerce_workers, commerce_doubtful_calls TO {app};
GRANT SELECT, INSERT, UPDATE, DELETE ON commerce_upkeep, commerce_stops, commerce_payment_methods TO {app};
GRANT SELECT, INSERT ON commerce_audit_leaves, commerce_audit_nodes, commerce_audit_heads TO {app};
GRANT SELECT ON commerce_audit_hashes TO {app};
GRANT SELECT ON SEQUENCE commerce_events_notification_id_seq TO {app};
GRANT EXECUTE ON FUNCTION commerce_append, commerce_advance TO {app};
CREATE SCHEMA IF NOT EXISTS projections;
GRANT USAGE, CREATE ON SCHEMA projections TO {app};
"""
"""All that the application's role may do: `commerce doctor` compares."""

TABLES = frozenset(
    name
    for privileges, names in re.findall(r"GRANT (?:SELECT|DELETE)([A-Z, ]*) ON (commerce_[a-z_,\s]+?) TO", GRANTS)
    for name in re.findall(r"commerce_[a-z_]+", names)
)
"""All tables and views that the application works with."""


def migrate(admin_url: str, application_url: str) -> list[str]:
    """Apply the migrations that are missing and grant the application's role what it needs; answers the names applied.

    Safe to repeat and to run twice at once. Raises `BadUsage` when a server cannot be reached or a role is missing.
    """
    application = _role(application_url)
    try:
        with psycopg.connect(admin_url, autocommit=True) as connection:
            connection.execute("SELECT pg_advisory_lock(%s)", [_MIGRATION_LOCK_KEY])
            applied = _apply(admin_url)
            connection.execute(sql.SQL(GRANTS).format(app=sql.Identifier(application)))
            _limit(connection, application)
    except psycopg.OperationalError as error:
        raise BadUsage(f"the database cannot be reached: {_first_line(error)}") from None
    except psycopg.errors.UndefinedObject as error:
        raise BadUsage(f"{_first_line(error)}; create the application's role first") from None
    except psycopg.errors.InsufficientPrivilege as error:
        raise BadUsage(f"migrations need the owner's rights: {_first_line(error)}") from None
    return applied


def _apply(admin_url: str) -> list[str]:
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


def _yoyo_url(url: str) -> str:
    """The same address for yoyo, which takes psycopg 3 only by this scheme."""
    scheme, separator, rest = url.partition("://")
    if not separator or scheme not in {"postgresql", "postgres"}:
        raise BadUsage(
            f"{scheme!r} is not a PostgreSQL address; write it as postgresql://user:password@host:port/database"
        )
    return f"postgresql+psycopg://{rest}"


def _limit(connection: psycopg.Connection[tuple[object, ...]], application: str) -> None:
    """Set the limits of the application's sessions in this database.

    `transaction_timeout`, of PostgreSQL 17, is the only one that ends a client frozen before the last message of its
    append.
    """
    limits = LIMITS | ({"transaction_timeout": "40s"} if connection.info.server_version >= 170_000 else {})
    for name, value in limits.items():
        connection.execute(
            sql.SQL("ALTER ROLE {} IN DATABASE {} SET {} = {}").format(
                sql.Identifier(application), sql.Identifier(connection.info.dbname), sql.Identifier(name), value
            )
        )


def _role(application_url: str) -> str:
    try:
        role = conninfo_to_dict(application_url).get("user")
    except psycopg.ProgrammingError as error:
        raise BadUsage(f"COMMERCE_DATABASE_URL: {_first_line(error)}") from None
    if not role:
        raise BadUsage("COMMERCE_DATABASE_URL names no user; write it as postgresql://user:password@host:port/database")
    return str(role)


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
