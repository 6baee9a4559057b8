"""Orders from the log to confirmed: our subscriptions against a workflow engine, the library's runner, and one
ACID transaction."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bench import saga_ours
from bench.harness import OURS, ROUNDS, Report, Target
from bench.saga_peers import peer
from bench.servers import LATENCIES, Server, server

ORDERS = 3000
"""As our subscriptions begin with the time and hand work on in batches, the first and the last ones of which are
alone."""

ACID_ORDERS = 1000
LIBRARY_ORDERS = 150
DBOS_ORDERS = 64
"""Orders that a peer handles in its turn; two of them need hundredths of a second for each."""

SKUS = 1000
CLIENTS = 16
DBOS = "DBOS workflow"
LIBRARY = "eventsourcing System"
ACID = "one ACID transaction"

BACKLOG = (Target(DBOS, ">=", 20), Target(LIBRARY, ">=", 15), Target(ACID, ">=", 0.5))
WAITING = (Target(DBOS, "<=", 0.5),)


async def run(report: Report) -> None:
    """Compare throughput from a backlog, and how long 16 clients wait."""
    with server() as postgres:
        for name, microseconds in LATENCIES.items():
            postgres.set_commit_latency(microseconds)
            await _throughput(report, postgres, name)
            await _waiting(report, postgres, name)
    report.notes.append(
        f"throughput: all orders stand in the log (or the table) when the work begins; {ORDERS} of them for us, "
        f"{ACID_ORDERS}"
        f" for ACID, {LIBRARY_ORDERS} for the library and {DBOS_ORDERS} for DBOS; one line each, over {SKUS} SKUs; "
        "provider and"
        " carrier are answered in-process; the library and DBOS, not we, have led orders to their end before the time "
        "begins"
    )


async def _throughput(report: Report, postgres: Server, name: str) -> None:
    def of(script: str, orders: int) -> Callable[[], Awaitable[float]]:
        async def measure() -> float:
            figures = await peer(postgres, script, "backlog", "--orders", orders, "--skus", SKUS)
            return figures["orders_per_second"]

        return measure

    peers = {
        DBOS: of("saga_dbos", DBOS_ORDERS),
        LIBRARY: of("saga_eventsourcing", LIBRARY_ORDERS),
        ACID: of("saga_acid", ACID_ORDERS),
    }
    await report.compare(
        f"throughput, {name}",
        "orders/s",
        lambda: saga_ours.backlog(postgres, ORDERS, SKUS),
        peers,
        targets=BACKLOG,
    )


async def _waiting(report: Report, postgres: Server, name: str) -> None:
    """How long an order takes, and how many orders come through meanwhile, in the same rounds."""
    waits: dict[str, list[float]] = {OURS: [], DBOS: []}
    rates: dict[str, list[float]] = {OURS: [], DBOS: []}
    for _ in range(ROUNDS):
        wait, rate = await saga_ours.clients(postgres, 2 * DBOS_ORDERS, SKUS, CLIENTS)
        figures = await peer(postgres, "saga_dbos", "clients", "--orders", DBOS_ORDERS, "--skus", SKUS)
        waits[OURS].append(wait)
        rates[OURS].append(rate)
        waits[DBOS].append(figures["median_milliseconds"])
        rates[DBOS].append(figures["orders_per_second"])
    for case, unit, found, targets in (
        ("p50 placed to confirmed", "ms", waits, WAITING),
        ("throughput", "orders/s", rates, ()),
    ):
        report.note(
            f"{case}, {CLIENTS} clients, {name}",
            unit,
            peer=DBOS,
            peer_rounds=found[DBOS],
            our_rounds=found[OURS],
            targets=targets,
        )
