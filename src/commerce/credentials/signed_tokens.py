"""Tokens that say what they stand for, with a keyed hash, so that nothing of them is stored."""

from __future__ import annotations

import base64
import hmac

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_TAG_BYTES = 32


class SignedTokens:
    """Writes and reads the tokens of one kind: `purpose` keeps the kinds apart, `prefix` is what scanners for secrets
    know them by."""

    def __init__(self, secret: bytes, purpose: str, prefix: str) -> None:
        self._key = HKDF(SHA256(), 32, salt=None, info=f"commerce: {purpose}".encode()).derive(secret)
        self._prefix = prefix

    def write(self, said: bytes) -> str:
        """The token as somebody gets it."""
        return self._prefix + base64.urlsafe_b64encode(said + self._tag(said)).decode().rstrip("=")

    def read(self, text: str) -> bytes | None:
        """What a token says; None for what is none of ours."""
        data = _decoded(text.removeprefix(self._prefix))
        said, tag = data[:-_TAG_BYTES], data[-_TAG_BYTES:]
        return said if hmac.compare_digest(tag, self._tag(said)) else None

    def _tag(self, said: bytes) -> bytes:
        return hmac.digest(self._key, said, "sha256")


def _decoded(text: str) -> bytes:
    """The bytes of a token; none for what is no base64."""
    try:
        encoded = text.encode("ascii")
        return base64.b64decode(encoded + b"=" * (-len(encoded) % 4), altchars=b"-_", validate=True)
    except ValueError:
        return b""
