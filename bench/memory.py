"""Memory of each process after many orders and after few: of all processes, and of those whose data grow with orders alone."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from uuid import UUID

import httpx2
import psycopg

from bench.harness import Report, Target
from bench.order_log import facts, fill, repeat
from bench.real_processes import api, place_order, resident, until, worker
from bench.servers import server
from commerce.eventstore.store import open_store
from commerce.facts import FACTS as KNOWN
from commerce.settings import Settings
from commerce.tokens import load_keys
from projections.orders import ORDERS
from tests.faults.load import Load, all_ended, shoppers
from tests.system.conftest import System, running

FEW, MORE, MANY = 1_000, 4_000, 100_000
"""Orders: to begin with, through the whole system in some minutes, and for the read models alone."""
FULL = 10_000
"""After so many orders of this log it is as long as after 1,000 real ones, and the end of it that stays in memory is full."""
ORDERS_READ = 12_000
"""Orders of as many customers, which is more keys than a process keeps."""
FACTS_OF_FEW = 2_575
"""So many facts the first thousand orders of the log have, as far as they have come."""
TARGET = 1.2
LONGEST = 400.0
_SETTLES = 2.0


async def run(report: Report) -> None:
    """The whole system first."""
    with tempfile.TemporaryDirectory(prefix="commerce-bench-") as home, running(Path(home)) as system:
        await _whole(report, system)
    await _read_models(report)
    await _reads(report)
    report.notes += [
        f"{MORE:,} orders go through the whole system over HTTP; {MANY:,} would take an hour, so they are appended to the log as"
        f" facts of orders, {FEW:,} at a time, and followed by the projections worker",
        "PostgreSQL, whose memory is what it is configured to be, is left out",
    ]


async def _whole(report: Report, system: System) -> None:
    async with shoppers(system) as load:
        few = many = await _after(load)
        for _ in range(MORE // FEW - 1):
            many = await _after(load)
    for name, before in few.items():
        _note(report, f"{name}, {MORE:,} orders", before, many[name], FEW)


async def _after(load: Load) -> dict[str, float]:
    """So few at a time that as many are under way each time."""
    load.begin(FEW)
    await load.all_accepted()
    await all_ended(load.system, LONGEST)
    await asyncio.sleep(_SETTLES)
    return _resident(load.system.run["processes"])


def _resident(processes: list[Mapping[str, object]]) -> dict[str, float]:
    return {str(each["name"]): resident(int(str(each["pid"]))) for each in processes if each["name"] != "postgres"}


async def _read_models(report: Report) -> None:
    with server() as postgres:
        settings = Settings(home=postgres.home, database_url=postgres.postgres.app_url)
        owner = postgres.postgres.admin_url
        fill(owner, facts(FACTS_OF_FEW))
        async with worker("projections", settings) as process:
            assert process.pid is not None
            await _until_followed(owner)
            before = {FEW: resident(process.pid)}
            for again in range(1, MANY // FEW):
                repeat(owner, FACTS_OF_FEW, again)
                await _until_followed(owner)
                before[(again + 1) * FEW] = resident(process.pid)
            for few in (FEW, FULL):
                _note(report, f"projections, {MANY:,} orders in the log", before[few], before[MANY], few)


async def _until_followed(owner: str) -> None:
    """Wait until every partition of the read models of orders, and the tree, have come to the end of the log."""
    with closing(psycopg.connect(owner, autocommit=True)) as connection:

        def followed() -> bool:
            row = connection.execute(
                """SELECT min(notification_id) >= (SELECT max(notification_id) FROM commerce_events) AND count(*) >= %s
                   FROM commerce_tracking
                   WHERE split_part(application_name, ':', 1) IN ('orders', 'sales', 'processes', 'seal')""",
                [ORDERS.partitions + 1],
            ).fetchone()
            return bool(row and row[0])

        await until(followed, LONGEST)


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
            _note(report, f"api, {ORDERS_READ:,} orders read", before, resident(process.pid), FEW)


async def _read(client: httpx2.AsyncClient, orders: list[UUID]) -> None:
    for order in orders:
        (await client.get(f"/api/v1/orders/{order}")).raise_for_status()


def _note(report: Report, case: str, before: float, after: float, few: int) -> None:
    peer = f"after {few:,}"
    print(f"  memory: {case}: {before:.0f} and {after:.0f} MiB", flush=True)
    report.note(case, "MiB", peer=peer, peer_rounds=[before], our_rounds=[after], targets=[Target(peer, "<=", TARGET)])
