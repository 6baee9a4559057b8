"""Counts the calls to one party for metrics, reports failing ones in health, and warns of them once in the log."""

from __future__ import annotations

import time
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import structlog
from aiohttp import ClientConnectorError
from prometheus_client import Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from commerce.outside.errors import Postponed, RequestRejected
from commerce.values.errors import Unavailable

ANSWERED = "answered"
"""The result of a call that was answered, also where the answer is that something is declined."""

ASKING = "find_operation"
"""The operation that has nothing done."""

FAILING_CALLS, FAILING_SPAN_S = 3, 20.0
"""Health says so once this many calls in a row have failed, over this many seconds: one card that fails is no failing
party."""

FORGOTTEN_AFTER_S = 120.0
"""After this many seconds without another call nobody knows how the party is. The pauses between calls for one order
are shorter."""

RATED_CALLS = 100
"""The share of calls that were answered is that of this many last ones."""

_LATENCY_BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0)

_log = structlog.stdlib.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Failing:
    """Calls that failed since the last one that was answered."""

    operation: str
    calls: int
    since_s: float
    last_s: float
    result: str
    detail: str


class CallWatch(Collector):
    """What became of this process's calls to a `party`; `remedy` says what to do while it does not take our
    credential."""

    def __init__(self, party: str, remedy: str) -> None:
        self._party = party
        self._remedy = remedy
        self._calls: Counter[tuple[str, str]] = Counter()
        self._last: defaultdict[str, deque[bool]] = defaultdict(lambda: deque(maxlen=RATED_CALLS))
        self._took = Histogram(
            "commerce_outside_call_seconds",
            "How long calls to the outside took, answered or not.",
            ["party", "operation"],
            registry=None,
            buckets=_LATENCY_BUCKETS_S,
        )
        self._failing: _Failing | None = None
        self._warned_at_s = float("-inf")

    @contextmanager
    def call(self, operation: str) -> Iterator[None]:
        """Around one call; whatever it raises goes on."""
        began_s = time.monotonic()
        try:
            yield
        except (Unavailable, RequestRejected) as error:
            self._ended(operation, began_s, is_answered=isinstance(error, RequestRejected))
            self._failed(operation, failure_kind(error), str(error))
            raise
        self._ended(operation, began_s, is_answered=True)
        self._calls[operation, ANSWERED] += 1
        self._answered(operation)

    def _ended(self, operation: str, began_s: float, *, is_answered: bool) -> None:
        self._last[operation].append(is_answered)
        self._took.labels(self._party, operation).observe(time.monotonic() - began_s)

    def problems(self) -> dict[str, str]:
        """What health says."""
        failing = self._present()
        if failing is None:
            return {}
        if failing.result == "credential_refused":
            return {self._party: f"{failing.detail}; orders wait until it is taken: {self._remedy}"}
        if failing.calls >= FAILING_CALLS and failing.last_s - failing.since_s >= FAILING_SPAN_S:
            seconds = time.monotonic() - failing.since_s
            return {self._party: f"no call was answered for {seconds:.0f} s, {failing.calls} failed: {failing.detail}"}
        return {}

    def collect(self) -> Iterable[Metric]:
        """The metrics as they are now."""
        calls = CounterMetricFamily(
            "commerce_outside_calls",
            "Calls to the outside by what became of them.",
            labels=["party", "operation", "result"],
        )
        for (operation, result), number in sorted(self._calls.items()):
            calls.add_metric([self._party, operation, result], number)
        share = GaugeMetricFamily(
            "commerce_outside_success_ratio",
            f"Share of the last {RATED_CALLS} calls that were answered, by operation.",
            labels=["party", "operation"],
        )
        for operation, last in sorted(self._last.items()):
            share.add_metric([self._party, operation], sum(last) / len(last))
        failing = self._present()
        rows = GaugeMetricFamily(
            "commerce_outside_failing", "Calls that failed since the last one that was answered.", labels=["party"]
        )
        rows.add_metric([self._party], failing.calls if failing else 0)
        rejected = GaugeMetricFamily(
            "commerce_outside_credential_refused", "1 while a party does not take our credential.", labels=["party"]
        )
        rejected.add_metric([self._party], 1 if failing and failing.result == "credential_refused" else 0)
        return [calls, share, rows, rejected, *self._took.collect()]

    def _failed(self, operation: str, result: str, detail: str) -> None:
        self._calls[operation, result] += 1
        if result == "busy":
            return  # it works, and says so
        now = time.monotonic()
        before = self._present()
        calls, since_s = (before.calls + 1, before.since_s) if before else (1, now)
        self._failing = _Failing(operation, calls, since_s, now, result, detail)
        is_new = before is None or (result == "credential_refused") != (before.result == "credential_refused")
        if is_new and (result == "credential_refused" or now - self._warned_at_s > FORGOTTEN_AFTER_S):
            self._warned_at_s = now
            names = {"party": self._party, "operation": operation, "result": result}
            _log.warning("calls to the outside begin to fail", **names, reason=detail)

    def _answered(self, operation: str) -> None:
        failing = self._present()
        if failing and failing.result == "credential_refused" and operation == ASKING != failing.operation:
            return  # a credential that may ask may not be allowed to have something done
        self._failing = None
        if failing is not None and self.is_worth_telling(failing):
            _log.info("calls to the outside are answered again", party=self._party, failed=failing.calls)

    def is_worth_telling(self, failing: _Failing) -> bool:
        """Whether somebody was alarmed: one call that failed among many is over before that."""
        return failing.result == "credential_refused" or failing.calls >= FAILING_CALLS

    def _present(self) -> _Failing | None:
        if self._failing is not None and time.monotonic() - self._failing.last_s > FORGOTTEN_AFTER_S:
            self._failing = None
        return self._failing


def failure_kind(error: Exception) -> str:
    """What kind of failure an error is, for metrics."""
    match error:
        case Postponed():
            return error.cause
        case RequestRejected():
            return "rejected"
    match error.__cause__:
        case TimeoutError():
            return "timeout"
        case ClientConnectorError():
            return "unreachable"
        case None:
            return "bad_answer"
    return "cut_off"
