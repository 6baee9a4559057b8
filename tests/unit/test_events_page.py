"""The page of integration events is what the code says."""

from __future__ import annotations

from tests.pages.integration_events import PAGE, page


def test_the_page_of_integration_events_is_up_to_date() -> None:
    assert PAGE.read_text() == page(), "run `make docs`"
