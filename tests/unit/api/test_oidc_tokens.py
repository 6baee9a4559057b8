"""Tokens of an external issuer: which are accepted, as whose, and which attacks open nothing."""

from __future__ import annotations

import base64
import hmac
import json
import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from api.oidc.external_tokens import ExternalTokens
from api.oidc.key_cache import KeyCache
from commerce.runtime.oidc_settings import OidcTerms
from commerce.runtime.tokens import Grant, Identity, InvalidToken, TokenVerifier
from tests.unit.api.oidc_issuer import AUDIENCE, ISSUER, TERMS, Published, SigningKey, claims, ec_key, rsa_key

OURS = Ed25519PrivateKey.generate()


def verifier(*keys: SigningKey, terms: OidcTerms = TERMS) -> ExternalTokens:
    published = Published(*(keys or (rsa_key(), ec_key())))
    return ExternalTokens(terms, KeyCache(published.read, keys_s=3600, unknown_pause_s=60))


@pytest.mark.parametrize("key", [rsa_key(), ec_key()], ids=lambda key: key.algorithm)
@pytest.mark.parametrize("kind", ["JWT", "at+jwt", "application/at+jwt", "AT+JWT"])
async def test_a_token_is_whose_it_says_and_never_spelled_as_one_of_ours(key: SigningKey, kind: str) -> None:
    tokens = verifier()
    token = key.sign(claims(), typ=kind)
    for _ in range(2):
        accepted = await tokens.accept(token)
        assert accepted.identity == Identity("operator", "oidc:olga")
        assert (accepted.session_id, accepted.scopes) == (None, None)
    assert accepted.good_until > time.time() + 300


async def test_the_first_role_of_the_setting_counts_and_a_claim_may_have_dots_in_its_name() -> None:
    both = ["shop-auditors", "shop-operators"]
    token = rsa_key().sign(claims(realm_access={"roles": both}))
    assert (await verifier().accept(token)).identity.role == "operator"
    url = OidcTerms(ISSUER, AUDIENCE, "https://shop.example/roles", TERMS.roles)
    named = rsa_key().sign(claims(**{"https://shop.example/roles": "shop-auditors"}))
    assert (await verifier(terms=url).accept(named)).identity.role == "auditor"


@pytest.mark.parametrize(
    ("said", "scopes"),
    [
        ("openid profile", None),
        ("", None),
        ("openid orders:read cases:decide", {"orders:read", "cases:decide"}),
        (["orders:read", "openid"], {"orders:read"}),
        ("openid orders:shred", set()),
        ("Orders:Read", None),
    ],
)
async def test_scopes_narrow_what_a_role_may_do_and_never_widen_it(said: object, scopes: set[str] | None) -> None:
    accepted = await verifier().accept(rsa_key().sign(claims(scope=said)))
    assert (accepted.identity.role, accepted.scopes) == ("operator", scopes)
    auditor = rsa_key().sign(claims(realm_access={"roles": "shop-auditors"}, scope="orders:place"))
    assert (await verifier().accept(auditor)).identity.role == "auditor", "what the role may not do, no scope opens"


