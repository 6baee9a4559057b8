"""One running system for all system tests: `commerce up`, in a folder of its own, on free ports."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import uuid4

import httpx2
import psycopg
import pytest

from commerce.embedded.ports import free_port
from commerce.runtime.settings import Settings, read_run_file
from commerce.runtime.tokens import Role, issue_token

READY = "Ctrl-C ends everything."
ASCII_ONLY = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
"""A locale in which Python by itself reads and writes ASCII: nothing of ours goes by it."""

ADDRESS = {
    "name": "Łucja Żółć",
    "line1": "7 Compiler Court",
    "city": "Arlington",
    "postcode": "22201",
    "country": "US",
}


@dataclass(frozen=True)
class System:
    """A running system as its operator sees it."""

    home: Path
    environment: dict[str, str]
    process: subprocess.Popen[str]
    """`commerce up` itself."""
    said: list[str] = field(default_factory=list)
    """The lines that `commerce up` has printed so far."""

    def kill(self) -> None:
        """End `commerce up` as nothing that it could do something about."""
        self.process.kill()
        self.process.wait()

    @property
    def run(self) -> dict[str, Any]:
        """What `run.json` says at the moment."""
        return read_run_file(self.home / "run.json")

    @property
    def api_url(self) -> str:
        """Where the API listens."""
        return str(self.run["api_url"])

    def token(self, role: Role, subject: str) -> str:
        """A token of this system."""
        return issue_token(Settings(home=self.home), role=role, subject=subject)

    def commerce(self, *arguments: str, timeout: float = 120) -> subprocess.CompletedProcess[str]:
        """Run the command line against this system."""
        return subprocess.run(
            [sys.executable, "-m", "commerce.cli.main", *arguments],
            env=self.environment,
            capture_output=True,
            encoding="utf-8",
            timeout=timeout,
            check=False,
        )

    def database(self) -> psycopg.Connection[Any]:
        """The database, as its owner."""
        return psycopg.connect(self.run["admin_database_url"], autocommit=True)


@contextmanager
def running(home: Path, *options: str, settings: Mapping[str, str] | None = None) -> Iterator[System]:
    """A whole system, started as a user would, with options and `COMMERCE_…` settings, and ended in order."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COMMERCE_")}
    own = {"COMMERCE_HOME": str(home), "COMMERCE_API_PORT": str(free_port()), **ASCII_ONLY, **(settings or {})}
    process = subprocess.Popen(
        [sys.executable, "-m", "commerce.cli.main", "up", "--end-with-parent", *options],
        env=kept | own,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )
    system = System(home, kept | own, process)
    listener = Thread(target=_listen, args=(process, system.said), daemon=True)
    try:
        _await_ready(process, system.said)
        listener.start()
        yield system
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)
        if listener.is_alive():
            listener.join()
        assert process.stdout is not None
        process.stdout.close()
    assert process.returncode in (0, -signal.SIGKILL), "".join(system.said)


def _await_ready(process: subprocess.Popen[str], said: list[str]) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        said.append(line)
        if READY in line:
            return
    pytest.fail("the system did not start:\n" + "".join(said))


def _listen(process: subprocess.Popen[str], said: list[str]) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        said.append(line)


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """The one system that all system tests share."""
    with running(tmp_path_factory.mktemp("home")) as started:
        yield started


@pytest.fixture
def fresh_system(tmp_path: Path) -> Iterator[System]:
    """A system of the test's own, with its workers in one process."""
    with running(tmp_path, "--together") as started:
        yield started


@pytest.fixture
async def operator(system: System) -> AsyncIterator[httpx2.AsyncClient]:
    """An HTTP client with an operator's token."""
    headers = {"Authorization": f"Bearer {system.token('operator', 'olga')}"}
    limits = httpx2.Limits(max_connections=50)
    async with httpx2.AsyncClient(
        base_url=f"{system.api_url}/api/v1", headers=headers, timeout=60, limits=limits
    ) as client:
        yield client


@dataclass(frozen=True)
class Shop:
    """The few things a shop does, over HTTP."""

    client: httpx2.AsyncClient
    run: dict[str, Any]

    async def stock(self, sku: str, quantity: int, price: str = "10.00") -> None:
        """Make a product and receive stock of it."""
        product = {"name": f"The {sku}", "price": {"amount": price, "currency": "EUR"}}
        (await self.client.put(f"/products/{sku}", json=product)).raise_for_status()
        if quantity:
            await self.receive(sku, quantity)

    async def receive(self, sku: str, quantity: int) -> None:
        """Receive stock."""
        answer = await self.client.post(
            f"/inventory/{sku}/receipts", json={"quantity": quantity}, headers={"Idempotency-Key": str(uuid4())}
        )
        answer.raise_for_status()

    async def order(self, sku: str, quantity: int = 1, wait: int = 30, **changed: Any) -> dict[str, Any]:
        """Place an order, wait for its end, and answer it as the API shows it."""
        address = {**ADDRESS, "country": changed.pop("country", "US")}
        body = {
            "currency": "EUR",
            "lines": [{"sku": sku, "quantity": quantity}],
            "shipping_address": address,
            "payment_method": "pm_card_ok",
            **changed,
        }
        headers = {"Idempotency-Key": str(uuid4()), "Prefer": f"wait={wait}"}
        answer = await self.client.post("/orders", json=body, headers=headers)
        assert answer.status_code in (200, 202), answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def stock_of(self, sku: str) -> tuple[int, int, int]:
        """On hand, reserved, available; a view of its own, which follows an order's end a moment later."""
        answer = (await self.client.get(f"/inventory/{sku}")).raise_for_status().json()
        return answer["on_hand"], answer["reserved"], answer["available"]

    async def ledger(self, order_id: str) -> list[str]:
        """What the payment provider booked for an order, in order, attempts that moved no money left out."""
        async with httpx2.AsyncClient(verify=False) as client:
            answer = await client.get(f"{self.run['provider_url']}/ledger", params={"order_id": order_id})
        entries = answer.raise_for_status().json()["items"]
        return [f"{entry['kind']} {entry['amount']}" for entry in entries]

    async def shipments(self, order_id: str) -> list[str]:
        """What the carrier booked for an order, in order."""
        async with httpx2.AsyncClient(verify=False) as client:
            answer = await client.get(f"{self.run['carrier_url']}/ledger", params={"order_id": order_id})
        return [entry["kind"] for entry in answer.raise_for_status().json()["items"]]

    async def events(self, system: System, order_id: str) -> list[str]:
        """The topics of all events of an order, in log order."""
        with system.database() as connection:
            rows = connection.execute(
                "SELECT topic FROM commerce_events WHERE correlation_id = %s ORDER BY notification_id", [order_id]
            ).fetchall()
        return [row[0] for row in rows]


@pytest.fixture
def shop(operator: httpx2.AsyncClient, system: System) -> Shop:
    """A shop on the running system."""
    return Shop(operator, system.run)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests that share the one system together when tests run in several processes, and the one that ends
    it behind the others."""
    items.sort(key=lambda item: item.path.name == "test_restart.py")
    for item in items:
        if "system" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("system"))
