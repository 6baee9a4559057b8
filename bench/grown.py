"""A log of so many events with its read model of orders and an API process beside it, and what can be measured on
it."""

from __future__ import annotations

import asyncio
import base64
import os
import random
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import LiteralString
from uuid import UUID

import httpx2
import psycopg
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bench import order_log
from bench.load import load, own
from bench.orders_in_sql import INSERT_SELECT
from bench.servers import MASTER_KEY, Server
from commerce.embedded.ports import free_port
from commerce.eventstore import Append, Engine, EventStore, Metadata, open_store
from commerce.runtime.settings import Settings
from commerce.runtime.tokens import issue_token
from commerce.values import ids
from projections.engine.projection import make_tables
from projections.orders import ORDERS
from tests.catch_up import catch_up

FIRST = 10_000
"""Events that are decided on; a longer log repeats them as other orders."""
REQUESTS = 200
CHOSEN = 3_000
"""Orders that are read, as many as the smallest log has."""
LAGS = 40
BEHIND = 4_000
SECONDS = 2.0
WARMING = 6.0
_LONGEST_LAG_S = 60.0


@dataclass(frozen=True)
class Grown:
    """One log."""

    owner: str
    address: str
    store: EventStore
    api: httpx2.AsyncClient
    orders: list[UUID]
    """Some from all over the log."""
    newest: list[UUID]

    async def read_order(self) -> float:
        """Microseconds to read the stream of an order of late, one after the other."""
        return await self._read(self.newest)

    async def read_old_order(self) -> float:
        """Microseconds to read the stream of any order, from all over the log."""
        return await self._read(self.orders)

    async def _read(self, orders: list[UUID]) -> float:
        return await _each(REQUESTS, lambda: self.store.read_stream(random.choice(orders))) * 1e6

    async def get_order(self) -> float:
        """Microseconds to be answered any order by the API, one after the other."""

        async def get() -> None:
            (await self.api.get(f"/api/v1/orders/{random.choice(self.orders)}")).raise_for_status()

        return await _each(REQUESTS, get) * 1e6

    async def append(self) -> float:
        """Microseconds for each command of 64 writers."""
        return await self._append(64)

    async def append_alone(self) -> float:
        """Microseconds for each command of one writer."""
        return await self._append(1)

    async def warm(self) -> None:
        """Append until most pages of the indexes have been written since the last checkpoint, as in a system that
        runs."""
        await self._append(64, WARMING)

    async def _append(self, writers: int, warm_up: float = SECONDS) -> float:
        options = {"address": self.address, "writers": writers, "seconds": SECONDS, "warm_up": warm_up}
        (found,) = await load(own("writers"), options)
        return float(found["seconds"] / found["done"] * 1e6)

    async def catch_up(self) -> float:
        """Milliseconds in which the read model of orders takes in the last events."""
        head = await self.store.head()
        async with self.store.pool.connection() as connection:
            await connection.execute(f"DELETE FROM {ORDERS.table} WHERE first > %s", [head - BEHIND])
            await connection.execute(
                "UPDATE commerce_tracking SET notification_id = %s WHERE application_name LIKE 'orders:%%'",
                [head - BEHIND],
            )
        began = time.perf_counter()
        await catch_up(self.store, ORDERS.subscription())
        return (time.perf_counter() - began) * 1e3

    async def lag(self) -> float:
        """Milliseconds from a command's answer until its events are in the read model's past."""
        engine = Engine(self.store, [ORDERS.subscription()])
        await engine.start()
        try:
            await self._seen(engine, await self.store.head())
            lags = []
            for _ in range(LAGS):
                order = next(order_log.events(1)).model_copy(update={"originator_id": ids.new_order_id()})
                position = await self.store.append(Append([order], order.originator_id, Metadata("service:bench")))
                began = time.perf_counter()
                await self._seen(engine, position)
                lags.append(time.perf_counter() - began)
                await asyncio.sleep(0.01)
            return median(lags) * 1e3
        finally:
            await engine.stop()

    async def _seen(self, engine: Engine, position: int) -> None:
        async with asyncio.timeout(_LONGEST_LAG_S):
            while len(at := engine.progress()) < ORDERS.partitions or any(each.position < position for each in at):  # noqa: ASYNC110
                await asyncio.sleep(0.0005)

    def bytes(self) -> int:
        """The size of the log with its indexes."""
        with closing(psycopg.connect(self.owner)) as connection:
            row = connection.execute("SELECT pg_total_relation_size('commerce_events')").fetchone()
        assert row is not None
        return int(row[0])


