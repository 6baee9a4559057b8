"""How an API key is written: scanners know it, a slip of the pen is noticed, and what is kept does not yield it."""

from __future__ import annotations

import os
import re

from commerce.machines.key_text import BEGINNING_CHARACTERS, digest_of, is_key, write_key


def test_a_key_is_known_by_its_prefix_its_length_and_its_checksum() -> None:
    for secret in (os.urandom(32), bytes(32), b"\xff" * 32):
        key = write_key(secret)
        assert re.fullmatch(r"cmk_[0-9A-Za-z]{49}", key)
        assert is_key(key)
    assert write_key(bytes(32)) != write_key(bytes(31) + b"\x01")


def test_a_key_that_was_copied_wrongly_is_noticed() -> None:
    key = write_key(os.urandom(32))
    for place in range(len(key)):
        other = "x" if key[place] != "x" else "y"
        assert not is_key(key[:place] + other + key[place + 1 :]), place
    for wrong in (key[:-1], key + "0", f" {key}", key.upper(), key[:10] + key[11] + key[10] + key[12:], "", "cmk_"):
        assert wrong == key or not is_key(wrong)


def test_what_is_kept_of_a_key_is_not_the_key() -> None:
    key = write_key(os.urandom(32))
    assert key not in digest_of(key)
    assert len(digest_of(key)) == 64
    assert len(key) - BEGINNING_CHARACTERS >= 45
