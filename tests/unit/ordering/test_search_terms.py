"""What orders are found by: the same hash for what people take for the same, and none without the key."""

from __future__ import annotations

import pytest

from commerce.ordering.search_terms import MOST_NAME_WORDS, SearchTerms
from tests.conftest import MASTER_KEY
from tests.unit.key_ring import ring_of

TERMS = SearchTerms(ring_of(MASTER_KEY))


def test_addresses_names_and_tracking_numbers_are_found_however_they_are_written() -> None:
    assert TERMS.email("Ada@Example.org") == TERMS.email("ada@example.ORG")
    assert TERMS.name("Łukasz Čapek-Müller") == TERMS.name("łukasz CAPEK muller")
    assert set(TERMS.name("Lovelace, Ada")) == set(TERMS.name("ada lovelace"))
    assert TERMS.name("Strauß") == TERMS.name("STRAUSS")
    assert TERMS.tracking_number("1z 999-aa1") == TERMS.tracking_number("1Z999AA1")
    assert TERMS.sku("cafe\u0301") == TERMS.sku("caf\u00e9")


def test_what_differs_and_what_is_of_another_kind_has_another_hash() -> None:
    found = [TERMS.email("ada"), *TERMS.name("ada"), TERMS.sku("ada"), TERMS.sku("Ada"), TERMS.tracking_number("ada")]
    assert len(set(found)) == len(found)


def test_another_master_key_finds_nothing() -> None:
    other = SearchTerms(ring_of(bytes(32)))
    assert other.email("ada@example.org") != TERMS.email("ada@example.org")


@pytest.mark.parametrize(("name", "words"), [("", 0), (" -!", 0), ("Ada Ada ADA", 1), ("山田 太郎", 2)])
def test_a_name_is_found_by_its_words(name: str, words: int) -> None:
    assert len(TERMS.name(name)) == words


def test_of_a_long_name_the_first_words_count() -> None:
    assert len(TERMS.name(" ".join(f"n{number}" for number in range(100)))) == MOST_NAME_WORDS
