"""The API's own errors, beside those of the domain; each is named after what is wrong with the request."""

from __future__ import annotations

from datetime import UTC, datetime

from commerce.values.errors import CommerceError, NotFound

LARGEST_HEAD_BYTES = 64 * 1024
HEAD_TOO_LARGE = f"the head of the request has more than {LARGEST_HEAD_BYTES} bytes; send shorter headers"


class MalformedRequest(CommerceError):
    """A header or a body that cannot be read as what it claims to be."""


class InvalidTokenRequest(CommerceError):
    """A request for a token that cannot be read as RFC 6749 has it."""


class UnsupportedGrantType(CommerceError):
    """The `grant_type` is not one by which tokens are given here."""


class UnsupportedTokenType(CommerceError):
    """An access token cannot be revoked; it ends by itself."""


class InvalidScope(CommerceError):
    """A scope was asked for that there is not, or by a customer, whose tokens have none."""


class NotAuthenticated(CommerceError):
    """No token came with the request."""


class SignatureNotAccepted(CommerceError):
    """The message is not signed by the payment provider, or its signature is too old."""


class NotAllowed(CommerceError):
    """The token is valid, but its role does not allow this."""


class MethodNotAllowed(CommerceError):
    """The path exists, but not for this method."""


class RequestTooSlow(CommerceError):
    """The request did not arrive in time."""


class HeadTooLarge(CommerceError):
    """The path and the headers are longer than any request of this API needs."""


class BodyTooLarge(CommerceError):
    """The body is longer than any request of this API needs."""


class TooManyRequests(CommerceError):
    """Too much is asked at once, or in too short a time; ask again after `retry_after` seconds."""

    def __init__(self, detail: str, retry_after: int = 1) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class NotAcceptable(CommerceError):
    """The client accepts none of the types that this is answered in."""


class UnsupportedMediaType(CommerceError):
    """The body is declared as something other than JSON."""


class PreconditionFailed(CommerceError):
    """The version that `If-Match` names is not the present one."""

    def __init__(self, detail: str, version: int | None = None) -> None:
        super().__init__(detail)
        self.version = version


class IdempotencyKeyReused(CommerceError):
    """The key was used before, for a request with another body."""


def not_yet(thing: str, moment: datetime) -> NotFound:
    """The error for a thing that did not exist yet at the time that was asked for."""
    then = moment.astimezone(UTC).isoformat(timespec="seconds")
    return NotFound(f"{thing} did not exist yet at {then}; leave out as_of, or ask for later")
