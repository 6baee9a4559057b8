"""Looks for plain text among sealed bytes."""

from __future__ import annotations

CHARACTERS_NEVER_BY_CHANCE = 7


def assert_sealed(marks: tuple[str, ...], stored: bytes) -> None:
    """Nothing of what is personal stands in what was stored.

    A mark has at least seven characters (`ValueError` otherwise): keys, ids and sealed bytes in base 64 spell three or
    four by chance, and the digits of a time do so with a number.
    """
    for mark in marks:
        if len(mark) < CHARACTERS_NEVER_BY_CHANCE:
            raise ValueError(f"sealed bytes spell {mark!r} by chance: look for a longer text")
        assert mark.encode() not in stored, mark
