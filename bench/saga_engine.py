"""A process that runs subscriptions of the saga: `python -m bench.saga_engine URL saga inventory gateways`.

Says `ready` once it is connected, begins when it is told so by a line, and ends with its input.
"""

from __future__ import annotations

import argparse
import asyncio
import sys

import uvloop

from bench.saga_gateways import gateways_subscription
from bench.servers import MASTER_KEY
from commerce.events import EVENTS
from commerce.eventstore import Engine, open_store
from commerce.inventory.subscription import inventory_subscription
from commerce.runtime.garbage import collect_rarely
from commerce.saga.limits import ProcessLimits
from commerce.saga.request_events import STOCK_TOPICS, stock_request
from commerce.saga.subscription import saga_subscription

SUBSCRIPTIONS = {
    "saga": lambda: saga_subscription(ProcessLimits()),
    "inventory": lambda: inventory_subscription(STOCK_TOPICS, stock_request),
    "gateways": gateways_subscription,
}


async def follow(url: str, names: list[str]) -> None:
    """Run these subscriptions until the input ends."""
    async with open_store(url, MASTER_KEY, names[0], known=EVENTS) as store:
        engine = Engine(store, [SUBSCRIPTIONS[name]() for name in names])
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        collect_rarely()
        await engine.start()
        await asyncio.to_thread(sys.stdin.read)
        problems = engine.problems()
        await engine.stop()
        if problems:
            raise SystemExit(str(problems))


def main() -> None:
    """Read the command line."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("url")
    options.add_argument("subscriptions", nargs="+", choices=SUBSCRIPTIONS)
    chosen = options.parse_args()
    uvloop.run(follow(chosen.url, chosen.subscriptions))


if __name__ == "__main__":
    main()
