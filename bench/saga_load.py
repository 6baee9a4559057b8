"""Posts a number of orders over kept connections, as cheaply as Python allows, so that the load takes little of
the machine."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack
from typing import Self
from urllib.parse import urlsplit
from uuid import uuid4

from tests.system.conftest import ADDRESS

_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)\r\n", re.IGNORECASE)


async def post_orders(url: str, orders: int, skus: int, clients: int, headers: Mapping[str, str]) -> list[float]:
    """Have so many clients post all orders, each one after the other; answers the seconds that each order took.

    Raises `RuntimeError` for an answer but 200 and 202.
    """
    requests, took = _requests(url, headers, orders, skus), []

    async def client() -> None:
        async with _Connection(url) as connection:
            for request in requests:
                took.append(await connection.ask(request))

    await asyncio.gather(*(client() for _ in range(clients)))
    return took


async def post_orders_at(url: str, orders: int, skus: int, per_s: float, headers: Mapping[str, str]) -> list[float]:
    """Post so many orders a second, however long they take, and answer the seconds that each took from when it was
    due. Raises as `post_orders`."""
    loop = asyncio.get_running_loop()
    free: list[_Connection] = []
    async with AsyncExitStack() as stack:

        async def post(request: bytes, due: float) -> float:
            connection = free.pop() if free else await stack.enter_async_context(_Connection(url))
            await connection.ask(request)
            free.append(connection)
            return loop.time() - due

        posted, began = [], loop.time()
        for number, request in enumerate(_requests(url, headers, orders, skus)):
            due = began + number / per_s
            await asyncio.sleep(due - loop.time())
            posted.append(asyncio.create_task(post(request, due)))
        return await asyncio.gather(*posted)


class _Connection:
    """A kept connection to a server, as long as the block lasts."""

    def __init__(self, url: str) -> None:
        place = urlsplit(url)
        self._host, self._port = place.hostname, place.port

    async def __aenter__(self) -> Self:
        self._reader, self._writer = await asyncio.open_connection(self._host, self._port)
        return self

    async def __aexit__(self, *raised: object) -> None:
        self._writer.close()

    async def ask(self, request: bytes) -> float:
        """Send a request; answers the seconds until it was answered. Raises `RuntimeError` for another answer than 200
        and 202."""
        began = time.monotonic()
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = _LENGTH.search(head)
        body = await self._reader.readexactly(int(length[1])) if length else b""
        if head.split(b" ", 2)[1] not in (b"200", b"202"):
            raise RuntimeError(f"answered {head!r} {body!r}")
        return time.monotonic() - began


def _requests(url: str, headers: Mapping[str, str], orders: int, skus: int) -> Iterator[bytes]:
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    for number in range(orders):
        order = {
            "currency": "EUR",
            "lines": [{"sku": f"thing-{number % skus}", "quantity": 1}],
            "shipping_address": ADDRESS,
            "payment_method": "pm_card_ok",
        }
        body = json.dumps(order)
        head = f"POST {urlsplit(url).path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n{lines}"
        yield f"{head}idempotency-key: {uuid4()}\r\ncontent-length: {len(body)}\r\n\r\n{body}".encode()
