"""Workers inside the test's own event loop, on a real log, a real broker of the test's own, and the simulators as
processes."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import nats as nats_client
import pytest
from nats.js import JetStreamContext

from commerce.embedded.nats import EmbeddedNats
from commerce.eventstore import EventStore
from tests.conftest import MASTER_KEY, Database
from tests.integration.gateways.worker_process import WorkerProcess
from tests.integration.workers.shop import Shop


@pytest.fixture
def broker_server(tmp_path: Path) -> Iterator[EmbeddedNats]:
    """A NATS server of the test's own, as streams are shared by all that use a server."""
    server = EmbeddedNats(tmp_path / "broker", sync_interval="10s")
    server.start()
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture
async def jetstream(broker_server: EmbeddedNats) -> AsyncIterator[JetStreamContext]:
    """A look at the broker from outside."""
    client = await nats_client.connect(broker_server.url)
    yield client.jetstream()
    await client.close()


@pytest.fixture
def environment(
    database: Database, broker_server: EmbeddedNats, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> pytest.MonkeyPatch:
    """What workers are told: a home with the tests' master key, the log, and the broker."""
    keys = tmp_path / "keys"
    keys.mkdir(mode=0o700)
    (keys / "master.key").write_bytes(base64.b64encode(MASTER_KEY))
    monkeypatch.setenv("COMMERCE_HOME", str(tmp_path))
    monkeypatch.setenv("COMMERCE_DATABASE_URL", database.app_url)
    monkeypatch.setenv("COMMERCE_BROKER_URL", broker_server.url)
    for party in ("PROVIDER", "CARRIER"):
        monkeypatch.setenv(f"COMMERCE_{party}_CALLS__RETRY_PAUSE_S", "0.01")
    return monkeypatch


@pytest.fixture
def shop(
    store: EventStore,
    environment: pytest.MonkeyPatch,
    provider_process: WorkerProcess,
    carrier_process: WorkerProcess,
    tmp_path: Path,
) -> Shop:
    """A shop whose workers can be run."""
    environment.setenv("COMMERCE_PROVIDER_URL", provider_process.url)
    environment.setenv("COMMERCE_CARRIER_URL", carrier_process.url)
    return Shop(store, provider_process.url, carrier_process.url, tmp_path / "outbox")
