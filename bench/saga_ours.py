"""Our saga as a contender: orders in the log are led to their end by the subscriptions that ship, in processes of
their own."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from statistics import median
from uuid import UUID

from bench.servers import MASTER_KEY, Server
from commerce.eventstore import Append, EventStore, Filter, Metadata, Sealed, Tail, in_stream, open_store
from commerce.inventory import stock_item
from commerce.ordering.commands import place_order
from commerce.ordering.events import OrderConfirmed, OrderRejected
from commerce.ordering.order import NewOrder
from commerce.values import ids
from commerce.values.money import Money
from commerce.values.order_line import OrderLine

PROCESSES: Sequence[Sequence[str]] = (("saga",), ("inventory", "gateways"))
"""The subscriptions of each process."""

WHO = Metadata("service:bench")
ADDRESS = Sealed("v1." + "0" * 32 + "." + "A" * 200)
"""As long as a sealed address is."""

ENDS = frozenset({OrderConfirmed.TOPIC, OrderRejected.TOPIC})
LONGEST = 120.0
AT_ONCE = 1000
"""So many orders are placed side by side."""


@dataclass
class Ends:
    """Learns from the log how orders end; whoever waits for an order is told."""

    tail: Tail
    outcomes: dict[UUID, str] = field(default_factory=dict)
    _waiting: dict[UUID, asyncio.Future[str]] = field(default_factory=dict)
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def run(self) -> None:
        """Follow the end of the log, until cancelled."""
        seen = self.tail.head
        while True:
            await self.tail.changed(seen, LONGEST)
            found = await self.tail.read(seen, Filter(ENDS), 10_000)
            seen = found.until
            async with self._changed:
                for recorded in found.events:
                    self.outcomes[recorded.stream] = recorded.topic
                    if recorded.stream in self._waiting:
                        self._waiting.pop(recorded.stream).set_result(recorded.topic)
                self._changed.notify_all()

    async def of(self, order_id: UUID) -> str:
        """How an order ends, once it does."""
        if order_id in self.outcomes:
            return self.outcomes[order_id]
        waiting = self._waiting.setdefault(order_id, asyncio.get_running_loop().create_future())
        return await waiting

    async def number(self, orders: int) -> None:
        """Wait until so many orders have ended."""
        async with asyncio.timeout(LONGEST), self._changed:
            await self._changed.wait_for(lambda: len(self.outcomes) >= orders)


@dataclass(frozen=True)
class Shop:
    """A log with stock in it, and the workers that lead its orders to their end."""

    store: EventStore
    skus: Sequence[str]
    ends: Ends
    engines: Sequence[subprocess.Popen[str]]

    def begin(self) -> None:
        """Let the workers work."""
        for engine in self.engines:
            assert engine.stdin is not None
            engine.stdin.write("go\n")
            engine.stdin.flush()

    async def place(self, number: int) -> UUID:
        """Place the n-th order: one piece of one SKU."""
        order_id = ids.new_order_id()
        line = OrderLine(
            sku=self.skus[number % len(self.skus)], name="A thing", quantity=1, unit_price=Money.of("9.99", "EUR")
        )
        await place_order(
            self.store,
            order_id,
            NewOrder(
                customer_id=None,
                currency="EUR",
                lines=[line],
                shipping_address=ADDRESS,
                payment_method="pm_card_ok",
            ),
            WHO,
        )
        return order_id

    async def reserved(self) -> int:
        """How many pieces are promised, in all; none more than there are."""
        histories = await self.store.read_streams(ids.stock_item_id(sku) for sku in self.skus)
        items = [stock_item.fold(recorded.event for recorded in history) for history in histories.values()]
        assert all(item is not None and 0 <= item.reserved <= item.on_hand for item in items)
        return sum(item.reserved for item in items if item is not None)


@asynccontextmanager
async def shop(server: Server, skus: int, pieces: int) -> AsyncIterator[Shop]:
    """A database with so many SKUs and so many pieces of each, and workers that are ready to begin."""
    async with AsyncExitStack() as stack:
        _, url = stack.enter_context(server.database())
        store = await stack.enter_async_context(open_store(url, MASTER_KEY, "bench"))
        names = [f"thing-{number}" for number in range(skus)]
        await asyncio.gather(*(_stock(store, sku, pieces) for sku in names))
        tail = Tail(store, ENDS)
        await tail.start()
        stack.push_async_callback(tail.stop)
        ends = Ends(tail)
        watching = asyncio.create_task(ends.run())
        stack.callback(watching.cancel)
        engines = [_engine(url, subscriptions) for subscriptions in PROCESSES]
        stack.callback(_end, engines)
        for engine in engines:
            assert engine.stdout is not None
            await asyncio.to_thread(engine.stdout.readline)
        yield Shop(store, names, ends, engines)


async def backlog(server: Server, orders: int, skus: int, surplus: int = 0) -> float:
    """Orders per second: all are in the log when the workers begin, and the last one's end is awaited.

    With a `surplus`, the shelves are as good as empty then, and so many further orders have to be rejected.
    """
    async with shop(server, skus, orders) as opened:
        placed: list[UUID] = []
        for first in range(0, orders, AT_ONCE):
            some = range(first, min(orders, first + AT_ONCE))
            placed += await asyncio.gather(*(opened.place(number) for number in some))
        began = time.monotonic()
        opened.begin()
        await opened.ends.number(orders)
        seconds = time.monotonic() - began
        assert {opened.ends.outcomes[order_id] for order_id in placed} == {OrderConfirmed.TOPIC}
        late = await asyncio.gather(*(opened.place(number) for number in range(surplus)))
        assert all([await opened.ends.of(order_id) == OrderRejected.TOPIC for order_id in late])
        assert await opened.reserved() == orders
    return orders / seconds


async def clients(server: Server, orders: int, skus: int, number: int) -> tuple[float, float]:
    """Median milliseconds from placed to confirmed, and orders per second, with so many clients that wait for
    each order."""
    times: list[float] = []
    async with shop(server, skus, orders) as opened:
        opened.begin()
        await asyncio.sleep(0.5)  # so that the claims are settled
        left = iter(range(orders))

        async def client() -> None:
            for order in left:
                began = time.monotonic()
                assert await opened.ends.of(await opened.place(order)) == OrderConfirmed.TOPIC
                times.append(time.monotonic() - began)

        began = time.monotonic()
        await asyncio.gather(*(client() for _ in range(number)))
        seconds = time.monotonic() - began
    return median(times) * 1000, orders / seconds


async def _stock(store: EventStore, sku: str, pieces: int) -> None:
    registered = stock_item.register(None, sku)
    item = stock_item.fold(registered)
    assert item is not None
    events = in_stream([*registered, *stock_item.receive(item, pieces)], ids.stock_item_id(sku), after=0)
    await store.append(Append(events, None, WHO))


def _engine(url: str, subscriptions: Sequence[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "bench.saga_engine", url, *subscriptions],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
        env={**os.environ, "PYTHONPATH": "src:."},
    )


def _end(engines: Sequence[subprocess.Popen[str]]) -> None:
    for engine in engines:
        engine.communicate(timeout=20)
        if engine.returncode:
            raise RuntimeError(f"a worker ended with {engine.returncode}")
