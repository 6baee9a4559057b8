"""The processes of a running system: their ids, the harm that is done to them, and what they say of themselves."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import httpx2
from prometheus_client.parser import text_string_to_metric_families

from tests.system.conftest import System
from tests.waiting import eventually


def pid_of(system: System, name: str) -> int:
    """The process id of what runs under a name."""
    (pid,) = [process["pid"] for process in system.run["processes"] if process["name"] == name]
    return int(pid)


def send(system: System, name: str, number: signal.Signals) -> int:
    """Send a signal; answers the process id of who got it."""
    pid = pid_of(system, name)
    os.kill(pid, number)
    return pid


async def replaced(system: System, name: str, pid: int, seconds: float = 60) -> None:
    """Wait until the supervisor has started it again."""
    await eventually(lambda: pid_of(system, name) != pid, seconds)


async def ended(pid: int, seconds: float) -> None:
    """Wait until a process is no more."""
    await eventually(lambda: not Path(f"/proc/{pid}/cmdline").exists() or not _command(pid), seconds)


async def handled(system: System, name: str, follower: str) -> dict[str, int]:
    """How many facts a process has handled, by partition of a follower that it holds."""
    (url,) = [process["url"] for process in system.run["processes"] if process["name"] == name]
    async with httpx2.AsyncClient(trust_env=False) as http:
        text = (await http.get(f"{url}/metrics")).raise_for_status().text
    return {
        sample.labels["partition"]: int(sample.value)
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == "commerce_follower_handled_total"
        and sample.labels["partition"].rpartition(":")[0] == follower
    }


def _command(pid: int) -> bytes:
    """Its command line; empty for one that has ended and was not yet buried."""
    return Path(f"/proc/{pid}/cmdline").read_bytes()
