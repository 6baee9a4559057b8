"""The second factor of staff: codes that follow the time (RFC 6238), and recovery codes for who lost what makes them.

A code is good once. Its secret is derived from the invitation, or from the request for another one, until that is
accepted, so that a page can show it without anything being stored.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from datetime import datetime
from uuid import UUID

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pyotp import TOTP

ISSUER_NAME = "commerce"
"""What an authenticator app calls us."""
_SECRET_BYTES = 20
"""What RFC 4226, section 4, recommends."""
_NEIGHBOUR_STEPS = 1
"""Time steps of 30 s before and after the present one whose codes are accepted, as clocks differ and people type."""
RECOVERY_CODES = 10
_RECOVERY_BYTES = 10
"""80 bits, which nobody can guess, so that a fast hash keeps them."""
_RECOVERY_GROUP_CHARACTERS = 4

_SPACES = re.compile(r"[\s-]+")


class SecondFactorSecrets:
    """Makes the secret that an invitation, or a request for another one, brings: the same however often it is shown."""

    def __init__(self, signing_secret: bytes) -> None:
        self._key = HKDF(SHA256(), 32, salt=None, info=b"commerce: second factors").derive(signing_secret)

    def of_request(self, member_id: UUID, request_id: UUID) -> str:
        """The secret in base 32, as authenticator apps take it."""
        made = hmac.digest(self._key, member_id.bytes + request_id.bytes, "sha256")
        return base64.b32encode(made[:_SECRET_BYTES]).decode()


def enrolment_uri(secret: str, email: str) -> str:
    """What an authenticator app reads from a QR code."""
    return TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER_NAME)


def accepted_step(secret: str, code: str, now: datetime, used_step: int) -> int | None:
    """The time step that a code is of; None for a wrong one, and for one of a step that is not after the last used."""
    totp, typed = TOTP(secret), _SPACES.sub("", code)
    present = int(now.timestamp()) // totp.interval
    found = None
    for step in range(present - _NEIGHBOUR_STEPS, present + _NEIGHBOUR_STEPS + 1):
        if hmac.compare_digest(totp.generate_otp(step).encode(), typed.encode()) and step > used_step:
            found = step
    return found


def new_recovery_codes() -> list[str]:
    """Codes for one use each, as people write them down."""
    return [_grouped(base64.b32encode(secrets.token_bytes(_RECOVERY_BYTES)).decode()) for _ in range(RECOVERY_CODES)]


def recovery_digest(code: str) -> str:
    """The hash of a recovery code, however it is typed."""
    return hashlib.sha256(_SPACES.sub("", code).upper().encode()).hexdigest()


def _grouped(code: str) -> str:
    size = _RECOVERY_GROUP_CHARACTERS
    return "-".join(code[place : place + size] for place in range(0, len(code), size))
