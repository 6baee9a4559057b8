"""A process that is told to stop, under load, finishes what it has begun, and ends with exit code 0 within ten
seconds."""

from __future__ import annotations

import signal
import time
from functools import partial
from pathlib import Path

import pytest

from tests.faults.accounts import agree
from tests.faults.load import shoppers
from tests.faults.processes import ended, pid_of, replaced, send
from tests.system.conftest import running

PROCESSES = (
    "saga",
    "inventory",
    "relay",
    "projections",
    "payments",
    "shipping",
    "notifications",
    "webhooks",
    "api",
    "provider",
    "carrier",
)
LONGEST = 10.0


@pytest.mark.long
@pytest.mark.fault("each process told to stop under load", "SIGTERM")
async def test_each_process_ends_in_order_under_load(tmp_path: Path) -> None:
    with running(tmp_path) as system:
        async with shoppers(system) as load:
            load.wait = 10
            for name in PROCESSES:
                pid = pid_of(system, name)
                await load.strike(f"SIGTERM {name}", partial(send, system, name, signal.SIGTERM))
                began = time.monotonic()
                await ended(pid, 15)
                took = time.monotonic() - began
                await replaced(system, name, pid)
                (said,) = [line for line in system.said if line.startswith(f"{name} ended")]
                print(f"  took {took:.1f} s: {said.partition(';')[0]}")
                assert "exit code 0" in said
                assert took < LONGEST
            await agree(system, load)
            cut = [request for request in load.requests if request.cut]
            assert cut == []
