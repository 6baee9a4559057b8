"""Texts: what is visible, what breaks a line or turns its direction, and what is kept of a partner's."""

from __future__ import annotations

import pytest

from commerce.values.text import cleaned, is_fit, is_visible, normal


@pytest.mark.parametrize("text", ["a", "李", "א", "é", "7", "-", "€", "👩‍👩‍👧", "می‌خواهم", "\u200bx", "\ufffd"])
def test_letters_digits_and_signs_can_be_seen(text: str) -> None:
    assert is_visible(text)
    assert is_fit(text)


BLANKS = [" ", "\u00a0", "\u3000", "\u200b", "\u200b\u200c\u200d", "\ufeff", "\u2060", "\u180e", "\u00ad", "\ufe0f"]
FILLERS = ["\u0301", "\u2800", "\u3164", "\u115f\u1160", "\uffa0", "\U000e0001", "\U0001d159", "\U0001d173"]


@pytest.mark.parametrize("text", ["", *BLANKS, *FILLERS])
def test_spaces_formats_marks_and_fillers_alone_cannot_be_seen(text: str) -> None:
    assert not is_visible(text)


@pytest.mark.parametrize(
    "one", ["\x00", "\n", "\r", "\x1b", "\x7f", "\x85", "\u2028", "\u2029", "\u202a", "\u202e", "\u2066", "\u2069"]
)
def test_what_breaks_a_line_or_turns_its_direction_is_not_fit(one: str) -> None:
    assert not is_fit(f"Ada{one}Lovelace")


@pytest.mark.parametrize("mark", ["\u200e", "\u200f", "\u061c"])
def test_marks_of_direction_are_not_fit(mark: str) -> None:
    assert not is_fit(f"Ada{mark}")


def test_a_partners_text_is_kept_in_one_line_without_what_turns_it() -> None:
    assert cleaned("TRK\x00-1\r\n\x1b[31m\u202e7 ", 64) == "TRK -1 [31m7"
    assert cleaned("e\u0301" * 10, 4) == "é" * 4
    assert cleaned("\u200b\n", 64) == ""
    assert cleaned("lone \ud800", 64) == "lone ?"
    assert len(cleaned("9" * 3_000_000, 64)) == 64


def test_both_forms_of_an_accent_are_one_text() -> None:
    assert normal("cafe\u0301") == normal("café") == "caf\u00e9"
