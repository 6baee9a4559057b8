"""Single processes of the product, run as `commerce up` runs them, on a database of the benchmark's choice."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID, uuid4

import httpx2

from commerce.cli.system.system_process import SystemProcess, worker_process
from commerce.embedded.ports import free_port
from commerce.eventstore import Append, EventStore, Metadata, in_stream
from commerce.ordering.order import NewOrder, place
from commerce.runtime.settings import Settings
from commerce.runtime.tokens import issue_token
from commerce.values import ids
from commerce.values.money import Money
from commerce.values.order_line import OrderLine

_ADDRESS = (
    '{"name":"Ada Lovelace","line1":"St James Square 12","line2":null,"city":"London","postcode":"SW1Y","country":"GB"}'
)
_PATIENCE = 30.0


@asynccontextmanager
async def api(settings: Settings) -> AsyncIterator[tuple[SystemProcess, httpx2.AsyncClient]]:
    """The API, and a client that may read orders."""
    headers = {"Authorization": f"Bearer {issue_token(settings, role='service', subject='bench')}"}
    port = free_port()
    environment = {**_environment(settings), "COMMERCE_API_PORT": str(port)}
    command, log = [sys.executable, "-m", "api"], settings.home / "logs" / "api.log"
    process = SystemProcess("api", command, health="/health/live", environment=environment, log=log, port=port)
    async with (
        _running(process),
        httpx2.AsyncClient(base_url=process.url(), headers=headers, timeout=30, trust_env=False) as client,
    ):
        yield process, client


@asynccontextmanager
async def worker(name: str, settings: Settings) -> AsyncIterator[SystemProcess]:
    """One worker."""
    async with _running(worker_process(name, _environment(settings), settings.home / "logs")) as process:
        yield process


async def place_order(store: EventStore) -> UUID:
    """Append an order whose address the API can open, without a process that carries it out."""
    order_id, customer_id = ids.new_order_id(), uuid4()
    key = store.keys.fresh(customer_id)
    line = OrderLine(sku="sku-1", name="The article", quantity=1, unit_price=Money.of("9.99", "EUR"))
    new = NewOrder(
        customer_id=customer_id,
        currency="EUR",
        lines=[line],
        shipping_address=key.seal(_ADDRESS),
        payment_method="pm_card_ok",
    )
    events = in_stream(place(new), order_id, after=0)
    await store.append(Append(events, order_id, Metadata("service:bench"), keys=key.new))
    return order_id


def resident(pid: int) -> float:
    """The MiB of memory that a process has resident."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    (kibibytes,) = [line.split()[1] for line in lines if line.startswith("VmRSS:")]
    return int(kibibytes) / 1024


async def until(condition: Callable[[], bool], seconds: float = _PATIENCE) -> None:
    """Wait for something. Raises `TimeoutError`."""
    async with asyncio.timeout(seconds):
        while True:
            if condition():
                return
            await asyncio.sleep(0.05)


@asynccontextmanager
async def _running(process: SystemProcess) -> AsyncIterator[SystemProcess]:
    process.start()
    try:
        await until(lambda: process.problem() is None)
        yield process
    finally:
        process.stop()


def _environment(settings: Settings) -> dict[str, str]:
    own = {"COMMERCE_HOME": str(settings.home), "COMMERCE_DATABASE_URL": str(settings.database_url)}
    return {**os.environ, **own}
