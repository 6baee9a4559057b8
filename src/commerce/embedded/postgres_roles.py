"""The roles of the embedded PostgreSQL and the database they share."""

from __future__ import annotations

from collections.abc import Mapping

import psycopg
from psycopg import sql

SUPERUSER = "postgres"
OWNER = "commerce_owner"
APPLICATION = "commerce_app"
DATABASE = "commerce"

_ATTRIBUTES = {OWNER: "LOGIN CREATEDB CREATEROLE", APPLICATION: "LOGIN"}


def create_roles(superuser_url: str, passwords: Mapping[str, str]) -> None:
    """Make the owner, the application's role and the database where they are missing, and set the roles' passwords.

    The owner administers the application's role, so that a migration can grant to it and make schemas in its name.
    """
    with psycopg.connect(superuser_url, autocommit=True, connect_timeout=10) as connection:
        for role, secret in passwords.items():
            if not _exists(connection, "SELECT FROM pg_roles WHERE rolname = %s", role):
                connection.execute(sql.SQL("CREATE ROLE {} " + _ATTRIBUTES[role]).format(sql.Identifier(role)))
            verifier = connection.pgconn.encrypt_password(secret.encode(), role.encode(), b"scram-sha-256").decode()
            connection.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), sql.Literal(verifier)))
        if not _exists(connection, "SELECT FROM pg_database WHERE datname = %s", DATABASE):
            connection.execute(f"GRANT {APPLICATION} TO {OWNER} WITH ADMIN OPTION")
            connection.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")


def _exists(connection: psycopg.Connection[tuple[object, ...]], query: sql.SQL | str, name: str) -> bool:
    return connection.execute(query, [name]).fetchone() is not None
