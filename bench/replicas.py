"""How fast one and two replicas of the saga and of the read models' worker lead the same load of orders to their end.

Each measurement is a whole system of its own, started, loaded by 40 clients over HTTP, and ended.
"""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psycopg

from bench.harness import Report
from commerce.cli.client.api import open_system
from commerce.runtime.settings import Settings
from tests.faults.accounts import caught_up, read
from tests.faults.load import shoppers, unfinished
from tests.system.conftest import System, running
from tests.waiting import eventually

ONE = "saga=1,projections=1"
ARRANGEMENTS = (ONE, "saga=2,projections=1", "saga=1,projections=2", "saga=2,projections=2")
ORDERS = 300
ROUNDS = 3
LONGEST = 120.0
"""Seconds that one measurement may take."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One run: seconds from the first request to the last answer, to the last order's end, and until it can all
    be read."""

    replicas: str
    orders: int
    events: int
    accepted: float
    ended: float
    readable: float
    differences: int

    @property
    def rate(self) -> float:
        """Orders led to their end in a second."""
        return self.orders / self.ended

    def figure(self, unit: str) -> float:
        """One of the figures, by its unit."""
        return {"orders/s": self.rate, "events/s": self.events / self.ended, "s until readable": self.readable}[unit]


async def run(report: Report) -> None:
    """Let the arrangements take turns, so that a machine that grows busy is unfair to none."""
    runs: dict[str, list[Measured]] = {replicas: [] for replicas in ARRANGEMENTS}
    for number in range(ROUNDS):
        for replicas, own in runs.items():
            with tempfile.TemporaryDirectory() as home:
                own.append(await measure(replicas, ORDERS, Path(home)))
            print(f"  replicas: round {number + 1}, {replicas}: {own[-1].rate:.1f} orders/s", flush=True)
    for replicas in ARRANGEMENTS[1:]:
        for unit in ("orders/s", "events/s", "s until readable"):
            ours, first = ([each.figure(unit) for each in runs[name]] for name in (replicas, ONE))
            report.note(f"{ORDERS} orders, {replicas}", unit, peer=ONE, peer_rounds=first, our_rounds=ours)
    wrong = sum(each.differences for own in runs.values() for each in own)
    report.notes.append(f"{ORDERS} orders by 40 clients; {wrong} differences in the accounts of all runs together")


async def measure(replicas: str, orders: int, home: Path) -> Measured:
    """Start a system, have it handle the load, and check its accounts."""
    with running(home, "--replicas", replicas) as system:
        async with shoppers(system) as load:
            began = time.monotonic()
            load.begin(orders)
            await load.all_accepted()
            accepted = time.monotonic() - began
            with system.database() as database:
                await eventually(lambda: unfinished(database) == 0, LONGEST)
                ended = time.monotonic() - began
                events = number_of_events(database)
            await until_readable(system)
            readable = time.monotonic() - began
            differences = await without_mails(system)
    return Measured(replicas, orders, events, accepted, ended, readable, differences)


async def until_readable(system: System) -> None:
    """Wait until every read model has taken in all that concerns it."""
    settings = Settings(
        home=system.home, database_url=system.run["database_url"], provider_url=system.run["provider_url"]
    )
    async with open_system(settings, "olga") as (api, _):
        await eventually(lambda: caught_up(api), LONGEST)


def number_of_events(database: psycopg.Connection[tuple[int]]) -> int:
    """How many events the log has."""
    row = database.execute("SELECT count(*) FROM commerce_events").fetchone()
    assert row is not None
    return row[0]


async def without_mails(system: System) -> int:
    """How many differences the accounts have; mails may still be on their way."""
    accounts = await read(system)
    return len([found for found in accounts.differences() if not found.startswith("mails")])
