"""Which passwords are accepted: long enough, and not among those that are tried first (NIST SP 800-63B, 3.1.1)."""

from __future__ import annotations

import unicodedata
from functools import cache

from commerce.values.errors import InvalidInput

SHORTEST_CHARACTERS = 8
LONGEST_CHARACTERS = 128


def spelled(password: str) -> str:
    """A password in the one form that is hashed, however a keyboard made it."""
    return unicodedata.normalize("NFKC", password)


def check_new(password: str, email: str) -> None:
    """Raises `InvalidInput` for a password that may not be chosen. The first call reads the list, in 0.1 s."""
    word = spelled(password)
    if not SHORTEST_CHARACTERS <= len(word) <= LONGEST_CHARACTERS:
        raise InvalidInput(f"a password has {SHORTEST_CHARACTERS} to {LONGEST_CHARACTERS} characters", "password")
    lower = word.lower()
    if lower in (email.lower(), email.partition("@")[0].lower()):
        raise InvalidInput("this is your e-mail address; choose another password", "password")
    if lower in _known() or len(set(lower)) == 1:
        raise InvalidInput("this password is known, and among those tried first; choose another one", "password")


@cache
def _known() -> frozenset[str]:
    """The passwords that leaked most often, in lower case."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS  # noqa: PLC0415 - it takes long to import, and few need it

    return frozenset(word.lower() for word in FREQUENCY_LISTS["passwords"] if len(word) >= SHORTEST_CHARACTERS)
