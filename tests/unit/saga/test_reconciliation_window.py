"""What a comparison of ledgers covers, by the settings, or by what somebody asks for."""

from __future__ import annotations

from datetime import timedelta

import pytest

from commerce.runtime.settings import Settings
from commerce.saga.reconciliation_window import ReconciliationWindow, reconciliation_window
from commerce.values.errors import BadUsage


def settings(window_s: int, interval_s: int, in_flight_s: int) -> Settings:
    return Settings(
        reconciliation_window_s=window_s,
        reconciliation_interval_s=interval_s,
        reconciliation_in_flight_s=in_flight_s,
    )


def window(span_s: int, in_flight_s: int) -> ReconciliationWindow:
    return ReconciliationWindow(timedelta(seconds=span_s), timedelta(seconds=in_flight_s))


def test_it_is_what_the_settings_say_or_as_long_as_somebody_asks_for() -> None:
    assert reconciliation_window(settings(600, 600, 599)) == window(600, 599)
    assert reconciliation_window(settings(600, 601, 20), 30) == window(30, 20)


@pytest.mark.parametrize(
    ("given", "span_s", "words"),
    [
        (
            settings(600, 601, 20),
            None,
            "COMMERCE_RECONCILIATION_WINDOW_S: 600 s are less than COMMERCE_RECONCILIATION_INTERVAL_S (601 s): what"
            " moves between two comparisons would never be compared",
        ),
        (
            settings(600, 60, 600),
            None,
            "COMMERCE_RECONCILIATION_IN_FLIGHT_S: 600 s are not less than the 600 s that are compared: nothing would"
            " ever differ",
        ),
        (
            settings(600, 60, 30),
            30,
            "COMMERCE_RECONCILIATION_IN_FLIGHT_S: 30 s are not less than the 30 s that are compared: nothing would"
            " ever differ",
        ),
    ],
)
def test_one_that_could_find_nothing_is_bad_usage(given: Settings, span_s: int | None, words: str) -> None:
    with pytest.raises(BadUsage) as error:
        reconciliation_window(given, span_s)
    assert str(error.value) == words
