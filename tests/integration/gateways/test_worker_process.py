"""What every worker process does alike: it starts on a free port, tells the truth about itself, and ends in order."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from pathlib import Path

import httpx2
import nats
import pytest

from commerce.embedded.nats import EmbeddedNats
from commerce.embedded.ports import free_port
from tests.forked import SERVER
from tests.integration.gateways.worker_process import WorkerProcess
from tests.waiting import eventually

EXAMPLE = "tests.integration.gateways.example_worker:app"


async def get(url: str, path: str) -> httpx2.Response:
    async with httpx2.AsyncClient(base_url=url, trust_env=False, verify=False) as client:
        return await client.get(path)


async def is_healthy(url: str) -> bool:
    return (await get(url, "/health")).status_code == 200


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[WorkerProcess]:
    with WorkerProcess(EXAMPLE, tmp_path) as example:
        yield example


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[EmbeddedNats]:
    server = EmbeddedNats(tmp_path / "broker")
    yield server
    server.stop()


async def test_a_worker_alone_takes_a_free_port_on_loopback(provider_process: WorkerProcess) -> None:
    assert provider_process.url.rpartition("@")[2].startswith("127.0.0.1:")
    assert not provider_process.url.endswith(":8000")
    health = await get(provider_process.url, "/health")
    assert (health.status_code, health.json()) == (200, {"status": "ok"})
    metrics = await get(provider_process.url, "/metrics")
    assert "process_resident_memory_bytes" in metrics.text


@pytest.mark.usefixtures("provider_process")
def test_the_process_that_workers_are_forked_from_has_one_thread() -> None:
    """A thread would not be there in a fork, and what it holds would be held for ever."""
    assert len(list(Path(f"/proc/{SERVER.pid}/task").iterdir())) == 1


def test_a_worker_listens_where_it_is_told_and_ends_in_order_when_asked(worker: WorkerProcess) -> None:
    port = free_port()
    worker.start("--host", "127.0.0.1", "--port", str(port))
    assert worker.url == f"http://127.0.0.1:{port}"
    assert worker.stop(signal.SIGTERM) == 0
    assert "shut down gracefully" in worker.log


async def test_with_the_broker_down_a_worker_starts_says_so_and_recovers(
    broker: EmbeddedNats, worker: WorkerProcess
) -> None:
    url = broker.start()
    broker.stop()
    worker.environment = {"EXAMPLE_BROKER": url}
    worker.start()
    health = await get(worker.url, "/health")
    assert health.status_code == 503
    assert health.json() == {"status": "failing", "problems": {"broker": "not connected"}}
    broker.start()
    await eventually(lambda: is_healthy(worker.url))
    broker.stop()
    assert not await is_healthy(worker.url)
    assert worker.stop() == 0
    assert "Traceback" not in worker.log


async def test_a_failing_message_leaves_no_personal_data_in_the_log(
    broker: EmbeddedNats, worker: WorkerProcess
) -> None:
    url = broker.start()
    worker.environment = {"EXAMPLE_BROKER": url}
    worker.start()
    await eventually(lambda: is_healthy(worker.url))
    client = await nats.connect(url)
    await client.jetstream().publish("example.parcels", b'{"name": "Jane Zweistein"}')
    await client.close()
    await eventually(lambda: "ValidationError" in worker.log)
    assert worker.stop() == 0
    assert "Jane" not in worker.log
    assert {json.loads(line)["worker"] for line in worker.log.splitlines()} == {"example"}


def test_a_worker_ends_in_order_at_ctrl_c(worker: WorkerProcess) -> None:
    worker.start()
    assert worker.stop(signal.SIGINT) == 0
    assert "shut down gracefully" in worker.log


def test_a_worker_that_is_set_up_wrong_says_so_in_one_line(worker: WorkerProcess) -> None:
    worker.environment = {"EXAMPLE_FAULT": "usage"}
    worker.launch()
    assert worker.exit_code() == 2
    said = [json.loads(line)["event"] for line in worker.log.splitlines() if '"error"' in line]
    assert said[0] == "no database_url: set COMMERCE_DATABASE_URL"
    assert "Traceback" not in worker.log


def test_a_worker_whose_start_fails_ends(worker: WorkerProcess) -> None:
    worker.environment = {"EXAMPLE_FAULT": "bug"}
    worker.launch()
    assert worker.exit_code() not in {0, 2}
    assert "first line" in worker.log
    assert "Jane" not in worker.log


def test_a_damaged_ledger_is_one_clear_line(new_provider: WorkerProcess) -> None:
    (new_provider.home / "provider.sqlite3").write_bytes(b"this is no database" * 100)
    new_provider.launch()
    assert new_provider.exit_code() == 2
    assert "cannot be used as a ledger" in new_provider.log
