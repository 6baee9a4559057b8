"""What the state of every aggregate has: its stream, its version in it, and a way to state the next event."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from commerce.eventstore.codec.event import Event

E = TypeVar("E", bound=Event)


@dataclass(frozen=True, slots=True)
class Aggregate:
    """The state of one stream at one version."""

    id: UUID
    version: int

    def event(self, kind: type[E], /, **fields: object) -> E:
        """The next event of this stream. For the saga alone, until its decisions make events by their constructors."""
        return _event(kind, self.id, self.version + 1, fields)


def first_event(kind: type[E], stream: UUID, /, **fields: object) -> E:
    """The event that begins a stream."""
    return _event(kind, stream, 1, fields)


def _event(kind: type[E], stream: UUID, version: int, fields: dict[str, object]) -> E:
    place = {"originator_id": stream, "originator_version": version}
    return kind.__pydantic_validator__.validate_python({**place, **fields})  # type: ignore[no-any-return]
