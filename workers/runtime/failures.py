"""Messages that fail again and again: what health and metrics say of them."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass

from faststream.nats import NatsMessage
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

FAILING_AFTER_DELIVERIES = 5
"""So often a message may fail before it shows; the pauses between these deliveries make 7.5 s at least."""

_FORGOTTEN_AFTER_S = 120.0
"""A message that did not come back here for so long was handled by another process, or is gone: no pause is as long."""


@dataclass(frozen=True, slots=True)
class _Failure:
    deliveries: int
    reason: str
    at_s: float


class Failures(Collector):
    """Which messages of one consumer fail in this process, each until it is handled."""

    def __init__(self, consumer: str) -> None:
        self._consumer = consumer
        self._found: dict[int, _Failure] = {}
        self._own: dict[int, tuple[int, float]] = {}
        """How often each failed by itself in this process, and when it did last."""

    def add_own(self, message: NatsMessage) -> int:
        """A delivery failed by itself, and not by the times; answers how often one has, in this process.

        How often it was delivered does not say that: it may have been put off many times before.
        """
        times, _ = self._own.get(_sequence(message), (0, 0.0))
        self._own[_sequence(message)] = (times + 1, time.monotonic())
        return times + 1

    def add(self, message: NatsMessage, reason: str) -> None:
        """A delivery failed; `reason` is for operators, and holds nothing personal."""
        deliveries = message.raw_message.metadata.num_delivered or 1
        if deliveries >= FAILING_AFTER_DELIVERIES:
            self._found[_sequence(message)] = _Failure(deliveries, reason, time.monotonic())

    def remove(self, message: NatsMessage) -> None:
        """A delivery was handled."""
        self._found.pop(_sequence(message), None)
        self._own.pop(_sequence(message), None)

    def problems(self) -> dict[str, str]:
        """What health says: how many fail, and why the one does that failed last."""
        present = self._present()
        if not present:
            return {}
        last = max(present, key=lambda failure: failure.at_s)
        number = f"{len(present)} messages fail" if len(present) > 1 else "a message fails"
        return {"messages": f"{number} again and again, tried {last.deliveries} times: {last.reason}"}

    def collect(self) -> Iterable[Metric]:
        """How many messages fail."""
        text = f"Messages that failed {FAILING_AFTER_DELIVERIES} times or more, and are tried on."
        failing = GaugeMetricFamily("commerce_consumer_failing", text, labels=["consumer"])
        failing.add_metric([self._consumer], len(self._present()))
        return [failing]

    def _present(self) -> list[_Failure]:
        oldest_s = time.monotonic() - _FORGOTTEN_AFTER_S
        self._found = {number: failure for number, failure in self._found.items() if failure.at_s > oldest_s}
        self._own = {number: (times, at_s) for number, (times, at_s) in self._own.items() if at_s > oldest_s}
        return list(self._found.values())


def _sequence(message: NatsMessage) -> int:
    return message.raw_message.metadata.sequence.stream
