"""The processes as they report themselves in the database, wherever they run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from typing import Any

from psycopg import AsyncConnection

from commerce.cli.checks.finding import OUTSIDE, Finding, ok, problem, warning
from commerce.runtime.heartbeats import Worker, read_workers

CHECK = "workers"
_CONSEQUENCES: Mapping[str, str] = {
    "api": "no command is taken",
    "saga": "no order gets on",
    "inventory": "no stock is reserved",
    "relay": "nothing is asked of the outside",
    "projections": "read models grow old",
    "payments": "no payment is taken",
    "shipping": "no shipment is booked",
    "notifications": "no mail is sent",
    "webhooks": "no webhook is sent",
}
KINDS = tuple(_CONSEQUENCES)
"""What there should be at least one of."""


async def workers(connection: AsyncConnection[Any], ours: str, here: Container[int]) -> list[Finding]:
    """Whether one of each kind runs and is well; processes with a pid from `here` are asked themselves elsewhere."""
    reported = await read_workers(connection)
    return [
        *judge_workers([worker for worker in reported if worker.pid not in here], reported),
        *judge_code(reported, ours),
    ]


def judge_workers(elsewhere: Iterable[Worker], reported: Sequence[Worker]) -> list[Finding]:
    """What runs elsewhere, line by line, and whether any kind lacks altogether."""
    live = {_kind(worker) for worker in reported if worker.status != "missing"}
    missing = [kind for kind in KINDS if kind not in live]
    found = [finding for worker in elsewhere for finding in _judge(worker)]
    if missing:
        text = "; ".join(f"no {kind} runs: {_CONSEQUENCES[kind]}" for kind in missing)
        found.append(problem(CHECK, text, f"start {', '.join(missing)}"))
    return found or [ok(CHECK, f"{len(reported)} report themselves, one of every kind at least")]


def _judge(worker: Worker) -> Iterator[Finding]:
    place = f"{worker.name} (process {worker.pid} on {worker.host})"
    if worker.status == "missing":
        text = f"{place} was last heard of at {worker.heartbeat:%Y-%m-%d %H:%M:%S %Z}"
        yield warning(CHECK, text, "start it again, unless another took its place; after a day it is forgotten")
    for part, said in worker.problems.items() if worker.status == "failing" else ():
        yield problem(CHECK, f"{place}: {part}: {said}", OUTSIDE.get(part, "see its log"))


def judge_code(reported: Iterable[Worker], ours: str) -> list[Finding]:
    """Whether all that live run the code that this command is."""
    running: dict[str, list[str]] = defaultdict(list)
    for worker in reported:
        if worker.status != "missing":
            running[worker.version].append(worker.name)
    found = [
        warning("code", f"{', '.join(names)} run {version}; this is {ours}", "restart them, or install what they run")
        for version, names in sorted(running.items())
        if version != ours
    ]
    return found or [ok("code", f"every process runs {ours}")] if running else []


def _kind(worker: Worker) -> str:
    return worker.name.partition("-")[0]
