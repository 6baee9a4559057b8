"""What the tests of subscriptions note their events in, and a second database."""

from __future__ import annotations

from collections.abc import AsyncIterator

import psycopg
import pytest

from commerce.embedded.postgres import EmbeddedPostgres
from tests.conftest import Database
from tests.integration.eventstore.subscriptions import Noted


@pytest.fixture
async def noted(database: Database) -> AsyncIterator[Noted]:
    """The table the notes go to: without a key, so that an event handled twice shows."""
    async with await psycopg.AsyncConnection.connect(database.app_url, autocommit=True) as connection:
        await connection.execute("CREATE TABLE projections.noted (position bigint)")
        yield connection


@pytest.fixture
def postgres_url(postgres: EmbeddedPostgres) -> str:
    """Another database of the same server, as the same role."""
    return postgres.app_url
