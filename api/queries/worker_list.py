"""Who is alive, and how many orders the process manager has under which definition."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Literal

from commerce.eventstore import Pool
from commerce.runtime.heartbeats import find_workers
from commerce.values.errors import Unavailable
from projections.processes import unfinished_orders

_PROCESS_MANAGER = "saga"


@dataclass(frozen=True, slots=True)
class DefinitionInUse:
    """How many orders end under one version of the process's definition."""

    definition: int
    """The version that they began with."""
    unfinished_orders: int
    """How many of them wait for something; 10000 stands for that many or more."""


@dataclass(frozen=True, slots=True)
class ListedWorker:
    """A process of the system, and what it works on; the other fields are those of a `Worker`."""

    name: str
    """What it is called."""
    version: str
    """The version of the code it runs."""
    host: str
    """The machine it runs on."""
    pid: int
    """Its process id on that machine."""
    since: datetime
    """Since when."""
    heartbeat: datetime
    """When it last said that it is alive."""
    status: Literal["ok", "failing", "missing"]
    """Where it stands."""
    problems: dict[str, str]
    """What does not work, by the name of the part."""
    definitions: list[DefinitionInUse] | None
    """Of the worker `saga`: the versions of the process's definition that this code knows. Null for others, and while
    that is not known."""


async def list_processes_alive(pool: Pool) -> list[ListedWorker]:
    """As `find_workers`. Without the read model of processes, nobody knows of definitions. Raises `Unavailable`."""
    found = await find_workers(pool)
    known: list[DefinitionInUse] | None = None
    if any(worker.name == _PROCESS_MANAGER for worker in found):
        with suppress(Unavailable):
            known = [DefinitionInUse(*counted) for counted in sorted((await unfinished_orders(pool)).items())]
    return [
        ListedWorker(**asdict(worker), definitions=known if worker.name == _PROCESS_MANAGER else None)
        for worker in found
    ]
