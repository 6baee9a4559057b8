"""A worker's health is what its check says, also when the check fails; its own paths come before its site's."""

from __future__ import annotations

import asyncio

import httpx2
import pytest
from faststream.asgi.types import Receive, Scope, Send
from prometheus_client import CollectorRegistry, Counter

from workers.runtime import app
from workers.runtime.app import WorkerApp


async def get(app: WorkerApp, path: str) -> httpx2.Response:
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://worker") as client:
        return await client.get(path)


async def test_a_worker_without_complaints_is_healthy() -> None:
    health = await get(WorkerApp("test"), "/health")
    assert (health.status_code, health.json()) == (200, {"status": "ok"})


async def test_what_the_check_says_is_the_health() -> None:
    async def check() -> dict[str, str]:
        return {"database": "does not answer"}

    health = await get(WorkerApp("test", health=check), "/health")
    assert health.status_code == 503
    assert health.json() == {"status": "failing", "problems": {"database": "does not answer"}}


async def test_a_check_that_raises_is_a_problem_without_values() -> None:
    async def check() -> dict[str, str]:
        raise ValueError("Jane Zweistein")

    assert await WorkerApp("test", health=check).problems() == {"health": "ValueError"}


async def test_a_check_that_hangs_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    async def check() -> dict[str, str]:
        await asyncio.Event().wait()
        return {}

    monkeypatch.setattr(app, "HEALTH_TIMEOUT_S", 0.01)
    assert await WorkerApp("test", health=check).problems() == {"health": "no answer within 0.01 s"}


async def test_metrics_are_the_processes_and_the_workers_own() -> None:
    registry = CollectorRegistry()
    Counter("parcels", "Shipments sent.", registry=registry).inc(3)
    text = (await get(WorkerApp("test", registry=registry), "/metrics")).text
    assert "parcels_total 3.0" in text
    assert "process_cpu_seconds_total" in text


async def test_other_paths_go_to_the_site_if_there_is_one() -> None:
    async def site(scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 418, "headers": []})
        await send({"type": "http.response.body", "body": scope["path"].encode()})

    app = WorkerApp("test")
    assert (await get(app, "/elsewhere")).status_code == 404
    app.site = site
    assert (await get(app, "/elsewhere")).text == "/elsewhere"
    assert (await get(app, "/health")).status_code == 200


async def test_its_own_paths_say_what_they_can_be_asked_with() -> None:
    transport = httpx2.ASGITransport(WorkerApp("test"))
    async with httpx2.AsyncClient(transport=transport, base_url="http://worker") as client:
        for path in ("/health", "/metrics"):
            assert (await client.head(path)).status_code == 200
            asked, refused = await client.options(path), await client.post(path)
            assert (asked.status_code, refused.status_code) == (204, 405)
            assert asked.headers["Allow"] == refused.headers["Allow"] == "GET, HEAD, OPTIONS"
        assert (await client.options("/nonsense")).status_code == 404
