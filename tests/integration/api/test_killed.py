"""A process that is killed once a command is committed, and before it answers, takes nothing away: who sends the
request again is answered as if nothing had been."""

from __future__ import annotations

import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import httpx2
import pytest

from commerce.embedded.ports import free_port
from commerce.forks.child import ForkedChild
from tests.forked import fork
from tests.integration.api.conftest import Shop, key, order
from tests.waiting import LIMIT_S, eventually


@asynccontextmanager
async def mortal_api(shop: Shop, folder: Path, armed: str) -> AsyncIterator[tuple[str, ForkedChild]]:
    """Another process of the API on the same log, which is killed at this point."""
    (folder / "fired").mkdir(parents=True)
    (folder / "armed").write_text(f"api {armed}\n", encoding="utf-8")
    port = free_port()
    environment = {
        **os.environ,
        "COMMERCE_HOME": str(shop.settings.home),
        "COMMERCE_DATABASE_URL": str(shop.settings.database_url),
        "COMMERCE_API_PORT": str(port),
        "FAULTS_FOLDER": str(folder),
    }
    process = fork("tests.integration.api.mortal_api", [], environment, folder / "log")
    url = f"http://127.0.0.1:{port}"
    try:
        async with httpx2.AsyncClient() as client:

            async def listens() -> bool:
                assert process.poll() is None, (folder / "log").read_text(encoding="utf-8")
                try:
                    return (await client.get(f"{url}/health/live")).is_success
                except httpx2.TransportError:
                    return False

            await eventually(listens)
        yield url, process
    finally:
        process.kill()
        process.wait(LIMIT_S)


@pytest.mark.parametrize(
    ("armed", "command", "version"),
    [
        ("after append ordering.OrderPlaced", "place", 1),  # remembered in the append
        ("after append ordering.OrderCancellationRequested", "cancel", 2),  # not remembered yet
        ("after remember a request", "cancel", 2),  # remembered after the append
    ],
)
async def test_a_request_whose_answer_died_with_the_process_is_answered_when_it_comes_again(
    shop: Shop, tmp_path: Path, armed: str, command: str, version: int
) -> None:
    """Each case starts a process, as only a process can be killed."""
    await shop.stock("lamp")
    operator, same = shop.client("operator"), key()
    path, body = "/orders", order()
    if command == "cancel":
        placed = (await operator.post(path, json=body, headers=key())).json()
        path, body = f"/orders/{placed['order_id']}/cancellation", {"reason": "too many"}
    async with mortal_api(shop, tmp_path / "faults", armed) as (url, process):
        with pytest.raises(httpx2.TransportError):
            await operator.post(f"{url}/api/v1{path}", json=body, headers=same)
        assert process.wait(LIMIT_S) == -signal.SIGKILL
    committed = await shop.store.head()
    again, once_more = [await operator.post(path, json=body, headers=same) for _ in range(2)]
    assert (again.status_code, again.json()["version"], again.json()["position"]) == (202, version, committed)
    assert (once_more.status_code, once_more.text) == (again.status_code, again.text)
    assert once_more.headers["Commerce-Position"] == again.headers["Commerce-Position"]
    stream = await shop.store.read_stream(UUID(again.json()["order_id"]))
    assert (await shop.store.head(), len(stream)) == (committed, version)
