"""How fast one and two replicas of the saga and of the read models' worker lead the same load of orders to their end.

`PYTHONPATH=src:. .venv/bin/python -m bench.replicas --orders 600 --rounds 3` prints a table and writes
`bench/results/replicas.json`. Each measurement is a whole system of its own, started, loaded by 40 clients over HTTP, and ended;
the arrangements take turns, so that a machine that grows busy is unfair to none.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

import psycopg

from commerce.cli.client import open_system
from commerce.settings import Settings
from tests.faults.accounts import caught_up, read
from tests.faults.load import shoppers, unfinished
from tests.system.conftest import System, running
from tests.waiting import eventually

ARRANGEMENTS = ("saga=1,projections=1", "saga=2,projections=1", "saga=1,projections=2", "saga=2,projections=2")
RESULTS = Path(__file__).parent / "results" / "replicas.json"
LONGEST = 120.0
"""Seconds that one measurement may take."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One run: seconds from the first request to the last answer, to the last order's end, and until it can all be read."""

    replicas: str
    orders: int
    facts: int
    accepted: float
    ended: float
    readable: float
    differences: int

    @property
    def rate(self) -> float:
        """Orders led to their end in a second."""
        return self.orders / self.ended


async def measure(replicas: str, orders: int, home: Path) -> Measured:
    """Start a system, have it carry out the load, and check its accounts."""
    with running(home, "--replicas", replicas) as system:
        async with shoppers(system) as load:
            began = time.monotonic()
            load.begin(orders)
            await load.all_accepted()
            accepted = time.monotonic() - began
            with system.database() as database:
                await eventually(lambda: unfinished(database) == 0, LONGEST)
                ended = time.monotonic() - began
                facts = number_of_facts(database)
            await until_readable(system)
            readable = time.monotonic() - began
            differences = await without_mails(system)
    return Measured(replicas, orders, facts, accepted, ended, readable, differences)


async def until_readable(system: System) -> None:
    """Wait until every read model has taken in all that concerns it."""
    settings = Settings(home=system.home, provider_url=system.run["provider_url"])
    async with open_system(settings, "olga") as (api, _):
        await eventually(lambda: caught_up(api), LONGEST)


def number_of_facts(database: psycopg.Connection[tuple[int]]) -> int:
    """How many facts the log has."""
    row = database.execute("SELECT count(*) FROM commerce_events").fetchone()
    assert row is not None
    return row[0]


async def without_mails(system: System) -> int:
    """How many differences the accounts have; mails may still be on their way."""
    accounts = await read(system)
    return len([found for found in accounts.differences() if not found.startswith("mails")])


def table(runs: list[Measured]) -> str:
    """The medians of each arrangement, and how they compare with the first."""
    lines = [
        f"{'replicas':24}{'orders/s':>10}{'facts/s':>10}{'accepted s':>12}{'ended s':>10}{'readable s':>12}{'ratio':>8}"
    ]
    first = median(run.rate for run in runs if run.replicas == ARRANGEMENTS[0])
    for replicas in ARRANGEMENTS:
        own = [run for run in runs if run.replicas == replicas]
        rate = median(run.rate for run in own)
        facts = median(run.facts / run.ended for run in own)
        times = [median(getattr(run, name) for run in own) for name in ("accepted", "ended", "readable")]
        lines.append(
            f"{replicas:24}{rate:10.1f}{facts:10.0f}{times[0]:12.1f}{times[1]:10.1f}{times[2]:12.1f}{rate / first:8.2f}"
        )
    return "\n".join(lines)


def main() -> None:
    """Measure all arrangements, in turn, and say what was found."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--orders", type=int, default=600)
    options.add_argument("--rounds", type=int, default=1)
    chosen = options.parse_args()
    runs: list[Measured] = []
    for _ in range(chosen.rounds):
        for replicas in ARRANGEMENTS:
            with tempfile.TemporaryDirectory() as home:
                runs.append(asyncio.run(measure(replicas, chosen.orders, Path(home))))
            print(f"{replicas}: {runs[-1].rate:.1f} orders/s, {runs[-1].differences} differences", flush=True)
    machine = {"cores": os.cpu_count(), "load_average_at_the_end": os.getloadavg()}
    RESULTS.parent.mkdir(exist_ok=True)
    content = {"machine": machine, "runs": [{**asdict(run), "orders_per_second": run.rate} for run in runs]}
    RESULTS.write_text(json.dumps(content, indent=2) + "\n")
    print(table(runs))


if __name__ == "__main__":
    main()
