"""What a call carries over the wire, and what becomes of an answer that is none."""

from __future__ import annotations

import asyncio
import gzip
import resource
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
from uuid import uuid4

import pytest

from commerce.values.errors import BadUsage, Unavailable
from workers.gateways.http_caller import HttpCaller
from workers.gateways.http_session import LARGEST_ANSWER_BYTES


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
        HttpCaller(f"http://{credentials}{place}", Unavailable) as caller,
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
        (answer("200 OK", b"[" * 100_000), "answered 200 with something that is not JSON"),
        (answer("200 OK", b'{"amount": 1e99999999999999999999}'), "answered 200 with something that is not JSON"),
        (answer("200 OK", b'{"amount": NaN}'), "answered 200 with something that is not JSON"),
        (answer("200 OK", b'{"amount": "89.00", "amount": "1.00"}'), "answered 200 with something that is not JSON"),
        (answer("200 OK", b'{"amount": ' + b"9" * 5_000 + b"}"), "answered 200 with something that is not JSON"),
        (b"220 mail.example ESMTP\r\n", "gave no answer"),
    ],
)
async def test_what_is_not_an_answer_counts_as_none(answered: bytes, told: str) -> None:
    asked: list[bytes] = []
    async with party(answered, asked) as place, HttpCaller(f"http://{place}", Unavailable) as caller:
        with pytest.raises(Unavailable, match=told):
            await caller.post("/v1/things", uuid4(), {})
    assert len(asked) == 1


async def test_nobody_is_led_elsewhere() -> None:
    asked: list[bytes] = []
    elsewhere = answer("302 Found", b"{}", "Location: /v1/others")
    async with party(elsewhere, asked) as place, HttpCaller(f"http://{place}", Unavailable) as caller:
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
def test_what_is_not_an_address_is_rejected(address: str, said: str) -> None:
    with pytest.raises(BadUsage, match=said) as raised:
        HttpCaller(address, Unavailable)
    assert "secret" not in str(raised.value)


@asynccontextmanager
async def endless(head: bytes, piece: bytes, pause_s: float = 0.0) -> AsyncIterator[tuple[str, list[int]]]:
    """A party whose answer never ends; its host and port, and how many bytes it got rid of."""
    sent = [0]

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(head)
        with suppress(OSError), closing(writer):
            while True:
                writer.write(piece)
                await writer.drain()
                sent[0] += len(piece)
                await asyncio.sleep(pause_s)

    async with await asyncio.start_server(serve, "127.0.0.1") as server:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}", sent


CHUNKED = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
MOST_SENT_BYTES = 16 * LARGEST_ANSWER_BYTES
"""What is read, and what the system's buffers for a connection hold."""


@pytest.mark.parametrize(
    ("head", "piece"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\n", b" " * 65_536),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 200000000\r\n\r\n", b" " * 65_536),
        (CHUNKED, b"10000\r\n" + b" " * 65_536 + b"\r\n"),
        (b"HTTP/1.1 200 OK\r\n", b"X-More: " + b"x" * 8_000 + b"\r\n"),
        (b"HTTP/1.1 200 ", b"O" * 65_536),
        (b"", b"HTTP/1.1 102 Processing\r\n\r\n"),
        (CHUNKED + b"0\r\n", b"X-More: " + b"x" * 8_000 + b"\r\n"),
        (CHUNKED, b"1;" + b"x" * 60_000 + b"\r\n \r\n"),
    ],
    ids=["no end", "200 MB", "chunked", "headers", "reason", "informational", "trailers", "extensions"],
)
async def test_an_answer_is_read_up_to_1_mib_and_then_counts_as_none(head: bytes, piece: bytes) -> None:
    async with (
        endless(head, piece) as (place, sent),
        HttpCaller(f"http://{place}", Unavailable, call_timeout_s=2.0) as caller,
    ):
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        with pytest.raises(Unavailable):
            await caller.post("/v1/things", uuid4(), {})
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024  # KiB
    is_of_the_answer = b"102" not in piece and not piece.startswith(
        b"1;"
    )  # what frames it is not kept, and ends in time
    assert sent[0] < MOST_SENT_BYTES or not is_of_the_answer


async def test_an_answer_of_1_mib_is_read() -> None:
    body = b'{"status":"' + b"x" * (LARGEST_ANSWER_BYTES - 13) + b'"}'
    async with party(answer("200 OK", body), []) as place, HttpCaller(f"http://{place}", Unavailable) as caller:
        assert (await caller.post("/v1/things", uuid4(), {})).status == 200
    async with party(answer("200 OK", b" " + body), []) as place, HttpCaller(f"http://{place}", Unavailable) as caller:
        with pytest.raises(Unavailable, match="answered with more than 1 MiB"):
            await caller.post("/v1/things", uuid4(), {})


async def test_the_time_out_is_for_the_whole_answer() -> None:
    async with (
        endless(CHUNKED, b"1\r\n \r\n", pause_s=0.02) as (place, _),
        HttpCaller(f"http://{place}", Unavailable, call_timeout_s=0.3) as caller,
    ):
        with pytest.raises(Unavailable, match="gave no answer in time"):
            await caller.get("/v1/things")


async def test_a_compressed_answer_is_not_unfolded() -> None:
    asked: list[bytes] = []
    bomb = gzip.compress(b'{"status": "' + b"x" * 50_000_000 + b'"}')
    async with (
        party(answer("200 OK", bomb, "Content-Encoding: gzip"), asked) as place,
        HttpCaller(f"http://{place}", Unavailable) as caller,
    ):
        with pytest.raises(Unavailable, match="not JSON"):
            await caller.get("/v1/things")
    assert b"Accept-Encoding: identity" in asked[0]
