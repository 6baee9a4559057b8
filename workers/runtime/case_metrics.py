"""How many orders need a person, as open cases and processes past their time, and how many are unfinished under which
definition: for metrics, and warned of once in the log."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping, Sequence

import psycopg
import structlog
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from commerce.eventstore import Pool
from commerce.saga.cases import KINDS
from commerce.values.errors import Unavailable
from projections.processes import Attention, attention, unfinished_orders
from workers.reconciliation.results import LastResult, last_results

LOOK_INTERVAL_S = 5.0
_log = structlog.stdlib.get_logger(__name__)


class CaseWatch(Collector):
    """Counts in the process that is `responsible`, so that each case is counted once however many replicas there
    are."""

    def __init__(self, pool: Pool, responsible: Callable[[], bool]) -> None:
        self._pool = pool
        self._responsible = responsible
        self._found: Attention | None = None
        self._unfinished: Mapping[int, int] = {}
        self._compared: Sequence[LastResult] = ()

    async def run(self) -> None:
        """Count again and again, until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK_INTERVAL_S)

    async def look(self) -> None:
        """Count once; without the database nothing is known."""
        self._compared = ()
        if not self._responsible():
            self._found = None
            return
        try:
            found = await attention(self._pool)
            self._unfinished = await unfinished_orders(self._pool)
            self._compared = await last_results(self._pool)
        except (Unavailable, psycopg.Error):  # such as a read model that is being rebuilt
            self._found = None
            return
        before, self._found = self._found, found
        if found.overdue and not (before and before.overdue):
            _log.warning("processes are past their time; see the worker saga", overdue=found.overdue)

    def collect(self) -> Iterable[Metric]:
        """The metrics as of the last look; none in a process that is not responsible."""
        found = self._found
        cases = GaugeMetricFamily("commerce_open_cases", "What a person has to decide.", labels=["kind"])
        unassigned = GaugeMetricFamily(
            "commerce_unassigned_cases", "Of these, those that nobody looks after.", labels=["kind"]
        )
        overdue = GaugeMetricFamily(
            "commerce_overdue_processes", "Orders whose process is past the time that it set itself."
        )
        age = GaugeMetricFamily(
            "commerce_oldest_case_seconds", "How long the oldest open case has been open.", labels=["kind"]
        )
        unfinished = GaugeMetricFamily(
            "commerce_unfinished_orders",
            "Orders that wait for something, by the definition that they began with; 10000 means that many or more.",
            labels=["definition"],
        )
        differences = GaugeMetricFamily(
            "commerce_ledger_differences", "What differed between a party's ledger and ours.", labels=["party"]
        )
        compared = GaugeMetricFamily(
            "commerce_ledger_compared_seconds",
            "How long ago a party's ledger was compared to its end.",
            labels=["party"],
        )
        for one in self._compared:
            differences.add_metric([one.party], one.differences)
            compared.add_metric([one.party], time.time() - one.completed_at.timestamp())
        metrics = [cases, unassigned, overdue, age, unfinished, differences, compared]
        if found is None:
            return metrics
        overdue.add_metric([], found.overdue)
        for definition, orders in self._unfinished.items():
            unfinished.add_metric([str(definition)], orders)
        for kind in KINDS:
            of_kind = found.cases.get(kind)
            cases.add_metric([kind], of_kind.count if of_kind else 0)
            unassigned.add_metric([kind], of_kind.unassigned if of_kind else 0)
            age.add_metric([kind], time.time() - of_kind.oldest.timestamp() if of_kind else 0.0)
        return metrics
