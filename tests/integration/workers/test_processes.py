"""Workers as processes of their own: how they reject to start, and how they end."""

from __future__ import annotations

import json
from pathlib import Path

import httpx2
import pytest

from commerce.embedded.nats import EmbeddedNats
from tests.conftest import Database
from tests.integration.gateways.worker_process import WorkerProcess
from tests.waiting import eventually


@pytest.mark.parametrize(
    ("app", "settings", "line"),
    [
        ("workers.saga:app", {}, "no database_url: set COMMERCE_DATABASE_URL"),
        ("workers.relay:app", {"COMMERCE_BROKER_URL": "nonsense"}, "COMMERCE_BROKER_URL: write it as nats://host:port"),
    ],
)
def test_a_setting_that_cannot_be_worked_with_is_one_line_and_exit_code_2(
    app: str, settings: dict[str, str], line: str, tmp_path: Path
) -> None:
    with WorkerProcess(app, tmp_path, settings) as worker:
        worker.launch()
        assert worker.exit_code() == 2
        assert worker.log.count(line) == 1
        assert "Traceback" not in worker.log


async def test_a_consumer_without_a_broker_says_so_and_ends_in_order(
    database: Database, broker_server: EmbeddedNats, tmp_path: Path
) -> None:
    broker_server.stop()
    with WorkerProcess("workers.payments:app", tmp_path, _settings(database, broker_server)) as worker:
        worker.start()
        status, health = await _get(worker, "/health")
        assert status == 503
        assert json.loads(health)["problems"]["broker"] == "not connected"
        _ends_in_order(worker)


async def test_a_consumer_at_work_is_well_tells_its_lag_and_ends_in_order(
    database: Database, broker_server: EmbeddedNats, tmp_path: Path
) -> None:
    with WorkerProcess("workers.shipping:app", tmp_path, _settings(database, broker_server)) as worker:
        worker.start()
        await eventually(lambda: _is_well(worker))
        _, metrics = await _get(worker, "/metrics")
        assert 'commerce_consumer_lag{consumer="shipping-schedule"} 0.0' in metrics
        _ends_in_order(worker)


def _settings(database: Database, broker: EmbeddedNats) -> dict[str, str]:
    nowhere = "http://127.0.0.1:1"
    return {
        "COMMERCE_DATABASE_URL": database.app_url,
        "COMMERCE_BROKER_URL": broker.url,
        "COMMERCE_PROVIDER_URL": nowhere,
        "COMMERCE_CARRIER_URL": nowhere,
    }


async def _get(worker: WorkerProcess, path: str) -> tuple[int, str]:
    async with httpx2.AsyncClient(base_url=worker.url, trust_env=False, verify=False) as client:
        response = await client.get(path)
    return response.status_code, response.text


async def _is_well(worker: WorkerProcess) -> bool:
    return (await _get(worker, "/health"))[0] == 200


def _ends_in_order(worker: WorkerProcess) -> None:
    assert worker.stop() == 0
