"""Keyed hashes of e-mail addresses: without a secret nobody can find out one by trying."""

from __future__ import annotations

import hmac
from uuid import UUID

from commerce.eventstore import KeyRing
from commerce.values.text import one_email

_SOURCE_CHARACTERS = 32


class EmailHashes:
    """Hashes e-mail addresses for one purpose; the hashes of two purposes have nothing in common."""

    def __init__(self, keys: KeyRing, purpose: str) -> None:
        self._key = keys.derived(purpose)

    def of(self, email: str) -> str:
        """The hash of an address; upper and lower case are the same address."""
        return self._digest(one_email(email))

    def source(self, account: UUID, network_address: str) -> str:
        """What logins to an account from one network address have in common; those to two accounts have nothing."""
        return self._digest(f"{account}\0{network_address}")[:_SOURCE_CHARACTERS]

    def _digest(self, text: str) -> str:
        return hmac.digest(self._key, text.encode(), "sha256").hex()
