"""`python -m api` as an operator knows it: starts, ends in order, and says in one line what keeps it from starting."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path

import httpx2
import pytest

from api.__main__ import main
from commerce.embedded.postgres import EmbeddedPostgres
from commerce.runtime.settings import Settings
from commerce.runtime.tokens import issue_token
from tests.conftest import Database
from tests.integration.api.conftest import key, order
from tests.integration.eventstore.test_known import write_unknown
from tests.waiting import LIMIT_S


def as_variables(settings: Settings, **others: str) -> dict[str, str]:
    """What the API reads its settings from."""
    return {"COMMERCE_HOME": str(settings.home), "COMMERCE_DATABASE_URL": settings.database_url or "", **others}


async def start(settings: Settings, **environment: str) -> asyncio.subprocess.Process:
    """Start the API as a process of its own."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "api",
        env={**os.environ, **as_variables(settings, **environment)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def ended(process: asyncio.subprocess.Process) -> tuple[int | None, str]:
    """The exit code, and what was said on stderr."""
    _, said = await asyncio.wait_for(process.communicate(), LIMIT_S)
    return process.returncode, said.decode()


async def test_requests_in_flight_are_answered_when_the_process_is_told_to_end(
    settings: Settings, database: Database
) -> None:
    process = await start(settings, COMMERCE_API_PORT="0")
    assert process.stdout
    said = json.loads(await asyncio.wait_for(process.stdout.readline(), LIMIT_S))
    url = f"http://127.0.0.1:{said['port']}"
    headers = {"Authorization": f"Bearer {issue_token(settings, role='operator', subject='anna')}"}
    async with httpx2.AsyncClient(base_url=url, headers=headers, timeout=LIMIT_S, verify=False) as client:
        price = {"amount": "1", "currency": "EUR"}
        await client.put("/api/v1/products/lamp", json={"name": "Lamp", "price": price})
        waiting = asyncio.create_task(
            client.post("/api/v1/orders", json=order(), headers={**key(), "Prefer": "wait=30"})
        )
        await asyncio.sleep(1)
        process.send_signal(signal.SIGTERM)
        answer = await waiting
        assert (answer.status_code, answer.json()["status"]) == (202, "placed")
        assert answer.headers["connection"] == "close"
    assert (await ended(process))[0] == 0


async def test_no_request_is_lost_with_its_connection_when_the_process_is_told_to_end(settings: Settings) -> None:
    process = await start(settings, COMMERCE_API_PORT="0")
    assert process.stdout
    said = json.loads(await asyncio.wait_for(process.stdout.readline(), LIMIT_S))
    url = f"http://127.0.0.1:{said['port']}/health/live"
    answered = 0

    async def ask_on_and_on(client: httpx2.AsyncClient) -> None:
        nonlocal answered
        while True:
            try:
                (await client.get(url)).raise_for_status()
            except httpx2.ConnectError:
                return
            answered += 1

    async with AsyncExitStack() as open_ones:
        clients = [await open_ones.enter_async_context(httpx2.AsyncClient(verify=False)) for _ in range(32)]
        asking = asyncio.gather(*map(ask_on_and_on, clients))
        while answered < 200:  # noqa: ASYNC110 - until all are busy
            await asyncio.sleep(0.01)
        process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(asking, LIMIT_S)
    assert (await ended(process))[0] == 0


async def test_a_port_that_is_taken_is_one_line_and_exit_code_2(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        process = await start(settings, COMMERCE_API_PORT=str(taken.getsockname()[1]))
        code, said = await ended(process)
    assert (code, said.count("\n")) == (2, 1), said
    assert "COMMERCE_API_PORT" in said


@pytest.fixture
def rejected(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., str]:
    """Starts the API within this process, which saves the start of one; answers the line that it ends with."""

    def line_of(**environment: str) -> str:
        for name, value in as_variables(settings, COMMERCE_API_PORT="0", **environment).items():
            monkeypatch.setenv(name, value)
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr().err
        assert (ended.value.code, said.count("\n")) == (2, 1), said
        return said

    monkeypatch.setattr("api.__main__.configure_logs", lambda _name: None)  # the tests have their own
    monkeypatch.setattr("os.umask", lambda _mask: None)
    return line_of


@pytest.mark.parametrize(
    ("url", "words"),
    [("postgresql://nobody@127.0.0.1:1/nothing", "cannot be reached"), ("not a url", "database"), (None, "migrate")],
)
def test_a_database_that_cannot_be_used_is_one_line_and_exit_code_2(
    rejected: Callable[..., str], postgres: EmbeddedPostgres, url: str | None, words: str
) -> None:
    empty = postgres.admin_url.rpartition("/")[0] + "/postgres"
    assert words in rejected(COMMERCE_DATABASE_URL=url or empty)


def test_a_damaged_key_is_one_line_and_exit_code_2(rejected: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / "keys" / "master.key").write_text("nonsense")
    assert "master.key" in rejected()


def test_a_log_with_an_unknown_event_is_one_line_and_exit_code_2(
    rejected: Callable[..., str], database: Database
) -> None:
    write_unknown(database)
    assert "the log holds ordering.OrderGifted, which this version does not know" in rejected()
