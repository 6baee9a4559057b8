"""The disk is full for 20 s under load, then there is room again: all orders end by themselves, within a minute."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from io import RawIOBase
from pathlib import Path

import httpx2
import pytest

from tests.faults import report
from tests.faults.accounts import agree
from tests.faults.load import Load, all_ended, shoppers
from tests.system.conftest import System, running

FULL_S = 20.0
"""Seconds for which there is no room."""


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a disk of 600 MiB; only root can have one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=600m", "tmpfs", str(disk)]
    if not report.present("mount") or subprocess.run(mount, check=False).returncode:
        pytest.skip("nothing can be mounted here")
    yield disk
    subprocess.run(["umount", disk], check=True)


@pytest.mark.long
@pytest.mark.fault("disk full for the database", "small file system")
async def test_all_orders_end_by_themselves_within_a_minute_after_a_full_disk_has_room_again(small_disk: Path) -> None:
    with running(small_disk / "home") as system:
        async with shoppers(system) as load:
            with (small_disk / "filler").open("wb", buffering=0) as filler:
                await load.strike("the disk is full", partial(fill, filler), orders=100)
                await stays_full(system, filler, load)
            await asyncio.to_thread((small_disk / "filler").unlink)
            await load.all_accepted()
            await all_ended(system, 60)
            await agree(system, load)


def fill(filler: RawIOBase) -> None:
    """Leave no byte on the disk."""
    for size in (2**20, 2**12):
        with suppress(OSError):
            while filler.write(bytes(size)):
                pass


async def stays_full(system: System, filler: RawIOBase, load: Load) -> None:
    """Take what becomes free meanwhile, while shoppers order on."""
    until = asyncio.get_running_loop().time() + FULL_S
    while asyncio.get_running_loop().time() < until:
        fill(filler)
        load.begin(1)
        await asyncio.sleep(0.05)  # what frees room does not say so
    async with httpx2.AsyncClient(trust_env=False) as http:
        ready = await http.get(f"{system.api_url}/health/ready")
    print(f"  readiness while it was full: {ready.status_code} {ready.text}; {len(load.accepted)} accepted")
    assert ready.status_code == 503
