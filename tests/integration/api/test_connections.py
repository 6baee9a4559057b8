"""Clients that connect and ask nothing, or half, or too much, or hang up: nobody else notices, and the log does
not cry."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import httpx2
import psycopg
import pytest
from structlog.testing import capture_logs

from api import server
from api.http import turns, uvicorn_server
from commerce.runtime.settings import Settings
from tests.conftest import Database
from tests.integration.api.conftest import Shop, key, order, serving
from tests.integration.api.test_backpressure import APPEND_LOCK
from tests.waiting import LIMIT_S, eventually

SHORT_S = 0.3
HALF_HEAD = b"GET /api/v1/orders HTTP/1.1\r\nHost: shop\r\n"
WHOLE = b"GET /health/live HTTP/1.1\r\nHost: shop\r\n\r\n"


def half_body(token: str) -> bytes:
    """A request of which all but the last bytes were sent."""
    lines = (
        "POST /api/v1/orders HTTP/1.1",
        "Host: shop",
        f"Authorization: {token}",
        "Content-Type: application/json",
        "Idempotency-Key: half",
        "Content-Length: 100",
    )
    return "\r\n".join([*lines, "", '{"currency": ']).encode()


def receipt(token: str) -> bytes:
    """A whole request."""
    body = '{"quantity": 5}'
    lines = (
        "POST /api/v1/inventory/lamp/receipts HTTP/1.1",
        "Host: shop",
        f"Authorization: {token}",
        "Content-Type: application/json",
        "Idempotency-Key: whole",
        f"Content-Length: {len(body)}",
    )
    return "\r\n".join([*lines, "", body]).encode()


@asynccontextmanager
async def connected(url: str, *sent: bytes) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection over which this was sent."""
    address = urlsplit(url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    for data in sent:
        writer.write(data)
        await writer.drain()
    try:
        yield reader, writer
    finally:
        writer.close()


async def sent_of(number: int, piece: bytes, writer: asyncio.StreamWriter) -> int:
    """Send a piece so often, or until the other side has hung up; answers how often it was sent."""
    for sent in range(number):
        try:
            writer.write(piece)
            await writer.drain()
        except ConnectionError:
            return sent
    return number


async def ended(reader: asyncio.StreamReader) -> bytes:
    """What came until the server ended the connection."""
    async with asyncio.timeout(LIMIT_S):
        try:
            return await reader.read()
        except ConnectionResetError:
            return b""


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is waited for for long."""
    monkeypatch.setattr(uvicorn_server, "HEAD_TIMEOUT_S", SHORT_S)
    monkeypatch.setattr(uvicorn_server, "BODY_TIMEOUT_S", SHORT_S)


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is room for three connections."""
    monkeypatch.setattr(server, "bound", lambda: 3)


@pytest.mark.usefixtures("hasty")
async def test_a_connection_without_a_whole_request_ends(shop: Shop) -> None:
    token = shop.client("operator").headers["Authorization"]
    for sent, status in (
        (b"", b""),
        (HALF_HEAD, b"408"),
        (half_body(token), b"408"),
        (WHOLE + HALF_HEAD, b"200"),
        (b"\r\n", b""),
    ):
        async with connected(shop.url, sent) as (reader, _):
            answer = await ended(reader)
            assert answer[9:12] == status, sent
            if status == b"408":
                assert b"/docs/problems/request-too-slow" in answer
                assert b"connection: close" in answer
    metrics = (await shop.client().get(f"{shop.url}/metrics")).text
    assert 'commerce_api_connections_ended_total{reason="no-head"} 4.0' in metrics
    assert 'commerce_api_connections_ended_total{reason="no-body"} 1.0' in metrics


async def test_a_head_that_never_ends_is_rejected(shop: Shop) -> None:
    async with connected(shop.url, HALF_HEAD, b"X-Long: " + b"x" * 70_000) as (reader, _):
        answer = await ended(reader)
    assert answer[9:12] == b"431"
    assert b"/docs/problems/head-too-large" in answer


async def test_a_head_that_comes_whole_at_once_has_the_same_bound(shop: Shop) -> None:
    head = b"GET /health/live HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX-Long: "
    for length, status in ((60_000, b"200"), (70_000, b"431")):
        async with connected(shop.url, head + b"x" * length + b"\r\n\r\n") as (reader, _):
            assert (await ended(reader))[9:12] == status


async def test_a_body_that_was_rejected_is_not_read_to_its_end(shop: Shop) -> None:
    head = half_body(shop.client("operator").headers["Authorization"]).partition(b"Content-Length")[0]
    mebibyte = b"x" * 2**20
    for length, frame in ((b"Content-Length: 2147483648", b""), (b"Transfer-Encoding: chunked", b"100000\r\n")):
        async with connected(shop.url, head + length + b"\r\n\r\n") as (reader, writer):
            answer = asyncio.create_task(reader.readline())
            assert await sent_of(64, frame + mebibyte + (b"\r\n" if frame else b""), writer) < 64
            assert (await answer)[9:12] == b"413"


async def test_what_is_not_http_is_rejected_as_a_problem(shop: Shop) -> None:
    twice = b"POST /api/v1/orders HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}"
    for sent in (b"\x16\x03\x01 this is TLS\r\n\r\n", twice):
        async with connected(shop.url, sent) as (reader, _):
            answer = await ended(reader)
        assert answer[9:12] == b"400", sent
        assert b"application/problem+json" in answer


async def test_the_server_as_a_whole_says_what_it_can_be_asked_with(shop: Shop) -> None:
    async with connected(shop.url, b"OPTIONS * HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n") as (reader, _):
        answer = await ended(reader)
    assert answer[9:12] == b"204"
    assert b"allow: DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT\r\n" in answer


async def test_a_request_whose_client_hangs_up_before_its_turn_comes_is_not_begun(
    settings: Settings, shop: Shop, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await shop.stock("lamp", quantity=0)
    monkeypatch.setattr(turns, "CONCURRENT_COMMANDS", 1)
    token = shop.client("operator").headers["Authorization"]
    before = await shop.store.head()
    async with serving(settings) as url, await psycopg.AsyncConnection.connect(database.app_url) as session:
        await session.execute("SELECT pg_advisory_xact_lock(%s)", [APPEND_LOCK])
        path = f"{url}/api/v1/inventory/lamp/receipts"
        first = asyncio.create_task(shop.client("operator").post(path, json={"quantity": 1}, headers=key()))
        await eventually(lambda: measured(url, "running", 1))
        with capture_logs() as lines:
            async with connected(url, receipt(token)):
                await eventually(lambda: measured(url, "waiting", 1))
            await session.rollback()
            assert (await first).status_code == 201
            await eventually(lambda: any(line["event"] == "client closed" for line in lines))
    assert await shop.store.head() == before + 1


async def measured(url: str, state: str, commands: int) -> bool:
    """Whether so many commands are at this state."""
    async with httpx2.AsyncClient() as client:
        return (
            f'commerce_api_requests_{state}{{kind="command"}} {commands}.0' in (await client.get(f"{url}/metrics")).text
        )


@pytest.mark.usefixtures("few")
async def test_where_there_are_too_many_connections_those_that_ask_nothing_end_first(settings: Settings) -> None:
    async with serving(settings) as url:
        async with connected(url, HALF_HEAD) as (first, _), connected(url) as (second, _), connected(url) as (third, _):
            async with httpx2.AsyncClient(base_url=url) as bystander:
                for _ in range(5):
                    assert (await bystander.get("/health/live")).status_code == 200
                metrics = (await bystander.get("/metrics")).text
            assert (await ended(first))[:12] == b""
            assert not second.at_eof()
            assert not third.at_eof()
        assert "commerce_api_connections 3.0" in metrics
        assert "commerce_api_connections_bound 3.0" in metrics
        assert 'commerce_api_connections_ended_total{reason="too-many"} 1.0' in metrics


@pytest.mark.usefixtures("few")
async def test_where_all_connections_have_a_request_under_way_another_one_is_told_so(shop: Shop) -> None:
    await shop.stock("lamp")
    token = shop.client("operator").headers["Authorization"]
    async with (
        connected(shop.url, half_body(token)) as (_, _one),
        connected(shop.url, half_body(token)) as (_, _two),
        connected(shop.url, half_body(token)) as (_, _three),
        connected(shop.url, WHOLE) as (reader, _four),
    ):
        answer = await ended(reader)
    assert answer[9:12] == b"503"
    assert b"retry-after: 1" in answer
    assert b"connection: close" in answer


async def test_a_client_that_hangs_up_is_no_error(shop: Shop) -> None:
    await shop.stock("lamp")
    token = shop.client("operator").headers["Authorization"]
    with capture_logs() as lines:
        for sent in (half_body(token), HALF_HEAD, b""):
            async with connected(shop.url, sent):
                pass
        await eventually(lambda: bool(lines))
    (closed,) = lines
    assert (closed["event"], closed["log_level"]) == ("client closed", "info")
    assert (closed["status"], closed["route"], closed["method"]) == (499, "/api/v1/orders", "POST")


async def test_a_client_that_hangs_up_while_it_waits_for_an_order_is_no_error_and_the_order_is_placed(
    shop: Shop,
) -> None:
    await shop.stock("lamp")
    with capture_logs() as lines:
        with pytest.raises(httpx2.ReadTimeout):
            await shop.client("operator").post(
                "/orders", json=order(), headers={**key(), "Prefer": "wait=1"}, timeout=0.3
            )
        await eventually(lambda: bool(lines))
    assert [line["log_level"] for line in lines] == ["info"]
    await shop.show()
    assert len((await shop.client("operator").get("/orders")).json()["items"]) == 1
