"""Where the time of one order goes: the time between its events while it is alone, and the processor time of each
process."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections import defaultdict
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

from psycopg import Connection

from bench.harness import ROUNDS, Report
from tests.faults.load import Load, shoppers, unfinished
from tests.system.conftest import System, running

ALONE = 40
"""Orders that are placed one after the other."""
TOGETHER = 1_000
LONGEST = 180.0
_LOOK_EVERY = 0.25
_TICKS = os.sysconf("SC_CLK_TCK")
_EVENTS = """
    SELECT correlation_id, topic, extract(epoch FROM recorded_at)::float8 FROM commerce_events
    WHERE notification_id > %s AND correlation_id = ANY(%s::uuid[]) ORDER BY notification_id"""
_TOTALS = """
    SELECT (SELECT max(notification_id) FROM commerce_events),
           (SELECT sum(length(state)) FROM commerce_events),
           (SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relname ~ '^commerce_events$'),
           (SELECT sum(pg_total_relation_size(c.oid)) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
            WHERE n.nspname = 'projections' AND relkind = 'r'),
           pg_current_wal_lsn() - '0/0'::pg_lsn,
           (SELECT xact_commit FROM pg_stat_database WHERE datname = current_database())"""
_WHAT = (
    "events",
    "bytes of payload",
    "bytes of the log with its indexes",
    "bytes of read models",
    "bytes of WAL",
    "commits",
)


async def run(report: Report) -> None:
    """One system a round: first orders one by one, then a thousand by forty clients."""
    gaps: dict[str, list[float]] = defaultdict(list)
    shares: dict[str, list[float]] = defaultdict(list)
    totals: dict[str, list[float]] = defaultdict(list)
    for number in range(ROUNDS):
        with tempfile.TemporaryDirectory() as home, running(Path(home)) as system:
            async with shoppers(system) as load:
                for hop, seconds in (await _alone(system, load)).items():
                    gaps[hop].append(seconds * 1000)
                rate = await _together(system, load, shares, totals)
        print(f"  order_cost: round {number + 1}, {rate:.1f} orders/s together", flush=True)
        totals["orders/s"].append(rate)
    whole = [sum(figures) for figures in zip(*gaps.values(), strict=True)]
    for hop, figures in gaps.items():
        report.note(hop, "ms", peer="placed to confirmed", peer_rounds=whole, our_rounds=figures)
    busy = [sum(figures) for figures in zip(*shares.values(), strict=True)]
    for process, figures in sorted(shares.items(), key=lambda each: -median(each[1])):
        report.note(process, "ms of processor/order", peer="all processes", peer_rounds=busy, our_rounds=figures)
    report.notes += [f"per order: {median(figures):,.1f} {what}" for what, figures in totals.items() if what in _WHAT]
    report.notes.append(f"{median(totals['orders/s']):.1f} orders/s led to their end, {TOGETHER} orders by 40 clients")


async def _alone(system: System, load: Load) -> dict[str, float]:
    """The median seconds between each kind of event and the one before, of confirmed orders that had the system
    for themselves."""
    load.wait = 30
    for _ in range(ALONE):
        load.begin(1)
        await load.all_accepted()
    load.wait = 0
    hops: dict[str, list[float]] = defaultdict(list)
    with system.database() as database:
        rows = database.execute(_EVENTS, [0, load.accepted]).fetchall()
    for order in load.accepted:
        events = [(topic, at) for found, topic, at in rows if str(found) == order]
        if not any(topic == "ordering.OrderConfirmed" for topic, _ in events):
            continue
        for (_, before), (topic, at) in pairwise(events):
            hops[topic].append(at - before)
    return {f"alone, to {topic}": median(seconds) for topic, seconds in hops.items() if len(seconds) >= ALONE / 4}


async def _together(
    system: System, load: Load, shares: dict[str, list[float]], totals: dict[str, list[float]]
) -> float:
    """Orders led to their end in a second, under load; adds what they cost."""
    with system.database() as database:
        before, used = database.execute(_TOTALS).fetchone(), processor_seconds(system)
        began = time.monotonic()
        load.begin(TOGETHER)
        await load.all_accepted()
        await _all_ended(database)
        rate = TOGETHER / (time.monotonic() - began)
        await asyncio.sleep(2)  # until pg_stat_database has been told
        after, used_since = database.execute(_TOTALS).fetchone(), processor_seconds(system)
    assert before is not None
    assert after is not None
    for what, first, last in zip(_WHAT, before, after, strict=True):
        totals[what].append(float(last - (first or 0)) / TOGETHER)
    for process, seconds in used_since.items():
        shares[process].append((seconds - used.get(process, 0.0)) * 1000 / TOGETHER)
    return rate


async def _all_ended(database: Connection[Any]) -> None:
    """Looks seldom: the question reads the whole log, and would be counted as PostgreSQL's time."""
    async with asyncio.timeout(LONGEST):
        while unfinished(database):  # noqa: ASYNC110 - looked at from outside
            await asyncio.sleep(_LOOK_EVERY)


def processor_seconds(system: System) -> dict[str, float]:
    """Seconds of processor time that each process of the system, with those below it, has used so far."""
    parents: dict[int, list[int]] = defaultdict(list)
    used: dict[int, float] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                fields = (folder / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
            except OSError:  # it has ended meanwhile
                continue
            parents[int(fields[1])].append(int(folder.name))
            used[int(folder.name)] = sum(map(int, fields[11:15])) / _TICKS  # its own, and its ended children's
    return {process["name"]: _with_children(process["pid"], parents, used) for process in system.run["processes"]}


def _with_children(pid: int, parents: dict[int, list[int]], used: dict[int, float]) -> float:
    return used.get(pid, 0.0) + sum(_with_children(child, parents, used) for child in parents[pid])
