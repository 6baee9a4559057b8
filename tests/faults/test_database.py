"""PostgreSQL crashes five times during 500 orders, or is restarted: the API says so, nothing is lost, everything
goes on."""

from __future__ import annotations

import asyncio
import random
import signal
from collections import Counter
from functools import partial
from pathlib import Path

import psycopg
import pytest

from tests.faults import report
from tests.faults.accounts import agree
from tests.faults.load import shoppers
from tests.faults.processes import pid_of, replaced, send
from tests.system.conftest import System, running
from tests.waiting import eventually

LONGEST = 15.0
"""Seconds that any request may take."""
RATE_PER_S = 14


@pytest.mark.long
@pytest.mark.fault("PostgreSQL crashes, restarts", "SIGQUIT and SIGINT, as pg_ctl stop sends")
@pytest.mark.parametrize(
    ("number", "how", "times"),
    [(signal.SIGQUIT, "immediate", 5), (signal.SIGINT, "fast", 2)],
    ids=["crashes", "restarts"],
)
async def test_crashes_and_restarts_of_the_database_during_hundreds_of_orders(
    tmp_path: Path, number: signal.Signals, how: str, times: int
) -> None:
    """The signals are what `pg_ctl stop -m` sends. A 503 without `Retry-After` would end the clients."""
    with running(tmp_path) as system:
        async with shoppers(system) as load, load.browsing():
            for time in range(times):
                pid = pid_of(system, "postgres")
                stop = partial(send, system, "postgres", number)
                await load.strike(f"{how} stop {time + 1} of PostgreSQL", stop, orders=100)
                await replaced(system, "postgres", pid)
                await eventually(lambda: asyncio.to_thread(answers, system), 60)
            await agree(system, load)
        answered = Counter(request.status for request in load.requests)
        print(f"answers by status (None: no connection): {dict(answered)}; the slowest took {load.slowest:.1f} s")
        assert [request for request in load.requests if request.seconds > LONGEST] == []


@pytest.mark.long
@pytest.mark.fault("PostgreSQL crashes every 5 to 40 s", "SIGQUIT, as pg_ctl stop -m immediate sends")
async def test_no_acknowledged_order_is_lost_while_the_database_crashes_again_and_again(tmp_path: Path) -> None:
    choose = random.Random(report.SEED)
    with running(tmp_path) as system:
        async with shoppers(system) as load:
            ordering = asyncio.ensure_future(load.paced(report.orders(2000), RATE_PER_S))
            while not (await asyncio.wait([ordering], timeout=choose.uniform(5, 40)))[0]:
                pid = send(system, "postgres", signal.SIGQUIT)
                await replaced(system, "postgres", pid)
                report.count(crashes=1)
            await ordering
            await agree(system, load)


def answers(system: System) -> bool:
    """Whether the database takes connections."""
    try:
        with system.database() as database:
            database.execute("SELECT 1")
    except psycopg.OperationalError:
        return False
    return True
