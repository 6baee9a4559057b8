"""The projections worker: makes the tables of the read models, and keeps them up to date."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from projections import ALL, followers
from projections.projection import make_tables
from workers.following import following, worker_store
from workers.worker_app import WorkerApp


@asynccontextmanager
async def lifespan(app: WorkerApp) -> AsyncIterator[None]:
    """Make the tables that are missing, then follow the log."""
    async with worker_store(app.name) as store:
        await make_tables(store.pool, ALL)
        async with following(app, store, followers()):
            yield


app = WorkerApp("projections", lifespan=lifespan)
