"""What somebody saw has words by routes that there are."""

from __future__ import annotations

from api.pages.reading_words import READING_WORDS
from api.permissions import ROUTES


def test_every_route_that_has_words_is_one_of_the_api() -> None:
    assert set(READING_WORDS) - set(ROUTES) == set()
