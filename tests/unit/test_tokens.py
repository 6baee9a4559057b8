"""Clocks differ: a token is good for 30 s more on both sides of its life, and no longer."""

from __future__ import annotations

import time
from typing import Any
from uuid import uuid4

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from commerce.runtime.tokens import AUDIENCE, ISSUER, Grant, InvalidToken, TokenVerifier, key_id

KEY = Ed25519PrivateKey.generate()


def token(**times: int) -> str:
    """A token whose times are so many seconds from now."""
    claims: dict[str, Any] = {"iss": ISSUER, "aud": AUDIENCE, "sub": "olga", "role": "operator", "jti": str(uuid4())}
    now = int(time.time())
    claims |= {name: now + seconds for name, seconds in ({"iat": 0, "exp": 3600} | times).items()}
    return jwt.encode(claims, KEY, algorithm="EdDSA")


@pytest.mark.parametrize("times", [{"iat": 20}, {"nbf": 20}, {"exp": -20}, {"iat": 20, "nbf": 20}])
def test_a_clock_that_differs_by_less_than_half_a_minute_does_no_harm(times: dict[str, int]) -> None:
    verifier = TokenVerifier(KEY.public_key())
    ours = token(**times)
    for _ in range(2):  # the second time it is remembered
        assert verifier.accept(ours).identity.actor == "operator:olga"


@pytest.mark.parametrize("times", [{"iat": 90}, {"nbf": 90}, {"exp": -31}])
def test_one_that_differs_by_more_is_rejected(times: dict[str, int]) -> None:
    with pytest.raises(InvalidToken):
        TokenVerifier(KEY.public_key()).accept(token(**times))


def test_a_token_says_which_key_signed_it() -> None:
    ours = Grant.of("operator", "olga").signed(KEY)
    assert jwt.get_unverified_header(ours)["kid"] == key_id(KEY.public_key())
    assert TokenVerifier(KEY.public_key()).accept(ours).identity.actor == "operator:olga"


def test_where_they_are_switched_off_no_token_of_the_command_line_is_accepted() -> None:
    verifier = TokenVerifier(KEY.public_key(), break_glass=False)
    assert verifier.accept(Grant.of("operator", "olga").signed(KEY)).identity.actor == "operator:olga"
    with pytest.raises(InvalidToken, match="switched off"):
        verifier.accept(Grant.of("operator", "olga", is_break_glass=True).signed(KEY))
