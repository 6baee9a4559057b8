"""Keyed hashes of e-mail addresses: without the master key nobody can find out one by trying."""

from __future__ import annotations

import hmac
from uuid import UUID

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from commerce.values.text import one_email

_SOURCE_CHARACTERS = 32


class EmailHashes:
    """Hashes e-mail addresses for one purpose; the hashes of two purposes have nothing in common."""

    def __init__(self, master_key: bytes, purpose: str) -> None:
        self._key = HKDF(SHA256(), 32, salt=None, info=f"commerce: {purpose}".encode()).derive(master_key)

    def of(self, email: str) -> str:
        """The hash of an address; upper and lower case are the same address."""
        return self._digest(one_email(email))

    def source(self, account: UUID, network_address: str) -> str:
        """What logins to an account from one network address have in common; those to two accounts have nothing."""
        return self._digest(f"{account}\0{network_address}")[:_SOURCE_CHARACTERS]

    def _digest(self, text: str) -> str:
        return hmac.digest(self._key, text.encode(), "sha256").hex()
