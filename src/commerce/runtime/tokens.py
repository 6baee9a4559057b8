"""Bearer tokens (RFC 7519, EdDSA) and the key files they and personal data rest on."""

from __future__ import annotations

import base64
import time
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Literal, get_args
from uuid import UUID, uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from commerce.runtime.key_files import signing_key
from commerce.runtime.kms import KeyService
from commerce.runtime.master_keys import MasterKeys
from commerce.runtime.settings import Settings
from commerce.values import ids
from commerce.values.errors import BadUsage, CommerceError
from commerce.values.text import is_fit, is_visible, normal

Role = Literal["customer", "operator", "auditor", "service"]
ROLES: tuple[Role, ...] = get_args(Role)

ISSUER = "commerce"
AUDIENCE = "commerce-api"
LEEWAY_S = 30
"""Seconds by which the clocks of who issues and who checks may differ, for each of a token's times (RFC 7519,
section 4.1.4)."""

LIFETIME_S = 3600
"""Seconds for which a token is good."""


_BREAK_GLASS = "break_glass"
"""The value of the claim `via` in tokens that nobody logged in for."""


class InvalidToken(CommerceError):
    """A token that is malformed, expired, or not ours."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who asks: a role and a subject, `role:subject` in the log. One person has one spelling, however a token
    spells it."""

    role: Role
    subject: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "subject", one_spelling(self.role, self.subject))

    @property
    def actor(self) -> str:
        """As it stands in the log."""
        return f"{self.role}:{self.subject}"


def one_spelling(role: str, subject: str) -> str:
    """A subject as the log has it: a customer's as a UUID in lower case, any other in NFC and without spaces
    around it."""
    named = normal(subject).strip()
    customer = ids.read_id(named) if role == "customer" else None
    return named if customer is None else str(customer)


def spellings(actor: str) -> list[str]:
    """An actor as somebody wrote it, and in the one spelling; older logs have events with others."""
    role, colon, subject = actor.partition(":")
    return list(dict.fromkeys((actor, f"{role}{colon}{one_spelling(role, subject)}")))


def names_somebody(subject: str) -> bool:
    """Whether a subject can be seen, and stays in the line in which it is shown."""
    return is_visible(subject) and is_fit(subject)


@dataclass(frozen=True, slots=True)
class Keys:
    """The secrets of an installation."""

    master: MasterKeys
    """What people's keys are wrapped with."""
    signing: Ed25519PrivateKey

    @property
    def verifying(self) -> Ed25519PublicKey:
        """The public half of the signing key."""
        return self.signing.public_key()


def load_keys(settings: Settings) -> Keys:
    """Find the master keys, and read the signing key; those of a new installation are made.

    Raises `BadUsage`, naming the file, for one that is damaged.
    """
    master = installed_master_keys(settings)
    master.require_one()
    return Keys(master, signing_key(settings.keys_folder / "token-signing.pem", "delete it, and issue new tokens"))


def installed_master_keys(settings: Settings) -> MasterKeys:
    """The master keys of an installation; none is made, and none is read yet. Raises `BadUsage` for a service without a
    key."""
    return MasterKeys(settings.keys_folder, _key_service(settings))


def _key_service(settings: Settings) -> KeyService | None:
    """What wraps new master keys; None where they lie in files as they are."""
    if settings.kms == "file":
        return None
    if not settings.kms_key:
        raise BadUsage("COMMERCE_KMS_KEY is not set, and COMMERCE_KMS is aws: which key wraps master keys?")
    from commerce.runtime.aws_kms import AwsKeyService  # noqa: PLC0415 - half a second, for those who use it

    return AwsKeyService(settings.kms_key, settings.kms_endpoint or None)


