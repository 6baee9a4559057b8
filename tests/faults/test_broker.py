"""The broker goes away, forgets everything, or loses its leader: all orders end, nobody is charged twice or told
twice."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import time
from functools import partial
from pathlib import Path

import nats
import pytest

from commerce.embedded.nats import EmbeddedNats
from tests.faults import report
from tests.faults.accounts import agree
from tests.faults.load import all_ended, shoppers
from tests.faults.nats_cluster import three_nodes
from tests.faults.processes import pid_of, replaced
from tests.system.conftest import System, running
from tests.waiting import eventually

DOWN = 20.0
"""Seconds for which the broker is away."""
CAUGHT_UP_WITHIN_S = 30.0
"""Of the last order, by when the broker is there again."""


@pytest.mark.long
@pytest.mark.fault("NATS away for 20 s", "stopped and started")
async def test_orders_are_taken_while_nats_is_down_for_20_seconds_and_end_after(tmp_path: Path) -> None:
    server = EmbeddedNats(tmp_path / "broker")
    try:
        with running(tmp_path / "home", settings={"COMMERCE_BROKER_URL": server.start()}) as system:
            async with shoppers(system) as load:
                await load.strike("NATS stopped", server.stop, orders=100)
                began = time.monotonic()
                load.begin(100)
                await load.all_accepted()
                print(f"  {len(load.accepted)} orders were accepted {time.monotonic() - began:.1f} s later")
                assert time.monotonic() - began < DOWN
                await asyncio.sleep(began + DOWN - time.monotonic())
                server.start()
                await agree(system, load)
    finally:
        server.stop()


@pytest.mark.long
@pytest.mark.fault("NATS killed, its folder deleted under load", "SIGKILL, rm; consumers and streams deleted")
async def test_nats_forgets_everything_under_load(tmp_path: Path) -> None:
    """Its folder is deleted; then its consumers are, then its streams."""
    with running(tmp_path) as system:
        async with shoppers(system) as load:
            pid = pid_of(system, "nats")
            await load.strike("NATS killed, its folder deleted", partial(wipe, system, pid), orders=100)
            await replaced(system, "nats", pid)
            await load.all_accepted()
            began = time.monotonic()
            await all_ended(system, CAUGHT_UP_WITHIN_S)
            report.count(seconds_until_caught_up=round(time.monotonic() - began))
            await load.strike("all consumers deleted", partial(delete_consumers, system), orders=100)
            await load.all_accepted()
            await all_ended(system, CAUGHT_UP_WITHIN_S)
            await load.strike("all streams deleted", partial(delete_streams, system), orders=100)
            await load.all_accepted()
            await all_ended(system, CAUGHT_UP_WITHIN_S)
            await agree(system, load)


@pytest.mark.long
@pytest.mark.fault("NATS: a leader of three killed", "SIGKILL")
async def test_the_leader_of_three_nodes_is_killed_under_load(tmp_path: Path) -> None:
    with three_nodes(tmp_path / "cluster") as cluster:
        await eventually(cluster.is_ready, 60)
        with running(tmp_path / "home", settings={"COMMERCE_BROKER_URL": cluster.urls}) as system:
            async with shoppers(system) as load:
                for stream in ("COMMANDS", "EVENTS"):
                    leader = cluster.leader_of(stream)
                    node = cluster.nodes[leader]
                    await load.strike(f"kill -9 {leader}, the leader of {stream}", node.kill, orders=100)
                    await load.all_accepted()
                    await all_ended(system)
                    node.start()
                    await eventually(cluster.is_ready, 60)
                await agree(system, load)


def wipe(system: System, pid: int) -> None:
    """Kill the broker and delete its folder; frozen first, so that it is not started again in between."""
    os.kill(pid, signal.SIGSTOP)
    (system.home / "nats").rename(system.home / "forgotten")
    os.kill(pid, signal.SIGKILL)
    shutil.rmtree(system.home / "forgotten")


async def delete_consumers(system: System) -> None:
    """Delete every consumer, as an operator may by mistake."""
    client = await nats.connect(system.run["broker_url"])
    jetstream = client.jetstream()
    for stream in ("COMMANDS", "EVENTS"):
        for consumer in await jetstream.consumers_info(stream):
            await jetstream.delete_consumer(stream, consumer.name)
    await client.close()


async def delete_streams(system: System) -> None:
    """Delete both streams."""
    client = await nats.connect(system.run["broker_url"])
    for stream in ("COMMANDS", "EVENTS"):
        await client.jetstream().delete_stream(stream)
    await client.close()
