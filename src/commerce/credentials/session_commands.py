"""Staying logged in, and logging out, for one kind of account."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from commerce.credentials import sessions
from commerce.credentials.guesses import SOMEBODY
from commerce.credentials.sessions import LoginSession, RefreshToken, RefreshTokens, SessionEnd, SessionEvents
from commerce.eventstore import MOST_TRIES, Append, Event, EventStore, Metadata, in_stream
from commerce.values.errors import CommerceError, StaleVersion, Unavailable


class RefreshTokenNotAccepted(CommerceError):
    """The refresh token is not ours, was used before, or its session is over."""

    def __init__(self) -> None:
        super().__init__("the refresh token is not accepted (any more); log in again")


@dataclass(frozen=True, slots=True)
class SeenSession:
    """A session as it was read, when its last event was recorded, and the database's time."""

    session: LoginSession
    moved_at: datetime
    now: datetime

    @property
    def is_open(self) -> bool:
        """Whether it is not over by itself."""
        return not self.session.ended and self.now < self.session.expires_at


@dataclass(frozen=True, slots=True)
class SessionOwner:
    """The account that a session is of: its actor in the log, and whether the session is good there."""

    actor: str
    accepts: bool


@dataclass(frozen=True, slots=True)
class Refreshed:
    """A session that goes on, and the refresh token that it goes on with."""

    session: LoginSession
    refresh_token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Sessions:
    """The sessions of one kind of account."""

    store: EventStore
    tokens: RefreshTokens = field(repr=False)
    kinds: SessionEvents
    owner_of: Callable[[SeenSession], Awaitable[SessionOwner | None]]
    """Finds whose a session is; None where there is no such account."""

    async def refresh(self, refresh_token: str, idempotency_key: str | None, request_id: str | None) -> Refreshed:
        """Replace a refresh token by the next one of its session; the same request again gets the same one.

        Raises `RefreshTokenNotAccepted`, and ends the session where the token was replaced before; `Unavailable`.
        """
        token = self.tokens.read(refresh_token)
        if token is None:
            raise RefreshTokenNotAccepted
        for _ in range(MOST_TRIES):
            with suppress(StaleVersion):
                return await self._try_refresh(token, idempotency_key, request_id)
        raise Unavailable("the session changes too fast")

    async def revoke(self, refresh_token: str, request_id: str | None) -> None:
        """End the session of a refresh token, if there is one (RFC 7009). Raises `Unavailable`."""
        token = self.tokens.read(refresh_token)
        if token is not None:
            await self.end(token.session_id, request_id)

    async def end(self, session_id: UUID, request_id: str | None, actor: str | None = None) -> None:
        """End a session, if there is one, in the name of its owner unless another actor is named. Raises
        `Unavailable`."""
        for _ in range(MOST_TRIES):
            seen = await self.find(session_id)
            if seen is None:
                return None
            owner = await self.owner_of(seen)
            named = actor or (owner.actor if owner else SOMEBODY)
            events = sessions.end(seen.session, "revoked", self.kinds)
            with suppress(StaleVersion):
                return await self._append(seen.session, events, Metadata(named, request_id))
        raise Unavailable("the session changes too fast")

    async def find(self, session_id: UUID) -> SeenSession | None:
        """A session from its first and its last event, whether it is over or not."""
        first = await self.store.read_stream(session_id, until_version=1)
        now, ends = await self.store.read_ends([session_id], 1)
        history = [*first, *ends[session_id]]
        session = sessions.fold(one.event for one in history)
        return None if session is None else SeenSession(session, history[-1].recorded_at, now)

    async def find_live(self, session_id: UUID) -> tuple[LoginSession, SessionOwner] | None:
        """A session that is not over, by itself or by what became of its account, and whose it is."""
        seen = await self.find(session_id)
        if seen is None or not seen.is_open:
            return None
        owner = await self.owner_of(seen)
        return (seen.session, owner) if owner is not None and owner.accepts else None

    async def _try_refresh(self, token: RefreshToken, idempotency_key: str | None, request_id: str | None) -> Refreshed:
        found = await self.find_live(token.session_id)
        if found is None:
            raise RefreshTokenNotAccepted
        session, owner = found
        request = sessions.request_digest(token, idempotency_key) if idempotency_key else None
        events = sessions.refresh(session, token.generation, request, self.kinds)
        is_reused = any(isinstance(event, SessionEnd) for event in events)
        await self._append(session, events, Metadata(SOMEBODY if is_reused else owner.actor, request_id))
        if is_reused:
            raise RefreshTokenNotAccepted
        return Refreshed(session, self.tokens.write(RefreshToken(session.id, token.generation + 1)))

    async def _append(self, session: LoginSession, events: list[Event], metadata: Metadata) -> None:
        if events:
            placed = in_stream(events, session.id, after=session.version)
            await self.store.append(Append(placed, session.owner, metadata))
