"""Long streams: how long it takes to load a stock item with 100, 10,000 and 100,000 events, as each command on it
does."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import count, islice
from statistics import median
from uuid import uuid5

from bench.harness import Measure, Report, Target
from bench.log_copy import copy_events
from bench.servers import MASTER_KEY, server
from commerce.eventstore import SNAPSHOT_INTERVAL_EVENTS, EventStore, Metadata, open_store
from commerce.inventory import stock_item
from commerce.inventory.commands import receive_stock
from commerce.inventory.events import StockDispatched, StockItemEvent, StockItemRegistered, StockReceived, StockReserved
from commerce.inventory.snapshots import STOCK_ITEMS
from commerce.inventory.stock_item import StockItem
from commerce.values import ids

SHORTEST = 100
LENGTHS = (10_000, 100_000)
OPEN = 40
"""Orders that hold pieces at any time."""
SINCE = {"as on average": SNAPSHOT_INTERVAL_EVENTS // 2, "at worst": SNAPSHOT_INTERVAL_EVENTS - 1}
"""How many events follow on the snapshot."""
LOADS = 200
ROUNDS = 5


async def run(report: Report) -> None:
    """Compare with the shortest; then delete all snapshots, see that nothing changes, and note what they save."""
    report.notes.append(f"medians of {LOADS} loads, one after the other; {OPEN} orders hold pieces of each item")
    with server() as own_server:
        for case, since in SINCE.items():
            with own_server.database() as (owner, application):
                async with open_store(application, MASTER_KEY, "bench") as store:
                    for length in (SHORTEST, *LENGTHS):
                        await _fill(owner, store, length, since)
                    await _compare(report, store, f"{since} events since the snapshot, {case}")
                    await _without_snapshots(report, store)


async def _compare(report: Report, store: EventStore, case: str) -> None:
    shortest = f"{SHORTEST} events, no snapshot"
    for length in LENGTHS:
        await report.compare(
            f"{length:,} events, {case}",
            "µs a load",
            _loading(store, length),
            {shortest: _loading(store, SHORTEST)},
            targets=[Target(shortest, "<=", 2)],
            rounds=ROUNDS,
        )


async def _without_snapshots(report: Report, store: EventStore) -> None:
    before = [await _load(store, length) for length in LENGTHS]
    async with store.pool.connection() as connection:
        await connection.execute("DELETE FROM commerce_snapshots")
    for length, item in zip(LENGTHS, before, strict=True):
        began = time.perf_counter()
        if await _load(store, length) != item:
            raise RuntimeError(f"without its snapshot, the stock item with {length} events is another one")
        seconds = time.perf_counter() - began
        report.notes.append(f"{length:,} events without any snapshot: {seconds * 1e3:,.0f} ms, and the same stock item")


def _loading(store: EventStore, length: int) -> Measure:
    async def measure() -> float:
        times = []
        for _ in range(LOADS):
            began = time.perf_counter()
            await _load(store, length)
            times.append(time.perf_counter() - began)
        return median(times) * 1e6

    return measure


async def _load(store: EventStore, length: int) -> StockItem | None:
    stream = ids.stock_item_id(_sku(length))
    histories = await store.read_histories({stream: STOCK_ITEMS})
    return stock_item.fold(histories[stream].events)


async def _fill(owner: str, store: EventStore, length: int, since: int) -> None:
    """A stream of that length; a long one goes on after a command, which leaves a snapshot of what it has read."""
    events = list(islice(stock_events(_sku(length)), length + since - 1))
    copy_events(owner, events[:length])
    if length >= SNAPSHOT_INTERVAL_EVENTS:
        await receive_stock(store, _sku(length), 1, Metadata("service:bench"))
        later = [
            event.model_copy(update={"originator_version": event.originator_version + 1}) for event in events[length:]
        ]
        copy_events(owner, later)


def stock_events(sku: str) -> Iterator[StockItemEvent]:
    """The events of a stock item through which orders pass, without end."""
    stream = ids.stock_item_id(sku)
    versions = count(1)
    yield StockItemRegistered(originator_id=stream, originator_version=next(versions), sku=sku)
    yield StockReceived(originator_id=stream, originator_version=next(versions), sku=sku, quantity=10**9)
    for number in count():
        about = {"originator_id": stream, "sku": sku, "quantity": 1}
        placed, gone = uuid5(stream, str(number)), uuid5(stream, str(number - OPEN))
        yield StockReserved.model_validate({**about, "originator_version": next(versions), "order_id": placed})
        if number >= OPEN:
            yield StockDispatched.model_validate({**about, "originator_version": next(versions), "order_id": gone})


def _sku(length: int) -> str:
    return f"of-{length}"
