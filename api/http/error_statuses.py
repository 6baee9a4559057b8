"""The table of problems (RFC 9457): which error is answered with which status and title."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from api.http.errors import (
    BodyTooLarge,
    HeadTooLarge,
    IdempotencyKeyReused,
    InvalidScope,
    InvalidTokenRequest,
    MalformedRequest,
    MethodNotAllowed,
    NotAcceptable,
    NotAllowed,
    NotAuthenticated,
    PreconditionFailed,
    RequestTooSlow,
    SignatureNotAccepted,
    TooManyRequests,
    UnsupportedGrantType,
    UnsupportedMediaType,
    UnsupportedTokenType,
)
from commerce.credentials.guesses import CredentialsNotAccepted, TooManyLogins
from commerce.credentials.mail_tokens import MailTokenNotAccepted
from commerce.credentials.session_commands import RefreshTokenNotAccepted
from commerce.eventstore import DataErased, MissingKey
from commerce.evidence.proof import NotSignedYet
from commerce.evidence.tree import TreeDamaged
from commerce.runtime.tokens import InvalidToken
from commerce.staff.login_commands import CodeNotAccepted, SecondFactorNeeded
from commerce.values.errors import CommerceError, InvalidInput, NotFound, RuleBroken, StaleVersion, Unavailable
from commerce.values.money import Money

MEDIA_TYPE = "application/problem+json"


class FieldError(BaseModel):
    """What is wrong with one field, such as `lines[0].quantity`."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    field: str
    """Where it stands in the request, such as `lines[0].quantity`."""
    message: str
    """What is wrong with it."""


class Problem(BaseModel):
    """What went wrong, and what to do about it (RFC 9457)."""

    model_config = ConfigDict(
        use_attribute_docstrings=True,
        json_schema_extra={
            "examples": [
                {
                    "type": "/docs/problems/not-found",
                    "title": "There is no such thing, or it is not yours to see",
                    "status": 404,
                    "detail": "there is no order 3f0e4c6e-8f4b-5a0e-9d57-0a4c2f1b7d11",
                    "instance": "/api/v1/orders/3f0e4c6e-8f4b-5a0e-9d57-0a4c2f1b7d11",
                }
            ]
        },
    )

    type: str
    """What a program can tell problems by, and the path of a page about it."""
    title: str
    """What is wrong, the same for every problem of its kind."""
    status: int
    """The HTTP status."""
    detail: str
    """What is wrong with this request, and what to do about it."""
    instance: str
    """The path that was asked."""
    errors: list[FieldError] | None = None
    """Which fields are meant; left out where none is."""
    order_id: UUID | None = None
    """The order that has the reference already; left out for other problems."""
    version: int | None = None
    """The present version of what was to be changed, for `If-Match`; left out where it has none."""
    actions: list[str] | None = None
    """What may be done with it now, by the last part of the path that does it, or by the method where that is
    its own path; left out where nobody can say."""
    left: Money | None = None
    """What can still be refunded; left out for other problems."""
    error: str | None = None
    """What OAuth calls it (RFC 6749, 5.2); left out for other problems."""
    error_description: str | None = None
    """`detail`, where OAuth's clients look for it."""


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """How a class of errors is answered; `detail` replaces a text that is not meant for clients."""

    status: int
    title: str
    detail: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


