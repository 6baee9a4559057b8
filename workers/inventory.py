"""The inventory worker: reserves, releases and books out stock as processes ask for it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from commerce.saga.stock import follower
from workers.following import following, worker_store
from workers.worker_app import WorkerApp


@asynccontextmanager
async def lifespan(app: WorkerApp) -> AsyncIterator[None]:
    """Follow the log."""
    async with worker_store(app) as store, following(app, store, [follower()]):
        yield


app = WorkerApp("inventory", lifespan=lifespan)
