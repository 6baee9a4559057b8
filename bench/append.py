"""Appending: commands a second from 1 to 64 writers, against the library's own recorder and against COPY in bulk."""

from __future__ import annotations

from bench.harness import Measure, Report, Target
from bench.load import Program, load, own, peer
from bench.servers import LATENCIES, Server, server
from bench.writers import command
from commerce.eventstore.codec.mapper import MAPPER
from commerce.values.ids import product_id

SECONDS = 0.8
BYTES = len(MAPPER.to_stored_event(command(product_id("A")).events[0]).state)
LIBRARY = "eventsourcing, default recorder"
COPY = "COPY in bulk, unchecked"
TARGETS = {
    "natural commit": [Target(LIBRARY, ">=", 25), Target(COPY, ">=", 0.4)],
    "commit of 2 ms": [Target(LIBRARY, ">=", 40)],
}


async def run(report: Report) -> None:
    """Compare at both commit latencies; four processes at the longer one."""
    report.notes.append(f"a command is two events of {BYTES} bytes that begin a stream, durable when it is answered")
    report.notes.append(
        "ours encodes its events; the library and COPY are handed bytes; COPY writes 10,000 rows a commit"
    )
    report.notes.append(
        "64 commands at once and 2 ms a commit are at most 32,000 a second, so that COPY is no measure there"
    )
    with server() as own_server:
        for name, latency in LATENCIES.items():
            own_server.set_commit_latency(latency)
            for writers in (1, 4, 16, 64):
                peers = {LIBRARY: _library(own_server, writers)}
                if writers == 64:
                    peers[COPY] = _turn(own_server, peer("append_copy.py"), owner=True, bulks=30)
                await report.compare(
                    f"{writers} writers, {name}",
                    "commands/s",
                    _ours(own_server, writers),
                    peers,
                    targets=TARGETS[name] if writers == 64 else (),
                )
        await report.compare(
            f"4 processes of 16 writers, {name}",
            "commands/s",
            _ours(own_server, 16, processes=4),
            {LIBRARY: _library(own_server, 16, processes=4)},
            targets=[Target(LIBRARY, ">=", 17)],
        )


def _ours(on: Server, writers: int, processes: int = 1) -> Measure:
    return _turn(on, own("writers"), processes=processes, writers=writers)


def _library(on: Server, writers: int, processes: int = 1) -> Measure:
    return _turn(on, peer("append_library.py"), owner=True, template="template0", processes=processes, writers=writers)


def _turn(
    on: Server,
    program: Program,
    *,
    owner: bool = False,
    template: str = "commerce",
    processes: int = 1,
    **options: int,
) -> Measure:
    """One contender's turn, on a database that nobody has written to."""

    async def measure() -> float:
        with on.database(template) as (owners, applications):
            given = {"address": owners if owner else applications, "seconds": SECONDS, "bytes": BYTES, **options}
            if processes > 1:  # the first one makes the library's tables, which several at once cannot
                await load(program, {**given, "seconds": 0, "warm_up": 0})
            found = await load(program, {**given, "first": processes == 1}, processes)
        return float(sum(each["done"] / each["seconds"] for each in found))

    return measure
