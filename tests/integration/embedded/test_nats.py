"""The embedded NATS: with JetStream, private, restartable at its address."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import nats
import pytest
from nats.aio.client import Client

from commerce.embedded import EmbeddedNats
from commerce.embedded.ports import LOOPBACK
from commerce.errors import BadUsage


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedNats]:
    server = EmbeddedNats(tmp_path)
    yield server
    server.stop()


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Client]:
    client = await nats.connect(url, allow_reconnect=False)
    try:
        yield client
    finally:
        await client.close()


async def test_what_was_acknowledged_outlives_a_restart_and_a_crash(server: EmbeddedNats) -> None:
    url = server.start()
    async with connected(url) as client:
        await client.jetstream().add_stream(name="kept", subjects=["kept.>"])
        await client.jetstream().publish("kept.one", b"1", stream="kept")
    server.stop()
    assert server.start() == url
    assert server.pid is not None
    os.kill(server.pid, signal.SIGKILL)
    assert server.start() == url
    async with connected(url) as client:
        assert (await client.jetstream().get_msg("kept", 1)).data == b"1"


def test_a_password_is_asked_for(server: EmbeddedNats) -> None:
    host, _, port = server.start().partition("@")[2].partition(":")
    with socket.create_connection((host, int(port)), timeout=5) as connection, connection.makefile("rwb") as line:
        assert line.readline().startswith(b"INFO ")
        line.write(b"CONNECT {}\r\nPING\r\n")
        line.flush()
        assert line.readline() == b"-ERR 'Authorization Violation'\r\n"


def test_a_taken_port_is_refused(tmp_path: Path) -> None:
    with socket.socket() as listener:
        listener.bind((LOOPBACK, 0))
        listener.listen()
        with pytest.raises(BadUsage, match="NATS cannot listen"):
            EmbeddedNats(tmp_path, port=listener.getsockname()[1]).start()


def test_a_folder_it_cannot_use_is_refused_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "nats").mkdir()
    (tmp_path / "nats/streams").write_text("not a folder")
    with pytest.raises(BadUsage, match="moved away"):
        EmbeddedNats(tmp_path).start()
