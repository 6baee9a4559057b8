"""How soon a thousand listeners at one API process hear what happens, and what memory they take.

All clients and the writer share this process and its core with PostgreSQL; the API has the other one.
"""

from __future__ import annotations

import asyncio
import os
import re
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial
from statistics import quantiles
from typing import cast
from uuid import UUID

from api.http.connections import bound
from bench.harness import Report, Target
from bench.real_processes import api, place_order, resident, until
from bench.servers import server
from commerce.cli.system.system_process import SystemProcess
from commerce.events import EVENTS as KNOWN
from commerce.eventstore import Append, Event, EventStore, Metadata, in_stream, open_store
from commerce.inventory.events import StockItemRegistered, StockReceived
from commerce.ordering.events import OrderConfirmed
from commerce.runtime.settings import Settings
from commerce.runtime.tokens import issue_token, load_keys
from commerce.values import ids

LISTENERS = int(os.environ.get("COMMERCE_BENCH_LISTENERS", "1000"))
FEW = 10
ROUNDS = 3
EVENTS = 20
"""Movements of the one SKU in a round, one after the other has been heard by everybody."""
WITHIN = 1.0
"""Seconds within which each listener has to hear each event."""
_SKU = "TEA-ASSAM-250"
_LONGEST = 60.0
_US = Metadata("service:bench")
_POSITION = re.compile(rb'"position":(\d+)')


class _Listener(asyncio.Protocol):
    """A connection, and when it heard of which position."""

    def __init__(self, request: bytes) -> None:
        self.heard: dict[int, float] = {}
        self.begun = asyncio.Event()
        self._request = request

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        now = time.perf_counter()
        for position in _POSITION.findall(data):
            self.heard.setdefault(int(position), now)
        if b"retry: " in data:
            self.begun.set()


@dataclass(frozen=True)
class _Crowd:
    """An API process, and who listens to it."""

    process: SystemProcess
    store: EventStore
    token: str

    @asynccontextmanager
    async def listening(self, paths: Sequence[str]) -> AsyncIterator[list[_Listener]]:
        """One listener at each path."""
        port = int(self.process.url().rpartition(":")[2])
        loop = asyncio.get_running_loop()
        listeners = []
        for path in paths:
            request = f"GET /api/v1{path} HTTP/1.1\r\nHost: shop\r\nAuthorization: Bearer {self.token}\r\n\r\n"
            _, listener = await loop.create_connection(partial(_Listener, request.encode()), "127.0.0.1", port)
            listeners.append(listener)
        try:
            async with asyncio.timeout(_LONGEST):
                await asyncio.gather(*(listener.begun.wait() for listener in listeners))
            yield listeners
        finally:
            for listener in listeners:
                listener.transport.close()

    def resident(self) -> float:
        """The MiB of the API's memory."""
        assert self.process.pid is not None
        return resident(self.process.pid)


async def run(report: Report) -> None:
    """Few listeners, then many, then many of which one does not read."""
    bound()  # so many files may be open
    with server() as postgres:
        settings = Settings(home=postgres.home, database_url=postgres.postgres.app_url)
        master = load_keys(settings).master
        async with (
            open_store(str(settings.database_url), master, "bench", known=KNOWN) as store,
            api(settings) as (process, _),
        ):
            token = issue_token(settings, role="service", subject="bench")
            await _measure(report, _Crowd(process, store, token))


async def _measure(report: Report, crowd: _Crowd) -> None:
    await _append(crowd.store, ids.stock_item_id(_SKU), 0, [StockItemRegistered(sku=_SKU)])
    version = 1
    found: dict[str, list[float]] = {"few": [], "many": [], "one stalls": []}
    longest: list[float] = []
    before = crowd.resident()
    memory = []
    for _ in range(ROUNDS):
        for case, number in (("few", FEW), ("many", LISTENERS), ("one stalls", LISTENERS)):
            async with crowd.listening([f"/inventory/events?sku={_SKU}"] * number) as listeners:
                if case == "one stalls":
                    listeners.pop().transport.pause_reading()
                took, version = await _movements(crowd.store, listeners, version)
                memory += [crowd.resident()] if case == "many" else []
            found[case].append(quantiles(took, n=100)[98] * 1000)
            longest.append(max(took))
            print(f"  streams, {case}: p99 {found[case][-1]:.1f} ms, longest {max(took) * 1000:.1f} ms", flush=True)
    name = f"{LISTENERS} listeners to one SKU, p99"
    report.note(name, "ms", peer=f"{FEW} listeners", peer_rounds=found["few"], our_rounds=found["many"])
    report.note(
        f"{name}, one does not read",
        "ms",
        peer="all read",
        peer_rounds=found["many"],
        our_rounds=found["one stalls"],
        targets=[Target("all read", "<=", 2)],
    )
    report.note(
        f"{LISTENERS} listeners, memory of the API", "MiB", peer="none", peer_rounds=[before], our_rounds=memory
    )
    burst = [await _burst(crowd) for _ in range(ROUNDS)]
    seconds = max((*longest, *burst))
    report.notes += [
        f"a burst of {LISTENERS} events, one for each of {LISTENERS} orders with a listener: "
        f"the last one was heard after {max(burst) * 1000:,.0f} ms",
        f"the longest that any listener waited for any event: {seconds * 1000:,.0f} ms "
        f"({'within' if seconds <= WITHIN else 'NOT within'} a second)",
        f"a listener takes {(max(memory) - before) / LISTENERS * 1024:,.0f} KiB of the API's memory",
    ]


async def _movements(store: EventStore, listeners: list[_Listener], version: int) -> tuple[list[float], int]:
    """The seconds from before the append of each movement until each listener has heard of it."""
    took: list[float] = []
    for _ in range(EVENTS):
        began = time.perf_counter()
        received = [StockReceived(sku=_SKU, quantity=1)]
        position = await _append(store, ids.stock_item_id(_SKU), version, received)
        version += 1
        await until(partial(_heard, position, listeners), _LONGEST)
        took += [listener.heard[position] - began for listener in listeners]
    return took, version


def _heard(position: int, listeners: list[_Listener]) -> bool:
    return all(position in listener.heard for listener in listeners)


async def _burst(crowd: _Crowd) -> float:
    """The seconds until each of many listeners has heard of its own order, all of which are confirmed at once."""
    orders = await asyncio.gather(*(place_order(crowd.store) for _ in range(LISTENERS)))
    async with crowd.listening([f"/orders/{order}/events" for order in orders]) as listeners:
        began = time.perf_counter()
        positions = await asyncio.gather(*(_append(crowd.store, order, 1, [_confirmed()]) for order in orders))
        await until(lambda: all(at in one.heard for at, one in zip(positions, listeners, strict=True)), _LONGEST)
        return max(one.heard[at] for at, one in zip(positions, listeners, strict=True)) - began


def _confirmed() -> OrderConfirmed:
    return OrderConfirmed(tracking_number="TRK-1", carrier="Parcels", estimated_delivery=date(2026, 12, 1))


async def _append(store: EventStore, stream: UUID, version: int, events: Sequence[Event]) -> int:
    order = stream if isinstance(events[0], OrderConfirmed) else None
    return await store.append(Append(in_stream(events, stream, after=version), order, _US))