def part(content: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


def forged_hmac(public: bytes) -> str:
    head = f"{part({'alg': 'HS256', 'typ': 'JWT', 'kid': 'one'})}.{part(claims())}"
    signature = hmac.digest(public, head.encode(), "sha256")
    return f"{head}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def attacks() -> dict[str, str]:
    """Tokens that open nothing, by what is wrong with them."""
    key, other, now = rsa_key(), rsa_key("one", 1), int(time.time())
    public = key.private.public_key()
    good = key.sign(claims())
    head, payload, signature = good.split(".")
    signed: dict[str, dict[str, Any]] = {
        "another audience": claims(aud="another-api"),
        "no audience": claims(aud=None),
        "the issuer of others": claims(iss=f"{ISSUER}/"),
        "our issuer, signed by them": claims(iss="commerce"),
        "expired": claims(exp=now - 60),
        "no expiry": claims(exp=None),
        "an expiry that is no time": claims(exp="for ever"),
        "an expiry beyond all numbers": claims(exp=float("inf")),
        "issued in the future": claims(iat=now + 120),
        "not good yet": claims(nbf=now + 120),
        "no time of issue": claims(iat=None),
        "no subject": claims(sub=None),
        "a blank subject": claims(sub=" "),
        "a subject that is no text": claims(sub=["olga"]),
        "a subject that is too long": claims(sub="o" * 256),
        "no roles": claims(realm_access=None),
        "a role that is not mapped": claims(realm_access={"roles": ["operator", "admin"]}),
        "a role of ours beside the claim": claims(realm_access=None, role="operator", roles=["shop-operators"]),
        "a role in another case": claims(realm_access={"roles": "Shop-Operators"}),
        "roles in a list in a list": claims(realm_access={"roles": [["shop-operators"]]}),
        "roles as keys": claims(realm_access={"roles": {"shop-operators": True}}),
        "roles as a text with spaces": claims(realm_access={"roles": "shop-operators shop-auditors"}),
        "roles where a path ends in a text": claims(realm_access="roles"),
        "scopes that are no text": claims(scope={"orders:read": True}),
        "scopes of which one is no text": claims(scope=["orders:read", 1]),
    }
    return {name: key.sign(content) for name, content in signed.items()} | {
        "no algorithm": f"{part({'alg': 'none', 'typ': 'JWT', 'kid': 'one'})}.{part(claims())}.",
        "no algorithm, with a signature": f"{part({'alg': 'None', 'kid': 'one'})}.{payload}.{signature}",
        "HS256 with the public key": forged_hmac(public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)),
        "another key under this kid": other.sign(claims()),
        "another kid": SigningKey("three", key.private, "RS256").sign(claims()),
        "no kid, of several keys": SigningKey(None, key.private, "RS256").sign(claims()),
        "the kid of another of their keys": SigningKey("two", key.private, "RS256").sign(claims()),
        "another algorithm of the same key": SigningKey("one", key.private, "RS512").sign(claims()),
        "a kid that is no text": f"{part({'alg': 'RS256', 'kid': {}})}.{payload}.{signature}",
        "a key that the token brings itself": other.sign(claims(), jwk=other.described),
        "an address of keys that the token brings": other.sign(claims(), jku="https://thief.example/jwks"),
        "an extension that has to be understood": key.sign(claims(), crit=["x"], x=1),
        "a logout token": key.sign(claims(), typ="logout+jwt"),
        "a kind that is no text": f"{part({'alg': 'RS256', 'kid': 'one', 'typ': []})}.{payload}.{signature}",
        "tampered": f"{head}.{part(claims(sub='vera'))}.{signature}",
        "no signature": f"{head}.{payload}.",
        "a signature that was cut": f"{head}.{payload}.{signature[:-4]}",
        "theirs, signed by us": jwt.encode(claims(), OURS, algorithm="EdDSA", headers={"kid": "one"}),
        "two parts": f"{head}.{payload}",
        "nested beyond all bounds": base64.urlsafe_b64encode(b"[" * 20_000).decode().rstrip("=") + ".e30.e30",
    }


@pytest.mark.parametrize("name", attacks())
async def test_every_attack_is_refused_again_and_again(name: str) -> None:
    tokens = verifier()
    for _ in range(2):
        with pytest.raises(InvalidToken):
            await tokens.accept(attacks()[name])


def test_who_checks_a_token_is_who_it_says_it_is_of_and_neither_takes_the_others() -> None:
    tokens, own = verifier(), TokenVerifier(OURS.public_key())
    ours = Grant.of("operator", "olga").signed(OURS)
    theirs = rsa_key().sign(claims())
    assert (tokens.are_of(theirs), tokens.are_of(ours)) == (True, False)
    assert own.accept(ours).identity.subject == "olga"
    signed_by_them = rsa_key().sign(claims(iss="commerce", aud="commerce-api", role="operator", jti="1"))
    for foreign in (theirs, signed_by_them):
        with pytest.raises(InvalidToken):
            own.accept(foreign)
    for nonsense in ("", "nonsense", "e30.e30.e30", "a" * 60_000, "t\u00f6ken", f"e30.{part({'iss': [ISSUER]})}.e30"):
        assert not tokens.are_of(nonsense)
    assert not tokens.are_of(rsa_key().sign(claims(padding="a" * 16_000)))


async def test_a_token_that_was_good_is_refused_once_it_expired_or_its_key_is_gone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    published, moment = Published(rsa_key()), 1000.0
    cache = KeyCache(published.read, keys_s=60, unknown_pause_s=10, clock=lambda: moment)
    tokens = ExternalTokens(TERMS, cache)
    token = rsa_key().sign(claims())
    await tokens.accept(token)
    moment += 61
    published.keys = [ec_key()]
    with pytest.raises(InvalidToken, match="not signed with a key of its issuer"):
        await tokens.accept(token)
    tokens = verifier()
    await tokens.accept(token)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 3600)
    with pytest.raises(InvalidToken, match="expired"):
        await tokens.accept(token)


@pytest.mark.parametrize("key_id", ["one", None])
async def test_a_key_that_was_replaced_under_its_name_is_asked_for_once(key_id: str | None) -> None:
    published, moment = Published(rsa_key(key_id)), 1000.0
    cache = KeyCache(published.read, keys_s=3600, unknown_pause_s=10, clock=lambda: moment)
    tokens = ExternalTokens(TERMS, cache)
    await tokens.accept(rsa_key(key_id).sign(claims()))
    published.keys = [rsa_key(key_id, 1)]
    token = rsa_key(key_id, 1).sign(claims())
    with pytest.raises(InvalidToken):
        await tokens.accept(token)
    moment += 10
    assert (await tokens.accept(token)).identity.subject == "oidc:olga"
    assert published.asked == 2
