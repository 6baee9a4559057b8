"""Growth: appending, reading an order, `GET /orders/{id}` and following with 10 thousand to 10 million events in
the log.

`COMMERCE_BENCH_EVENTS="10000 1000000"` leaves out what takes longest: ten million events are some 10 GB and many
minutes.
"""

from __future__ import annotations

import os
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

from bench.grown import Grown, grown
from bench.harness import Report, Target
from bench.servers import server

SIZES = [int(size) for size in os.environ.get("COMMERCE_BENCH_EVENTS", "10000 1000000 10000000").split()]
ROUNDS = 5

Work = Callable[[Grown], Awaitable[float]]
READING: dict[str, tuple[str, Work]] = {
    "read the stream of an order of late": ("µs", Grown.read_order),
    "read the stream of any order": ("µs", Grown.read_old_order),
    "GET /orders/{id}": ("µs", Grown.get_order),
    "lag of the orders' read model": ("ms", Grown.lag),
    "time to catch up with 4,000 events": ("ms", Grown.catch_up),
}
APPENDING: dict[str, tuple[str, Work]] = {
    "append, 64 writers": ("µs a command", Grown.append),
    "append, 1 writer": ("µs a command", Grown.append_alone),
}
"""Last, as it makes the small log larger."""


async def run(report: Report) -> None:
    """Compare each larger log with the smallest; all are in one server, and take turns."""
    report.notes.append(
        "all figures are times, so that less is better; medians of the turn where it is of single requests"
    )
    report.notes.append(
        f"the smallest has {SIZES[0]:,} events at the start, and what its own turns append comes on top"
    )
    report.notes.append(
        "each log was read into PostgreSQL's cache before, the largest first, as filling one drives out the others"
    )
    report.notes.append(
        "appends are measured after some seconds of appending to each log: the first ones after a checkpoint write "
        "whole pages"
    )
    with server() as on:
        async with AsyncExitStack() as stack:
            logs: dict[int, Grown] = {}
            for size in SIZES:
                began = time.perf_counter()
                logs[size] = await stack.enter_async_context(grown(on, size))
                print(f"  growth: {size:,} events are there after {time.perf_counter() - began:.0f} s", flush=True)
            for log in reversed(logs.values()):
                on.read_into_cache(log.owner)
            for case, (unit, work) in READING.items():
                await _compare(report, case, unit, work, logs)
            for log in logs.values():
                await log.warm()
            for case, (unit, work) in APPENDING.items():
                await _compare(report, case, unit, work, logs)
            report.notes += [f"{size:,} events: {log.bytes() / 1e6:,.0f} MB with indexes" for size, log in logs.items()]


async def _compare(report: Report, case: str, unit: str, work: Work, logs: dict[int, Grown]) -> None:
    smallest, *larger = logs
    names = {size: f"{size:,} events" for size in logs}
    figures: dict[int, list[float]] = {size: [] for size in logs}
    for number in range(ROUNDS):
        for size, log in logs.items():
            figures[size].append(await work(log))
            print(f"  growth, {case}: round {number + 1}, {names[size]}: {figures[size][-1]:,.1f} {unit}", flush=True)
    for size in larger:
        report.note(
            f"{case}, {names[size]}",
            unit,
            peer=names[smallest],
            peer_rounds=figures[smallest],
            our_rounds=figures[size],
            targets=[Target(names[smallest], "<=", 1.2)],
        )
