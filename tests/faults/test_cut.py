"""Calls over the network that are cut: a process dies in the middle of one, or the database ends all its sessions."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import product
from pathlib import Path

import pytest

from tests.faults import report
from tests.faults.accounts import agree
from tests.faults.harmed import Harm
from tests.faults.load import shoppers
from tests.faults.processes import ended, pid_of, replaced
from tests.system.conftest import System, running

STRACE = shutil.which("strace")
KILLS = int(os.environ.get("FAULT_KILLS") or 6)
"""Of each process, at network calls spread over the first `FURTHEST_CALL`."""
CUTS = 6
ORDERS = 20
"""For each kill."""
FURTHEST_CALL = 60
"""A process is killed at one of so many first calls after it is looked at; an order has about ten."""


@pytest.mark.long
@pytest.mark.fault("kill -9 at network calls of payments and saga", "strace, at the n-th call, n swept")
@pytest.mark.skipif(not report.present("strace"), reason="strace is missing")
async def test_payments_and_saga_are_killed_at_network_calls(tmp_path: Path) -> None:
    harm = Harm(tmp_path / "harm")
    with running(tmp_path / "home", settings=harm.settings) as system:
        async with shoppers(system) as load:
            load.cancels = True
            for call, name in product(swept(KILLS), ("payments", "saga")):
                pid = pid_of(system, name)
                with killed_at_call(pid, call):
                    load.begin(ORDERS)
                    await ended(pid, 60)
                await replaced(system, name, pid)
                report.count(kills=1)
            await agree(system, load)


@pytest.mark.long
@pytest.mark.fault("all sessions of the database cut", "pg_terminate_backend, six times under load")
async def test_all_sessions_are_cut_under_load(tmp_path: Path) -> None:
    with running(tmp_path) as system:
        async with shoppers(system) as load, load.browsing():
            for number in range(CUTS):
                await load.strike(f"sessions cut, time {number + 1}", partial(cut_sessions, system))
            await agree(system, load)


def swept(times: int) -> list[int]:
    """So many numbers of calls, as far apart from one another as can be; the seed says where they begin."""
    begin = random.Random(report.SEED).randrange(FURTHEST_CALL)
    return [1 + (begin + number * FURTHEST_CALL // times) % FURTHEST_CALL for number in range(times)]


@contextmanager
def killed_at_call(pid: int, number: int) -> Iterator[None]:
    """While the block runs, a process is killed at the n-th piece that it sends from now on."""
    assert STRACE is not None
    kill = f"inject=sendto,sendmsg:signal=SIGKILL:when={number}"
    tracer = subprocess.Popen(
        [STRACE, "-f", "-qq", "-p", str(pid), "-e", "trace=sendto,sendmsg", "-e", kill],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        tracer.terminate()
        tracer.wait(30)


def cut_sessions(system: System) -> None:
    """End every session of the application's role, also those that hold leases and wait for locks."""
    with system.database() as database:
        cut = database.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'commerce %%'"
        ).fetchall()
    assert len(cut) > 0
    report.count(sessions_cut=len(cut))
