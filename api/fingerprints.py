"""Tells whether two requests have the same body, without keeping either."""

from __future__ import annotations

import hmac

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from api.fields import Body


class Fingerprints:
    """An HMAC of a body in one canonical form, with a key that is derived from the master key."""

    def __init__(self, master_key: bytes) -> None:
        self._key = HKDF(SHA256(), 32, salt=None, info=b"commerce: fingerprints of requests").derive(master_key)

    def of(self, body: Body) -> bytes:
        """The fingerprint of what the client sent, and of nothing that it left out; order and white space do not matter."""
        canonical = body.__pydantic_serializer__.to_json(body, exclude_unset=True)
        return hmac.digest(self._key, canonical, "sha256")
