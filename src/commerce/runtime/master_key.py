"""A master key: wraps people's keys, says on each that it did, and stands behind secrets for one purpose each.

A wrapped key is a byte 1, the id of the master key (16 bytes), a random 96-bit nonce, and the ciphertext (AES-256-GCM,
NIST SP 800-38D), bound to whose key it is. Until release 0.1.0 it was nonce and ciphertext alone; those are of the
installation's first master key.
"""

from __future__ import annotations

import os
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MASTER_KEY_BYTES = 32
_NONCE_BYTES = 12
_WITH_ID = b"\x01"
_CIPHERTEXT_BYTES = 32 + 16
UNNAMED_BYTES = _NONCE_BYTES + _CIPHERTEXT_BYTES
NAMED_BYTES = 1 + 16 + UNNAMED_BYTES


class CannotUnwrap(Exception):
    """A wrapped key is damaged, or another master key wrapped it."""


class MasterKey:
    """One master key; its id follows from it, and says nothing of it."""

    __slots__ = ("_cipher", "id", "secret")

    def __init__(self, secret: bytes) -> None:
        self.secret = secret
        self._cipher = AESGCM(secret)
        self.id = UUID(bytes=derived_secret(secret, "the id of a master key")[:16])

    def wrap(self, owner: UUID, secret: bytes) -> bytes:
        """A person's key, as it is stored."""
        nonce = os.urandom(_NONCE_BYTES)
        return _WITH_ID + self.id.bytes + nonce + self._cipher.encrypt(nonce, secret, owner.bytes)

    def unwrap(self, owner: UUID, wrapped: bytes) -> bytes:
        """A person's key, of what is stored. Raises `CannotUnwrap`."""
        named = wrapped_by(wrapped)
        if named is not None and named != self.id:
            raise CannotUnwrap
        sealed = wrapped if named is None else wrapped[-UNNAMED_BYTES:]
        try:
            return self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], owner.bytes)
        except (InvalidTag, ValueError):
            raise CannotUnwrap from None

    def derived(self, purpose: str) -> bytes:
        """A secret of 32 bytes for one purpose alone (HKDF, RFC 5869); it does not lead back to the master key."""
        return derived_secret(self.secret, purpose)


def wrapped_by(wrapped: bytes) -> UUID | None:
    """The id of the master key that wrapped a person's key; None where that was not written down yet."""
    named = len(wrapped) == NAMED_BYTES and wrapped.startswith(_WITH_ID)
    return UUID(bytes=wrapped[1:17]) if named else None


def derived_secret(secret: bytes, purpose: str) -> bytes:
    """A secret of 32 bytes for one purpose alone, out of another secret (HKDF, RFC 5869)."""
    return HKDF(SHA256(), 32, salt=None, info=f"commerce: {purpose}".encode()).derive(secret)
