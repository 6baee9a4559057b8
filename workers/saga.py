"""The process manager's worker: leads orders to their end, and tells the log which deadlines have passed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from commerce.runtime.settings import load_settings
from commerce.saga.deadline_clock import DeadlineClock
from commerce.saga.limit_settings import process_limits
from commerce.saga.subscription import saga_subscription
from workers.runtime.app import WorkerApp
from workers.runtime.subscriptions import ended, following, in_background, worker_store


@asynccontextmanager
async def lifespan(app: WorkerApp) -> AsyncIterator[None]:
    """Follow the log, and watch the clock."""
    settings = load_settings()
    limits = process_limits(settings)
    async with worker_store(app, settings) as store:
        clock = DeadlineClock(store)
        async with (
            in_background(clock.run(), "deadlines") as ticking,
            following(app, store, [saga_subscription(limits)]) as engine,
        ):

            async def health() -> dict[str, str]:
                late = {"deadlines": clock.problem} if clock.problem else {}
                return engine.problems() | ended(ticking) | late

            app.health = health
            yield


def saga_app() -> WorkerApp:
    """The worker; nothing is opened before it runs."""
    return WorkerApp("saga", lifespan=lifespan)


app = saga_app()
