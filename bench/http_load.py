"""Clients of an HTTP/1.1 server, as cheap as Python allows: ready bytes go out, status and length of what comes
back are read."""

from __future__ import annotations

import asyncio
import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from typing import cast

import uvloop

_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)\r\n", re.IGNORECASE)
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Load:
    """So many connections, each with one request under way, for so many seconds; any other status is an error."""

    port: int
    requests: Iterator[bytes]
    connections: int
    seconds: float
    status: int


@dataclass(frozen=True, slots=True)
class Measured:
    """What one round found."""

    rate: float
    """Answers per second."""
    p50: float
    p99: float
    """Milliseconds that half of the answers, and 99 % of them, took at most."""
    processor: float
    """Microseconds of the server's processor time per answer."""
    load_core: float
    """For which part of the time the core of whoever makes the load was busy."""

    def __str__(self) -> str:
        return f"{self.rate:,.0f}/s, p50 {self.p50:.1f} ms, p99 {self.p99:.1f} ms, {self.processor:.0f} µs/answer"


class _Client(asyncio.Protocol):
    """One connection, kept alive: the next request goes out when the answer to the last one is complete."""

    def __init__(self, requests: Iterator[bytes], expected: bytes) -> None:
        self.took: list[float] = []
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._requests = requests
        self._expected = expected
        self._received = b""
        self._sent = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._send()

    def data_received(self, data: bytes) -> None:
        received = self._received + data if self._received else data
        head, separator, body = received.partition(b"\r\n\r\n")
        length = _LENGTH.search(head + b"\r\n") if separator else None
        if length is None or len(body) < int(length[1]):
            self._received = received
            return
        self._received = b""
        self.took.append(time.perf_counter() - self._sent)
        if not head.startswith(self._expected):
            self._end(RuntimeError(f"answered {received[:600]!r}"))
            return
        self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        self._end(RuntimeError(f"the server hung up: {exc}"))

    def _send(self) -> None:
        request = next(self._requests, None)
        if request is None:
            self._end(None)
            return
        self._sent = time.perf_counter()
        self._transport.write(request)

    def _end(self, error: Exception | None) -> None:
        if not self.ended.done():
            self.ended.set_result(None) if error is None else self.ended.set_exception(error)
        self._transport.close()


async def load(wanted: Load, *, server: int) -> Measured:
    """Make the load on a server, by its process id. Raises `RuntimeError` for an answer of another status."""
    busy, processor, began = _busy(), _processor(server), time.perf_counter()
    took = await asyncio.to_thread(uvloop.run, _answers(wanted))
    elapsed = time.perf_counter() - began
    hundredths = quantiles(took, n=100)
    return Measured(
        rate=len(took) / elapsed,
        p50=hundredths[49] * 1000,
        p99=hundredths[98] * 1000,
        processor=(_processor(server) - processor) / len(took) * 1e6,
        load_core=(_busy() - busy) / elapsed,
    )


async def _answers(wanted: Load) -> list[float]:
    """The seconds that each answer took."""
    until = time.perf_counter() + wanted.seconds
    requests = iter(lambda: next(wanted.requests) if time.perf_counter() < until else None, None)
    expected = b"HTTP/1.1 %d " % wanted.status
    loop = asyncio.get_running_loop()
    clients = []
    for _ in range(wanted.connections):
        _, client = await loop.create_connection(lambda: _Client(requests, expected), "127.0.0.1", wanted.port)
        clients.append(client)
    await asyncio.gather(*(client.ended for client in clients))
    return [each for client in clients for each in client.took]


def _processor(process: int) -> float:
    """Seconds of processor time that a process has had."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _busy() -> float:
    """Seconds that the core which this process is pinned to has been busy with anything."""
    name = f"cpu{min(os.sched_getaffinity(0))} "
    line = next(line for line in Path("/proc/stat").read_text(encoding="utf-8").splitlines() if line.startswith(name))
    user, nice, system, _idle, _waiting, *interrupts = (int(field) for field in line.split()[1:9])
    return (user + nice + system + sum(interrupts)) / _TICKS
