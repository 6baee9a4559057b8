"""A token that was tampered with, is not ours, or is not good now opens nothing, and the answer says so (RFC 6750)."""

from __future__ import annotations

import base64
import hmac
import json
import time
from typing import Any
from uuid import uuid4

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from commerce.runtime.tokens import AUDIENCE, ISSUER, load_keys
from tests.integration.api.conftest import Shop
from tests.integration.api.test_problems import check


def claims(**changed: Any) -> dict[str, Any]:
    """The claims of a good token, some of them changed; what is changed to None is left out."""
    now = int(time.time())
    good = {"iss": ISSUER, "aud": AUDIENCE, "sub": "olga", "role": "operator", "iat": now, "exp": now + 3600}
    return {name: value for name, value in (good | {"jti": str(uuid4())} | changed).items() if value is not None}


def part(content: object) -> str:
    """A part of a token."""
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


def forged_hmac(public: bytes) -> str:
    """A token that is signed with a public key, as if that were a secret; PyJWT itself refuses to make one."""
    head = f"{part({'alg': 'HS256', 'typ': 'JWT'})}.{part(claims())}"
    signature = hmac.digest(public, head.encode(), "sha256")
    return f"{head}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


@pytest.fixture
def ours(shop: Shop) -> Ed25519PrivateKey:
    """The key that the API's tokens are signed with."""
    return load_keys(shop.settings).signing


def attacks(ours: Ed25519PrivateKey) -> dict[str, str]:
    """Tokens that open nothing, by what is wrong with them."""
    other, public, now = Ed25519PrivateKey.generate(), ours.public_key(), int(time.time())
    good = jwt.encode(claims(), ours, algorithm="EdDSA")
    head, payload, signature = good.split(".")
    ours_with = {
        "another audience": claims(aud="another-api"),
        "no audience": claims(aud=None),
        "another issuer": claims(iss="somebody"),
        "no issuer": claims(iss=None),
        "expired": claims(exp=now - 60),
        "no expiry": claims(exp=None),
        "an expiry that is no time": claims(exp="for ever"),
        "an expiry beyond all numbers": claims(exp=float("inf")),
        "issued in the future": claims(iat=now + 120),
        "not good yet": claims(nbf=now + 120),
        "no time of issue": claims(iat=None),
        "no id": claims(jti=None),
        "no subject": claims(sub=None),
        "a blank subject": claims(sub=" "),
        "a subject that is no text": claims(sub=["olga"]),
        "the role as a list": claims(role=["operator"]),
        "the role as an object": claims(role={"operator": True}),
        "a role in capitals": claims(role="Operator"),
        "several roles": claims(role="operator auditor"),
        "an unknown role": claims(role="admin"),
        "no role": claims(role=None),
        "scopes as a list": claims(scope=["orders:read"]),
        "a session that is none": claims(sid="for ever"),
        "a session that there is not": claims(sid=str(uuid4())),
    }
    return {name: jwt.encode(content, ours, algorithm="EdDSA") for name, content in ours_with.items()} | {
        "no algorithm": f"{part({'alg': 'none', 'typ': 'JWT'})}.{part(claims())}.",
        "no algorithm, with a signature": f"{part({'alg': 'None'})}.{payload}.{signature}",
        "HS256 with the public key as PEM": forged_hmac(
            public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        ),
        "HS256 with the public key as it is": forged_hmac(public.public_bytes(Encoding.Raw, PublicFormat.Raw)),
        "another key": jwt.encode(claims(), other, algorithm="EdDSA"),
        "another key under another kid": jwt.encode(claims(), other, algorithm="EdDSA", headers={"kid": "other"}),
        "ours under another kid": jwt.encode(claims(), ours, algorithm="EdDSA", headers={"kid": "../../dev/null"}),
        "a kid that is no text": f"{part({'alg': 'EdDSA', 'kid': {}})}.{payload}.{signature}",
        "another key that the token brings itself": jwt.encode(
            claims(),
            other,
            algorithm="EdDSA",
            headers={"jwk": json.loads(jwt.algorithms.OKPAlgorithm.to_jwk(other.public_key()))},
        ),
        "an extension that has to be understood": jwt.encode(
            claims(), ours, algorithm="EdDSA", headers={"crit": ["x"], "x": 1}
        ),
        "a payload of somebody else": f"{head}.{part(claims(role='auditor'))}.{signature}",
        "no signature": f"{head}.{payload}.",
        "a signature that was cut": f"{head}.{payload}.{signature[:-4]}",
        "two parts": f"{head}.{payload}",
        "four parts": f"{good}.{signature}",
        "two tokens": f"{good} {good}",
        "nothing": "e30.e30.",
        "very long": "a" * 60_000,
        "not in ASCII": "t\u00f6ken",
    }


async def test_every_attack_is_answered_401_and_invalid_token(shop: Shop, ours: Ed25519PrivateKey) -> None:
    good = jwt.encode(claims(), ours, algorithm="EdDSA")
    assert (await shop.client().get("/orders", headers={"Authorization": f"Bearer {good}"})).status_code == 200
    for name, token in attacks(ours).items():
        header = [(b"Authorization", f"Bearer {token}".encode())]
        for _ in range(2):  # what was refused is not remembered as good
            answer = await shop.client().get("/orders", headers=header)
            assert answer.status_code == 401, (name, answer.text)
            check(answer, 401, "invalid-token")
            assert answer.headers["WWW-Authenticate"] == 'Bearer realm="commerce", error="invalid_token"', name
            assert token not in answer.text, name


async def test_a_token_in_any_other_place_than_the_header_is_none(shop: Shop, ours: Ed25519PrivateKey) -> None:
    good = jwt.encode(claims(), ours, algorithm="EdDSA")
    client = shop.client()
    answers = [
        await client.get("/orders", params={"access_token": good}),
        await client.get("/orders", headers={"Cookie": f"access_token={good}"}),
        await client.get("/orders", headers={"X-Authorization": f"Bearer {good}"}),
        await client.request("GET", "/orders", json={"access_token": good}),
        await client.get("/orders", headers={"Authorization": good}),
        await client.get("/orders", headers={"Authorization": f"Basic {good}"}),
        await client.get("/orders", headers={"Authorization": f"Bearer:{good}"}),
    ]
    for answer in answers:
        check(answer, 401, "not-authenticated")
        assert answer.headers["WWW-Authenticate"] == 'Bearer realm="commerce"'


async def test_two_tokens_are_a_request_that_cannot_be_read(shop: Shop, ours: Ed25519PrivateKey) -> None:
    """RFC 6750, section 3.1: more than one method for an access token is `invalid_request`, 400."""
    good = jwt.encode(claims(), ours, algorithm="EdDSA")
    for second in (good, "nonsense"):
        for both in ((good, second), (second, good)):
            headers = [("Authorization", f"Bearer {token}") for token in both]
            check(await shop.client().get("/orders", headers=headers), 400, "malformed-request")
