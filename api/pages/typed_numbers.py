"""Whole numbers as somebody typed them, in a form or in an address."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"-?\d{1,18}", re.ASCII)
"""What every number of the API fits in."""


def typed_number(text: str) -> int | None:
    """The whole number that a text is; None where it is none, or one that nothing here has."""
    return int(text) if _NUMBER.fullmatch(text) else None


def number_or_text(text: str) -> int | str:
    """A whole number; another text as it is, so that the API says what is wrong with it."""
    number = typed_number(text)
    return text if number is None else number
