"""Each process is killed before and after each thing that it does for an order: every append, commit, message, call
and mail, on the way to a confirmed order and back."""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from pathlib import Path

import pytest

from commerce.cli.system.system_process import WORKERS
from tests.faults import report
from tests.faults.accounts import agree
from tests.faults.harmed import Harm
from tests.faults.load import Load, all_ended, shoppers, unfinished
from tests.system.conftest import System, running

PROCESSES = ("api", *WORKERS)
CALM_ORDERS = 40
OPEN_ORDERS = 30
FIRED_WITHIN_S_EACH = 10.0


@pytest.mark.long
@pytest.mark.fault("kill -9 at every step", "failpoints, patched in from outside")
async def test_each_process_is_killed_before_and_after_each_of_its_steps(tmp_path: Path) -> None:
    """Calm orders of every outcome show which steps there are; then a process is killed at each once."""
    harm = Harm(tmp_path / "harm")
    with running(tmp_path / "home", settings=harm.settings) as system:
        async with shoppers(system) as load:
            others = set(harm.reached())  # filling the shelves
            load.cancels = True
            load.begin(CALM_ORDERS)
            await load.all_accepted()
            await all_ended(system)
            steps = [point for point in harm.reached() if point not in others]
            points = chosen(steps)
            print(f"FAULT_SEED={report.SEED}: {len(points)} of {len(steps)} points")
            assert {point.partition(" ")[0] for point in points} >= set(PROCESSES)
            harm.arm(points)
            await order_until_all_fired(system, load, harm, points)
            report.count(failpoints=len(points))
            await agree(system, load)


def chosen(reached: list[str]) -> list[str]:
    """Points of each process: the steps that were seen, each before and after."""
    of_process: dict[str, list[str]] = defaultdict(list)
    for point in reached:
        of_process[point.partition(" ")[0]].append(point)
    if report.POINTS == "all":
        return [point for process in PROCESSES for point in of_process[process]]
    choose = random.Random(report.SEED)
    return [
        point
        for process in PROCESSES
        for point in choose.sample(of_process[process], min(int(report.POINTS), len(of_process[process])))
    ]


async def order_until_all_fired(system: System, load: Load, harm: Harm, points: list[str]) -> None:
    """Have orders of every outcome placed, as fast as they end, until each point has killed a process."""
    async with asyncio.timeout(FIRED_WITHIN_S_EACH * len(points)):
        while left := set(points) - harm.fired():
            with system.database() as database:
                waiting = unfinished(database)
            if max(waiting, load.open) < OPEN_ORDERS:
                load.begin(5)
            await asyncio.sleep(0.3)
    assert not left
