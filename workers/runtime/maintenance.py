"""Rebuilds, verifications, the slow check and the count of open cases, beside the subscriptions; and what they
found."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from commerce.eventstore import Engine, EventStore
from commerce.runtime.settings import Settings
from projections import ALL
from projections.engine.continuous_verifier import ContinuousVerifier
from projections.engine.log_verifier import LogVerifier
from projections.engine.rebuilder import Rebuilder
from projections.engine.verifier import Verifier
from workers.runtime.app import WorkerApp
from workers.runtime.case_metrics import CaseWatch
from workers.runtime.subscriptions import ended, in_background


@asynccontextmanager
async def maintenance(
    app: WorkerApp, store: EventStore, engine: Engine, settings: Settings
) -> AsyncIterator[Callable[[], dict[str, str]]]:
    """Run them until the block ends; yields what is wrong, with them and with the read models. Adds metrics."""
    rebuilder = Rebuilder(store, ALL, engine.tail.requests())
    verifier = Verifier(store, ALL, engine.tail.requests())
    log_verifier = LogVerifier(store, settings, engine.tail.requests())

    def holds(name: str) -> bool:
        return f"{name}:0" in {each.partition for each in engine.progress()}

    continuous = ContinuousVerifier(store, ALL, holds)
    cases = CaseWatch(store.pool, lambda: holds("processes"))
    async with AsyncExitStack() as stack:
        stack.enter_context(app.measured_by(CheckCollector(continuous), cases))
        tasks = [
            await stack.enter_async_context(in_background(work, name))
            for work, name in (
                (rebuilder.run(), "rebuilds"),
                (verifier.run(), "verifications"),
                (log_verifier.run(), "verification of the log"),
                (continuous.run(), "check of read models"),
                (cases.run(), "count of cases"),
            )
        ]

        def problems() -> dict[str, str]:
            found = continuous.problems() | rebuilder.problems()
            if verifier.problem:
                found["verifications"] = verifier.problem
            if log_verifier.problem:
                found["verification of the log"] = log_verifier.problem
            for task in tasks:
                found |= ended(task)
            return found

        yield problems


class CheckCollector(Collector):
    """What the slow check found in the read models that this process checks."""

    def __init__(self, verifier: ContinuousVerifier) -> None:
        self._verifier = verifier

    def collect(self) -> Iterable[Metric]:
        """The metrics as they are now."""
        differing = GaugeMetricFamily(
            "commerce_read_model_differing_rows",
            "Rows that are not what the log says, as far as found.",
            labels=["read_model"],
        )
        passed = CounterMetricFamily(
            "commerce_read_model_checked", "Rows and places of the log that the check passed.", labels=["read_model"]
        )
        seconds = GaugeMetricFamily(
            "commerce_read_model_check_seconds", "How long the last whole check took.", labels=["read_model"]
        )
        for name, rows in self._verifier.differing.items():
            differing.add_metric([name], len(rows))
            passed.add_metric([name], self._verifier.checked[name])
        for name, took in self._verifier.round_seconds.items():
            seconds.add_metric([name], took)
        return [differing, passed, seconds]
