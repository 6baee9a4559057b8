"""What an order takes and costs where so many clients each wait until theirs is confirmed: a process for each worker
beside one process for all; and where orders come at half of the greatest rate."""

from __future__ import annotations

import tempfile
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median, quantiles

from bench.harness import ROUNDS, Report
from bench.order_cost import processor_seconds
from bench.saga_load import post_orders, post_orders_at
from bench.saga_whole import SKUS, WARMING, confirmed, fill
from tests.system.conftest import running

APART, TOGETHER = "a process for each worker", "one process for all workers"
ARRANGEMENTS: Mapping[str, tuple[str, ...]] = {APART: (), TOGETHER: ("--together",)}
LOADS = {1: 60, 8: 240, 32: 480, 256: 1_024}
"""How many clients, and how many orders they place."""
OPEN_S = 10.0
"""Seconds for which orders come at half of the greatest rate."""

Figures = dict[tuple[str, str], list[float]]
"""By case and unit: the figure of each round."""


async def run(report: Report) -> None:
    """The arrangements take turns, each with a system of its own."""
    figures: dict[str, Figures] = {name: defaultdict(list) for name in ARRANGEMENTS}
    for number in range(ROUNDS):
        for name, options in ARRANGEMENTS.items():
            with tempfile.TemporaryDirectory() as home:
                await measure(Path(home), options, figures[name])
            told = ", ".join(f"{case} {rounds[-1]:.1f} {unit}" for (case, unit), rounds in figures[name].items())
            print(f"  closed_loop: round {number + 1}, {name}: {told}", flush=True)
    for (case, unit), rounds in figures[TOGETHER].items():
        report.note(case, unit, peer=APART, peer_rounds=figures[APART][case, unit], our_rounds=rounds)
    report.notes.append(
        "an order is asked for with `Prefer: wait`, so that the answer to its request says how it ended; the load and "
        "the simulators share the two cores; the processor time of an order is that of all processes of `commerce up`"
    )


async def measure(home: Path, options: tuple[str, ...], figures: Figures) -> None:
    """Load one system with ever more clients, then openly; adds its figures."""
    with running(home, *options) as system, system.database() as database:
        await fill(system, database)
        url = f"{system.api_url}/api/v1/orders"
        headers = {"authorization": f"Bearer {system.token('operator', 'olga')}", "prefer": "wait=30"}
        await post_orders(url, WARMING, SKUS, WARMING, headers)
        ended, rates = WARMING, []
        for clients, orders in LOADS.items():
            case = f"{clients} client{'s' * (clients > 1)}"
            used, began = sum(processor_seconds(system).values()), time.monotonic()
            took = await post_orders(url, orders, SKUS, clients, headers)
            rates.append(orders / (time.monotonic() - began))
            ended += orders
            await confirmed(database, ended)
            cost = sum(processor_seconds(system).values()) - used
            _note(figures, case, rates[-1], took)
            figures[case, "ms of processor/order"].append(cost * 1000 / orders)
        rate = max(rates) / 2
        took = await post_orders_at(url, int(rate * OPEN_S), SKUS, rate, headers)
        await confirmed(database, ended + len(took))
        _note(figures, "half of the greatest rate", rate, took)


def _note(figures: Figures, case: str, rate: float, took: Sequence[float]) -> None:
    """Add a case's orders a second, and of the seconds that each took the median and the 99th percentile."""
    figures[case, "orders/s"].append(rate)
    figures[case, "ms, p50"].append(median(took) * 1000)
    figures[case, "ms, p99"].append(quantiles(took, n=100)[98] * 1000)
