"""The real API over HTTP on a database of the test's own, and what subscriptions do behind it."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import httpx2
import pytest
from fastapi import FastAPI

from api.app import create_app
from api.bulk.slots import TRANSFERS_OF_SENDER
from api.context import AppContext
from api.http.errors import TooManyRequests
from api.live import stream
from api.queries import signed_log
from api.server import listen, server_of
from commerce.credentials import password_hashes
from commerce.eventstore import Engine, EventStore
from commerce.evidence.seal import Sealing
from commerce.inventory.subscription import inventory_subscription
from commerce.runtime.settings import Settings
from commerce.runtime.tokens import Role, issue_token
from commerce.saga.limits import ProcessLimits
from commerce.saga.request_events import STOCK_TOPICS, stock_request
from commerce.saga.subscription import saga_subscription
from projections import subscriptions
from tests.catch_up import catch_up, catch_up_all
from tests.conftest import MASTER_KEY, Database
from tests.waiting import LIMIT_S, eventually

ADDRESS = {"name": "Ada Lovelace", "line1": "12 Engine Row", "city": "London", "postcode": "W1", "country": "GB"}


CHANGING = ("x-request-id", "date", "ratelimit")
"""Headers that differ from answer to answer, whatever is answered."""
WEBHOOK_SECRET = "whsec_a-secret-for-tests"


@dataclass(frozen=True)
class Shop:
    """A running API and its store; clients with a token of any role."""

    url: str
    settings: Settings
    store: EventStore
    client: Callable[..., httpx2.AsyncClient]
    context: AppContext
    """What the API itself has opened."""

    async def stock(self, sku: str, quantity: int = 10, price: str = "10.00") -> None:
        """Add a product and receive stock of it."""
        operator = self.client("operator")
        product = {"name": f"The {sku}", "price": {"amount": price, "currency": "EUR"}}
        (await operator.put(f"/products/{quote(sku, safe='')}", json=product)).raise_for_status()
        if quantity:
            answer = await operator.post(
                f"/inventory/{quote(sku, safe='')}/receipts", json={"quantity": quantity}, headers=key()
            )
            answer.raise_for_status()

    async def show(self) -> None:
        """Bring every read model up to date."""
        await catch_up_all(self.store, subscriptions())

    async def seal(self) -> None:
        """Sign the log as it is, as the projections worker does."""
        sealing = Sealing.of(self.store, self.settings)
        await catch_up(self.store, sealing.subscription)
        await sealing.sign()

    @asynccontextmanager
    async def all_transfers_of(self, sender: str) -> AsyncIterator[None]:
        """Hold a sender's places for imports and exports; one that has just ended gives its own back a moment later."""
        with ExitStack() as taken:

            def takes_one() -> bool:
                with suppress(TooManyRequests):
                    taken.enter_context(self.context.bulk.admitted(sender))
                    return True
                return False

            for _ in range(TRANSFERS_OF_SENDER):
                await eventually(takes_one)
            yield

    @asynccontextmanager
    async def following(self) -> AsyncIterator[None]:
        """Run the saga, the inventory and the projections."""
        engine = Engine(
            self.store,
            [saga_subscription(ProcessLimits()), inventory_subscription(STOCK_TOPICS, stock_request), *subscriptions()],
        )
        await engine.start()
        try:
            yield
        finally:
            await engine.stop()


def key(value: str | None = None) -> dict[str, str]:
    """The header of a request that may be sent again."""
    return {"Idempotency-Key": value or str(uuid4())}


def order(*lines: tuple[str, int], **changed: Any) -> dict[str, Any]:
    """The body of an order."""
    wanted = [{"sku": sku, "quantity": quantity} for sku, quantity in lines or [("lamp", 1)]]
    body = {"currency": "EUR", "lines": wanted, "shipping_address": ADDRESS, "payment_method": "pm_card_ok"}
    return {**body, **changed}


@pytest.fixture(autouse=True)
def brief_streams(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streams of events end at once, so that a test can ask every route alike."""
    monkeypatch.setattr(stream, "LONGEST_STREAM_S", 0.0)


@pytest.fixture(autouse=True)
def no_heads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody signs the log here, so nobody waits for it."""
    monkeypatch.setattr(signed_log, "HEAD_WAIT_S", 0.0)


@pytest.fixture(autouse=True)
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hash takes a hundredth of what it does; `tests/unit/customers` makes real ones."""
    monkeypatch.setattr(password_hashes, "_MEMORY_KIB", 128)
    monkeypatch.setattr(password_hashes, "_NOBODYS", password_hashes._NOBODYS.replace("m=19456", "m=128"))


@pytest.fixture
def settings(database: Database, tmp_path: Path) -> Settings:
    """Settings of an API on the test's database, with the store's master key."""
    keys = tmp_path / "keys"
    keys.mkdir(mode=0o700)
    (keys / "master.key").write_bytes(base64.b64encode(MASTER_KEY))
    return Settings(home=tmp_path, database_url=database.app_url, api_port=0, webhook_secret=WEBHOOK_SECRET)


def without_rate_limits(settings: Settings) -> Settings:
    """As many requests as anybody likes."""
    limits = [name for name in Settings.model_fields if name.startswith("rate_limit_")]
    return settings.model_copy(update={name: 0 for name in limits if isinstance(getattr(settings, name), int)})


@asynccontextmanager
async def serving(settings: Settings, app: FastAPI | None = None) -> AsyncIterator[str]:
    """Serve the API in this process; answers its address."""
    app = app or create_app(settings)
    with listen(settings) as listening:
        async with app.router.lifespan_context(app):
            server = server_of(app, settings.checked_proxies())
            task = asyncio.create_task(server.serve(sockets=[listening]))
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
            server.should_exit = True
            await task


@pytest.fixture
async def shop(settings: Settings) -> AsyncIterator[Shop]:
    """A running API with the read models' tables made, and nothing following the log; its store is the tests' own."""
    async with AsyncExitStack() as closing:
        app = create_app(settings)
        url = await closing.enter_async_context(serving(settings, app))

        @cache
        def client(role: Role | None = None, subject: str = "somebody") -> httpx2.AsyncClient:
            headers = {"Authorization": f"Bearer {issue_token(settings, role=role, subject=subject)}"} if role else {}
            opened = httpx2.AsyncClient(base_url=f"{url}/api/v1", headers=headers, timeout=LIMIT_S, verify=False)
            closing.push_async_callback(opened.aclose)
            return opened

        yield Shop(url, settings, app.state.context.store, client, app.state.context)
