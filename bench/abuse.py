"""What one client that means harm costs all others: p99 of a quiet client beside it, against the same client alone.

The one that means harm is a process with an address of its own; it shares two cores with all others. Each harm is done
in turns with none. The quiet client reads an order by a clock: an answer that is late makes no other one late.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from statistics import quantiles

import httpx2

from api.http.connections import bound
from bench.abuse_load import HARMS
from bench.harness import ROUNDS, Report, Target
from bench.load import beside, own
from bench.real_processes import api, place_order
from bench.servers import server
from commerce.events import EVENTS as KNOWN
from commerce.eventstore import open_store
from commerce.runtime.settings import Settings
from commerce.runtime.tokens import load_keys

ASKED_A_SECOND = 50
SECONDS = 10.0


@dataclass(frozen=True)
class _Quiet:
    """A client that asks 50 times a second, whatever happens."""

    client: httpx2.AsyncClient
    path: str

    async def p99(self) -> float:
        """Milliseconds from when a request is due to its answer, for 99 of 100."""
        begin = time.perf_counter()
        number = int(ASKED_A_SECOND * SECONDS)
        took = await asyncio.gather(*(self._ask(begin + each / ASKED_A_SECOND) for each in range(number)))
        return quantiles(took, n=100)[98] * 1000

    async def _ask(self, due: float) -> float:
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        answer = await self.client.get(self.path)
        answer.raise_for_status()
        return time.perf_counter() - due


async def run(report: Report) -> None:
    """Each harm in turns with none."""
    bound()  # so many files may be open
    with server() as postgres:
        settings = Settings(home=postgres.home, database_url=postgres.postgres.app_url)
        master = load_keys(settings).master
        async with (
            open_store(str(settings.database_url), master, "bench", known=KNOWN) as store,
            api(settings) as (process, client),
        ):
            quiet = _Quiet(client, f"/api/v1/orders/{await place_order(store)}")
            await quiet.p99()
            port = int(process.url().rpartition(":")[2])
            for harm, words in HARMS.items():
                await _compare(report, quiet, port, harm, words)


async def _compare(report: Report, quiet: _Quiet, port: int, harm: str, words: str) -> None:
    alone, harmed = list[float](), list[float]()
    for _ in range(ROUNDS):
        alone.append(await quiet.p99())
        async with beside(own("abuse_load"), {"harm": harm, "port": port}) as found:
            harmed.append(await quiet.p99())
        said = ", ".join(f"{number:,} {what}" for what, number in found[0].items())
        print(f"  abuse, {words}: p99 {harmed[-1]:.1f} ms, alone {alone[-1]:.1f} ms; {said}", flush=True)
    report.note(
        f"{words}: p99 of a quiet client",
        "ms",
        peer="nobody",
        peer_rounds=alone,
        our_rounds=harmed,
        targets=[Target("nobody", "<=", 2)],
    )
    report.notes.append(f"{words}, the last round: {said}")
