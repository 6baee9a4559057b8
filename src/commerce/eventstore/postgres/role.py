"""The application's role in the database: what it may do, and how long its sessions may hold others up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import psycopg
from psycopg import sql

from commerce.eventstore.postgres.sessions import LIMITS

_READ = frozenset({"SELECT"})
_ADD = _READ | {"INSERT"}
_FORGET = _READ | {"DELETE"}
_NOTE = _ADD | {"UPDATE"}
_WRITE = _NOTE | {"DELETE"}


@dataclass(frozen=True)
class DatabaseRole:
    """What a role may do with tables and views, which functions it may call, and the limits of its sessions."""

    tables: Mapping[str, frozenset[str]]
    functions: frozenset[str]
    limits: Mapping[str, str]


APPLICATION_ROLE = DatabaseRole(
    tables={
        "commerce_events": _READ,
        "commerce_topics": _READ,
        "commerce_keys": _READ,
        "commerce_idempotency": _FORGET,
        "commerce_tracking": _WRITE,
        "commerce_stops": _WRITE,
        "commerce_parked": _WRITE,
        "commerce_parked_sequences": _WRITE,
        "commerce_corrections": _WRITE,
        "commerce_deliveries": _WRITE,
        "commerce_deadlines": _WRITE,
        "commerce_requests": _WRITE,
        "commerce_doubtful_calls": _WRITE,
        "commerce_streams": _WRITE,
        "commerce_snapshots": _WRITE,
        "commerce_workers": _WRITE,
        "commerce_upkeep": _WRITE,
        "commerce_payment_methods": _WRITE,
        "commerce_reconciliations": _WRITE,
        "commerce_api_key_uses": _NOTE,
        "commerce_webhook_endpoints": _WRITE,
        "commerce_webhook_deliveries": _WRITE,
        "commerce_audit_leaves": _ADD,
        "commerce_audit_nodes": _ADD,
        "commerce_audit_heads": _ADD,
        "commerce_audit_hashes": _READ,
    },
    functions=frozenset(
        {
            "commerce_append",
            "commerce_remember",
            "commerce_advance",
            "commerce_unpark",
            "commerce_park_again",
            "commerce_release_parked",
            "commerce_destroy_keys",
            "commerce_rewrap_keys",
        }
    ),
    limits=LIMITS,
)
"""All that the application may do: `commerce migrate` grants it, and `commerce doctor` compares."""

_OTHERS = """
GRANT USAGE ON SCHEMA public TO {role};
GRANT SELECT ON SEQUENCE commerce_events_notification_id_seq TO {role};
CREATE SCHEMA IF NOT EXISTS projections;
GRANT USAGE, CREATE ON SCHEMA projections TO {role};
"""


def grant(connection: psycopg.Connection[tuple[object, ...]], name: str) -> None:
    """Grant the role of this name what `APPLICATION_ROLE` may do, and set its limits in this database.

    What an older version granted beyond that is taken back. Raises psycopg's `UndefinedObject` where there is no such
    role.
    """
    role = sql.Identifier(name)
    connection.execute(sql.SQL(_OTHERS).format(role=role))
    for table, privileges in APPLICATION_ROLE.tables.items():
        granted = sql.SQL(", ").join(map(sql.SQL, sorted(privileges)))
        taken = sql.SQL(", ").join(map(sql.SQL, sorted(_WRITE - privileges)))
        if _WRITE - privileges:
            connection.execute(sql.SQL("REVOKE {} ON {} FROM {}").format(taken, sql.Identifier(table), role))
        connection.execute(sql.SQL("GRANT {} ON {} TO {}").format(granted, sql.Identifier(table), role))
    for function in sorted(APPLICATION_ROLE.functions):
        connection.execute(sql.SQL("GRANT EXECUTE ON FUNCTION {} TO {}").format(sql.Identifier(function), role))
    _limit(connection, role)


def _limit(connection: psycopg.Connection[tuple[object, ...]], role: sql.Identifier) -> None:
    """Set the limits of the role's sessions in this database.

    `transaction_timeout`, of PostgreSQL 17, is the only one that ends a client frozen before the last message of its
    append.
    """
    newer = {"transaction_timeout": "40s"} if connection.info.server_version >= 170_000 else {}
    database = sql.Identifier(connection.info.dbname)
    for name, value in {**APPLICATION_ROLE.limits, **newer}.items():
        setting = sql.SQL("ALTER ROLE {} IN DATABASE {} SET {} = {}")
        connection.execute(setting.format(role, database, sql.Identifier(name), value))
