"""What the API itself rejects, before or beside the rules of the domain; each is named after what is wrong with
the request."""

from __future__ import annotations

from datetime import UTC, datetime

from commerce.values.errors import CommerceError, NotFound

LARGEST_HEAD_BYTES = 64 * 1024
"""Bytes."""
HEAD_TOO_LARGE = f"the head of the request has more than {LARGEST_HEAD_BYTES} bytes; send shorter headers"


class MalformedRequest(CommerceError):
    """A header or a body that cannot be read as what it claims to be."""


class NotAuthenticated(CommerceError):
    """No token came with the request."""


class NotAllowed(CommerceError):
    """The token is good, and its role does not allow this."""


class MethodNotAllowed(CommerceError):
    """The path is there, and not for this method."""


class RequestTooSlow(CommerceError):
    """The request did not come whole in time."""


class HeadTooLarge(CommerceError):
    """The path and the headers are longer than those of any request of this API."""


class BodyTooLarge(CommerceError):
    """More was sent than any request of this API needs."""


class UnsupportedMediaType(CommerceError):
    """The body is declared as something else than JSON."""


class PreconditionFailed(CommerceError):
    """The version that `If-Match` names is not the present one."""


class IdempotencyKeyReused(CommerceError):
    """The key was used before, for a request with another body."""


def not_yet(thing: str, moment: datetime) -> NotFound:
    """What a thing is answered with that came later than the time it was asked for."""
    then = moment.astimezone(UTC).isoformat(timespec="seconds")
    return NotFound(f"{thing} did not exist yet at {then}; leave out as_of, or ask for later")
