"""Orders from HTTP to confirmed: the whole system against a workflow engine and one ACID transaction behind an
equal route."""

from __future__ import annotations

import asyncio
import os
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import ExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from uuid import uuid4

import httpx2
import psycopg
from psycopg.rows import TupleRow

from bench.harness import Report, Target
from bench.saga_load import post_orders
from bench.saga_peers import EMPTY, HERE, PYTHON
from bench.servers import LATENCIES, Server, server
from commerce.cli.system.system_process import SIMULATORS, SystemProcess, worker_process
from commerce.embedded.passwords import password
from commerce.embedded.ports import free_port
from tests.system.conftest import System, running
from tests.waiting import eventually
from workers.simulation.credentials import USER

ORDERS = 150
WARMING = 32
"""Orders that come first and do not count, as long-running processes are compared."""

SKUS = 50
CLIENTS = 32
LONGEST = 120.0
DBOS = "DBOS workflow"
ACID = "one ACID transaction"
TARGETS = (Target(DBOS, ">=", 5), Target(ACID, ">=", 0.5))

_CONFIRMED = "SELECT count(*) FROM commerce_events WHERE topic = 'ordering.OrderConfirmed'"
_STREAMS = "SELECT count(*) FROM commerce_streams"


async def run(report: Report) -> None:
    """Each turn is a system of its own, or a peer and simulators of its own, on the same PostgreSQL."""
    with server() as postgres:
        for name, microseconds in LATENCIES.items():
            postgres.set_commit_latency(microseconds)
            await report.compare(
                f"{CLIENTS} clients, {name}",
                "orders/s",
                lambda: ours(postgres),
                {DBOS: peer(postgres, "whole_dbos"), ACID: peer(postgres, "whole_acid")},
                targets=TARGETS,
            )
    report.notes.append(
        f"after {WARMING} that do not count, {ORDERS} orders from the first request to the last one's confirmation;"
        " ours are all processes of `commerce up`,"
        " read models, mails and signed log included; all contenders call the same simulators, each over kept "
        "connections"
    )


async def ours(postgres: Server) -> float:
    """Orders per second of a whole system."""
    with postgres.database() as (owner, application), tempfile.TemporaryDirectory() as home:
        given = {"COMMERCE_DATABASE_URL": application, "COMMERCE_ADMIN_DATABASE_URL": owner}
        with running(Path(home), settings=given) as system, psycopg.connect(owner, autocommit=True) as database:
            await fill(system, database)
            headers = {"authorization": f"Bearer {system.token('operator', 'olga')}"}

            await post_orders(f"{system.api_url}/api/v1/orders", WARMING, SKUS, CLIENTS, headers)
            await confirmed(database, WARMING)
            began = time.monotonic()
            await post_orders(f"{system.api_url}/api/v1/orders", ORDERS, SKUS, CLIENTS, headers)
            await confirmed(database, WARMING + ORDERS)
            return ORDERS / (time.monotonic() - began)


async def confirmed(database: psycopg.Connection[TupleRow], orders: int) -> None:
    """Wait until so many orders are."""
    async with asyncio.timeout(LONGEST):
        while database.execute(_CONFIRMED).fetchone() != (orders,):  # noqa: ASYNC110 - looked at from outside
            await asyncio.sleep(0.05)


async def fill(system: System, database: psycopg.Connection[TupleRow]) -> None:
    """Products, and as many pieces of each as are ordered; and the relay has looked at its new streams, as it
    does once."""
    headers = {"Authorization": f"Bearer {system.token('operator', 'olga')}"}
    async with httpx2.AsyncClient(base_url=f"{system.api_url}/api/v1", headers=headers, timeout=30) as http:
        for number in range(SKUS):
            product = {"name": "A thing", "price": {"amount": "9.99", "currency": "EUR"}}
            (await http.put(f"/products/thing-{number}", json=product)).raise_for_status()
            key = {"Idempotency-Key": str(uuid4())}
            receipt = {"quantity": WARMING + ORDERS}
            (await http.post(f"/inventory/thing-{number}/receipts", json=receipt, headers=key)).raise_for_status()
    await eventually(lambda: database.execute(_STREAMS).fetchone() == (2,), 30)
    await asyncio.sleep(1)


def peer(postgres: Server, script: str) -> Callable[[], Awaitable[float]]:
    """What measures orders per second of a peer, whose route answers when the order is confirmed."""

    async def measure() -> float:
        with postgres.database(EMPTY) as (owner, _), tempfile.TemporaryDirectory() as home:
            prepare(owner)
            async with simulated(Path(home)) as addresses, serving(script, owner, addresses) as url:
                await post_orders(f"{url}/orders", WARMING, SKUS, CLIENTS, {})
                began = time.monotonic()
                await post_orders(f"{url}/orders", ORDERS, SKUS, CLIENTS, {})
                seconds = time.monotonic() - began
            with psycopg.connect(owner) as database:
                found = database.execute("SELECT count(*) FROM orders WHERE status = 'confirmed'").fetchone()
                assert found == (WARMING + ORDERS,)
            return ORDERS / seconds

    return measure


def prepare(url: str) -> None:
    """The peers' tables, with stock in them."""
    code = f"import saga_acid; saga_acid.prepare({url!r}, {SKUS}, {WARMING + ORDERS})"
    subprocess.run([PYTHON, "-c", code], check=True, env={**os.environ, "PYTHONPATH": str(HERE / "peers")})


@asynccontextmanager
async def simulated(home: Path) -> AsyncIterator[dict[str, str]]:
    """Provider and carrier, as `commerce up` starts them; their addresses, with the credentials that they ask for."""
    environment = {**os.environ, "COMMERCE_HOME": str(home)}
    with ExitStack() as stack:
        addresses = {}
        for name in SIMULATORS:
            process = worker_process(name, environment, home / "logs", port=free_port())
            process.start()
            stack.callback(process.stop)
            await eventually(partial(_is_well, process), 30)
            secret = password(home / "keys", name)
            addresses[f"{name.upper()}_URL"] = process.url().replace("://", f"://{USER}:{secret}@")
        yield addresses


@asynccontextmanager
async def serving(script: str, database: str, addresses: dict[str, str]) -> AsyncIterator[str]:
    """A peer's server; answers its address."""
    port = free_port()
    told = {"DATABASE_URL": database, "PORT": str(port), **addresses}
    process = await asyncio.create_subprocess_exec(PYTHON, HERE / "peers" / f"{script}.py", env={**os.environ, **told})
    url = f"http://127.0.0.1:{port}"
    try:
        async with httpx2.AsyncClient() as http:

            async def answers() -> bool:
                try:
                    return (await http.get(f"{url}/openapi.json")).status_code == 200
                except httpx2.TransportError:
                    return False

            await eventually(answers, 30)
        yield url
    finally:
        process.terminate()
        await process.wait()


def _is_well(process: SystemProcess) -> bool:
    return process.problem() is None