def issue_token(settings: Settings, *, role: Role, subject: str, lifetime: int = LIFETIME_S) -> str:
    """A token for a role and a subject, good for `lifetime` seconds; what people are given, `audit.token_issue` puts
    on record."""
    return Grant.of(role, subject, lifetime).signed(load_keys(settings).signing)


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token says: whom it names, its own id (`jti`), and from when until when it is good, in seconds since
    1970."""

    identity: Identity
    token_id: UUID
    issued: int
    expires: int
    is_break_glass: bool = False
    """Whether somebody at the command line got it, without logging in."""
    session_id: UUID | None = None
    """The session that it is good no longer than; None for what only ends by itself."""
    scopes: Collection[str] | None = None
    """What it is good for; None for all that its role may do."""

    @classmethod
    def of(
        cls,
        role: Role,
        subject: str,
        lifetime: int = LIFETIME_S,
        *,
        is_break_glass: bool = False,
        session_id: UUID | None = None,
        scopes: Collection[str] | None = None,
    ) -> Grant:
        """A new one, good from now on for `lifetime` seconds."""
        now = int(time.time())
        return cls(Identity(role, subject), uuid4(), now, now + lifetime, is_break_glass, session_id, scopes)

    def signed(self, key: Ed25519PrivateKey) -> str:
        """The token itself."""
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": self.identity.subject,
            "role": self.identity.role,
            "iat": self.issued,
            "exp": self.expires,
            "jti": str(self.token_id),
            **({"via": _BREAK_GLASS} if self.is_break_glass else {}),
            **({"sid": str(self.session_id)} if self.session_id else {}),
            **({} if self.scopes is None else {"scope": " ".join(sorted(self.scopes))}),
        }
        return jwt.encode(claims, key, algorithm="EdDSA", headers={"kid": key_id(key.public_key())})


def key_id(key: Ed25519PublicKey) -> str:
    """What a token calls the key that it is signed with: that key's thumbprint (RFC 7638)."""
    x = _base64url(key.public_bytes_raw())
    return _base64url(sha256(f'{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}'.encode()).digest())


def _base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def seconds_until(moment: float) -> float:
    """The seconds from now to a moment in seconds since 1970, by the clock that tokens are checked by."""
    return moment - time.time()


@dataclass(frozen=True, slots=True)
class AcceptedToken:
    """Whose a valid token is, and until when it is accepted, in seconds since 1970."""

    identity: Identity
    good_until: float
    session_id: UUID | None = None
    """The session that has to be good, too."""
    scopes: frozenset[str] | None = None
    """What it is good for; None for all that its role may do."""


class TokenVerifier:
    """Checks tokens; one that was found good is not checked again until it expires. Those of the command line are
    accepted where `break_glass` says so."""

    def __init__(self, key: Ed25519PublicKey, *, break_glass: bool = True) -> None:
        self._key = key
        self._break_glass = break_glass
        self._key_id = key_id(key)
        self._checked = lru_cache(maxsize=4096)(self._check)

    def accept(self, token: str) -> AcceptedToken:
        """Whose token it is. Raises `InvalidToken`."""
        accepted = self._checked(token)
        if accepted.good_until <= time.time():
            raise InvalidToken("the token has expired; get a new one")
        return accepted

    def _check(self, token: str) -> AcceptedToken:
        try:
            if jwt.get_unverified_header(token).get("kid", self._key_id) != self._key_id:
                raise InvalidToken("the token is not signed with our key; get a new one")
            claims = jwt.decode(
                token,
                self._key,
                algorithms=["EdDSA"],
                audience=AUDIENCE,
                issuer=ISSUER,
                leeway=LEEWAY_S,
                options={"require": ["iss", "aud", "sub", "exp", "iat", "jti"]},
            )
        except jwt.ExpiredSignatureError:
            raise InvalidToken("the token has expired; get a new one") from None
        except (jwt.InvalidTokenError, OverflowError) as error:  # the latter for a time beyond all numbers
            raise InvalidToken(f"the token is not valid: {error}") from None
        if claims.get("via") == _BREAK_GLASS and not self._break_glass:
            raise InvalidToken("tokens of the command line are switched off here; log in, or use an API key")
        role, subject = claims.get("role"), claims["sub"]
        if role not in ROLES:
            raise InvalidToken("the token names no role we know")
        if not isinstance(subject, str) or not names_somebody(subject):
            raise InvalidToken("the token names nobody: its subject is blank, breaks a line or turns its direction")
        session_id = ids.read_id(str(claims["sid"])) if "sid" in claims else None
        if "sid" in claims and session_id is None:
            raise InvalidToken("the token names a session that cannot be one")
        scope = claims.get("scope")
        if "scope" in claims and not isinstance(scope, str):
            raise InvalidToken("the token names its scopes by something other than text")
        scopes = None if scope is None else frozenset(scope.split())
        return AcceptedToken(Identity(role, subject), int(claims["exp"]) + LEEWAY_S, session_id, scopes)
