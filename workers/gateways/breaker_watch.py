"""Says in health and metrics for which operations of a party no calls are made, and why."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from commerce.outside.breaker import Breaker, Breakers, BreakerState

_LEVELS = {BreakerState.CLOSED: 0, BreakerState.HALF_OPEN: 1, BreakerState.OPEN: 2}
_LABELS = ["party", "operation"]


class BreakerWatch(Collector):
    """The breakers of one party, in this process."""

    def __init__(self, breakers: Breakers) -> None:
        self._breakers = list(breakers.values())

    def problems(self) -> dict[str, str]:
        """What health says."""
        left_alone = [breaker for breaker in self._breakers if not breaker.is_closed]
        if not left_alone:
            return {}
        return {left_alone[0].party: "; ".join(map(_told, left_alone))}

    def collect(self) -> Iterable[Metric]:
        """The metrics as they are now."""
        state = GaugeMetricFamily(
            "commerce_breaker_state",
            "0 while calls are made, 1 while one at a time is, 2 while none is.",
            labels=_LABELS,
        )
        openings = CounterMetricFamily(
            "commerce_breaker_openings", "How often calls were paused, as the party did not answer.", labels=_LABELS
        )
        for breaker in self._breakers:
            names = [breaker.party, breaker.operation]
            state.add_metric(names, _LEVELS[breaker.state])
            openings.add_metric(names, breaker.openings)
        return [state, openings]


def _told(breaker: Breaker) -> str:
    when = f"for {breaker.pause_left_s:.0f} s more" if breaker.pause_left_s else "until a call is answered"
    return f"{breaker.operation} is paused {when}, orders wait and none is given up for it: {breaker.reason}"
