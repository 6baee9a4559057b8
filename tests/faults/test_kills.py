"""Any process may be killed, at any moment, alone or with a replica beside it: every order ends, and everything
agrees."""

from __future__ import annotations

import signal
from functools import partial
from pathlib import Path

import pytest

from commerce.cli.system.system_process import WORKERS
from tests.faults.accounts import agree
from tests.faults.load import all_ended, shoppers
from tests.faults.processes import handled, pid_of, replaced, send
from tests.system.conftest import running

DOUBLED = ",".join(f"{name}=2" for name in WORKERS)


@pytest.mark.long
@pytest.mark.fault("kill -9 of each process under load", "SIGKILL, one and two of each")
@pytest.mark.parametrize("replicas", ["", DOUBLED], ids=["one of each", "two of each"])
async def test_each_process_is_killed_during_320_orders(tmp_path: Path, replicas: str) -> None:
    options = ["--replicas", replicas] if replicas else []
    with running(tmp_path, *options) as system:
        async with shoppers(system) as load:
            if replicas:
                load.begin(40)
                await load.all_accepted()
                await all_ended(system)
                both = [await handled(system, name, "saga") for name in ("saga", "saga-2")]
                print(f"events handled by each of two sagas, by partition: {both}")
                assert all(sum(partitions.values()) > 0 for partitions in both)
            for name in (*WORKERS, "api"):
                pid = pid_of(system, name)
                await load.strike(f"kill -9 {name}", partial(send, system, name, signal.SIGKILL))
                await replaced(system, name, pid)
            await agree(system, load)