KINDS: Mapping[type[Exception], ProblemKind] = {
    MalformedRequest: ProblemKind(400, "The request cannot be read"),
    InvalidTokenRequest: ProblemKind(400, "The request for a token cannot be read"),
    UnsupportedGrantType: ProblemKind(400, "Tokens are not given for this"),
    UnsupportedTokenType: ProblemKind(400, "An access token ends by itself"),
    InvalidScope: ProblemKind(400, "The scope cannot be given"),
    SecondFactorNeeded: ProblemKind(400, "A second factor is needed"),
    CodeNotAccepted: ProblemKind(400, "The code of the second factor is not accepted"),
    CredentialsNotAccepted: ProblemKind(400, "The e-mail address or the password is wrong"),
    RefreshTokenNotAccepted: ProblemKind(400, "The refresh token is not accepted"),
    NotAuthenticated: ProblemKind(401, "A token is needed", headers={"WWW-Authenticate": 'Bearer realm="commerce"'}),
    InvalidToken: ProblemKind(
        401,
        "The token is not accepted",
        headers={"WWW-Authenticate": 'Bearer realm="commerce", error="invalid_token"'},
    ),
    SignatureNotAccepted: ProblemKind(
        401, "The signature is not accepted", headers={"WWW-Authenticate": 'Signature realm="commerce"'}
    ),
    NotAllowed: ProblemKind(
        403,
        "Your role does not allow this",
        headers={"WWW-Authenticate": 'Bearer realm="commerce", error="insufficient_scope"'},
    ),
    NotFound: ProblemKind(404, "There is no such thing, or it is not yours to see"),
    RuleBroken: ProblemKind(409, "The present state of things does not allow this"),
    StaleVersion: ProblemKind(409, "Somebody else was faster; try again"),
    NotSignedYet: ProblemKind(409, "The tree head is older than what is to be proved"),
    TreeDamaged: ProblemKind(409, "The log is not what was signed"),
    MethodNotAllowed: ProblemKind(405, "The method is not possible here"),
    NotAcceptable: ProblemKind(406, "No type that you accept is answered here"),
    RequestTooSlow: ProblemKind(408, "The request did not come in time"),
    PreconditionFailed: ProblemKind(412, "The version you name is not the present one"),
    BodyTooLarge: ProblemKind(413, "The body is too large", headers={"Connection": "close"}),
    UnsupportedMediaType: ProblemKind(415, "The body has to be JSON"),
    TooManyRequests: ProblemKind(429, "You ask for too much at once"),
    TooManyLogins: ProblemKind(429, "Too many logins were refused; try again later"),
    HeadTooLarge: ProblemKind(431, "The headers are too large"),
    InvalidInput: ProblemKind(422, "The values cannot be accepted"),
    MailTokenNotAccepted: ProblemKind(422, "The token of the mail is not accepted"),
    IdempotencyKeyReused: ProblemKind(422, "The idempotency key was used for another request"),
    DataErased: ProblemKind(410, "The personal data was erased"),
    MissingKey: ProblemKind(
        500, "Personal data cannot be read", "the key of this personal data is missing; tell the operator"
    ),
    Unavailable: ProblemKind(503, "A part of the system does not answer; try again"),
}

OAUTH_ERRORS: Mapping[type[Exception], str] = {
    InvalidTokenRequest: "invalid_request",
    UnsupportedGrantType: "unsupported_grant_type",
    UnsupportedTokenType: "unsupported_token_type",
    InvalidScope: "invalid_scope",
    CredentialsNotAccepted: "invalid_grant",
    RefreshTokenNotAccepted: "invalid_grant",
    CodeNotAccepted: "invalid_grant",
    SecondFactorNeeded: "mfa_required",
}
"""What OAuth calls an error (RFC 6749, 5.2, and RFC 7009, 2.2.1); `mfa_required` is what providers call it."""

PAGES = "/docs/problems"
"""Where each type of problem has a page of its own."""
INTERNAL = f"{PAGES}/internal"
UNEXPECTED = ProblemKind(
    500, "Something is broken here", "an unexpected error, logged under this X-Request-Id; tell the operator"
)


def problem_kind(error: type[Exception]) -> ProblemKind:
    """How an error is answered: as its nearest class in the table says."""
    return next((KINDS[cls] for cls in error.__mro__ if cls in KINDS), UNEXPECTED)


def type_of(error: type[Exception]) -> str:
    """The `type` by which programs recognise a problem: the name of the broken rule."""
    if problem_kind(error) is UNEXPECTED:
        return INTERNAL
    return f"{PAGES}/{re.sub(r'(?<=[a-z])(?=[A-Z])', '-', error.__name__).lower()}"


@dataclass(frozen=True, slots=True)
class ProblemType:
    """A type of problem, its status, and what it means."""

    name: str
    status: int
    title: str
    meaning: str
    explanation: str


def problem_types() -> list[ProblemType]:
    """Every type of problem that this process can answer with."""
    found = {
        INTERNAL: ProblemType(
            INTERNAL, UNEXPECTED.status, UNEXPECTED.title, UNEXPECTED.title, f"This is {UNEXPECTED.detail}."
        )
    }
    for error in _refined(CommerceError):
        kind = problem_kind(error)
        if kind is not UNEXPECTED:
            explanation = " ".join(str(error.__doc__).split())
            rule = (kind.title if error in KINDS else explanation).partition(". ")[0].rstrip(".")
            found[type_of(error)] = ProblemType(type_of(error), kind.status, kind.title, rule, explanation)
    return sorted(found.values(), key=lambda each: (each.status, each.name))


def _refined(error: type[Exception]) -> Iterator[type[Exception]]:
    for refined in error.__subclasses__():
        yield refined
        yield from _refined(refined)
