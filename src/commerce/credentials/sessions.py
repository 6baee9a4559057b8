"""The session: somebody who stays logged in by refresh tokens, each of which is good for one use.

A refresh token names its session and its number there, with a keyed hash of both, so that nothing of it is stored. The
session's stream knows which number is the present one. Each kind of account has events of its own for its sessions.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import reduce
from uuid import UUID

from commerce.credentials.signed_tokens import SignedTokens
from commerce.eventstore import Aggregate, Event

_NUMBER_BYTES = 4


class SessionStart(Event):
    """Somebody stays logged in for a time."""

    def session(self) -> LoginSession:
        """The session that begins."""
        raise NotImplementedError


class SessionRefresh(Event):
    """A session has its next refresh token, number `generation`; `request` is a hash of the idempotency key that asked
    for it."""

    generation: int
    request: str | None = None


class SessionEnd(Event):
    """A session is over: none of its refresh tokens is accepted any more."""

    reason: str


@dataclass(frozen=True, slots=True)
class SessionEvents:
    """The events by which one kind of account tells of its sessions."""

    refreshed: type[SessionRefresh]
    ended: type[SessionEnd]


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """Which token of which session it is; the first one is number 1."""

    session_id: UUID
    generation: int


class RefreshTokens:
    """Writes and reads the refresh tokens of one kind of account. Their key is derived from the key that access tokens
    are signed with; `purpose` and `prefix` keep the kinds apart."""

    def __init__(self, secret: bytes, purpose: str, prefix: str) -> None:
        self._tokens = SignedTokens(secret, purpose, prefix)

    def write(self, token: RefreshToken) -> str:
        """The token as a client gets it."""
        return self._tokens.write(token.session_id.bytes + token.generation.to_bytes(_NUMBER_BYTES, "big"))

    def read(self, text: str) -> RefreshToken | None:
        """The token that a client sent; None for what is none of ours."""
        said = self._tokens.read(text)
        return None if said is None else RefreshToken(UUID(bytes=said[:16]), int.from_bytes(said[16:], "big"))


@dataclass(frozen=True, slots=True)
class LoginSession(Aggregate):
    """A session at one version of its stream."""

    owner: UUID
    """The customer, or the member of staff."""
    credential: int
    """The number of the password that they gave."""
    expires_at: datetime
    generation: int = 1
    """The number of the only refresh token that is accepted."""
    request: str | None = None
    """What the request for it is recognised by."""
    ended: str | None = None
    """Why it is over."""
    scopes: tuple[str, ...] | None = None
    """What its tokens are limited to, however often they are refreshed; None where by nothing."""


def evolve(session: LoginSession | None, event: Event) -> LoginSession | None:
    """Apply one event. The first and the last make the whole state: those between them leave nothing."""
    if isinstance(event, SessionStart):
        return event.session()
    if session is None:
        return None
    version = event.originator_version
    match event:
        case SessionRefresh(generation=generation, request=request):
            return replace(session, version=version, generation=generation, request=request)
        case SessionEnd(reason=reason):
            return replace(session, version=version, ended=reason)
    return replace(session, version=version)


def fold(events: Iterable[Event]) -> LoginSession | None:
    """The session after these events."""
    return reduce(evolve, events, None)


def refresh(session: LoginSession, generation: int, request: str | None, kinds: SessionEvents) -> list[Event]:
    """Replace the refresh token of this number by the next.

    One that was replaced before ends the session, as either its owner or a thief holds its successor; unless the same
    request comes again, which is nothing new.
    """
    if generation == session.generation:
        return [kinds.refreshed(generation=generation + 1, request=request)]
    if request is not None and request == session.request and generation == session.generation - 1:
        return []
    return end(session, "token_reused", kinds)


def end(session: LoginSession, reason: str, kinds: SessionEvents) -> list[Event]:
    """End a session before its time."""
    return [] if session.ended else [kinds.ended(reason=reason)]


def request_digest(token: RefreshToken, idempotency_key: str) -> str:
    """What a request for the next token is recognised by, without the client's key standing in the log."""
    return hashlib.sha256(f"{token.session_id}\n{idempotency_key}".encode()).hexdigest()
