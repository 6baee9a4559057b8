"""A log with a few orders in it, its tree, a signed head, and an owner who may change everything."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from psycopg import AsyncConnection

from commerce.catalog.events import PriceChanged, ProductAdded
from commerce.eventstore import EventStore
from commerce.evidence.head_file import HeadFile
from commerce.evidence.seal import Sealing
from commerce.evidence.verification import VerificationReport, verify_tree
from commerce.inventory.events import StockReceived
from commerce.ordering.events import OrderRejected
from commerce.payments.events import AuthorizationAttempted, PaymentDeclined
from tests.catch_up import catch_up
from tests.conftest import Database
from tests.integration.projections.history import History, eur


@dataclass
class Shop:
    """A log that happens, is sealed and is verified when a test says so."""

    store: EventStore
    history: History
    sealing: Sealing
    key: Ed25519PrivateKey
    file: HeadFile
    owner: AsyncConnection[Any]
    """Owns the tables."""

    async def orders(self, count: int = 1) -> list[UUID]:
        """Orders whose payment was declined: four events each."""
        placed = [uuid4() for _ in range(count)]
        for order in placed:
            await self.history.is_placed(order)
            await self.history.happens(AuthorizationAttempted, order, amount=eur("19.98"), payment_method="pm_card_ok")
            await self.history.happens(PaymentDeclined, order, decline_reason="no")
            await self.history.happens(OrderRejected, order, reason="payment_declined")
        return placed

    async def seal(self) -> None:
        """Bring the tree up to the log, and sign it."""
        await catch_up(self.store, self.sealing.subscription)
        await self.sealing.sign()

    async def verify(self, file: HeadFile | None = None) -> VerificationReport:
        """As `commerce audit verify` does."""
        return await verify_tree(self.owner, self.key.public_key(), file)


@pytest.fixture
async def shop(database: Database, store: EventStore, tmp_path: Path) -> AsyncIterator[Shop]:
    """A catalogue, some stock and a few orders, all sealed."""
    key, file = Ed25519PrivateKey.generate(), HeadFile(tmp_path / "audit")
    async with await psycopg.AsyncConnection.connect(database.admin_url, autocommit=True) as owner:
        made = Shop(store, History(store), Sealing(store, key, file), key, file, owner)
        for sku in ("mug", "pot"):
            await made.history.happens(ProductAdded, sku)
            await made.history.happens(PriceChanged, sku, price=eur("8.50"))
            await made.history.happens(StockReceived, sku, quantity=5)
        await made.orders(4)
        await made.seal()
        yield made
