"""What a call carries over the wire."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest

from commerce.errors import Unavailable
from workers.gateways.calls import Caller

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"


@pytest.mark.parametrize(
    ("credentials", "header"),
    [
        ("shop:secret@", b"Basic c2hvcDpzZWNyZXQ="),
        ("shop%40home:a%3Ab@", b"Basic c2hvcEBob21lOmE6Yg=="),
        ("", None),
    ],
)
async def test_a_name_and_password_in_the_address_are_sent(credentials: str, header: bytes | None) -> None:
    asked: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(ANSWER)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1")
    port = server.sockets[0].getsockname()[1]
    async with server, Caller(f"http://{credentials}127.0.0.1:{port}", Unavailable) as caller:
        await caller.post("/v1/things", uuid4(), {})
    sent = dict(line.split(b": ", 1) for line in asked[0].split(b"\r\n")[1:] if line)
    assert sent.get(b"Authorization") == header
    assert sent[b"Host"] == b"127.0.0.1:%d" % port
