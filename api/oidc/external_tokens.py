"""Tokens of an external issuer: whose they are, and which of our roles they have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jwt
from cachetools import LRUCache

from api.oidc.issuer_client import ALGORITHMS, IssuerClient
from api.oidc.key_cache import KeyCache
from commerce.runtime.oidc_settings import OidcTerms, oidc_terms
from commerce.runtime.scopes import SCOPE_NAMES
from commerce.runtime.settings import Settings
from commerce.runtime.tokens import LEEWAY_S, AcceptedToken, Identity, InvalidToken, Role, names_somebody, seconds_until

SUBJECT_PREFIX = "oidc:"
"""What the subjects of an external issuer begin with here, so that none is spelled as one of ours."""
_LONGEST_SUBJECT_CHARACTERS = 255
"""What OpenID Connect Core 1.0, section 2, allows."""
_TYPES = (None, "jwt", "at+jwt", "application/at+jwt")
"""What a token can say it is: not a logout token or an event, which are signed with the same keys."""
_LONGEST_TOKEN_CHARACTERS = 16 * 1024
"""What is longer is no token of any issuer."""
_KEPT_TOKENS = 4_096


class _NotSigned(InvalidToken):
    """A token is not signed with the key that it names."""


class ExternalTokens:
    """Checks the tokens of one issuer; one that was found good is not checked again until it expires, or the key that
    signed it is gone."""

    def __init__(self, terms: OidcTerms, keys: KeyCache) -> None:
        self._terms = terms
        self._keys = keys
        self._accepted: LRUCache[str, tuple[jwt.PyJWK, AcceptedToken]] = LRUCache(_KEPT_TOKENS)

    def are_of(self, token: str) -> bool:
        """Whether a token says that it is of this issuer; whether that is so, `accept` finds out."""
        return len(token) <= _LONGEST_TOKEN_CHARACTERS and _claimed_issuer(token) == self._terms.issuer

    async def accept(self, token: str) -> AcceptedToken:
        """Whose token it is. Raises `InvalidToken`, and `Unavailable` where the issuer's keys are not known."""
        key_id = _key_id(token)
        key = await self._keys.find(key_id)
        try:
            accepted = self._accept(token, key)
        except _NotSigned:  # a key may have been replaced without another name
            accepted = self._accept(token, await self._keys.find(key_id, other_than=key))
        if seconds_until(accepted.good_until) <= 0:
            raise InvalidToken("the token has expired; get a new one")
        return accepted

    def _accept(self, token: str, key: jwt.PyJWK | None) -> AcceptedToken:
        if key is None:
            raise InvalidToken("the token is not signed with a key of its issuer that we know; get a new one")
        known = self._accepted.get(token)
        if known is None or known[0] is not key:
            known = self._accepted[token] = (key, self._check(token, key))
        return known[1]

    def _check(self, token: str, key: jwt.PyJWK) -> AcceptedToken:
        assert key.algorithm_name in ALGORITHMS
        try:
            claims = jwt.decode(
                token,
                key.key,
                algorithms=[key.algorithm_name],
                audience=self._terms.audience,
                issuer=self._terms.issuer,
                leeway=LEEWAY_S,
                options={"require": ["iss", "aud", "sub", "exp", "iat"]},
            )
        except jwt.ExpiredSignatureError:
            raise InvalidToken("the token has expired; get a new one") from None
        except jwt.InvalidSignatureError:
            raise _NotSigned("the token is not signed with the key of its issuer; get a new one") from None
        except (jwt.InvalidTokenError, OverflowError) as error:  # the latter for a time beyond all numbers
            raise InvalidToken(f"the token is not valid: {error}") from None
        subject = claims["sub"]
        if not isinstance(subject, str) or not names_somebody(subject) or len(subject) > _LONGEST_SUBJECT_CHARACTERS:
            raise InvalidToken("the token names nobody: its subject is blank, too long, or breaks a line")
        role = self._role(claims)
        if role is None:
            raise InvalidToken("the token has no role here; ask whoever gives roles at its issuer")
        identity, good_until = Identity(role, f"{SUBJECT_PREFIX}{subject}"), int(claims["exp"]) + LEEWAY_S
        return AcceptedToken(identity, good_until, scopes=_scopes(claims))

    def _role(self, claims: Mapping[str, Any]) -> Role | None:
        """The role that a claim is mapped to: it is a text, or a list of texts; nothing else means anything."""
        found = _claim(claims, self._terms.role_claim)
        values = found if isinstance(found, list) else [found]
        texts = {value for value in values if isinstance(value, str)}
        return next((role for value, role in self._terms.roles if value in texts), None)


def _scopes(claims: Mapping[str, Any]) -> frozenset[str] | None:
    """What a token is good for of what its role may do: those of its scopes (RFC 8693, 4.2) that are ours. None, for
    all of that, where it has none of ours, such as `openid profile` alone: they say nothing about us.

    Raises `InvalidToken` for a claim that is no text, or list of texts, as it may limit what we cannot read.
    """
    said = claims.get("scope")
    words = said.split() if isinstance(said, str) else said
    if words is None:
        return None
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise InvalidToken("the token names its scopes by something other than text")
    ours = frozenset(words) & frozenset(SCOPE_NAMES)
    return ours or (frozenset() if any(_is_like_ours(word) for word in words) else None)


def _is_like_ours(scope: str) -> bool:
    """Whether a scope is written as ours are, such as one of a later release: it limits, and opens nothing here."""
    return scope.partition(":")[0] in _THINGS and ":" in scope


_THINGS = frozenset(name.partition(":")[0] for name in SCOPE_NAMES)


def _claim(claims: Mapping[str, Any], name: str) -> object:
    if name in claims:
        return claims[name]
    found: object = claims
    for part in name.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    return found


def _claimed_issuer(token: str) -> str | None:
    """Which issuer a token says it is of; None where it says none that can be read."""
    try:
        issuer = jwt.decode(token, options={"verify_signature": False}).get("iss")
    except jwt.InvalidTokenError:
        return None
    return issuer if isinstance(issuer, str) else None


def _key_id(token: str) -> str | None:
    """The `kid` of a token. Raises `InvalidToken` for a head that cannot be one."""
    try:
        head = jwt.get_unverified_header(token)
    except jwt.InvalidTokenError as error:
        raise InvalidToken(f"the token is not valid: {error}") from None
    kind = head.get("typ")
    if (kind.lower() if isinstance(kind, str) else kind) not in _TYPES:
        raise InvalidToken("the token is of a kind that opens nothing; send an access token")
    key_id = head.get("kid")
    if key_id is not None and not isinstance(key_id, str):
        raise InvalidToken("the token names its key by something other than text")
    return key_id


def external_tokens(settings: Settings) -> ExternalTokens | None:
    """The tokens of the issuer that is set; None where none is. Asks nothing yet. Raises `BadUsage`."""
    terms = oidc_terms(settings)
    if terms is None:
        return None
    keys = KeyCache(
        IssuerClient(terms.issuer).read_keys,
        keys_s=settings.oidc_keys_s,
        unknown_pause_s=settings.oidc_unknown_key_pause_s,
    )
    return ExternalTokens(terms, keys)
