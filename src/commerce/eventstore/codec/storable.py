"""Which values an event may hold: those that everybody who reads the log can store: as text, as JSON, or in a
column.

PostgreSQL stores no NUL in a text and half a surrogate pair nowhere; a `bigint` ends at 2^63, an index row at 2,704
bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pydantic_core import from_json

from commerce.eventstore.errors import Unstorable

if TYPE_CHECKING:
    from commerce.eventstore.codec.event import Event

LARGEST_TEXT_CHARACTERS = 65_536
"""Characters of one field: ten times what the longest sealed text takes."""
LARGEST_KEY_BYTES = 2_000
"""Bytes of a field by which rows are found (`Event.INDEXED`)."""

_NUL = b"\\u0000"
_NOT_TEXT = re.compile(
    rb"(?<!\\)((?:\\\\)*)"  # so that the backslash itself is not escaped
    rb"(?:\\u0000"
    rb"|(\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})"
    rb"|\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
)


def check_text(event: Event, state: bytes) -> None:
    """Raise `Unstorable` where a text in a payload has a NUL."""
    if _NUL in state:
        for field, text in _texts(from_json(state)):
            if "\0" in text:
                raise Unstorable(f"{field} of {event.TOPIC} has a NUL character; leave it out")


def check_fields(event: Event) -> None:
    """Raise `Unstorable` for a number, a time or a text that is larger than what stores it."""
    for name, value in event.__dict__.items():
        kind = type(value)
        if kind is str:
            if len(value) > LARGEST_TEXT_CHARACTERS:
                raise Unstorable(
                    f"{name} of {event.TOPIC} has {len(value)} characters; at most {LARGEST_TEXT_CHARACTERS} are stored"
                )
        elif kind is int:
            if not -(2**63) <= value < 2**63:
                raise Unstorable(f"{name} of {event.TOPIC} is beyond 2^63")
        elif kind is datetime:
            _check_time(event, name, value)
    for name in event.INDEXED:
        size = len(getattr(event, name).encode())
        if size > LARGEST_KEY_BYTES:
            raise Unstorable(f"{name} of {event.TOPIC} has {size} bytes; at most {LARGEST_KEY_BYTES} are stored")


def cleaned_payload(state: bytes) -> bytes:
    """A payload that was stored before this was checked, with U+FFFD in place of what cannot be stored elsewhere."""
    if b"\\u" not in state:
        return state
    return _NOT_TEXT.sub(lambda found: found[0] if found[2] else found[1] + rb"\ufffd", state)


def has_nul(state: bytes) -> bool:
    """Whether a payload may have to be cleaned before it is read; false for all that was checked when it was
    appended."""
    return _NUL in state


def _check_time(event: Event, name: str, value: datetime) -> None:
    try:
        value.astimezone(UTC)
    except OverflowError:
        raise Unstorable(f"{name} of {event.TOPIC} is outside the years 1 to 9999") from None


def _texts(value: object, field: str = "") -> Iterator[tuple[str, str]]:
    """Every text in decoded JSON, with where it stands; a key is a text, too."""
    match value:
        case str():
            yield field, value
        case dict():
            for key, one in value.items():
                place = f"{field}.{key}" if field else str(key)
                yield place.replace("\0", "\ufffd"), str(key)
                yield from _texts(one, place)
        case list():
            for number, one in enumerate(value):
                yield from _texts(one, f"{field}[{number}]")
