"""Catching up with 200,000 events of orders: our read model, the library's runner, one `INSERT … SELECT`,
decoding alone."""

from __future__ import annotations

import asyncio
import time
from contextlib import AbstractAsyncContextManager, closing

import psycopg

from bench.harness import Report, Target
from bench.order_log import events, fill
from bench.orders_in_sql import INSERT_SELECT
from bench.peer_process import figure_of
from bench.servers import LATENCIES, MASTER_KEY, Server, server
from commerce.events import EVENTS as KNOWN
from commerce.eventstore import Engine, EventStore, open_store
from commerce.runtime.garbage import collect_rarely
from projections.engine.projection import make_tables
from projections.orders import ORDERS

EVENTS = 200_000
RUNNER_EVENTS = 3_000
"""How many of them the library's runner gets, as it would take minutes for all; what counts is events/s."""
READ_AT_ONCE = 5_000

RUNNER, SQL, DECODING = "ProjectionRunner", "INSERT … SELECT", "read and decode only"
TARGETS = (Target(RUNNER, ">=", 100), Target(SQL, ">=", 0.7), Target(DECODING, ">=", 0.3))
_LOOK_EVERY = 0.005
_LONGEST_S = 300.0
NOTES = (
    f"a log of {EVENTS:,} events, all of orders, of a shop of a thousand orders a day; ours is one process",
    f"{RUNNER} is measured on the first {RUNNER_EVENTS:,} events, as it has a transaction for each",
    f"{SQL} is one statement and one transaction for the whole log; its rows and ours are compared, and are the same",
)


async def run(report: Report) -> None:
    """Compare events/s, at each commit latency."""
    collect_rarely()
    with server() as postgres, postgres.database() as (owner, app):
        fill(owner, events(EVENTS))
        async with _opened(app) as store:
            await make_tables(store.pool, [ORDERS])
        log = Contenders(postgres, owner.rpartition("/")[2])
        peers = {RUNNER: log.library, SQL: log.in_sql, DECODING: log.decoding}
        for latency, microseconds in LATENCIES.items():
            postgres.set_commit_latency(microseconds)
            case = f"order details, {latency}"
            await report.compare(case, "events/s", log.ours, peers, targets=TARGETS)
    report.notes += NOTES


class Contenders:
    """Those who catch up, each with a copy of one database; what ours and SQL make of it has to be the same."""

    def __init__(self, postgres: Server, log: str) -> None:
        self._postgres = postgres
        self._log = log
        self._rows: set[str] = set()

    async def ours(self) -> float:
        """The engine, as the projections worker runs it."""
        with self._postgres.database(self._log) as (owner, app):
            async with _opened(app) as store:
                engine = Engine(store, [ORDERS.subscription()])
                began = time.perf_counter()
                await engine.start()
                await until_all(engine)
                took = time.perf_counter() - began
                await engine.stop()
            self._check(owner)
        return EVENTS / took

    async def library(self) -> float:
        """The library's runner, on a part."""
        with self._postgres.database(self._log) as (owner, _):
            return await figure_of("projection_runner.py", owner, RUNNER_EVENTS)

    async def in_sql(self) -> float:
        """One statement."""
        with self._postgres.database(self._log) as (owner, app):
            with closing(psycopg.connect(app, autocommit=True)) as connection:
                began = time.perf_counter()
                connection.execute(INSERT_SELECT)
                took = time.perf_counter() - began
            self._check(owner)
        return EVENTS / took

    async def decoding(self) -> float:
        """What any projection in Python has to do at least."""
        with self._postgres.database(self._log) as (_, app):
            async with _opened(app) as store:
                began = time.perf_counter()
                place = 0
                while batch := await store.read_log(place, EVENTS, topics=ORDERS.topics, limit=READ_AT_ONCE):
                    for recorded in batch:
                        _ = recorded.event
                    place = batch[-1].position
                return EVENTS / (time.perf_counter() - began)

    def _check(self, owner: str) -> None:
        """Raise `RuntimeError` where not everybody comes to the same rows."""
        query = f"SELECT md5(string_agg(r::text, '' ORDER BY order_id)) FROM {ORDERS.table} AS r"
        with closing(psycopg.connect(owner)) as connection:
            (rows,) = connection.execute(query).fetchone() or ("none",)
        self._rows.add(rows)
        if len(self._rows) > 1:
            raise RuntimeError("our rows and those of SQL are not the same")


async def until_all(engine: Engine) -> None:
    """Wait until the engine holds all partitions of the orders and has brought them to the end of the log."""
    async with asyncio.timeout(_LONGEST_S):
        while len(at := engine.progress()) < ORDERS.partitions or any(each.position < EVENTS for each in at):  # noqa: ASYNC110
            await asyncio.sleep(_LOOK_EVERY)


def _opened(app: str) -> AbstractAsyncContextManager[EventStore]:
    return open_store(app, MASTER_KEY, "bench", known=KNOWN)
