"""What a call carries over the wire, and what becomes of an answer that is none."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest

from commerce.errors import BadUsage, Unavailable
from workers.gateways.calls import Caller


def answer(status: str, body: bytes, *headers: str) -> bytes:
    head = [f"HTTP/1.1 {status}", "Content-Type: application/json", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


@asynccontextmanager
async def party(answered: bytes, asked: list[bytes]) -> AsyncIterator[str]:
    """A party outside that gives one answer to everything, and notes the heads of requests; its host and port."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(answered)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1") as server:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"


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
    async with (
        party(answer("200 OK", b"{}"), asked) as place,
        Caller(f"http://{credentials}{place}", Unavailable) as caller,
    ):
        await caller.post("/v1/things", uuid4(), {})
    sent = dict(line.split(b": ", 1) for line in asked[0].split(b"\r\n")[1:] if line)
    assert sent.get(b"Authorization") == header
    assert sent[b"Host"] == place.encode()


@pytest.mark.parametrize(
    ("answered", "told"),
    [
        (answer("200 OK", b"<html>"), "answered 200 with something that is not JSON"),
        (answer("200 OK", b'"\xff"'), "answered 200 with something that is not JSON"),
        (answer("200 OK", b"[]"), "answered with something that is not an object"),
        (answer("503 Service Unavailable", b"{}"), "answered 503"),
        (answer("429 Too Many Requests", b"{}"), "answered 429"),
        (answer("200 OK", b"{}")[:-1], "gave no answer"),
        (b"", "gave no answer"),
        (b"220 mail.example ESMTP\r\n", "gave no answer"),
    ],
)
async def test_what_is_not_an_answer_counts_as_none(answered: bytes, told: str) -> None:
    asked: list[bytes] = []
    async with party(answered, asked) as place, Caller(f"http://{place}", Unavailable) as caller:
        with pytest.raises(Unavailable, match=told):
            await caller.post("/v1/things", uuid4(), {})
    assert len(asked) == 1


async def test_nobody_is_led_elsewhere() -> None:
    asked: list[bytes] = []
    elsewhere = answer("302 Found", b"{}", "Location: /v1/others")
    async with party(elsewhere, asked) as place, Caller(f"http://{place}", Unavailable) as caller:
        assert (await caller.post("/v1/things", uuid4(), {})).status == 302
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("localhost:8080", "is not an http:// or https:// address"),
        ("ftp://localhost", "is not an http:// or https:// address"),
        ("http://", "is not an"),
        ("http://shop:secret@localhost:port", "'http://localhost:port' is not an address"),
        ("ftp://shop:secret@localhost", "'ftp://localhost' is not an http:// or https:// address"),
        ("http://a%3Ab:secret@localhost", "has a colon"),
    ],
)
def test_what_is_not_an_address_is_refused(address: str, said: str) -> None:
    with pytest.raises(BadUsage, match=said) as raised:
        Caller(address, Unavailable)
    assert "secret" not in str(raised.value)
