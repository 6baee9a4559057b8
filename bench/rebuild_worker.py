"""One process that catches up with the orders, or rebuilds them as the projections worker does: rebuild_worker.py
WORK URL.

Says that it is ready, waits for a line, and prints the seconds that the work took.
"""

from __future__ import annotations

import asyncio
import sys
import time
from contextlib import suppress

from bench.servers import MASTER_KEY
from commerce.events import EVENTS
from commerce.eventstore import Engine, EventStore, open_store
from commerce.runtime.garbage import collect_rarely
from projections.engine import maintenance
from projections.engine.rebuilder import Rebuilder
from projections.orders import ORDERS

_LOOK_EVERY = 0.02
_LONGEST_S = 900.0


async def catch_up(store: EventStore) -> None:
    """Follow the log from its start to its end."""
    head = await store.head()
    engine = Engine(store, [ORDERS.subscription()])
    await engine.start()
    while True:
        at = [each.position for each in engine.progress()]
        if len(at) == ORDERS.partitions and min(at) >= head:
            return await engine.stop()
        await asyncio.sleep(_LOOK_EVERY)


async def rebuild(store: EventStore) -> None:
    """Ask for a rebuild and carry it out, up to the exchange of the tables."""
    await maintenance.request(store.pool, "rebuild", ORDERS.name, ORDERS.version, "service:bench")
    work = asyncio.create_task(Rebuilder(store, [ORDERS]).run())
    while True:
        if not await maintenance.under_way(store.pool, "rebuild"):
            break
        await asyncio.sleep(_LOOK_EVERY)
    work.cancel()
    with suppress(asyncio.CancelledError):
        await work


async def main() -> None:
    """Do one of both."""
    collect_rarely()
    async with open_store(sys.argv[2], MASTER_KEY, "bench", known=EVENTS) as store:
        print("ready", flush=True)
        sys.stdin.readline()
        began = time.perf_counter()
        async with asyncio.timeout(_LONGEST_S):
            await {"catch-up": catch_up, "rebuild": rebuild}[sys.argv[1]](store)
        print(time.perf_counter() - began)


if __name__ == "__main__":
    asyncio.run(main())
