"""How long a process waits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from commerce.saga.request_events import StepName


@dataclass(frozen=True, slots=True)
class ProcessLimits:
    """How long a process waits before it looks again."""

    order: timedelta = timedelta(minutes=15)
    """From placed to confirmed; after that the order is `timed_out`."""
    compensation: timedelta = timedelta(minutes=5)
    """From the beginning of a compensation to the first case for a person; doubles each time it passes."""
    longest: timedelta = timedelta(hours=1)
    """What the doubling stops at."""
    steps: Mapping[StepName, timedelta] = field(default_factory=dict)
    """From the request for a step to its answer, for steps that have less time than the order; after that the order is
    `timed_out`."""
    dispatch: timedelta | None = None
    """From confirmed to a case for a person, if nobody says that the shipment left; None waits for ever."""

    hold_margin: timedelta = timedelta(days=1)
    """How long before the provider lets go of money that was set aside a person is told that it is not taken yet."""

    def compensation_timeout(self, passed: int) -> timedelta:
        """How long a compensation has, after its deadline has passed `passed` times."""
        doubled: timedelta = self.compensation * 2 ** min(passed, 16)
        return min(doubled, self.longest)
