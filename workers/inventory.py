"""The inventory worker: reserves, releases and books out stock as processes ask for it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from commerce.inventory.subscription import inventory_subscription
from commerce.saga.request_events import STOCK_TOPICS, stock_request
from workers.runtime.app import WorkerApp
from workers.runtime.subscriptions import following, worker_store


@asynccontextmanager
async def lifespan(app: WorkerApp) -> AsyncIterator[None]:
    """Follow the log."""
    async with worker_store(app) as store, following(app, store, [inventory_subscription(STOCK_TOPICS, stock_request)]):
        yield


app = WorkerApp("inventory", lifespan=lifespan)
