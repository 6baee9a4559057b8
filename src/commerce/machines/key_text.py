"""How an API key is written: a prefix that scanners of leaked secrets know, 32 random bytes, and a checksum."""

from __future__ import annotations

import hashlib
import re
from string import ascii_letters, digits
from zlib import crc32

PREFIX = "cmk_"
"""What a key begins with; a token never does."""
SECRET_BYTES = 32
BEGINNING_CHARACTERS = len(PREFIX) + 4
"""Characters by which people tell keys apart; what remains cannot be guessed."""

_ALPHABET = digits + ascii_letters
_SECRET_CHARACTERS, _CHECKSUM_CHARACTERS = 43, 6
"""The most that 32 bytes, and the 4 of a checksum, take in an alphabet of 62."""
_WRITTEN = re.compile(rf"{PREFIX}([0-9A-Za-z]{{{_SECRET_CHARACTERS}}})([0-9A-Za-z]{{{_CHECKSUM_CHARACTERS}}})")


def write_key(secret: bytes) -> str:
    """The key of 32 bytes that nobody can guess."""
    written = _base62(int.from_bytes(secret), _SECRET_CHARACTERS)
    return f"{PREFIX}{written}{_checksum(written)}"


def is_key(text: str) -> bool:
    """Whether a text is a key as we write them, checksum included; whether it was issued is another question."""
    found = _WRITTEN.fullmatch(text)
    return found is not None and _checksum(found[1]) == found[2]


def digest_of(key: str) -> str:
    """What is kept of a key: its SHA-256, in hex. A key is random, so a slow hash would not protect it better."""
    return hashlib.sha256(key.encode()).hexdigest()


def _checksum(written: str) -> str:
    return _base62(crc32(written.encode()), _CHECKSUM_CHARACTERS)


def _base62(number: int, characters: int) -> str:
    found = ""
    while number:
        number, digit = divmod(number, len(_ALPHABET))
        found = _ALPHABET[digit] + found
    return found.rjust(characters, _ALPHABET[0])
