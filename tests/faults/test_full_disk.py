"""The disk is full for 10 s under load, then there is room again: all orders end by themselves, within a minute."""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import httpx2
import pytest

from tests.faults.accounts import agree
from tests.faults.load import Load, all_ended, shoppers
from tests.system.conftest import System, running

FULL_S = 10.0
"""Seconds for which there is no room."""


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a disk of 600 MiB; only root can have one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=600m", "tmpfs", str(disk)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False).returncode:
        pytest.skip("nothing can be mounted here")
    yield disk
    subprocess.run(["umount", disk], check=True)


@pytest.mark.long
async def test_all_orders_end_by_themselves_within_a_minute_after_a_full_disk_has_room_again(small_disk: Path) -> None:
    with running(small_disk / "home") as system:
        async with shoppers(system) as load:
            await load.strike("the disk is full", partial(full, system, small_disk / "filler", load), orders=100)
            await load.all_accepted()
            await all_ended(system, 60)
            await agree(system, load)


async def full(system: System, filler: Path, load: Load) -> None:
    """Leave no byte on the disk, take what becomes free meanwhile, and give it back in the end."""
    with filler.open("wb", buffering=0) as file:
        until = asyncio.get_running_loop().time() + FULL_S
        while asyncio.get_running_loop().time() < until:
            for size in (2**20, 2**12):
                with suppress(OSError):
                    while file.write(bytes(size)):
                        pass
            await asyncio.sleep(0.05)
        async with httpx2.AsyncClient(trust_env=False) as http:
            ready = await http.get(f"{system.api_url}/health/ready")
    await asyncio.to_thread(filler.unlink)
    print(f"  readiness while it was full: {ready.status_code} {ready.text}; {len(load.accepted)} accepted")
    assert ready.status_code == 503
