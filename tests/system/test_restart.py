"""`commerce up`, the whole of it: what dies runs again, nothing outlives its end, and the next start finds the data.

It is the last of the system tests, as it ends the system that they share.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path
from typing import Any

from commerce.cli.system.system_process import SIMULATORS, WORKERS
from commerce.runtime.settings import read_run_file
from tests.integration.embedded.test_orphans import await_ended
from tests.system.conftest import Shop, System, running
from tests.waiting import LIMIT_S, eventually

KILLED = ("postgres", "nats", "payments")


def pids(home: Path) -> dict[str, int]:
    """The processes of a system, as it is at the moment."""
    return {process["name"]: process["pid"] for process in read_run_file(home / "run.json")["processes"]}


def commands(lines: list[str]) -> list[str]:
    """The lines to paste."""
    return [line for line in lines if line.startswith("curl ")]


def printed_by(command: str) -> str:
    return subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True, timeout=LIMIT_S).stdout


def _first(lines: list[str], beginning: str) -> int:
    """The place of the first line that begins so."""
    return next(number for number, line in enumerate(lines) if line.startswith(beginning))


async def test_a_system_heals_ends_whole_and_starts_again(shop: Shop, system: System) -> None:
    place, listing, ledger = commands(system.said)
    order: dict[str, Any] = json.loads(printed_by(place))

    async def is_confirmed() -> bool:  # failing cards of other tests may have paused the provider's calls
        return bool((await shop.client.get(f"/orders/{order['order_id']}")).json()["status"] == "confirmed")

    await eventually(is_confirmed)
    assert order["order_id"] in printed_by(listing)
    assert await shop.ledger(order["order_id"])
    assert '"entry_id"' in printed_by(ledger), "its first page; other tests' orders come before"

    before = pids(system.home)
    assert set(before) == {"postgres", "nats", "api", *WORKERS, *SIMULATORS}
    for name in KILLED:
        os.kill(before[name], signal.SIGKILL)
    await eventually(lambda: all(pids(system.home)[name] != before[name] for name in KILLED))

    left = [*pids(system.home).values()]
    system.kill()
    await_ended(left, LIMIT_S)

    with running(system.home, "--together", "--replicas", "saga=2") as second:
        lines = [line.rstrip("\n") for line in second.said]
        assert "catalogue: already there" in lines
        assert _first(lines, "  api is well") < _first(lines, "starting provider"), "the API answers before others"
        assert order["order_id"] in printed_by(commands(lines)[1])
        left = [*pids(system.home).values()]
        assert set(pids(system.home)) == {"postgres", "nats", "api", "workers", "saga-2", *SIMULATORS}
    await_ended(left, 0)
    assert not (system.home / "run.json").exists()
    ended = [line.split()[1].rstrip(",\n") for line in second.said if line.startswith("stopping ")]
    assert ended == ["api", "workers", "provider", "nats", "postgres"]
