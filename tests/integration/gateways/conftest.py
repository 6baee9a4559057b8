"""The gateways that talk to the simulators, and simulators of a test's own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.integration.gateways.worker_process import WorkerProcess
from workers.gateways.http_carrier import HttpCarrier
from workers.gateways.http_provider import HttpPaymentProvider


@pytest.fixture
def new_provider(tmp_path: Path) -> Iterator[WorkerProcess]:
    """A provider of the test's own, not yet started, to be killed."""
    with WorkerProcess("workers.provider_simulator:app", tmp_path) as worker:
        yield worker


@pytest.fixture
def new_carrier(tmp_path: Path) -> Iterator[WorkerProcess]:
    """A carrier of the test's own, not yet started, to be killed."""
    with WorkerProcess("workers.carrier_simulator:app", tmp_path) as worker:
        yield worker


@pytest.fixture
async def provider(provider_process: WorkerProcess) -> AsyncIterator[HttpPaymentProvider]:
    async with HttpPaymentProvider(provider_process.url) as gateway:
        yield gateway


@pytest.fixture
async def carrier(carrier_process: WorkerProcess) -> AsyncIterator[HttpCarrier]:
    async with HttpCarrier(carrier_process.url) as gateway:
        yield gateway