async def _each(number: int, work: Callable[[], Awaitable[object]]) -> float:
    """The median seconds of so many."""
    times = []
    for _ in range(number):
        began = time.perf_counter()
        await work()
        times.append(time.perf_counter() - began)
    return median(times)


@asynccontextmanager
async def grown(on: Server, events: int) -> AsyncIterator[Grown]:
    """A log of so many events, as long as the block lasts."""
    with on.database() as (owner, address), TemporaryDirectory() as home:
        order_log.fill(owner, order_log.events(min(events, FIRST)))
        if events > FIRST:
            order_log.multiply(owner, events // FIRST)
        async with open_store(address, MASTER_KEY, "bench") as store:
            await make_tables(store.pool, [ORDERS])
            settle(owner, address)
            orders, newest = (_orders(address, order) for order in ("md5(order_id::text)", "first DESC"))
            async with _api(address, Path(home)) as api:
                yield Grown(owner, address, store, api, orders, newest)


def _orders(address: str, order: LiteralString) -> list[UUID]:
    with closing(psycopg.connect(address)) as models:
        found = models.execute(f"SELECT order_id FROM {ORDERS.table} ORDER BY {order} LIMIT {CHOSEN}").fetchall()
    return [row[0] for row in found]


def settle(owner: str, address: str) -> None:
    """Bring the read model up to date, and keep the customers' keys."""
    with closing(psycopg.connect(address, autocommit=True)) as models:
        models.execute(INSERT_SELECT)
        models.execute(
            """INSERT INTO commerce_tracking (application_name, notification_id, version) SELECT 'orders:' || n,
            (SELECT max(notification_id) FROM commerce_events), %s FROM generate_series(0, %s) AS n""",
            [ORDERS.version, ORDERS.partitions - 1],
        )
        models.execute(f"VACUUM (ANALYZE) {ORDERS.table}")
        customers = models.execute(f"SELECT DISTINCT customer_id FROM {ORDERS.table}").fetchall()
    with closing(psycopg.connect(owner)) as log, log:
        wrapped = [(row[0], _wrapped(row[0])) for row in customers]
        log.cursor().executemany("INSERT INTO commerce_keys (owner_id, wrapped) VALUES (%s, %s)", wrapped)


def _wrapped(customer: UUID) -> bytes:
    """The key that `order_log` seals with, as the store keeps it."""
    nonce = os.urandom(12)
    return nonce + AESGCM(MASTER_KEY).encrypt(nonce, bytes(32), customer.bytes)


@asynccontextmanager
async def _api(address: str, home: Path) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of an API process of its own."""
    port = free_port()
    (home / "keys").mkdir(mode=0o700)
    (home / "keys" / "master.key").write_bytes(base64.b64encode(MASTER_KEY))
    (home / "keys" / "master.key").chmod(0o600)
    given = {"COMMERCE_HOME": str(home), "COMMERCE_DATABASE_URL": address, "COMMERCE_API_PORT": str(port)}
    log = (home / "api.log").open("wb")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "api", env={**os.environ, **given}, stdout=log, stderr=log
    )
    token = issue_token(Settings(home=home), role="service", subject="bench")
    headers = {"Authorization": f"Bearer {token}"}
    try:
        async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers) as client:
            await _answers(client)
            yield client
    finally:
        process.terminate()
        await process.wait()
        log.close()


async def _answers(client: httpx2.AsyncClient) -> None:
    async with asyncio.timeout(30):
        while True:
            try:
                (await client.get("/health/live")).raise_for_status()
            except httpx2.HTTPError:
                await asyncio.sleep(0.1)
            else:
                return
