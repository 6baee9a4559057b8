"""What a comparison of ledgers covers, by the settings of an operator."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from commerce.runtime.settings import Settings
from commerce.values.errors import BadUsage


@dataclass(frozen=True, slots=True)
class ReconciliationWindow:
    """What moved in the last `span` is compared; what moved in the last `in_flight` may still come to agree."""

    span: timedelta
    in_flight: timedelta


def reconciliation_window(settings: Settings, span_s: int | None = None) -> ReconciliationWindow:
    """The window that the settings say, or one of `span_s` seconds. Raises `BadUsage`, naming the variable, for
    settings that contradict each other."""
    window_s, interval_s = settings.reconciliation_window_s, settings.reconciliation_interval_s
    if span_s is None and interval_s > window_s:
        raise BadUsage(
            f"COMMERCE_RECONCILIATION_WINDOW_S: {window_s} s are less than COMMERCE_RECONCILIATION_INTERVAL_S"
            f" ({interval_s} s): what moves between two comparisons would never be compared"
        )
    if settings.reconciliation_in_flight_s >= (span_s or window_s):
        raise BadUsage(
            f"COMMERCE_RECONCILIATION_IN_FLIGHT_S: {settings.reconciliation_in_flight_s} s are not less than the"
            f" {span_s or window_s} s that are compared: nothing would ever differ"
        )
    return ReconciliationWindow(
        timedelta(seconds=span_s or window_s), timedelta(seconds=settings.reconciliation_in_flight_s)
    )
