"""All orders for one SKU against the same over 1,000 SKUs, on the saga core; nothing is oversold."""

from __future__ import annotations

from bench import saga_ours
from bench.harness import Report, Target
from bench.servers import LATENCIES, server

ORDERS = 2000
SURPLUS = 50
"""Orders that are placed once the hot SKU is sold out."""

SPREAD = "1,000 SKUs"


async def run(report: Report) -> None:
    """Compare, with a shelf that holds as many pieces as are ordered; the orders that come after that have to be
    rejected."""
    with server() as postgres:
        for name, microseconds in LATENCIES.items():
            postgres.set_commit_latency(microseconds)
            await report.compare(
                f"one SKU, {name}",
                "orders/s",
                lambda: saga_ours.backlog(postgres, ORDERS, 1, SURPLUS),
                {SPREAD: lambda: saga_ours.backlog(postgres, ORDERS, 1000)},
                targets=(Target(SPREAD, ">=", 0.8),),
            )
    report.notes.append(
        f"after the {ORDERS} orders the one SKU is sold out; {SURPLUS} more are placed (not timed) and all are "
        "rejected,"
        " and each stock item is found to promise no more pieces than it has"
    )
