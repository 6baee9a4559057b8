"""Tells whether two requests have the same body, or came with the same id, without keeping either."""

from __future__ import annotations

import hmac

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from api.schemas.fields import AS_SENT, Body


class Fingerprints:
    """HMACs with a key that is derived from the master key: of a body in one canonical form, or of a client's own
    request id."""

    def __init__(self, master_key: bytes) -> None:
        self._key = HKDF(SHA256(), 32, salt=None, info=b"commerce: fingerprints of requests").derive(master_key)

    def of(self, body: Body) -> bytes:
        """The fingerprint of what the request means: what stands at its default, or is null, is as if it were left out.

        So fields that requests get later, with a default, change no fingerprint.
        """
        return self._digest(body.model_dump_json(exclude_defaults=True).encode())

    def as_sent(self, body: Body) -> bytes:
        """The fingerprint that release 0.1.0 kept in the log: of what the client sent, nulls, defaults and all."""
        return self._digest(body.model_dump_json(exclude_unset=True, context=AS_SENT).encode())

    def _digest(self, canonical: bytes) -> bytes:
        return hmac.digest(self._key, canonical, "sha256")

    def of_id(self, request_id: bytes) -> str:
        """The fingerprint that stands in the log and in logs for an id which may say something about somebody."""
        return "hmac:" + hmac.digest(self._key, b"request id\n" + request_id, "sha256").hex()[:32]
