"""Every process of a running system says truly how it is, and is started again when it dies."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import suppress
from typing import Any

import httpx2

from tests.system.conftest import Shop, System
from tests.waiting import LIMIT_S, eventually

PROCESSES = {
    "postgres",
    "nats",
    "provider",
    "carrier",
    "api",
    "saga",
    "inventory",
    "relay",
    "projections",
    "payments",
    "shipping",
    "notifications",
    "webhooks",
}


async def test_every_process_is_listed_and_every_python_one_says_it_is_well(system: System) -> None:
    processes: list[dict[str, Any]] = system.run["processes"]
    assert {process["name"] for process in processes} == PROCESSES
    async with httpx2.AsyncClient(verify=False) as client:
        for process in processes:
            if process["name"] in ("postgres", "nats"):
                continue
            path = "/health/ready" if process["name"] == "api" else "/health"
            assert (await client.get(process["url"] + path)).status_code == 200, process["name"]
            metrics = await client.get(process["url"] + "/metrics")
            assert "process_resident_memory_bytes" in metrics.text, process["name"]


async def test_a_killed_worker_is_started_again_and_nothing_is_lost(shop: Shop, system: System) -> None:
    await shop.stock("kite", 20)
    before = {process["name"]: process["pid"] for process in system.run["processes"]}
    for name in ("saga", "payments"):
        os.kill(before[name], signal.SIGKILL)
    orders = [await shop.order("kite", wait=0) for _ in range(10)]

    async def all_confirmed() -> bool:
        found = [(await shop.client.get(f"/orders/{order['order_id']}")).json() for order in orders]
        return all(order["status"] == "confirmed" for order in found)

    await eventually(all_confirmed)
    after = {process["name"]: process["pid"] for process in system.run["processes"]}
    assert {name for name in before if after[name] != before[name]} == {"saga", "payments"}
    for order in orders:
        assert await shop.ledger(order["order_id"]) == ["authorized 10.00", "captured 10.00"]


async def test_an_api_that_is_told_to_stop_answers_all_who_wait_and_ends_in_order(shop: Shop, system: System) -> None:
    """25 clients wait for orders while payments stands still; all are answered, none is cut off, and the next API
    takes over."""
    await shop.stock("lamp shade", 50)
    before = {process["name"]: process["pid"] for process in system.run["processes"]}
    os.kill(before["payments"], signal.SIGSTOP)
    waiting = [asyncio.create_task(shop.order("lamp shade")) for _ in range(25)]

    async def all_placed() -> bool:
        with system.database() as database:
            row = database.execute(
                """SELECT count(*) FROM commerce_events
                   WHERE topic = 'ordering.OrderPlaced' AND convert_from(state, 'UTF8') LIKE '%lamp shade%'"""
            ).fetchone()
        return row == (25,)

    await eventually(all_placed)
    os.kill(before["api"], signal.SIGTERM)
    answers = await asyncio.wait_for(asyncio.gather(*waiting), LIMIT_S)
    with suppress(ProcessLookupError):  # who stands still for long is started again
        os.kill(before["payments"], signal.SIGCONT)
    assert {answer["status"] for answer in answers} <= {"placed", "confirmed"}
    await eventually(lambda: any(line.startswith("api ended (exit code 0)") for line in system.said))

    async def answers_again() -> bool:
        try:
            return (await shop.client.get(f"/orders/{answers[0]['order_id']}")).is_success
        except httpx2.TransportError:
            return False

    await eventually(answers_again)
