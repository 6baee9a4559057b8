"""Posts a number of orders over kept connections, as cheaply as Python allows, so that the load takes little of
the machine."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit
from uuid import uuid4

from tests.system.conftest import ADDRESS

_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)\r\n", re.IGNORECASE)


async def post_orders(url: str, orders: int, skus: int, clients: int, headers: Mapping[str, str]) -> None:
    """Have so many clients post all orders, each one after the other. Raises `RuntimeError` for an answer but 200
    and 202."""
    place = urlsplit(url)
    left = iter(range(orders))
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())

    async def client() -> None:
        reader, writer = await asyncio.open_connection(place.hostname, place.port)
        for request in _requests(place.path, lines, left, skus):
            writer.write(request)
            await _answer(reader)
        writer.close()

    await asyncio.gather(*(client() for _ in range(clients)))


def _requests(path: str, headers: str, left: Iterator[int], skus: int) -> Iterator[bytes]:
    for number in left:
        order = {
            "currency": "EUR",
            "lines": [{"sku": f"thing-{number % skus}", "quantity": 1}],
            "shipping_address": ADDRESS,
            "payment_method": "pm_card_ok",
        }
        body = json.dumps(order)
        head = f"POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n{headers}"
        yield f"{head}idempotency-key: {uuid4()}\r\ncontent-length: {len(body)}\r\n\r\n{body}".encode()


async def _answer(reader: asyncio.StreamReader) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    length = _LENGTH.search(head)
    body = await reader.readexactly(int(length[1])) if length else b""
    if head.split(b" ", 2)[1] not in (b"200", b"202"):
        raise RuntimeError(f"answered {head!r} {body!r}")
