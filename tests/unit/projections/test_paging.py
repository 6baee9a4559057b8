"""Whatever comes or goes between two pages, an item that was there all the time is shown once; a cursor is of one
list."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commerce.values.errors import InvalidInput
from projections.engine.pages import ItemKey, PageRequest, page_of, read_cursor, read_place, write_cursor

Item = tuple[str, int]
ITEMS = st.tuples(st.text(max_size=8), st.integers(-3, 3))


def its_key(item: Item) -> ItemKey:
    return item


@given(st.sets(ITEMS, max_size=20), st.lists(st.tuples(st.sets(ITEMS), st.sets(ITEMS)), max_size=30), st.integers(1, 4))
def test_an_item_that_is_there_all_the_time_is_shown_exactly_once(
    stay: set[Item], moves: list[tuple[set[Item], set[Item]]], limit: int
) -> None:
    present, shown, cursor = set(stay), list[Item](), None
    while True:
        page = page_of("things", present, its_key, PageRequest(cursor, limit))
        shown += page.items
        cursor = page.next_cursor
        if cursor is None:
            break
        come, go = moves.pop() if moves else (set(), set())
        present = (present | come) - (go - stay)
    assert sorted(item for item in shown if item in stay) == sorted(stay)
    assert shown == sorted(set(shown)), "in order, and none twice"


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "nonsense",
        "",
        "ä",
        "A" * 1024,
        base64.urlsafe_b64encode(b"[" * 500).decode(),
        base64.urlsafe_b64encode(b'["things"').decode(),
        base64.urlsafe_b64encode(b'["things", "a", 1]').decode().rstrip("="),
        write_cursor("things", "a", 1) + "=",
        write_cursor("others", "a", 1),
        write_cursor("things", 1, "a"),
        write_cursor("things", "a"),
        write_cursor("things", "a", 1, 2),
        write_cursor("things"),
        base64.urlsafe_b64encode(b"3").decode().rstrip("="),
    ],
)
def test_a_cursor_of_another_list_or_of_nobody_is_rejected(cursor: str) -> None:
    with pytest.raises(InvalidInput, match="leave it out to begin at the first page"):
        page_of("things", {("a", 1), ("b", 2)}, its_key, PageRequest(cursor, 1))


def test_a_place_in_the_log_is_read_from_our_cursors_and_from_those_of_0_1_0() -> None:
    assert read_place("orders", write_cursor("orders", 4711)) == 4711
    assert read_place("orders", "NDcxMQ") == 4711
    for bad in ("NDcxMQ==", "MA", "LTE", "dHJ1ZQ", "MS41", write_cursor("stock", 4711), write_cursor("orders", "4711")):
        with pytest.raises(InvalidInput):
            read_place("orders", bad)
    for place in (0, -1, 2**63):
        with pytest.raises(InvalidInput):
            read_place("orders", write_cursor("orders", place))


@given(st.text(max_size=64).filter(lambda text: "\0" not in text), st.integers(-(2**62), 2**62))
def test_every_key_comes_back_as_it_was(text: str, number: int) -> None:
    cursor = write_cursor("things", text, number)
    assert read_cursor("things", cursor) == (text, number)
    assert len(cursor) <= 1024
