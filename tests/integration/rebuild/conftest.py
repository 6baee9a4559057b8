"""Read models with a history, kept up to date by an engine, and what handles rebuilds and verifications."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import pytest

from commerce.catalog.events import ProductAdded
from commerce.eventstore import Engine, EventStore, connection_from
from commerce.inventory.events import Quantity, StockItemRegistered, StockReceived
from commerce.ordering.events import OrderConfirmed
from commerce.payments.events import AuthorizationAttempted, PaymentRefundRequested
from commerce.runtime.tasks import end_tasks
from commerce.saga.events import ProcessStarted
from commerce.shipping.events import BookingAttempted
from commerce.values.money import Money
from projections import ALL
from projections.engine import maintenance
from projections.engine.maintenance import MaintenanceJob
from projections.engine.projection import Folded, Projection
from projections.engine.rebuilder import Rebuilder
from projections.engine.verifier import Verifier
from projections.orders import ORDERS
from tests.integration.projections.history import History, eur, sealed
from tests.waiting import eventually

WHO = "operator:olga"


async def order(history: History) -> UUID:
    """An order with events for every read model that is about orders."""
    order_id = uuid4()
    total: Money = eur("19.98")
    await history.is_placed(order_id)
    await history.happens(
        ProcessStarted, order_id, total=total, payment_method="pm", wanted=(Quantity(sku="mug", quantity=2),)
    )
    await history.happens(AuthorizationAttempted, order_id, amount=total, payment_method="pm")
    await history.happens(PaymentRefundRequested, order_id, amount=total, lines=(), reason=sealed("late"))
    await history.happens(BookingAttempted, order_id)
    await history.happens(
        OrderConfirmed, order_id, tracking_number="T1", carrier="Post", estimated_delivery="2026-12-01"
    )
    return order_id


@pytest.fixture
async def history(store: EventStore) -> History:
    """Two products, three orders, a service's key and a guest's erasure, shown by the read models."""
    made = History(store)
    for sku in ("mug", "jug"):
        await made.happens(ProductAdded, sku)
        await made.happens(StockItemRegistered, sku)
        await made.happens(StockReceived, sku, quantity=10)
    for _ in range(3):
        await order(made)
    await made.has_key("warehouse")
    await made.has_staff("olga")
    await made.has_endpoint("https://erp.example/orders")
    await made.erasure_is_requested(uuid4())
    await made.is_projected()
    return made


async def rows(store: EventStore, projection: Projection[Any]) -> list[Folded[Any]]:
    """All rows of a read model."""
    return await projection.select(store.pool, "true ORDER BY first", [])


async def tables(store: EventStore) -> set[str]:
    """The tables of the read models' schema, but for those of terms: each of these stands beside a table."""
    async with connection_from(store.pool) as connection:
        cursor = await connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'projections'")
        found = {row[0] for row in await cursor.fetchall()}
    beside = {name.removesuffix("_terms") for name in found if name.endswith("_terms")}
    shown = {name for name in found if not name.endswith("_terms")}
    assert beside == {name for name in shown if name.partition("_rebuild_")[0] == ORDERS.name}
    return shown


async def execute(store: EventStore, statement: str) -> None:
    """Change the database as the application's role."""
    async with connection_from(store.pool) as connection:
        await connection.execute(statement)


@asynccontextmanager
async def following(store: EventStore, projections: Sequence[Projection[Any]] = ALL) -> AsyncIterator[Engine]:
    """Keep read models up to date."""
    engine = Engine(store, [projection.subscription() for projection in projections])
    await engine.start()
    try:
        yield engine
    finally:
        await engine.stop()


@asynccontextmanager
async def worker(store: EventStore, projections: Sequence[Projection[Any]] = ALL) -> AsyncIterator[None]:
    """What the projections worker does, but for the slow check."""
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(following(store, projections))
        for part in (Rebuilder(store, projections), Verifier(store, projections)):
            task = asyncio.create_task(part.run())
            stack.push_async_callback(ended, task)
        yield


async def ended(task: asyncio.Task[None]) -> None:
    """End a task as if its process were killed."""
    await end_tasks([task])
    await asyncio.gather(task, return_exceptions=True)


async def until_ended(store: EventStore, asked: MaintenanceJob) -> MaintenanceJob:
    """What became of a request."""

    async def has_ended() -> bool:
        return (await maintenance.newest(store.pool, asked.kind, asked.projection)).ended_at is not None

    await eventually(has_ended)
    return await maintenance.newest(store.pool, asked.kind, asked.projection)


async def parked(store: EventStore, subscription: str = "stock") -> list[int]:
    """The positions of the events that a subscription has parked."""
    async with store.pool.connection() as connection:
        cursor = await connection.execute(
            "SELECT position FROM commerce_parked WHERE subscription = %s ORDER BY position", [subscription]
        )
        return [row[0] for row in await cursor.fetchall()]
