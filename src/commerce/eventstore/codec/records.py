"""The shapes that go into the log and come out of it: a command's events, and a recorded event with all that is
known of it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from eventsourcing.persistence import Notification

from commerce.eventstore.codec.event import Event
from commerce.eventstore.codec.mapper import MAPPER
from commerce.eventstore.errors import EventWithoutPlace


@dataclass(frozen=True, slots=True)
class Metadata:
    """Who did it, and through which request: `actor` is `role:subject`, such as `operator:anna` or `service:saga`."""

    actor: str
    request_id: str | None = None


class _Decoded:
    """An attribute that is decoded once; `functools.cached_property` takes a lock for that before Python 3.12."""

    def __get__(self, recorded: Recorded, _class: type[Recorded]) -> Event:
        event = recorded.__dict__["event"] = MAPPER.to_domain_event(recorded)
        return event


@dataclass(frozen=True)
class Recorded(Notification):
    """An event as the log holds it: the library's notification (`id` is its position) with our columns."""

    originator_id: UUID
    recorded_at: datetime
    correlation_id: UUID | None
    causation_id: int | None
    actor: str
    request_id: str | None

    @property
    def metadata(self) -> Metadata:
        """Who did it, and through which request."""
        return Metadata(self.actor, self.request_id)

    @property
    def stream(self) -> UUID:
        """The stream it belongs to."""
        return self.originator_id

    @property
    def position(self) -> int:
        """Its place in the log."""
        return self.id

    event = _Decoded()
    """The event itself, decoded when first asked for and brought up to its newest shape.

    Raises the library's `MapperDeserialisationError` for a payload that is not of its topic's shape.
    """

    def forget_event(self) -> None:
        """Let go of what was decoded; the next read of `event` decodes it again."""
        self.__dict__.pop("event", None)


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """A new key for one person's data, encrypted with the master key; stored together with the events that need it."""

    owner_id: UUID
    wrapped: bytes


@dataclass(frozen=True, slots=True)
class Idempotency:
    """What a repeat of the same request is recognised by, and answered with. Of the key only `key_digest` is stored."""

    scope: str
    key: str
    fingerprint: bytes
    answer: bytes
    """The answer's body without its position, JSON."""


def key_digest(scope: str, key: str) -> str:
    """A client's idempotency key as it is stored; migration 0013 made the same of keys that were stored as they
    came."""
    return "sha256:" + hashlib.sha256(f"{scope}\n{key}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Append:
    """The events of one command: all of them are appended, or none.

    `originator_version` of the first event of each stream says which version the command was decided on. `unchanged`
    names further streams, with the version at which they were read, that must not have moved. Raises
    `EventWithoutPlace`.
    """

    events: Sequence[Event]
    correlation_id: UUID | None
    metadata: Metadata
    causation_id: int | None = None
    keys: Sequence[WrappedKey] = ()
    idempotency: Idempotency | None = None
    unchanged: Sequence[tuple[UUID, int]] = field(default=())

    def __post_init__(self) -> None:
        for event in self.events:
            if not event.originator_version:
                raise EventWithoutPlace(event)
