"""Compares bodies and ids of requests without storing them."""

from __future__ import annotations

import hmac

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from api.schemas.fields import AS_SENT, Body


class Fingerprints:
    """HMACs of canonical bodies and of clients' request ids; their key is derived from the master key."""

    def __init__(self, master_key: bytes) -> None:
        self._key = HKDF(SHA256(), 32, salt=None, info=b"commerce: fingerprints of requests").derive(master_key)

    def of(self, body: Body) -> bytes:
        """The fingerprint of what a request means: a field at its default counts as left out.

        A field that requests gain later, with a default, therefore changes no fingerprint.
        """
        return self._digest(body.model_dump_json(exclude_defaults=True).encode())

    def as_sent(self, body: Body) -> bytes:
        """The fingerprint that release 0.1.0 stored: of exactly what the client sent, with nulls and defaults."""
        return self._digest(body.model_dump_json(exclude_unset=True, context=AS_SENT).encode())

    def _digest(self, canonical: bytes) -> bytes:
        return hmac.digest(self._key, canonical, "sha256")

    def of_id(self, request_id: bytes) -> str:
        """The fingerprint that is logged in place of an id that may identify a person."""
        return "hmac:" + hmac.digest(self._key, b"request id\n" + request_id, "sha256").hex()[:32]
