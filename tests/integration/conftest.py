"""The simulators, and a Stripe for tests, as real processes, which tests of gateways and of workers share."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from commerce.audit import access_records
from tests.integration.gateways.stripe_front import StripeFront, localstripe, stripe_front
from tests.integration.gateways.worker_process import WorkerProcess


@pytest.fixture(autouse=True)
def a_long_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same look twice is one access record, and no minute of the clock ends between the two."""
    monkeypatch.setattr(access_records, "SAME_ACCESS_S", 10**9)


@pytest.fixture(scope="session")
def provider_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorkerProcess]:
    with WorkerProcess("workers.provider_simulator:app", tmp_path_factory.mktemp("provider")) as worker:
        worker.start()
        yield worker


@pytest.fixture(scope="session")
def localstripe_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with localstripe(tmp_path_factory.mktemp("localstripe")) as url:
        yield url


@pytest.fixture
async def stripe_server(localstripe_url: str) -> AsyncIterator[StripeFront]:
    """Stripe, as far as tests need it; it is shared, so that a test looks at its own orders only."""
    async with stripe_front(localstripe_url) as front:
        yield front


@pytest.fixture(scope="session")
def carrier_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorkerProcess]:
    with WorkerProcess("workers.carrier_simulator:app", tmp_path_factory.mktemp("carrier")) as worker:
        worker.start()
        yield worker
