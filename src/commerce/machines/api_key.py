"""An API key of a service: until when it is good, what for, and what may still be done with it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from commerce.eventstore import Aggregate, Event
from commerce.machines.events import ApiKeyEvent, ApiKeyIssued, ApiKeyReplaced, ApiKeyRevoked
from commerce.machines.key_text import BEGINNING_CHARACTERS, digest_of
from commerce.values.errors import InvalidInput, RuleBroken

LONGEST_LIFE = timedelta(days=366)
"""How long a key may be good."""
USUAL_LIFE = timedelta(days=90)
USUAL_OVERLAP = timedelta(days=1)
"""How long a key that was replaced is good beside its successor, unless somebody says otherwise."""


class ApiKeyExists(RuleBroken):
    """A key was issued for this request before."""


class ApiKeyEnded(RuleBroken):
    """The key is revoked, or its time is over; a new one can be issued."""


class ApiKeyReplacedBefore(RuleBroken):
    """The key has a successor already, which can be replaced in its turn."""


@dataclass(frozen=True, slots=True)
class ApiKey(Aggregate):
    """A key at one version of its stream."""

    service: str
    scopes: tuple[str, ...]
    digest: str
    expires_at: datetime
    successor: UUID | None = None
    ends_at: datetime | None = None
    """When it ends because another one has its place."""
    is_revoked: bool = False

    def is_good(self, now: datetime) -> bool:
        """Whether it is accepted at a time."""
        return not self.is_revoked and now < self.good_until

    @property
    def good_until(self) -> datetime:
        """When it ends, if nobody revokes it before."""
        return self.expires_at if self.ends_at is None else min(self.expires_at, self.ends_at)


@dataclass(frozen=True, slots=True)
class NewApiKey:
    """A key that somebody wants: the key itself, for which service, what for, when, and until when."""

    key: str
    service: str
    scopes: tuple[str, ...]
    asked_at: datetime
    expires_at: datetime


def evolve(key: ApiKey | None, event: Event) -> ApiKey | None:
    """Apply one event."""
    match event:
        case ApiKeyIssued():
            place = event.originator_id, event.originator_version
            return ApiKey(*place, event.service, event.scopes, event.digest, event.expires_at)
        case ApiKeyReplaced() if key is not None:
            key = replace(key, successor=event.successor, ends_at=event.ends_at)
        case ApiKeyRevoked() if key is not None:
            key = replace(key, is_revoked=True)
    return None if key is None else replace(key, version=event.originator_version)


def fold(events: Iterable[Event]) -> ApiKey | None:
    """The key after these events."""
    key = None
    for event in events:
        key = evolve(key, event)
    return key


def actions_now(key: ApiKey, now: datetime) -> list[str]:
    """What may be done with a key at a time; see `RuleBroken`."""
    if not key.is_good(now):
        return []
    return ["DELETE"] if key.successor is not None else ["rotation", "DELETE"]


def issue(key: ApiKey | None, new: NewApiKey, replaces: UUID | None = None) -> Sequence[ApiKeyEvent]:
    """Give a service a key. Raises `ApiKeyExists`, and `InvalidInput` for a time that cannot be its end."""
    if key is not None:
        raise ApiKeyExists("a key was issued for this request before; send another Idempotency-Key")
    require_future(new.expires_at, new.asked_at, "expires_at")
    if new.expires_at > new.asked_at + LONGEST_LIFE:
        raise InvalidInput(f"a key is good for {LONGEST_LIFE.days} days at most", "expires_at")
    return [
        ApiKeyIssued(
            service=new.service,
            scopes=new.scopes,
            digest=digest_of(new.key),
            beginning=new.key[:BEGINNING_CHARACTERS],
            expires_at=new.expires_at,
            replaces=replaces,
        )
    ]


def replaced(key: ApiKey, successor: UUID, ends_at: datetime, now: datetime) -> Sequence[ApiKeyEvent]:
    """Have another key take this one's place, which ends at `ends_at`.

    Raises `ApiKeyEnded`, `ApiKeyReplacedBefore`, and `InvalidInput` for a time that cannot be its end.
    """
    require_good(key, now)
    if key.successor is not None:
        raise ApiKeyReplacedBefore(f"key {key.id} was replaced by {key.successor}; replace that one")
    require_future(ends_at, now, "ends_at")
    if ends_at > key.expires_at:
        raise InvalidInput(f"key {key.id} ends at {key.expires_at.isoformat()} anyway; name an earlier time", "ends_at")
    return [ApiKeyReplaced(service=key.service, successor=successor, ends_at=ends_at)]


def revoke(key: ApiKey) -> Sequence[ApiKeyEvent]:
    """Have a key not accepted any more; a repeat is no new event."""
    return [] if key.is_revoked else [ApiKeyRevoked(service=key.service)]


def require_good(key: ApiKey, now: datetime) -> None:
    """Raises `ApiKeyEnded` for a key that is not accepted at a time."""
    if not key.is_good(now):
        raise ApiKeyEnded(f"key {key.id} is revoked, or its time is over; issue a new one")


def require_future(moment: datetime, now: datetime, field: str) -> None:
    """Raises `InvalidInput` for a time that is not to come."""
    if moment <= now:
        raise InvalidInput("this time is over; name one that is to come", field)
