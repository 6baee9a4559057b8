"""One client that means harm, at an address of its own; what it does, and what it was told, as JSON at the end."""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter
from collections.abc import Awaitable, Callable

from api.http.connections import bound

HARMS = {
    "slow": "200 connections, each sends a byte a second",
    "huge": "16 connections, each sends bodies of 2 GB",
    "idle": "10,000 connections that ask nothing",
    "flood": "64 connections ask as fast as they can",
}
"""Each harm, and its words."""

_ADDRESS = "127.0.0.2"
_SLOW_CONNECTIONS = 200
_HUGE_CONNECTIONS = 16
_IDLE_CONNECTIONS = 10_000
_FLOOD_CONNECTIONS = 64
_AT_ONCE = 100
"""Connections that are opened at the same time."""
_BODY_BYTES = 2 * 2**30
_PIECE = b"x" * 2**16
_POST = b"POST /api/v1/orders HTTP/1.1\r\nHost: shop\r\nContent-Type: application/json\r\nIdempotency-Key: k\r\n"
_GET = b"GET /api/v1/orders HTTP/1.1\r\nHost: shop\r\nAuthorization: Bearer nonsense\r\n\r\n"


async def _connect(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection("127.0.0.1", port, local_addr=(_ADDRESS, 0))


async def _again(port: int, told: Counter[str], visit: Callable[[int, Counter[str]], Awaitable[None]]) -> None:
    """Connect and do harm again and again, whatever the server does about it."""
    while True:
        try:
            await visit(port, told)
        except OSError:
            told["hung up on"] += 1
            await asyncio.sleep(0.01)


async def _slow(port: int, told: Counter[str]) -> None:
    _, writer = await _connect(port)
    try:
        for byte in _POST * 100:
            writer.write(bytes([byte]))
            await writer.drain()
            told["bytes"] += 1
            await asyncio.sleep(1)
    finally:
        writer.close()


async def _huge(port: int, told: Counter[str]) -> None:
    """Half of them say at once how much will come."""
    reader, writer = await _connect(port)
    try:
        told["bodies begun"] += 1
        is_announced = told["bodies begun"] % 2 == 0
        length = f"Content-Length: {_BODY_BYTES}" if is_announced else "Transfer-Encoding: chunked"
        writer.write(_POST + length.encode() + b"\r\n\r\n")
        frame = b"" if is_announced else f"{len(_PIECE):x}\r\n".encode()
        for _ in range(_BODY_BYTES // len(_PIECE)):
            writer.write(frame + _PIECE + (b"" if is_announced else b"\r\n"))
            await writer.drain()
            told["KiB sent"] += len(_PIECE) // 1024
        told["bodies taken whole"] += 1
        await reader.read(1)
    finally:
        writer.close()


async def _flood(port: int, told: Counter[str]) -> None:
    reader, writer = await _connect(port)
    try:
        while True:
            writer.write(_GET)
            head = await reader.readuntil(b"\r\n\r\n")
            told[f"answers {head[9:12].decode()}"] += 1
            length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length: "))
            await reader.readexactly(int(length.partition(b": ")[2]))
    except asyncio.IncompleteReadError:
        told["hung up on"] += 1
    finally:
        writer.close()


async def _idle(port: int, told: Counter[str]) -> None:
    """One that is ended stays away for a minute."""
    reader, writer = await _connect(port)
    told["connections made"] += 1
    try:
        await reader.read(1)
    finally:
        told["hung up on"] += 1
        writer.close()
    await asyncio.sleep(60)


_VISITS = {
    "slow": (_slow, _SLOW_CONNECTIONS),
    "huge": (_huge, _HUGE_CONNECTIONS),
    "idle": (_idle, _IDLE_CONNECTIONS),
    "flood": (_flood, _FLOOD_CONNECTIONS),
}


async def _main(harm: str, port: int) -> None:
    bound()  # so many files may be open
    told: Counter[str] = Counter()
    visit, number = _VISITS[harm]
    print("ready", flush=True)
    lines = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    await lines.readline()
    tasks = []
    for started in range(number):
        tasks.append(asyncio.create_task(_again(port, told, visit)))
        if started % _AT_ONCE == 0:
            await asyncio.sleep(0.05)
    print("at work", flush=True)
    await lines.readline()
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    print(json.dumps(told), flush=True)


if __name__ == "__main__":
    options = json.loads(sys.argv[1])
    asyncio.run(_main(options["harm"], options["port"]))
