"""The processes of a running system: their ids, the harm that is done to them, and what they say of themselves."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from pathlib import Path
from typing import LiteralString

import httpx2
import psycopg
from prometheus_client.parser import text_string_to_metric_families

from commerce.eventstore.subscriptions.leases import HOLDER
from tests.system.conftest import System
from tests.waiting import eventually

_LOCK = 7305461
_TIMEOUT_S = 30.0
_WAITS_TO_APPEND: LiteralString = """
    SELECT 1 FROM pg_locks l JOIN pg_stat_activity a USING (pid)
    WHERE l.locktype = 'advisory' AND l.classid = 0 AND l.objid = %(lock)s AND NOT l.granted
      AND a.application_name LIKE %(name)s"""
_LEASES: LiteralString = """
    SELECT 1 FROM pg_locks l JOIN pg_stat_activity a USING (pid)
    WHERE l.locktype = 'advisory' AND l.classid = %(holder)s AND l.granted AND a.application_name LIKE %(name)s"""
_READS: LiteralString = """
    SELECT 1 FROM pg_stat_activity
    WHERE application_name LIKE %(name)s AND state = 'active' AND query LIKE '%%FROM commerce_events%%ORDER BY%%'"""


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
    await eventually(lambda: not Path(f"/proc/{pid}").exists(), seconds)


async def handled(system: System, name: str, subscription: str) -> dict[str, int]:
    """How many events a process has handled, by partition of a subscription that it holds."""
    (url,) = [process["url"] for process in system.run["processes"] if process["name"] == name]
    async with httpx2.AsyncClient(trust_env=False) as http:
        text = (await http.get(f"{url}/metrics")).raise_for_status().text
    return {
        sample.labels["partition"]: int(sample.value)
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == "commerce_subscription_handled_total"
        and sample.labels["partition"].rpartition(":")[0] == subscription
    }


def has_leases(system: System, name: str) -> bool:
    """Whether a process works on several partitions, as its share of them is where there are two of it."""
    with system.database() as database:
        own = {"holder": HOLDER, "name": f"commerce {name.partition('-')[0]} {pid_of(system, name)} %"}
        return len(database.execute(_LEASES, own).fetchall()) > 1


async def freeze_appending(system: System, name: str) -> int:
    """Stop a process inside an append: when it waits for the log's lock, which is its own once it stands still."""
    async with await _session(system) as database, database.transaction():
        await database.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        return await _freeze(system, name, database, _WAITS_TO_APPEND)


async def freeze_reading(system: System, name: str) -> int:
    """Stop a process while the server reads a batch of events for it."""
    async with await _session(system) as database:
        return await _freeze(system, name, database, _READS)


async def seconds_for_the_lock(system: System) -> float:
    """How long somebody who wants to append waits for the log's lock."""
    began = time.monotonic()
    async with await _session(system) as database:
        await database.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    return time.monotonic() - began


async def _freeze(system: System, name: str, database: psycopg.AsyncConnection, moment: LiteralString) -> int:
    pid = pid_of(system, name)
    sessions = {"lock": _LOCK, "name": f"commerce {name.partition('-')[0]} {pid} %"}
    async with asyncio.timeout(_TIMEOUT_S):
        while not await (await database.execute(moment, sessions)).fetchone():  # noqa: ASYNC110 - nobody tells of it
            await asyncio.sleep(0)
    os.kill(pid, signal.SIGSTOP)
    return pid


async def _session(system: System) -> psycopg.AsyncConnection:
    return await psycopg.AsyncConnection.connect(system.run["admin_database_url"], autocommit=True)
