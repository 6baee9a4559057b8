"""Text that comes from outside: what is an id is usable as it is or not at all, what people read is cleaned and
bounded."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import TypeVar
from urllib.parse import urlsplit

from commerce.values import text

LONGEST_ID_CHARACTERS = 128
"""Characters of an id or a tracking number that a party gives; the longest of real ones have about half of that."""

LONGEST_NAME_CHARACTERS = 100
"""Characters that are kept of a code or a name."""

LONGEST_DETAIL_CHARACTERS = 300
"""Characters that are kept of a sentence."""

LONGEST_URL_CHARACTERS = 2_048

Status = TypeVar("Status", bound=str)

_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Control, format (what turns the direction of writing among it), surrogates, private, unassigned, ends of lines."""
_ADDRESS = re.compile(r"https?://[!#-;=?-\[\]_a-z~]+")
"""Of the characters that an address has (RFC 3986), so that it can stand in a page and a header as it is."""
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}")


def usable(given: object) -> str | None:
    """An id as it was given, if it can be kept, shown and sent back as it is; never a part of it, which were
    another id."""
    if (
        not isinstance(given, str)
        or not 0 < len(given) <= LONGEST_ID_CHARACTERS
        or given.strip() != given
        or given in {".", ".."}
    ):
        return None
    is_seen = all(unicodedata.category(character) not in _UNSEEN for character in given)
    return given if is_seen and text.is_visible(given) else None


def web_address(given: object) -> str | None:
    """An address that a customer's browser can be sent to, if it is one of the web and can be kept as it is."""
    if not isinstance(given, str) or not _ADDRESS.fullmatch(given) or len(given) > LONGEST_URL_CHARACTERS:
        return None
    try:
        return given if urlsplit(given).hostname else None
    except ValueError:
        return None


def cleaned_answer(said: object, longest: int = LONGEST_NAME_CHARACTERS) -> str:
    """What a party says, for people: on one line, at most `longest` characters; empty where nothing of it can be
    seen."""
    return text.cleaned(said if isinstance(said, str) else str(said)[: 4 * longest], longest)


def code(said: object, instead: str) -> str:
    """A party's word for why, if it is one word; `instead` of a sentence, as what is recorded must not name people."""
    return said if isinstance(said, str) and _CODE.fullmatch(said) else instead


def other_operation(named: object, operations: Mapping[Status, str], status: Status) -> tuple[str, ...]:
    """Says so where an answer names itself the outcome of another operation than its status belongs to."""
    word = named.split(" ")[0] if isinstance(named, str) else None
    is_other = word in operations.values() and word != operations[status]
    return (f"as the outcome of another operation ({word})",) if is_other else ()
