"""Commands in conflict: how many others a second still go through, against a load without any."""

from __future__ import annotations

from bench.harness import Measure, Report, Target
from bench.load import load, own
from bench.servers import LATENCIES, Server, server

SECONDS = 1.0
WRITERS = 64
NONE = "no conflicts"
SHARES = {0.01: 0.6, 0.05: 0.5, 0.2: 0.4}
"""Shares of commands in conflict, and what part of the throughput without them is to remain."""


async def run(report: Report) -> None:
    """Compare each share with none, at both commit latencies."""
    report.notes.append(
        "a command in conflict begins a stream that one of the last 32 commands began; only accepted ones count"
    )
    with server() as own_server:
        for name, latency in LATENCIES.items():
            own_server.set_commit_latency(latency)
            for share, ratio in SHARES.items():
                await report.compare(
                    f"{share:.0%} in conflict, {name}",
                    "accepted commands/s",
                    _writers(own_server, share),
                    {NONE: _writers(own_server, 0)},
                    targets=[Target(NONE, ">=", ratio)],
                )


def _writers(on: Server, share: float) -> Measure:
    async def measure() -> float:
        with on.database() as (_, address):
            options = {"address": address, "writers": WRITERS, "seconds": SECONDS, "conflicts": share}
            (found,) = await load(own("writers"), options)
        stale = found["stale"] / (found["stale"] + found["done"])
        if abs(stale - share) > share / 2:
            raise RuntimeError(f"{stale:.1%} of commands were in conflict, and {share:.0%} were to be")
        return float(found["done"] / found["seconds"])

    return measure
