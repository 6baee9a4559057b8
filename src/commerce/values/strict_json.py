"""Reads JSON strictly: what different JSON readers understand differently is rejected."""

from __future__ import annotations

import json

from pydantic_core import from_json

_NOT_JSON = "it cannot be read as JSON in UTF-8"
_LONGEST_SHOWN_CHARACTERS = 64


class NotStrictJson(ValueError):
    """A text that is not JSON (RFC 8259) in UTF-8, or that readers could understand differently; says what is wrong."""

    def __init__(self, problem: str = _NOT_JSON, *, is_ambiguous: bool = False) -> None:
        super().__init__(problem)
        self.is_ambiguous = is_ambiguous
        """Whether a place of it is named that readers understand differently."""


def read_strictly(content: bytes) -> object:
    """The value of a text. Raises `NotStrictJson`."""
    reject_ambiguous(content)
    try:
        return from_json(content, allow_inf_nan=False)
    except ValueError:
        raise NotStrictJson from None


def reject_ambiguous(content: bytes) -> None:
    """Raises `NotStrictJson` if an object at any depth has a key twice, naming it, or if the text is not JSON."""
    try:
        _READER.decode(content.decode())
    except NotStrictJson:
        raise
    except (ValueError, RecursionError):
        raise NotStrictJson from None


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        problem = f"the key {twice[:_LONGEST_SHOWN_CHARACTERS]!r} stands twice in one object; send each key once"
        raise NotStrictJson(problem, is_ambiguous=True)
    return found


def _not_a_number(name: str) -> float:
    raise NotStrictJson(f"{name} is not JSON; numbers are finite", is_ambiguous=True)


_READER = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_not_a_number)
