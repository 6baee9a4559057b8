"""Codes of the second factor are good once, for their time, and recovery codes however they are typed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from pyotp import TOTP

from commerce.staff.second_factor import (
    RECOVERY_CODES,
    SecondFactorSecrets,
    accepted_step,
    enrolment_uri,
    new_recovery_codes,
    recovery_digest,
)

RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
"""The secret of RFC 6238, appendix B, in base 32."""
RFC_CODES = [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (2000000000, "279037")]
"""Times of that appendix, and the last six digits of their codes (SHA-1)."""
NOW = datetime(2026, 11, 29, 12, 0, 10, tzinfo=UTC)
STEP = timedelta(seconds=30)
ADA, OLGA, REQUEST = UUID(int=1), UUID(int=2), UUID(int=3)


def code_at(moment: datetime) -> str:
    return TOTP(RFC_SECRET).at(moment)


@pytest.mark.parametrize(("seconds", "code"), RFC_CODES)
def test_codes_are_those_of_rfc_6238(seconds: int, code: str) -> None:
    assert accepted_step(RFC_SECRET, code, datetime.fromtimestamp(seconds, UTC), 0) == seconds // 30


@pytest.mark.parametrize("typed", ["{0}{1}", "{0} {1}", " {0}-{1} "])
def test_a_code_is_read_however_people_type_it(typed: str) -> None:
    code = code_at(NOW)
    assert accepted_step(RFC_SECRET, typed.format(code[:3], code[3:]), NOW, 0) is not None


def test_a_code_of_the_neighbouring_half_minutes_is_accepted_and_no_other() -> None:
    near = [accepted_step(RFC_SECRET, code_at(NOW + number * STEP), NOW, 0) for number in range(-3, 4)]
    assert [step is not None for step in near] == [False, False, True, True, True, False, False]


def test_a_code_is_good_once_and_no_earlier_one_after_it() -> None:
    step = accepted_step(RFC_SECRET, code_at(NOW), NOW, 0)
    assert step is not None
    assert accepted_step(RFC_SECRET, code_at(NOW), NOW, step) is None
    assert accepted_step(RFC_SECRET, code_at(NOW - STEP), NOW, step) is None
    assert accepted_step(RFC_SECRET, code_at(NOW + STEP), NOW, step) == step + 1


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "１２３４５６", "0" * 4000])
def test_what_is_no_code_is_refused(code: str) -> None:
    assert accepted_step(RFC_SECRET, code, NOW, 0) is None


def test_an_invitation_has_one_secret_and_every_other_another() -> None:
    made = SecondFactorSecrets(b"s" * 32)
    secret = made.of_request(ADA, REQUEST)
    assert secret == SecondFactorSecrets(b"s" * 32).of_request(ADA, REQUEST)
    others = (made.of_request(OLGA, REQUEST), made.of_request(ADA, ADA))
    assert len({secret, *others, SecondFactorSecrets(b"t" * 32).of_request(ADA, REQUEST)}) == 4
    assert len(secret) == 32
    assert enrolment_uri(secret, "olga@shop.example").startswith("otpauth://totp/commerce:olga%40shop.example?secret=")


def test_recovery_codes_differ_and_are_read_however_they_are_typed() -> None:
    codes = new_recovery_codes()
    assert len({*codes, *new_recovery_codes()}) == 2 * RECOVERY_CODES
    assert all(len(code.replace("-", "")) == 16 for code in codes)
    assert recovery_digest(codes[0]) == recovery_digest(codes[0].lower().replace("-", " "))
    assert recovery_digest(codes[0]) != recovery_digest(codes[1])
