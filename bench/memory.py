"""Memory of each process after many orders and after few.

`COMMERCE_BENCH_ORDERS="4000"` takes some minutes; a hundred thousand orders, the default, more than half an hour.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from uuid import UUID, uuid4

import httpx2

from bench.harness import Report, Target
from bench.real_processes import api, place_order, resident
from bench.servers import server
from commerce.events import EVENTS as KNOWN
from commerce.eventstore import open_store
from commerce.runtime.settings import Settings
from commerce.runtime.tokens import load_keys
from tests.faults.load import CLIENTS, SKUS, Load, all_ended, shoppers
from tests.system.conftest import System, running

FEW = 1_000
MANY = [int(number) for number in os.environ.get("COMMERCE_BENCH_ORDERS", "10000 100000").split()]
ORDERS_READ = 12_000
"""Orders of as many customers, which is more keys than a process keeps."""
TARGET = 1.2
LONGEST = 400.0
_SETTLES = 2.0
_SHIPMENTS = "SELECT originator_id FROM commerce_events WHERE topic = 'shipping.Scheduled' AND notification_id > %s"


async def run(report: Report) -> None:
    """The whole system first."""
    with tempfile.TemporaryDirectory(prefix="commerce-bench-") as home, running(Path(home)) as system:
        await _whole(report, system)
    await _reads(report)
    report.notes += [
        f"the orders go through the whole system over HTTP, {FEW:,} at a time, of every outcome, and are shipped",
        "PostgreSQL, whose memory is what it is configured to be, is left out",
    ]


async def _whole(report: Report, system: System) -> None:
    async with shoppers(system) as load:
        few = await _after(load)
        for orders in range(2 * FEW, max(MANY) + FEW, FEW):
            many = await _after(load)
            print(
                f"  memory, {orders:,} orders: {', '.join(f'{n} {size:.0f}' for n, size in many.items())}", flush=True
            )
            if orders in MANY:
                for name, before in few.items():
                    _note(report, f"{name}, {orders:,} orders", before, many[name])


async def _after(load: Load) -> dict[str, float]:
    """So few at a time that as many are under way each time; the shelves are filled before."""
    for sku in SKUS:
        key = {"Idempotency-Key": str(uuid4())}
        receipt = await load.http.post(f"/inventory/{sku}/receipts", json={"quantity": FEW}, headers=key)
        receipt.raise_for_status()
    before = _head(load.system)
    load.begin(FEW)
    await load.all_accepted()
    await all_ended(load.system, LONGEST, before)
    await _send_off(load, before)
    await asyncio.sleep(_SETTLES)
    return _resident(load.system.run["processes"])


async def _send_off(load: Load, after: int) -> None:
    """Hand the shipments of what was ordered beyond a position to the carrier, as a shop does, so that they leave
    the shelves."""
    with load.system.database() as database:
        shipments = database.execute(_SHIPMENTS, [after]).fetchall()
    clients = asyncio.Semaphore(CLIENTS)

    async def send_off(shipment_id: object) -> None:
        async with clients:
            (await load.http.post(f"/shipments/{shipment_id}/dispatch")).raise_for_status()

    await asyncio.gather(*(send_off(shipment_id) for (shipment_id,) in shipments))


def _head(system: System) -> int:
    with system.database() as database:
        row = database.execute("SELECT max(notification_id) FROM commerce_events").fetchone()
    assert row is not None
    return int(row[0])


def _resident(processes: list[Mapping[str, object]]) -> dict[str, float]:
    return {str(each["name"]): resident(int(str(each["pid"]))) for each in processes if each["name"] != "postgres"}


async def _reads(report: Report) -> None:
    with server() as postgres:
        settings = Settings(home=postgres.home, database_url=postgres.postgres.app_url)
        async with open_store(str(settings.database_url), load_keys(settings).master, "bench", known=KNOWN) as store:
            orders = await asyncio.gather(*(place_order(store) for _ in range(FEW)))
            for _ in range(ORDERS_READ // FEW - 1):
                orders += await asyncio.gather(*(place_order(store) for _ in range(FEW)))
        async with api(settings) as (process, client):
            assert process.pid is not None
            await _read(client, orders[:FEW])
            before = resident(process.pid)
            await _read(client, orders[FEW:])
            _note(report, f"api, {ORDERS_READ:,} orders read", before, resident(process.pid))


async def _read(client: httpx2.AsyncClient, orders: list[UUID]) -> None:
    for order in orders:
        (await client.get(f"/api/v1/orders/{order}")).raise_for_status()


def _note(report: Report, case: str, before: float, after: float) -> None:
    peer = f"after {FEW:,}"
    report.note(case, "MiB", peer=peer, peer_rounds=[before], our_rounds=[after], targets=[Target(peer, "<=", TARGET)])
