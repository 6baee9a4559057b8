"""Orders of every outcome over HTTP for a shop of many products and customers: some that are led to their delivery, and
a stream of so many a second."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, LiteralString
from uuid import UUID, uuid4

import httpx2

from commerce.runtime.tasks import end_tasks
from commerce.values import ids
from tests.faults.load import CURRENCY, SCARCE, all_ended, order
from tests.system.conftest import System
from tests.waiting import eventually

SKUS = [f"thing-{number}" for number in range(40)]
_CUSTOMERS = 200
_STOCK = 1_000_000
_AT_A_TIME = 16
_CANCELLED, _REFUNDED = 19, 9
"""Which of twenty orders is cancelled, and of which something is given back."""
_LONGEST_S = 120.0
_CONFIRMED: LiteralString = "SELECT originator_id::text FROM commerce_events WHERE topic = 'ordering.OrderConfirmed'"
_NOT_DELIVERED: LiteralString = """
    SELECT count(*) FILTER (WHERE topic = 'ordering.OrderConfirmed')
           - count(*) FILTER (WHERE topic IN ('ordering.OrderDelivered', 'ordering.OrderCancelled'))
    FROM commerce_events WHERE notification_id > 0 AND topic LIKE 'ordering.%%' AND originator_id IN (
        SELECT originator_id FROM commerce_events WHERE topic = 'ordering.OrderConfirmed')"""


@dataclass(slots=True)
class Shoppers:
    """Clients of a system, with an operator's rights."""

    system: System
    http: httpx2.AsyncClient
    accepted: int = 0
    customers: list[str] = field(default_factory=lambda: [str(uuid4()) for _ in range(_CUSTOMERS)])
    behind_s: float = 0.0
    """By how much the latest order was placed later than it was to be."""
    _clients: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_AT_A_TIME))

    async def stock(self) -> None:
        """Fill the catalogue and the shelves."""
        for sku in [*SKUS, SCARCE]:
            product = {"name": f"The {sku}", "price": {"amount": "2.50", "currency": CURRENCY}}
            (await self.http.put(f"/products/{sku}", json=product)).raise_for_status()
            await self.post(f"/inventory/{sku}/receipts", {"quantity": 4 if sku == SCARCE else _STOCK})

    async def post(self, path: str, body: Mapping[str, object] | None = None) -> dict[str, Any]:
        """Give a command, once."""
        answer = await self.http.post(path, json=body, headers={"Idempotency-Key": str(uuid4())})
        assert answer.status_code < 300, f"{path}: {answer.text}"
        found: dict[str, Any] = answer.json()
        return found

    async def place(self, number: int) -> str:
        """Place the n-th order; answers its id."""
        async with self._clients:
            placed = await self.post("/orders", self._order(number))
            self.accepted += 1
            return str(placed["order_id"])

    async def lead_to_the_end(self, orders: int) -> None:
        """Place orders; cancel some, deliver the others, and give something back of a few."""
        placed = await asyncio.gather(*(self.place(number) for number in range(orders)))
        cancelled = placed[_CANCELLED::20]
        await asyncio.gather(*(self._cancel(order_id) for order_id in cancelled))
        await all_ended(self.system)
        with self.system.database() as database:
            confirmed = [order_id for (order_id,) in database.execute(_CONFIRMED).fetchall()]
            delivered = [order_id for order_id in confirmed if order_id not in cancelled]
            await asyncio.gather(*(self._deliver(order_id) for order_id in delivered))
            amount = {"amount": "1.00", "currency": CURRENCY}
            for order_id in placed[_REFUNDED::20]:
                await self.post(f"/orders/{order_id}/refunds", {"amount": amount, "reason": "it came late"})
            await eventually(lambda: database.execute(_NOT_DELIVERED).fetchone() == (0,), _LONGEST_S)

    async def _cancel(self, order_id: str) -> None:
        async with self._clients:
            answer = await self.http.post(f"/orders/{order_id}/cancellation", json={"reason": "changed my mind"})
            assert answer.status_code in (202, 409), answer.text

    async def _deliver(self, order_id: str) -> None:
        async with self._clients:
            shipment_id = ids.shipment_id(UUID(order_id))
            for step in ("dispatch", "delivery"):
                (await self.http.post(f"/shipments/{shipment_id}/{step}")).raise_for_status()

    @asynccontextmanager
    async def ordering(self, per_s: float) -> AsyncIterator[None]:
        """While the block runs, so many orders are placed each second, at their times, however long each takes."""
        placing = asyncio.create_task(self._order_on(per_s))
        try:
            yield
        finally:
            await end_tasks([placing])
        assert placing.cancelled(), placing.exception()

    async def _order_on(self, per_s: float) -> None:
        began, number = time.monotonic(), 0
        async with asyncio.TaskGroup() as tasks:
            while True:
                due = began + number / per_s
                await asyncio.sleep(due - time.monotonic())
                tasks.create_task(self._at(due, number))
                number += 1

    async def _at(self, due: float, number: int) -> None:
        await self.place(number)
        self.behind_s = time.monotonic() - due

    def _order(self, number: int) -> dict[str, object]:
        body = order(number)
        lines: Sequence[dict[str, object]] = body["lines"]  # type: ignore[assignment]
        for place, line in enumerate(lines):
            if line["sku"] != SCARCE:
                line["sku"] = SKUS[(7 * number + 3 * place) % len(SKUS)]
        customer = number % len(self.customers)
        return {**body, "customer_id": self.customers[customer], "email": f"customer{customer}@example.org"}


@asynccontextmanager
async def shoppers(system: System) -> AsyncIterator[Shoppers]:
    """The clients of a system."""
    headers = {"Authorization": f"Bearer {system.token('operator', 'olga')}"}
    async with httpx2.AsyncClient(
        base_url=f"{system.api_url}/api/v1", headers=headers, timeout=60, trust_env=False
    ) as http:
        yield Shoppers(system, http)
