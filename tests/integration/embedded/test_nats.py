"""The embedded NATS: with JetStream, private, restartable at its address."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import nats
import pytest
from nats.aio.client import Client
from nats.js import JetStreamContext

from commerce.embedded import EmbeddedNats
from commerce.embedded.ports import LOOPBACK
from commerce.embedded.probe import ask
from commerce.values.errors import BadUsage
from tests.waiting import eventually


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


def test_a_taken_port_is_rejected(tmp_path: Path) -> None:
    with socket.socket() as listener:
        listener.bind((LOOPBACK, 0))
        listener.listen()
        with pytest.raises(BadUsage, match="NATS cannot listen"):
            EmbeddedNats(tmp_path, port=listener.getsockname()[1]).start()


def test_a_folder_it_cannot_use_is_rejected_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "nats").mkdir()
    (tmp_path / "nats/streams").write_text("not a folder")
    with pytest.raises(BadUsage, match="moved away"):
        EmbeddedNats(tmp_path).start()


def test_who_does_not_know_the_secret_path_sees_no_page_of_its_monitor(server: EmbeddedNats) -> None:
    server.start()
    parts = urlsplit(server.monitor_url)
    assert parts.port is not None
    for path in ("/", "/varz", "/connz", "/jsz", "/healthz", f"{parts.path[:-1]}/varz"):
        answer = ask(LOOPBACK, parts.port, path)
        assert answer is not None
        assert answer[0] == 404, path
    assert ask(LOOPBACK, parts.port, f"{parts.path}/varz") is not None
    assert server.useless() is None


async def test_a_worker_is_a_user_of_its_own_who_may_do_no_more_than_it_needs(server: EmbeddedNats) -> None:
    server.start()
    said: list[str] = []

    async def note(error: Exception) -> None:
        said.append(str(error).lower())

    client = await nats.connect(server.url_of("payments"), error_cb=note)
    await client.publish("commands.payments.refund", b"{}")
    await client.flush()
    await eventually(lambda: said != [])
    await client.close()
    assert said == ['nats: permissions violation for publish to "commands.payments.refund"']
    assert server.url_of("saga") == server.url


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a disk of 40 MiB; only root can have one."""
    home = tmp_path / "home"
    home.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", str(home)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False).returncode:
        pytest.skip("nothing can be mounted here")
    yield home
    subprocess.run(["umount", home], check=True)


async def _until_refused(jetstream: JetStreamContext) -> None:
    """What fits into the last block is still taken."""
    for _ in range(200):
        await jetstream.publish("kept.one", bytes(1000), stream="kept")


async def test_after_a_full_disk_it_says_that_it_is_useless_until_it_is_started_again(small_disk: Path) -> None:
    home, server = small_disk, EmbeddedNats(small_disk)
    try:
        async with connected(server.start()) as client:
            jetstream = client.jetstream(timeout=1)
            await jetstream.add_stream(name="kept", subjects=["kept.>"])
            with (home / "filler").open("wb", buffering=0) as filler, suppress(OSError):
                while True:
                    filler.write(bytes(2**16))
            with pytest.raises(nats.errors.TimeoutError):
                await _until_refused(jetstream)
            assert server.can_start() == "its disk has 0 MiB free, make room"
            (home / "filler").unlink()
            useless = server.useless()
            assert useless is not None
            assert "no space left" in useless.why
            assert server.can_start() is None
        server.stop()
        async with connected(server.start()) as client:
            await client.jetstream().publish("kept.one", b"1", stream="kept")
        assert server.useless() is None
    finally:
        server.stop()
