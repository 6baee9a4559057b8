"""What people are asked by mail: each mail has a token that is good once, for a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from commerce.credentials.signed_tokens import SignedTokens
from commerce.eventstore import EventStore
from commerce.values.errors import CommerceError

SHORTEST_PAUSE_S = 60
"""A mail that is asked for within so many seconds after the last one is that one."""


class MailTokenNotAccepted(CommerceError):
    """The token of a mail is not ours, was used, has expired, or a later mail replaced it."""

    def __init__(self) -> None:
        super().__init__("the token is not accepted (any more); ask for a new mail")


@dataclass(frozen=True, slots=True)
class MailRequest:
    """One mail that was asked for, and until when its token is good."""

    request_id: UUID
    expires_at: datetime

    def comes_soon_after(self, last: MailRequest) -> bool:
        """Whether the last mail will do, as it was asked for a moment ago."""
        return self.expires_at - last.expires_at < timedelta(seconds=SHORTEST_PAUSE_S)

    def is_open(self, request_id: UUID, now: datetime) -> bool:
        """Whether a token of this request is good."""
        return request_id == self.request_id and now < self.expires_at


async def new_request(store: EventStore, lifetime_s: int) -> MailRequest:
    """A mail that is asked for now. Raises `Unavailable`."""
    now, _ = await store.read_ends((), 1)
    return MailRequest(uuid4(), now + timedelta(seconds=lifetime_s))


@dataclass(frozen=True, slots=True)
class MailToken:
    """What the token of a mail stands for: a request in the stream of what it is about."""

    stream: UUID
    request_id: UUID


@dataclass(frozen=True, slots=True)
class TokensOfMails:
    """Writes and reads the tokens of one kind of mail."""

    signed: SignedTokens

    def write(self, token: MailToken) -> str:
        """The token as it stands in a mail."""
        return self.signed.write(token.stream.bytes + token.request_id.bytes)

    def read(self, text: str) -> MailToken:
        """The token that somebody sent. Raises `MailTokenNotAccepted`."""
        said = self.signed.read(text)
        if said is None:
            raise MailTokenNotAccepted
        return MailToken(UUID(bytes=said[:16]), UUID(bytes=said[16:]))
