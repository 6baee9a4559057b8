"""The errors that the event store raises beside those of `commerce.values.errors`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from commerce.values.errors import CommerceError, Unavailable

if TYPE_CHECKING:
    from commerce.eventstore.codec.event import Event


class Unstorable(ValueError):
    """A value that the log's readers could not store; the text names its field."""


class EventWithoutPlace(Exception):
    """An event is to be appended that nobody gave a place in a stream."""

    def __init__(self, event: Event) -> None:
        super().__init__(f"{type(event).__name__} has no place in a stream; give it one with in_stream")


class EventHasPlace(Exception):
    """An event is given a place in a stream, and has another one: an event stands in one place for ever."""

    def __init__(self, event: Event) -> None:
        place = f"at version {event.originator_version} of stream {event.originator_id}"
        super().__init__(f"{type(event).__name__} stands {place} already")


class Repeated(CommerceError):
    """A request with this idempotency key was accepted before; its answer stands in the store."""


class KeyExists(CommerceError):
    """Somebody else made this person's key meanwhile: seal the data with that one and try again."""


class MissingKey(CommerceError):
    """A person's data stands in the log and its key does not: the data is lost until the key is restored."""


@dataclass(frozen=True, slots=True)
class KeyErasure:
    """That a key was destroyed: who requested it, and when it was done; an event in the log says so."""

    by: str
    at: datetime

    def __str__(self) -> str:
        return f"erased by {self.by} at {self.at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"

    @property
    def without_name(self) -> KeyErasure:
        """The same for those who are not told who works here: a role alone."""
        return KeyErasure(self.by.partition(":")[0], self.at)


class DataErased(MissingKey):
    """A person's data was erased: their key was destroyed, and nobody can read it any more."""

    def __init__(self, owner: UUID, erasure: KeyErasure) -> None:
        super().__init__(f"the personal data of {owner} was {erasure}")
        self.owner = owner
        self.erasure = erasure


class UnreadableEvent(Unavailable):
    """What is asked for has an event that cannot be read: it is not shown without it."""


class EventFailed(Exception):
    """A handler cannot handle one event of its batch; the cause is raised along with it.

    `broken` names a further sequence that nothing can be done for as long as this lasts, such as a stock item.
    """

    def __init__(self, position: int, broken: str | None = None) -> None:
        super().__init__(f"the event at position {position} cannot be handled")
        self.position = position
        self.broken = broken


class TooManyParked(Exception):
    """A partition has parked as many events as it may, so that it stands still at the next one it cannot handle."""


class CheckpointConflict(Exception):
    """Another process moved the partition's position, or appended to a stream that the effects rest on."""


class VersionMismatch(Exception):
    """A partition's effects are of another version of the code, or are no longer wanted; this code leaves it alone."""


class BeyondTheLog(Exception):
    """A partition's position is beyond the end of the log, so it would miss the next events."""
