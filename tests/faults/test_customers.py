"""Customers who confirm, reject, choose another card, come back twice or never, while processes are killed: no order
holds money twice, and none is paid that ends otherwise than confirmed."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path
from random import Random
from uuid import uuid4

import httpx2
import pytest

from commerce.runtime.tasks import end_tasks
from tests.faults import report
from tests.faults.accounts import agree
from tests.faults.load import Load, order, shoppers
from tests.faults.processes import pid_of, replaced, send
from tests.system.conftest import System, running

KILLED = ("payments", "payments-2", "saga", "relay")
CARDS = ("pm_card_ok", "pm_card_action", "pm_card_declined", "pm_card_timeout")
SETTINGS = {"COMMERCE_CUSTOMER_TIMEOUT_S": "20", "COMMERCE_SIMULATED_WEBHOOKS": "twice"}
MOST_DEEDS = 6
LONGEST_PAUSE_S = 1.0


@pytest.mark.long
@pytest.mark.fault("customers confirm late, twice, never, or change their card", "kill -9 meanwhile")
async def test_whatever_customers_do_while_processes_are_killed_each_order_is_paid_once_or_not_at_all(
    tmp_path: Path,
) -> None:
    with running(tmp_path, "--replicas", "payments=2", settings=SETTINGS) as system:
        async with shoppers(system) as load:
            killing = asyncio.create_task(kill(system))
            await asyncio.gather(*(Customer(load, number).shop() for number in range(report.orders(60))))
            await end_tasks([killing])
            assert killing.cancelled(), killing.exception()
            await agree(system, load)


async def kill(system: System) -> None:
    """Kill one process after the other, for ever."""
    while True:
        for name in KILLED:
            pid = pid_of(system, name)
            send(system, name, signal.SIGKILL)
            await replaced(system, name, pid)
            await asyncio.sleep(LONGEST_PAUSE_S)


class Customer:
    """Somebody who places one order, and then does what comes to their mind."""

    def __init__(self, load: Load, number: int) -> None:
        self._load = load
        self._number = number
        self._chance = Random(f"{report.SEED} {number}")
        self._places: list[str] = []

    async def shop(self) -> None:
        """Place the order; in the end confirm all that was ever to be confirmed, early or late."""
        await asyncio.sleep(self._chance.uniform(0, MOST_DEEDS))
        order_id, key = None, {"Idempotency-Key": str(uuid4())}
        while order_id is None:
            body = order(0) | {"payment_method": "pm_card_action"}
            answer = await self._asked("POST", "/orders", body, key)
            order_id = answer.json()["order_id"] if answer is not None and answer.status_code == 202 else None
            await asyncio.sleep(LONGEST_PAUSE_S)
        self._load.accepted.append(order_id)
        for _ in range(self._chance.randrange(1, MOST_DEEDS)):
            await self._do_something(order_id)
            await asyncio.sleep(self._chance.uniform(0, LONGEST_PAUSE_S))
        await asyncio.sleep(self._chance.uniform(0, 2 * MOST_DEEDS))
        await self._look(order_id)
        for place in self._places:
            await self._asked("POST", f"{place}/confirmation")

    async def _look(self, order_id: str) -> None:
        """Remember where the order sends its customer."""
        answer = await self._asked("GET", f"/orders/{order_id}")
        action = answer.json()["payment_action"] if answer is not None and answer.status_code == 200 else None
        if action is not None and action["redirect_url"] is not None and action["redirect_url"] not in self._places:
            self._places.append(action["redirect_url"])

    async def _do_something(self, order_id: str) -> None:
        await self._look(order_id)
        path, key = f"/orders/{order_id}/payment/attempts", {"Idempotency-Key": str(uuid4())}
        match self._chance.randrange(6):
            case 0 | 1 | 2 if self._places:
                verdict = self._chance.choice(["confirmation", "confirmation", "rejection"])
                await self._asked("POST", f"{self._chance.choice(self._places)}/{verdict}")
            case 3:
                await self._asked("POST", path, {}, key)
            case _:
                await self._asked("POST", path, {"payment_method": self._chance.choice(CARDS)}, key)

    async def _asked(
        self, method: str, path: str, body: dict[str, object] | None = None, headers: dict[str, str] | None = None
    ) -> httpx2.Response | None:
        try:
            return await self._load.http.request(method, path, json=body, headers=headers)
        except httpx2.TransportError:
            return None
