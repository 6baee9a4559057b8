"""Numbers as people type them: none of them makes an error of ours."""

from __future__ import annotations

import pytest

from api.pages.actions import Field
from api.pages.typed_numbers import number_or_text, typed_number


@pytest.mark.parametrize(
    ("text", "number"),
    [("0", 0), ("12", 12), ("-3", -3), ("", None), ("1.5", None), ("²", None), ("٣", None), ("9" * 5_000, None)],
)
def test_a_whole_number_is_read_and_everything_else_stays_a_text(text: str, number: int | None) -> None:
    assert typed_number(text) == number
    assert number_or_text(text) == (text if number is None else number)
    assert Field("quantity", "Quantity", "number").read(text) == ((text or None) if number is None else number)
