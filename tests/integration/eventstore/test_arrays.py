"""Arrays that we make ourselves are what PostgreSQL reads as such."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import psycopg
import pytest

from commerce.eventstore.postgres.arrays import Array, bigints, booleans, byteas, integers, texts, uuids
from tests.conftest import Database

CASES: dict[str, tuple[Callable[[list[Any]], Array], list[object]]] = {
    "integer[]": (integers, [1, -2, 2**31 - 1, -(2**31)]),
    "bigint[]": (bigints, [1, None, 2**63 - 1, -(2**63)]),
    "boolean[]": (booleans, [True, False]),
    "uuid[]": (uuids, [UUID(int=0), None, UUID(int=2**128 - 1)]),
    "text[]": (texts, ["", "NULL", '{"a": "ö"}', "🛒", "\\,"]),
    "bytea[]": (byteas, [b"", bytes(range(256)), b"x" * 100_000]),
}


@pytest.mark.parametrize("kind", CASES)
async def test_an_array_arrives_as_it_was(database: Database, kind: str) -> None:
    make, values = CASES[kind]
    async with await psycopg.AsyncConnection.connect(database.app_url) as connection:
        for sent in (values, []):
            cursor = await connection.execute("SELECT %b, pg_typeof(%b)::text", [make(sent), make(sent)])
            assert await cursor.fetchone() == (sent, kind)


def test_a_number_that_is_too_large_is_rejected() -> None:
    with pytest.raises(ValueError, match="too large"):
        integers([2**31])
    with pytest.raises(ValueError, match="too large"):
        bigints([2**63])
