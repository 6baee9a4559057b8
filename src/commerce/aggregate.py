"""What the state of every aggregate has: its stream, its version in it, and a way to state the next fact."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from commerce.eventstore.event import Event

E = TypeVar("E", bound=Event)


@dataclass(frozen=True, slots=True)
class Aggregate:
    """The state of one stream at one version."""

    id: UUID
    version: int

    def fact(self, kind: type[E], /, **fields: object) -> E:
        """The next fact of this stream."""
        return _fact(kind, self.id, self.version + 1, fields)


def first_fact(kind: type[E], stream: UUID, /, **fields: object) -> E:
    """The fact that begins a stream."""
    return _fact(kind, stream, 1, fields)


def _fact(kind: type[E], stream: UUID, version: int, fields: dict[str, object]) -> E:
    place = {"originator_id": stream, "originator_version": version}
    return kind.__pydantic_validator__.validate_python({**place, **fields})  # type: ignore[no-any-return]
