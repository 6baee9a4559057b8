"""A payment provider or a carrier that is down for two minutes under load costs no order and moves no money twice."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest

from tests.faults import report
from tests.faults.accounts import agree
from tests.faults.harmed import Harm
from tests.faults.load import Load, all_ended, shoppers
from tests.faults.processes import pid_of
from tests.system.conftest import System, running

DOWN_S = 120.0
RATE_PER_S = 2
GIVEN_UP = {"payment_unavailable", "timed_out"}


@pytest.mark.long
@pytest.mark.fault("provider or carrier down for two minutes", "SIGSTOP, SIGKILL again and again")
@pytest.mark.parametrize("party", ["provider", "carrier"])
@pytest.mark.parametrize("harm", [signal.SIGSTOP, signal.SIGKILL], ids=["frozen", "killed"])
async def test_a_party_that_is_down_for_two_minutes_costs_no_order(
    tmp_path: Path, party: str, harm: signal.Signals
) -> None:
    with running(tmp_path) as system:
        async with shoppers(system) as load:
            load.begin(20)
            await load.all_accepted()
            await all_ended(system, 60)
            await _down(system, load, party, harm)
            await load.all_accepted()
            began = time.monotonic()
            await all_ended(system, 150)
            print(f"{party} {harm.name}: {len(load.accepted)} orders, all ended {time.monotonic() - began:.0f} s after")
            await agree(system, load)
        reasons = _reasons(system)
        assert not GIVEN_UP & set(reasons), reasons
        numbers = range(len(load.accepted))
        assert reasons["shipping_unavailable"] == sum(number % 20 == 11 for number in numbers), reasons


@pytest.mark.long
@pytest.mark.fault("provider answers questions, fails every call, for 80 s", "simulator patched")
async def test_a_provider_that_fails_every_call_and_answers_questions_costs_no_order(tmp_path: Path) -> None:
    harm = Harm(tmp_path / "harm", "provider-fails-every-call")
    with running(tmp_path / "home", settings=harm.settings) as system:
        async with shoppers(system) as load:
            await load.paced(report.orders(160), RATE_PER_S)
            report.count(calls_that_failed=harm.calm().total())
            await all_ended(system, 150)
            await agree(system, load)
        assert not GIVEN_UP & set(_reasons(system)), _reasons(system)


async def _down(system: System, load: Load, party: str, harm: signal.Signals) -> None:
    """Keep a party down, though the system starts it again; orders go on being placed."""
    frozen: set[int] = set()
    until = time.monotonic() + DOWN_S
    placed = 0
    while (left := until - time.monotonic()) > 0:
        with suppress(ProcessLookupError, ValueError, OSError):  # between two of its lives
            pid = pid_of(system, party)
            os.kill(pid, harm)
            frozen.add(pid)
        if placed < (DOWN_S - left) * RATE_PER_S:
            load.begin(1)
            placed += 1
        await asyncio.sleep(0.05)
    for pid in frozen if harm is signal.SIGSTOP else ():
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)


def _reasons(system: System) -> Counter[str]:
    """Why orders were rejected, and how many for each reason."""
    with system.database() as database:
        found = database.execute(
            """SELECT convert_from(state, 'UTF8')::jsonb ->> 'reason' FROM commerce_events
               WHERE topic = 'ordering.OrderRejected'"""
        ).fetchall()
    return Counter(str(reason) for (reason,) in found)
