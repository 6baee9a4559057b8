"""What an external issuer publishes of itself: its description (OpenID Connect Discovery 1.0) and its keys (RFC 7517).

Everything that it answers is bounded in time and size, and believed only as far as it can be checked.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import jwt
from aiohttp import ClientError, ClientSession, ClientTimeout, DummyCookieJar, TCPConnector
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt import PyJWK
from pydantic_core import from_json

from commerce.values.errors import Unavailable

CALL_TIMEOUT_S = 3.0
"""For each of the two answers, the connection included."""
LARGEST_ANSWER_BYTES = 256 * 1024
MOST_KEYS = 100
SMALLEST_RSA_KEY_BITS = 2048
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures that only who has the private key can make; nothing of these is negotiated with a token."""
_PUBLIC = (RSAPublicKey, EllipticCurvePublicKey, Ed25519PublicKey, Ed448PublicKey)
_DISCOVERY = "/.well-known/openid-configuration"

Keys = Mapping[str | None, PyJWK]
"""Keys by their `kid`; of those without one, the last."""


class IssuerClient:
    """Asks one issuer, over connections that are closed again, as it is asked seldom."""

    def __init__(self, issuer: str) -> None:
        self._issuer = issuer

    async def read_keys(self) -> Keys:
        """The keys that the issuer signs with now. Raises `Unavailable` where it does not say."""
        async with ClientSession(
            connector=TCPConnector(force_close=True),
            timeout=ClientTimeout(total=CALL_TIMEOUT_S),
            headers={"Accept": "application/json", "Accept-Encoding": "identity"},
            cookie_jar=DummyCookieJar(),
            auto_decompress=False,
        ) as session:
            about = await self._read(session, self._issuer.rstrip("/") + _DISCOVERY)
            if about.get("issuer") != self._issuer:
                raise _not_understood("its description is of another issuer")
            address = about.get("jwks_uri")
            if not isinstance(address, str) or not _is_as_safe(address, self._issuer):
                raise _not_understood("its description names no jwks_uri that can be asked safely")
            return _keys_of(await self._read(session, address))

    async def _read(self, session: ClientSession, address: str) -> dict[str, Any]:
        """One answer. Redirects are not followed: they could lead anywhere."""
        body = bytearray()
        try:
            async with session.get(address, allow_redirects=False) as answer:
                if answer.status != 200:
                    raise _not_understood(f"{answer.status} for {address[:200]}")
                async for piece in answer.content.iter_any():
                    body += piece
                    if len(body) > LARGEST_ANSWER_BYTES:
                        raise _not_understood(f"it answers with more than {LARGEST_ANSWER_BYTES} bytes")
        except (ClientError, TimeoutError, OSError, ValueError) as error:
            raise _not_understood(f"no answer ({type(error).__name__})") from None
        try:
            found = from_json(bytes(body))
        except ValueError:
            raise _not_understood("its answer is no JSON") from None
        if not isinstance(found, dict):
            raise _not_understood("its answer is no JSON object")
        return found


def _keys_of(document: Mapping[str, Any]) -> dict[str | None, PyJWK]:
    """The keys of a set that tokens may be signed with; what we cannot use is left out, as sets hold keys of all
    kinds."""
    listed = document.get("keys")
    if not isinstance(listed, list):
        raise _not_understood("its set of keys holds no list")
    if len(listed) > MOST_KEYS:
        raise _not_understood(f"its set has more than {MOST_KEYS} keys")
    found: dict[str | None, PyJWK] = {}
    for one in listed:
        if isinstance(one, dict) and (key := _usable(one)) is not None:
            found[key.key_id if isinstance(key.key_id, str) else None] = key
    if not found:
        raise _not_understood("its set has no key that can be used")
    return found


def _usable(described: dict[str, Any]) -> PyJWK | None:
    if described.get("kty") not in ("RSA", "EC", "OKP") or described.get("use", "sig") != "sig":
        return None
    try:
        key = PyJWK.from_dict(described)
    except (jwt.PyJWTError, ValueError, TypeError, KeyError, AttributeError):
        return None
    if not isinstance(key.key, _PUBLIC) or key.algorithm_name not in ALGORITHMS:
        return None
    is_short = isinstance(key.key, RSAPublicKey) and key.key.key_size < SMALLEST_RSA_KEY_BITS
    return None if is_short else key


def _is_as_safe(address: str, issuer: str) -> bool:
    """Whether an address is on the web, and encrypted where the issuer's is."""
    try:
        found = urlsplit(address)
    except ValueError:
        return False
    return found.scheme in ("https", urlsplit(issuer).scheme) and bool(found.hostname) and not found.username


def _not_understood(what: str) -> Unavailable:
    return Unavailable(f"the issuer of this token cannot be asked for its keys: {what}")
