"""Rebuilding the read model of orders from 1,000,000 events: how fast, and whether it disturbs those who read
orders meanwhile."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from contextlib import closing
from statistics import quantiles
from uuid import UUID

import httpx2
import psycopg

from bench.harness import Report, Target
from bench.order_log import events, fill, multiply
from bench.real_processes import api, place_order
from bench.servers import server
from commerce.events import EVENTS as KNOWN
from commerce.eventstore import EventStore, open_store
from commerce.runtime.settings import Settings
from commerce.runtime.tokens import load_keys
from projections.engine.projection import make_tables
from projections.orders import ORDERS

EVENTS, TIMES = 200_000, 5
ROUNDS = 3
READ_ORDERS = 200
EVERY = 0.02
"""Seconds between two reads."""
QUIET_SECONDS = 10.0

CATCH_UP, QUIET = "catch-up in one process", "no rebuild"


async def run(report: Report) -> None:
    """Catch up, read for a while, and rebuild while reading; again and again."""
    with server() as postgres:
        owner, app = postgres.postgres.admin_url, postgres.postgres.app_url
        fill(owner, events(EVENTS))
        total = multiply(owner, TIMES)
        settings = Settings(home=postgres.home, database_url=app)
        async with open_store(app, load_keys(settings).master, "bench", known=KNOWN) as store:
            orders = [await place_order(store) for _ in range(READ_ORDERS)]
            async with api(settings) as (_, client):
                await _rounds(report, store, Reader(client, orders), total)
    report.notes.append(
        f"{total:,} events, all of orders; one API process, read every {EVERY * 1000:.0f} ms; a process that does "
        "what the "
        f"projections worker does for a rebuild, on {os.cpu_count()} cores"
    )


async def _rounds(report: Report, store: EventStore, reader: Reader, total: int) -> None:
    caught_up: list[float] = []
    rebuilt: list[float] = []
    quiet: list[float] = []
    disturbed: list[float] = []
    for number in range(ROUNDS):
        await _forget(store)
        caught_up.append(total / await _seconds(await _worker("catch-up", store.address)))
        quiet.append(await reader.p99_during(asyncio.create_task(asyncio.sleep(QUIET_SECONDS, 0.0))))
        work = asyncio.create_task(_seconds(await _worker("rebuild", store.address)))
        disturbed.append(await reader.p99_during(work))
        rebuilt.append(total / work.result())
        print(
            f"  rebuild: round {number + 1}: catch-up {caught_up[-1]:,.0f}, rebuild {rebuilt[-1]:,.0f} events/s,"
            f" p99 {quiet[-1]:.1f} and {disturbed[-1]:.1f} ms",
            flush=True,
        )
    fast, calm = Target(CATCH_UP, ">=", 1.5), Target(QUIET, "<=", 2)
    report.note("rebuild", "events/s", peer=CATCH_UP, peer_rounds=caught_up, our_rounds=rebuilt, targets=[fast])
    report.note("p99 of GET /orders/{id}", "ms", peer=QUIET, peer_rounds=quiet, our_rounds=disturbed, targets=[calm])


class Reader:
    """Somebody who reads orders at a steady pace."""

    def __init__(self, client: httpx2.AsyncClient, orders: Sequence[UUID]) -> None:
        self._client = client
        self._orders = orders

    async def p99_during(self, work: asyncio.Task[float]) -> float:
        """Milliseconds that 99 of 100 reads stay below while something is done; those that are late begin late, too."""
        took: list[float] = []
        due = time.perf_counter()
        while not work.done():
            await asyncio.sleep(due - time.perf_counter())
            answer = await self._client.get(f"/api/v1/orders/{self._orders[len(took) % len(self._orders)]}")
            answer.raise_for_status()
            took.append((time.perf_counter() - due) * 1000)
            due += EVERY
        return quantiles(took, n=100)[98]


async def _worker(work: str, address: str) -> Process:
    """A process that is there, as a projections worker is before it is asked for something, and waits for a word."""
    command = [sys.executable, "-m", "bench.rebuild_worker", work, address]
    process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE)
    assert process.stdout is not None
    await process.stdout.readline()
    return process


async def _seconds(process: Process) -> float:
    """Let a process begin; answers how long its work took."""
    printed, _ = await process.communicate(b"\n")
    if process.returncode:
        raise RuntimeError(f"a process that was to catch up or to rebuild ended with exit code {process.returncode}")
    return float(printed.split()[-1])


async def _forget(store: EventStore) -> None:
    """As if nothing had ever been projected."""
    with closing(psycopg.connect(store.address, autocommit=True)) as connection:
        connection.execute(f"DROP TABLE IF EXISTS {ORDERS.table}")
        connection.execute("DELETE FROM commerce_tracking WHERE application_name LIKE 'orders%'")
    await make_tables(store.pool, [ORDERS])
