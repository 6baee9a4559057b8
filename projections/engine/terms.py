"""What rows are found by beside their columns: any number of terms of each row, in a table beside the read model's.

An index of terms and rows answers a page at once, however many rows have a term, and since when.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

from psycopg import AsyncConnection

from commerce.eventstore import Statement, bigints, booleans, uuids

R = TypeVar("R")

_DDL = """
DROP TABLE IF EXISTS {terms};
CREATE TABLE {terms} (
    term uuid NOT NULL,
    first bigint NOT NULL,
    personal boolean NOT NULL,
    PRIMARY KEY (term, first)
);
CREATE INDEX ON {terms} USING brin (first);
"""


@dataclass(frozen=True, slots=True)
class Term:
    """Something that the row whose first event is `first` is found by; `personal` goes with its person's key."""

    term: UUID
    first: int
    personal: bool


@dataclass(frozen=True, slots=True)
class RowChange(Generic[R]):
    """A row before and after some of its events; none before its first."""

    first: int
    before: R | None
    after: R


def terms_table(table: str) -> str:
    """The table of the terms of a table's rows."""
    return f"{table}_terms"


async def make_terms_table(connection: AsyncConnection[Any], table: str) -> None:
    """Make it, with its indexes; the terms of a table that is lost go."""
    await connection.execute(_DDL.format(terms=terms_table(table)))


async def drop_tables(connection: AsyncConnection[Any], table: str) -> None:
    """Drop a read model's table and, where it has one, that of its terms."""
    await connection.execute(f"DROP TABLE IF EXISTS {table}, {terms_table(table)}")


async def rename_tables(connection: AsyncConnection[Any], table: str, name: str) -> None:
    """Give both another name."""
    await connection.execute(f"ALTER TABLE {table} RENAME TO {name}")
    await connection.execute(f"ALTER TABLE IF EXISTS {terms_table(table)} RENAME TO {terms_table(name)}")


async def analyze_tables(connection: AsyncConnection[Any], table: str, *, has_terms: bool) -> None:
    """Have queries be planned by what is in them."""
    await connection.execute(f"ANALYZE {table}" + (f", {terms_table(table)}" if has_terms else ""))


def written_terms(terms: Iterable[Term], table: str) -> Statement:
    """One statement that writes terms; those that a row has already are left as they are."""
    found = list(terms)
    return Statement(
        f"""INSERT INTO {terms_table(table)} (term, first, personal)
            SELECT * FROM unnest(%s::uuid[], %s::bigint[], %s::boolean[]) ON CONFLICT DO NOTHING""",
        [
            uuids([one.term for one in found]),
            bigints([one.first for one in found]),
            booleans([one.personal for one in found]),
        ],
    )


async def forget_personal_terms(connection: AsyncConnection[Any], table: str, condition: str, key: object) -> int:
    """Have rows that fulfil a condition be found no more by anything personal; answers how many terms that were."""
    cursor = await connection.execute(
        f"""DELETE FROM {terms_table(table)}
            WHERE personal AND first = ANY(ARRAY(SELECT first FROM {table} WHERE {condition}))""",
        {"key": key},
    )
    return cursor.rowcount
