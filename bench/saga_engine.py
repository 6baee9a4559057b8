"""A process that runs followers of the saga: `python -m bench.saga_engine URL saga inventory gateways`.

Says `ready` once it is connected, begins when it is told so by a line, and ends with its input.
"""

from __future__ import annotations

import argparse
import asyncio
import sys

import uvloop

from bench.saga_gateways import gateways_follower
from bench.servers import MASTER_KEY
from commerce.collecting import collect_rarely
from commerce.eventstore.engine import Engine
from commerce.eventstore.store import open_store
from commerce.facts import FACTS
from commerce.saga import stock
from commerce.saga.follower import saga_follower
from commerce.saga.reaction import Limits

FOLLOWERS = {"saga": lambda: saga_follower(Limits()), "inventory": stock.follower, "gateways": gateways_follower}


async def follow(url: str, names: list[str]) -> None:
    """Run these followers until the input ends."""
    async with open_store(url, MASTER_KEY, names[0], known=FACTS) as store:
        engine = Engine(store, [FOLLOWERS[name]() for name in names])
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
    options.add_argument("followers", nargs="+", choices=FOLLOWERS)
    chosen = options.parse_args()
    uvloop.run(follow(chosen.url, chosen.followers))


if __name__ == "__main__":
    main()
