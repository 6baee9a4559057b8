"""Subscriptions that note what they are given, and events for them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import LiteralString
from uuid import UUID, uuid4

import psycopg

from commerce.eventstore import (
    Append,
    Engine,
    EventStore,
    Handler,
    Metadata,
    Recorded,
    Sealed,
    Stateless,
    Statement,
    Subscription,
    Work,
)
from commerce.inventory.events import StockAdjusted, StockReceived
from tests.waiting import LIMIT_S, eventually

WHO = Metadata("operator:tess")
NOTES: LiteralString = "projections.noted"
Noted = psycopg.AsyncConnection[tuple[int]]
"""A session of a database with the table of notes."""


class Noting(Stateless):
    """Writes down the position of every event it is given; fails at those of a poisoned stream."""

    poisoned: UUID | None = None

    def __init__(self, table: LiteralString = NOTES) -> None:
        self._insert = f"INSERT INTO {table} SELECT unnest(%s::bigint[])"

    async def handle(self, batch: Sequence[Recorded]) -> Work:
        if any(recorded.stream == self.poisoned for recorded in batch):
            raise ValueError("cannot be handled")
        rows = [recorded.position for recorded in batch]
        return Work([Statement(self._insert, [rows])])


def noting(
    handler: Handler | None = None,
    partitions: int = 4,
    topics: frozenset[str] | None = None,
    name: str = "noting",
    *,
    parks: bool = True,
) -> Subscription:
    made = handler or Noting()
    read = topics or frozenset({StockReceived.TOPIC})
    return Subscription(name, read, lambda _store, _number: made, partitions, parks=parks)


async def positions(connection: Noted, table: LiteralString = NOTES) -> list[int]:
    cursor = await connection.execute(f"SELECT position FROM {table} ORDER BY position")
    return [row[0] for row in await cursor.fetchall()]


async def receive(store: EventStore, times: int = 1) -> list[int]:
    streams = [uuid4() for _ in range(times)]
    return await asyncio.gather(
        *(
            store.append(
                Append([StockReceived(originator_id=stream, originator_version=1, sku="A", quantity=1)], stream, WHO)
            )
            for stream in streams
        )
    )


async def adjust(store: EventStore) -> int:
    stream = uuid4()
    event = StockAdjusted(originator_id=stream, originator_version=1, sku="A", quantity=1, reason=Sealed("found"))
    return await store.append(Append([event], stream, WHO))


@asynccontextmanager
async def running(
    store: EventStore, *subscriptions: Subscription, concurrent_partitions: int | None = None
) -> AsyncIterator[Engine]:
    engine = Engine(store, subscriptions, concurrent_partitions=concurrent_partitions)
    await engine.start()
    try:
        yield engine
    finally:
        await engine.stop()


async def until_noted(
    connection: Noted, expected: Sequence[int], seconds: float = LIMIT_S, table: LiteralString = NOTES
) -> None:
    async def enough() -> bool:
        cursor = await connection.execute(f"SELECT count(*) FROM {table}")
        row = await cursor.fetchone()
        return row is not None and row[0] >= len(expected)

    await eventually(enough, seconds)
    assert await positions(connection, table) == sorted(expected)
