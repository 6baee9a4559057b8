"""Each SQL function in the database is the one in its file, and `migrate` puts it there again where it is not."""

from __future__ import annotations

import psycopg
import pytest
from psycopg import Connection, sql

from commerce.eventstore import APPLICATION_ROLE, migrate
from commerce.eventstore.postgres.migrations import FUNCTIONS
from tests.conftest import Database

FILES = sorted(FUNCTIONS.glob("*.sql"))

_DEFINITIONS = """
SELECT proname, pg_get_functiondef(oid) FROM pg_proc
WHERE pronamespace = 'public'::regnamespace AND proname LIKE 'commerce\\_%'
"""
_RIGHTS = """
SELECT proname, has_function_privilege(%s, oid, 'EXECUTE'), EXISTS (
    SELECT FROM aclexplode(coalesce(proacl, acldefault('f', proowner))) WHERE grantee = 0)
FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND proname = 'commerce_append'
"""


def definitions(connection: Connection) -> dict[str, str]:
    return dict(connection.execute(_DEFINITIONS).fetchall())


def rights(connection: Connection, database: Database) -> tuple[str, bool, bool]:
    """Whether the application may call the append, and whether everybody may."""
    role = psycopg.conninfo.conninfo_to_dict(database.app_url)["user"]
    row = connection.execute(_RIGHTS, [role]).fetchone()
    assert row is not None
    return row


def test_each_function_is_the_one_in_the_file_of_its_name(database: Database) -> None:
    with psycopg.connect(database.admin_url) as connection:
        before = definitions(connection)
        assert sorted(before) == [path.stem for path in FILES]
        for path in FILES:
            connection.execute(path.read_bytes())
        assert definitions(connection) == before
        connection.rollback()
    assert {path.stem for path in FILES} >= APPLICATION_ROLE.functions


def test_every_file_says_which_function_it_creates_or_replaces() -> None:
    assert [
        path.name for path in FILES if f"CREATE OR REPLACE FUNCTION {path.stem}(" not in path.read_text("ascii")
    ] == []


@pytest.mark.parametrize("breaking", ["COMMENT ON FUNCTION {} IS 'sha256:older'", "DROP FUNCTION {}"])
def test_a_function_that_differs_from_its_file_is_applied_again_with_its_rights(
    database: Database, breaking: str
) -> None:
    with psycopg.connect(database.admin_url, autocommit=True) as connection:
        before = definitions(connection)
        connection.execute(sql.SQL(breaking).format(sql.Identifier("commerce_append")))
        assert migrate(database.admin_url, database.app_url) == ["functions/commerce_append"]
        assert definitions(connection) == before
        assert rights(connection, database) == ("commerce_append", True, False)
    assert migrate(database.admin_url, database.app_url) == []
