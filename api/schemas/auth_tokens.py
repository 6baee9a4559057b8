"""The forms of OAuth 2 by which customers and staff log in and out, and what is answered (RFC 6749, RFC 7009)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from api.http.rate_limits import LimitUsage
from api.schemas.fields import Body

EXAMPLE_TOKENS: JsonDict = {
    "access_token": "eyJhbGciOiJFZERTQSIsInR5cCI6IkpXVCJ9.e30.c2lnbmF0dXJl",
    "token_type": "Bearer",
    "expires_in": 3600,
    "refresh_token": "crt_VGhpcyBpcyBhbiBleGFtcGxlIG9mIGEgdG9rZW4",
    "refresh_expires_at": "2026-12-23T14:00:00Z",
    "scope": None,
}


class TokenRequest(Body):
    """A request for tokens: by `password`, with `username` and `password`, and for staff `otp`; or by `refresh_token`.
    Other parameters are not looked at."""

    model_config = ConfigDict(
        extra="ignore",  # RFC 6749, section 3.2
        json_schema_extra={
            "examples": [
                {"grant_type": "password", "username": "ada@example.org", "password": "a long sentence of mine"},
                {
                    "grant_type": "password",
                    "account": "staff",
                    "username": "olga@shop.example",
                    "password": "a long sentence of hers",
                    "otp": "492039",
                },
            ]
        },
    )

    grant_type: Literal["password", "refresh_token"]
    """How somebody shows who they are."""
    account: Literal["customer", "staff"] = "customer"
    """Whose account it is, for `password`: one e-mail address can be a customer's and a member of staff's."""
    username: str | None = None
    """The e-mail address, for `password`."""
    password: str | None = None
    """The password, for `password`."""
    otp: str | None = None
    """For staff: a code of the second factor, or a recovery code. Without it, the right password is answered 400 with
    the error `mfa_required`."""
    refresh_token: str | None = None
    """The refresh token of the last answer, for `refresh_token`; it is good for one use."""
    scope: str | None = None
    """For staff: what the access token is good for, of what the account is, with spaces between; all of it where it is
    left out. Customers' tokens have none."""


class RevocationRequest(Body):
    """A refresh token that is to be good for nothing any more. Other parameters are not looked at."""

    model_config = ConfigDict(
        extra="ignore",
        json_schema_extra={"examples": [{"token": "crt_VGhpcyBpcyBhbiBleGFtcGxlIG9mIGEgdG9rZW4"}]},
    )

    token: Annotated[str, Field(min_length=1)]
    """The refresh token."""
    token_type_hint: str | None = None
    """What kind of token it is; not looked at."""


@dataclass(frozen=True, slots=True)
class TokenAnswer:
    """A customer or a member of staff is logged in."""

    access_token: str
    """Goes into `Authorization: Bearer …`."""
    token_type: Literal["Bearer"]
    """How the access token is used."""
    expires_in: int
    """Seconds for which the access token is good."""
    refresh_token: str
    """Gets the next tokens, once."""
    refresh_expires_at: str
    """When they have to log in again, however often they get new tokens."""
    scope: str | None
    """What the access token is good for, with spaces between; null for all that the role may do."""


@dataclass(frozen=True, slots=True)
class TokenRevoked:
    """The refresh token is good for nothing any more, or never was."""

    status: Literal["revoked"]
    """Always `revoked`."""


EXAMPLE_USAGE: JsonDict = {
    "role": "service",
    "subject": "warehouse",
    "scopes": ["orders:read", "stock:write"],
    "good_until": "2027-02-28T00:00:00Z",
    "limits": [{"group": "orders", "limit": 1000000, "window_s": 900, "used": 120, "reset_s": 431}],
}


@dataclass(frozen=True, slots=True)
class UsageView:
    """Somebody who asks, and how much of their limits is used up."""

    role: str
    """Their role."""
    subject: str
    """Who they are: the id of a person, or the name of a service."""
    scopes: list[str] | None
    """What their key, token or account is good for; null for all that their role may do."""
    good_until: datetime
    """When what they identify themselves by ends."""
    limits: list[LimitUsage]
    """For each group of routes that has a limit; where processes count by themselves, as one process has counted."""
