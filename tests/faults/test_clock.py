"""A process whose clock is an hour off: deadlines go by the database's, so none is early or late."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path
from typing import LiteralString

import pytest

from tests.faults import report
from tests.faults.accounts import agree
from tests.faults.harmed import Harm
from tests.faults.load import all_ended, shoppers
from tests.faults.processes import pid_of, send
from tests.system.conftest import System, running
from tests.waiting import eventually

ORDER_TIMEOUT_S = "6"
PASSED: LiteralString = "SELECT count(*) FROM commerce_events WHERE topic = 'saga.DeadlinePassed'"
LATE_ORDERS = 12


@pytest.mark.long
@pytest.mark.fault("clock of one process an hour off", "libfaketime")
@pytest.mark.skipif(not report.present("libfaketime"), reason="libfaketime is missing")
@pytest.mark.parametrize("clock", ["saga +1h", "saga -1h", "payments +1h", "inventory -1h"])
async def test_no_deadline_is_early_or_late_where_a_clock_is_wrong(tmp_path: Path, clock: str) -> None:
    """Some orders end in time, and some wait for a worker that stands still until their deadline has passed."""
    harm = Harm(tmp_path / "harm", clock=clock)
    settings = {**harm.settings, "COMMERCE_ORDER_TIMEOUT_S": ORDER_TIMEOUT_S}
    with running(tmp_path / "home", settings=settings) as system:
        assert is_off(system, *clock.split(" "))
        async with shoppers(system) as load:
            load.begin(60)
            await load.all_accepted()
            await all_ended(system)
            pid = send(system, "shipping", signal.SIGSTOP)
            load.begin(20)
            await eventually(lambda: deadlines_passed(system) >= LATE_ORDERS)
            with suppress(ProcessLookupError):  # it may have been started again by then
                os.kill(pid, signal.SIGCONT)
            await agree(system, load)
        report.count(deadlines=deadlines_passed(system))


def is_off(system: System, name: str, clock: str) -> bool:
    """Whether a process began with the wrong clock."""
    return f"FAKETIME={clock}".encode() in Path(f"/proc/{pid_of(system, name)}/environ").read_bytes()


def deadlines_passed(system: System) -> int:
    """How many deadlines the log says are over."""
    with system.database() as database:
        ((found,),) = database.execute(PASSED).fetchall()
    return int(found)
