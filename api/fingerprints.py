"""Tells whether two requests have the same body, without keeping either."""

from __future__ import annotations

import hmac
import json

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class Fingerprints:
    """An HMAC of a body in one canonical form, with a key that is derived from the master key."""

    def __init__(self, master_key: bytes) -> None:
        self._key = HKDF(SHA256(), 32, salt=None, info=b"commerce: fingerprints of requests").derive(master_key)

    def of(self, body: object) -> bytes:
        """The fingerprint of a parsed JSON body; the order of its fields and its white space do not matter."""
        canonical = json.dumps(body, sort_keys=True, separators=(",", ":"))
        return hmac.digest(self._key, canonical.encode(), "sha256")
