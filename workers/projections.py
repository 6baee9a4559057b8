"""The projections worker: keeps the read models up to date and right, and the tree by which tampering with the
log is found."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from commerce.evidence.seal import Sealing
from commerce.runtime.settings import load_settings
from projections import ALL, subscriptions
from projections.engine.projection import make_tables
from workers.runtime.app import WorkerApp
from workers.runtime.maintenance import maintenance
from workers.runtime.subscriptions import ended, following, in_background, worker_store

PACE_S = 0.05
"""Seconds between two looks at the log, at least: no order waits for read models, and each batch is a commit per
model."""


@asynccontextmanager
async def lifespan(app: WorkerApp) -> AsyncIterator[None]:
    """Make the tables that are missing, then follow the log."""
    settings = load_settings()
    async with worker_store(app, settings) as store:
        await make_tables(store.pool, ALL)
        sealing = Sealing.of(store, settings)
        async with (
            following(app, store, [*subscriptions(), sealing.subscription], PACE_S) as engine,
            in_background(sealing.run(), "tree heads") as signing,
            maintenance(app, store, engine, settings) as maintenance_problems,
        ):

            async def health() -> dict[str, str]:
                unsigned = {"tree heads": sealing.problem} if sealing.problem else {}
                return engine.problems() | ended(signing) | unsigned | maintenance_problems()

            app.health = health
            yield


app = WorkerApp("projections", lifespan=lifespan)
