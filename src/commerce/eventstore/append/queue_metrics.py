"""What an operator can measure of a process's append queue: how many commands wait, and how many go into one append."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from commerce.eventstore.append.queue import LARGEST_BATCH_COMMANDS, AppendQueue

QUEUE = ("commerce_append_queue_length", "Commands that wait to be appended")
BATCH = ("commerce_append_batch_commands", "How many commands went into one append together")
_BOUNDS = [1 << power for power in range(LARGEST_BATCH_COMMANDS.bit_length())]


class AppendQueueCollector(Collector):
    """Looks at an append queue when the metrics are asked for."""

    def __init__(self, queue: AppendQueue) -> None:
        self._queue = queue

    def describe(self) -> Iterator[Metric]:
        """The metrics without figures, so that registering asks for none."""
        yield GaugeMetricFamily(*QUEUE)
        yield HistogramMetricFamily(*BATCH)

    def collect(self) -> Iterator[Metric]:
        """The metrics as they are now."""
        yield GaugeMetricFamily(*QUEUE, value=self._queue.length)
        sizes = self._queue.batch_sizes
        upto = [(str(bound), float(sum(n for size, n in sizes.items() if size <= bound))) for bound in _BOUNDS]
        total = float(sum(size * n for size, n in sizes.items()))
        yield HistogramMetricFamily(*BATCH, buckets=[*upto, ("+Inf", float(sizes.total()))], sum_value=total)
