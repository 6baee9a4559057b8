"""A process that stands still for 30 s, wherever it is: others go on in seconds, and it writes nothing stale when
it wakes. `commerce up` would have started it again after 20 s, and is kept from that."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import psycopg
import pytest

from commerce.runtime.tasks import end_tasks
from tests.faults.accounts import agree
from tests.faults.harmed import Harm
from tests.faults.load import Load, all_ended, shoppers
from tests.faults.processes import freeze_appending, freeze_reading, has_leases, seconds_for_the_lock, send
from tests.system.conftest import System, running
from tests.waiting import eventually

FROZEN, API_FROZEN = 30.0, 18.0
GO_ON = 6.0
"""Seconds: how long a process stands still, and within which the others have taken over its work."""


Freeze = Callable[[System, str], object]


@pytest.mark.long
@pytest.mark.fault("worker frozen 30 s holding its locks", "SIGSTOP in an append, in a read, anywhere")
async def test_a_frozen_process_is_replaced_in_seconds_and_writes_nothing_stale(tmp_path: Path) -> None:
    """A saga at any moment, in an append and reading, and a worker of the read models that reads."""
    harm = Harm(tmp_path / "harm", "left-frozen")
    with running(tmp_path / "home", "--replicas", "saga=2,projections=2", settings=harm.settings) as system:
        async with shoppers(system) as load, positions_only_grow(system):
            await frozen_while_others_go_on(system, load, "saga", freeze_anywhere)
            await frozen_while_others_go_on(system, load, "saga", freeze_appending)
            await frozen_while_others_go_on(system, load, "saga-2", freeze_reading)
            await frozen_while_others_go_on(system, load, "projections", freeze_reading)
            await agree(system, load)


async def frozen_while_others_go_on(system: System, load: Load, name: str, freeze: Freeze) -> None:
    """Freeze one of two that share the work, see the other do all of it, and wake it."""
    await eventually(lambda: has_leases(system, name), 60)
    await load.strike(f"{freeze.__name__} {name}", partial(freeze, system, name))
    began = time.monotonic()
    head = head_of(system)
    subscriptions = ["saga"] if name.startswith("saga") else ["orders", "payments", "stock"]
    await eventually(lambda: slowest(system, subscriptions) >= head, 20)
    took = time.monotonic() - began
    print(f"  its partitions were taken over, and beyond where it froze, after {took:.1f} s")
    assert took <= GO_ON
    await load.all_accepted()
    await all_ended(system, began + FROZEN - time.monotonic())
    await asyncio.sleep(began + FROZEN - time.monotonic())
    send(system, name, signal.SIGCONT)


def freeze_anywhere(system: System, name: str) -> None:
    """Stop a process at any moment."""
    send(system, name, signal.SIGSTOP)


@pytest.mark.long
@pytest.mark.fault("API frozen in an append", "SIGSTOP")
async def test_an_api_that_is_frozen_in_an_append_holds_nobody_up(tmp_path: Path) -> None:
    """Nine short freezes and one of 18 s, after which `commerce up` does not start it again yet."""
    with running(tmp_path) as system:
        async with shoppers(system) as load, positions_only_grow(system):
            waits = []
            for number in range(10):
                freeze = partial(freeze_appending, system, "api")
                await load.strike(f"freeze_appending api, time {number + 1}", freeze, orders=25)
                began = time.monotonic()
                waits.append(await seconds_for_the_lock(system))
                if number == 9:
                    await all_ended(system, API_FROZEN)
                    await asyncio.sleep(began + API_FROZEN - time.monotonic())
                send(system, "api", signal.SIGCONT)
            print(f"others had the log's lock after at most {max(waits):.3f} s")
            assert max(waits) <= GO_ON
            await agree(system, load)


def head_of(system: System) -> int:
    """The log's last position."""
    with system.database() as database:
        (head,) = database.execute("SELECT max(notification_id) FROM commerce_events").fetchone() or (0,)
    return int(head)


def slowest(system: System, subscriptions: list[str]) -> int:
    """The position of the partition, of all of these subscriptions, that is furthest behind."""
    with system.database() as database:
        (position,) = database.execute(
            "SELECT min(notification_id) FROM commerce_tracking WHERE split_part(application_name, ':', 1) = ANY(%s)",
            [subscriptions],
        ).fetchone() or (0,)
    return int(position)


@asynccontextmanager
async def positions_only_grow(system: System) -> AsyncIterator[None]:
    """While the block runs, no subscription's position goes back, as it would if a stale batch were committed."""
    seen: dict[str, int] = {}
    backwards: list[str] = []

    async def watch() -> None:
        async with await psycopg.AsyncConnection.connect(system.run["admin_database_url"], autocommit=True) as database:
            while True:
                cursor = await database.execute("SELECT application_name, notification_id FROM commerce_tracking")
                for name, position in await cursor.fetchall():
                    if position < seen.get(name, 0):
                        backwards.append(f"{name}: {seen[name]} to {position}")
                    seen[name] = position
                await asyncio.sleep(0.05)

    task = asyncio.create_task(watch())
    try:
        yield
    finally:
        await end_tasks([task])
    assert not backwards, f"positions went backwards: {backwards}"
    assert task.cancelled()
