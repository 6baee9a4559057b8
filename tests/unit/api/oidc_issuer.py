"""An OpenID Connect issuer of the test's own: its keys, its tokens, and what it publishes."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt import PyJWK
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from api.oidc.issuer_client import Keys
from commerce.runtime.oidc_settings import OidcTerms

ISSUER, AUDIENCE = "https://id.example/realms/shop", "commerce-api"
TERMS = OidcTerms(
    ISSUER, AUDIENCE, "realm_access.roles", [("shop-operators", "operator"), ("shop-auditors", "auditor")]
)


@dataclass(frozen=True)
class SigningKey:
    """A key of an issuer."""

    key_id: str | None
    private: Any
    algorithm: str

    @property
    def described(self) -> dict[str, Any]:
        """As the issuer publishes it."""
        made = (RSAAlgorithm if self.algorithm.startswith("RS") else ECAlgorithm).to_jwk(self.private.public_key())
        return {**json.loads(made), "alg": self.algorithm, **({"kid": self.key_id} if self.key_id else {})}

    @property
    def public(self) -> PyJWK:
        """As we use it."""
        return PyJWK.from_dict(self.described)

    def sign(self, content: dict[str, Any], **headers: Any) -> str:
        """A token."""
        named = {"kid": self.key_id} if self.key_id else {}
        return jwt.encode(content, self.private, algorithm=self.algorithm, headers={**named, **headers})


@cache
def rsa_key(key_id: str | None = "one", number: int = 0) -> SigningKey:
    """A key of the usual kind; made once for each number."""
    return SigningKey(key_id, _rsa(number), "RS256")


@cache
def _rsa(_number: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@cache
def ec_key(key_id: str = "two") -> SigningKey:
    """A key on a curve."""
    return SigningKey(key_id, ec.generate_private_key(ec.SECP256R1()), "ES256")


def claims(**changed: Any) -> dict[str, Any]:
    """The claims of a good token, some of them changed; what is changed to None is left out."""
    now = int(time.time())
    good = {"iss": ISSUER, "aud": [AUDIENCE, "another"], "sub": "olga", "iat": now, "exp": now + 300}
    given = good | {"realm_access": {"roles": ["others", "shop-operators"]}} | changed
    return {name: value for name, value in given.items() if value is not None}


class Published:
    """What an issuer says its keys are, and how often it was asked."""

    def __init__(self, *keys: SigningKey) -> None:
        self.keys = list(keys)
        self.asked = 0
        self.failure: Exception | None = None

    async def read(self) -> Keys:
        """See `IssuerClient.read_keys`."""
        self.asked += 1
        if self.failure is not None:
            raise self.failure
        return {one.key_id: one.public for one in self.keys}
