"""The simulators as real processes, which tests of gateways and of workers share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.gateways.worker_process import WorkerProcess


@pytest.fixture(scope="session")
def provider_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorkerProcess]:
    with WorkerProcess("workers.provider_simulator:app", tmp_path_factory.mktemp("provider")) as worker:
        worker.start()
        yield worker


@pytest.fixture(scope="session")
def carrier_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorkerProcess]:
    with WorkerProcess("workers.carrier_simulator:app", tmp_path_factory.mktemp("carrier")) as worker:
        worker.start()
        yield worker
