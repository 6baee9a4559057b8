"""Compares bodies and ids of requests without storing them."""

from __future__ import annotations

import hmac

from api.schemas.fields import AS_SENT, Body
from commerce.eventstore import KeyRing


class Fingerprints:
    """HMACs of canonical bodies and of clients' request ids; their key is for this purpose alone."""

    def __init__(self, keys: KeyRing) -> None:
        self._key = keys.derived("fingerprints of requests")

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
