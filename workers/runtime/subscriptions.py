"""What the subscription workers share: settings, keys and store at the start, an engine in the middle, and
how it goes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterable, Sequence
from contextlib import asynccontextmanager, suppress

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from commerce.customers.erasure_commands import reapply_erasures
from commerce.customers.erasure_file import ErasureFile
from commerce.events import EVENTS
from commerce.eventstore import (
    STORE_CONNECTIONS,
    AppendQueueCollector,
    Engine,
    EventStore,
    Subscription,
    open_store,
)
from commerce.runtime.heartbeats import reported
from commerce.runtime.settings import Settings, load_settings
from commerce.runtime.tasks import end_tasks
from commerce.runtime.tokens import load_keys
from commerce.runtime.watchdog import Stuck
from workers.runtime.app import WorkerApp


@asynccontextmanager
async def worker_store(app: WorkerApp, settings: Settings | None = None) -> AsyncIterator[EventStore]:
    """The log, for a worker, which is reported as long as it is open; for one of several in a process it is theirs.

    Raises as `process_store` does.
    """
    if app.shared is not None:
        yield app.shared.store
    else:
        async with process_store(app, settings) as store, reported(store.pool, {app.name: app.problems}):
            yield store


@asynccontextmanager
async def process_store(
    app: WorkerApp, settings: Settings | None = None, connections: int = STORE_CONNECTIONS
) -> AsyncIterator[EventStore]:
    """The log, for a process of one or more workers; erasures that it does not know, as an older backup was restored,
    are applied first.

    Raises `BadUsage` where a setting is missing, and as `open_store` does.
    """
    settings = settings or load_settings()
    address, master = settings.required("database_url"), load_keys(settings).master
    async with open_store(address, master, app.name, known=EVENTS, connections=connections) as store:
        masters = store.keys.masters
        app.keys = lambda: {"master key": masters.problem} if masters.problem else {}
        await reapply_erasures(store, ErasureFile(settings.audit_folder, store.keys))
        async with masters.followed():
            with app.measured_by(AppendQueueCollector(store.queue)):
                yield store


@asynccontextmanager
async def following(
    app: WorkerApp, store: EventStore, subscriptions: Sequence[Subscription], pace: float | None = None
) -> AsyncIterator[Engine]:
    """Run subscriptions until the block ends; batches under way are finished then. Sets the app's health and adds
    its metrics."""
    engine = Engine(store, subscriptions, pace, tail=None if app.shared is None else app.shared.tail)

    async def health() -> dict[str, str]:
        return engine.problems()

    app.health = health
    app.parked = lambda: {one.partition: f"{one.parked} events are parked" for one in engine.progress() if one.parked}
    with app.measured_by(ProgressCollector(engine)):
        await engine.start()
        try:
            yield engine
        finally:
            await engine.stop()


@asynccontextmanager
async def in_background(work: Coroutine[object, object, None], name: str) -> AsyncIterator[asyncio.Task[None]]:
    """Run something beside the block, and end it with the block."""
    task = asyncio.create_task(work, name=name)
    try:
        yield task
    finally:
        await end_tasks([task])
        with suppress(asyncio.CancelledError):
            task.result()


def ended(task: asyncio.Task[None]) -> dict[str, str]:
    """The problem of a task that should run for ever and does not."""
    return {task.get_name(): Stuck("ended")} if task.done() else {}


class ProgressCollector(Collector):
    """How far each partition that this process holds has come, asked for when the metrics are."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def collect(self) -> Iterable[Metric]:
        """The metrics as they are now."""
        position = GaugeMetricFamily(
            "commerce_subscription_position", "Place in the log up to which all is handled.", labels=["partition"]
        )
        lag = GaugeMetricFamily(
            "commerce_subscription_lag", "Places in the log that are still to be looked at.", labels=["partition"]
        )
        failing = GaugeMetricFamily(
            "commerce_subscription_failing", "1 while an event cannot be handled.", labels=["partition"]
        )
        parked = GaugeMetricFamily(
            "commerce_subscription_parked",
            "Events that wait aside, as they or one before them cannot be handled.",
            labels=["partition"],
        )
        handled = CounterMetricFamily("commerce_subscription_handled", "Events handled.", labels=["partition"])
        for progress in self._engine.progress():
            position.add_metric([progress.partition], progress.position)
            lag.add_metric([progress.partition], progress.lag)
            failing.add_metric([progress.partition], 0 if progress.problem is None else 1)
            parked.add_metric([progress.partition], progress.parked)
            handled.add_metric([progress.partition], progress.handled)
        return [position, lag, failing, parked, handled]
