"""A session that answered a moment ago is used without asking, unless the server has ended it since."""

from __future__ import annotations

import asyncio

import psycopg
import pytest

from commerce.eventstore import EventStore, connection_from
from tests.conftest import Database
from tests.waiting import LIMIT_S


async def test_a_session_that_just_answered_is_fresh_for_a_while(
    store: EventStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with connection_from(store.pool) as connection, store.pool.connection() as session:
        monkeypatch.setattr("commerce.eventstore.postgres.sessions._FRESH_S", LIMIT_S)
        await connection.execute("SELECT 1")
        await session.execute("SELECT 1")
        assert session.is_fresh
        monkeypatch.setattr("commerce.eventstore.postgres.sessions._FRESH_S", 0.1)
        await asyncio.sleep(0.15)
        assert not session.is_fresh


async def test_a_session_that_the_server_ended_is_not_fresh_and_another_takes_its_place(
    store: EventStore, database: Database
) -> None:
    async with store.pool.connection() as session:
        await session.execute("SELECT 1")
        with psycopg.connect(database.app_url) as other:
            other.execute("SELECT pg_terminate_backend(%s, 1000)", [session.info.backend_pid])
        assert not session.is_fresh
    async with store.pool.connection() as session:
        with psycopg.connect(database.app_url) as other:
            await session.execute("SELECT 1")
            other.execute("SELECT pg_terminate_backend(%s, 0)", [session.info.backend_pid])
    await asyncio.sleep(0.05)
    assert await store.head() == 0
