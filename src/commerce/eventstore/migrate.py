"""Brings a database to the schema of this version: numbered SQL by yoyo, then the application role's privileges."""

from __future__ import annotations

import warnings
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from commerce.errors import BadUsage

MIGRATIONS = Path(__file__).resolve().parents[3] / "migrations"
_ONE_AT_A_TIME = 7305460

_GRANTS = """
GRANT USAGE ON SCHEMA public TO {app};
GRANT SELECT ON commerce_events, commerce_keys, commerce_idempotency TO {app};
GRANT DELETE ON commerce_keys, commerce_idempotency TO {app};
GRANT SELECT, INSERT, UPDATE, DELETE ON commerce_tracking, commerce_deadlines, commerce_requests, commerce_streams TO {app};
GRANT EXECUTE ON FUNCTION commerce_append, commerce_advance TO {app};
CREATE SCHEMA IF NOT EXISTS projections;
GRANT USAGE, CREATE ON SCHEMA projections TO {app};
ALTER ROLE {app} IN DATABASE {database} SET statement_timeout = '30s';
ALTER ROLE {app} IN DATABASE {database} SET lock_timeout = '10s';
ALTER ROLE {app} IN DATABASE {database} SET idle_in_transaction_session_timeout = '10s';
ALTER ROLE {app} IN DATABASE {database} SET tcp_user_timeout = '3s';
"""


def migrate(admin_url: str, application_url: str) -> list[str]:
    """Apply the migrations that are missing and grant the application's role what it needs; answers the names applied.

    Safe to repeat and to run twice at once. Raises `BadUsage` when a server cannot be reached or a role is missing.
    """
    application = _role(application_url)
    try:
        with psycopg.connect(admin_url, autocommit=True) as connection:
            connection.execute("SELECT pg_advisory_lock(%s)", [_ONE_AT_A_TIME])
            applied = _apply(admin_url)
            connection.execute(_grants(connection.info.dbname, application))
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


def _grants(database: str, application: str) -> sql.Composed:
    return sql.SQL(_GRANTS).format(app=sql.Identifier(application), database=sql.Identifier(database))


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
