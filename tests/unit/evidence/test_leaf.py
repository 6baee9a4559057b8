"""A leaf's bytes: two rows that differ in anything have different ones."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from commerce.evidence.leaf import Row, moment

columns = st.binary(max_size=6)
nullable = st.none() | columns
rows = st.builds(Row, columns, columns, nullable, nullable, columns, columns, nullable, nullable, columns)


@given(rows, rows)
def test_two_rows_have_one_leaf_only_if_they_are_equal(first: Row, second: Row) -> None:
    assert (first.leaf() == second.leaf()) == (first == second)


def test_nothing_is_not_the_same_as_empty() -> None:
    row = Row(b"s", b"v", b"", None, b"p", b"t", None, None, b"{}")
    assert row.leaf() != row._replace(topic=None).leaf()
    assert row.leaf() != row._replace(state=b"").leaf()


def test_bytes_cannot_move_from_one_column_to_the_next() -> None:
    row = Row(b"s", b"v", b"ab", b"c", b"p", b"t", None, None, b"{}")
    assert row.leaf() != row._replace(topic=b"a", state=b"bc").leaf()


def test_moments_are_readable_also_beyond_the_calendar() -> None:
    assert moment((86_400_000_001).to_bytes(8, "big")) == "2000-01-02T00:00:00.000001+00:00"
    assert moment((2**63 - 1).to_bytes(8, "big")) == "9223372036854775807 µs after 2000-01-01"
