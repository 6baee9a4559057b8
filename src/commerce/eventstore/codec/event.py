"""What every event has: the stream it belongs to, its place in it, a stable topic, and a version of its shape."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, NewType, TypeVar
from uuid import UUID

from eventsourcing.utils import register_topic

from commerce.eventstore.errors import EventHasPlace
from commerce.values.value import Value

Sealed = NewType("Sealed", str)
"""Personal data as it stands in the log: ciphertext that names the owner of its key (see
`commerce.eventstore.personal_keys`)."""

SealedSecret = NewType("SealedSecret", Sealed)
"""What is sealed with a person's key and shown to nobody, such as the hash of their password."""

PLAIN = "v0."
"""What a sealed field's text begins with where it was recorded in plain text, before the field was sealed."""


NOWHERE = UUID(int=0)
"""The stream of an event that has no place yet."""


class Event(Value):
    """An event. A concrete event declares its `TOPIC`; a changed shape raises `class_version` and adds
    `upcast_vN_vM`.

    A decision makes events of their own fields alone; the code that appends them gives them a place, by `in_stream`.
    Its names are those of the `eventsourcing` library's domain events. When it happened is no field: the log records
    that.
    """

    TOPIC: ClassVar[str]
    SENTENCE: ClassVar[str]
    """What happened in plain words, with the names of fields in braces, and `{who}` for the actor."""
    class_version: ClassVar[int] = 1
    INDEXED: ClassVar[tuple[str, ...]] = ()
    """Texts by which rows of read models are found; an index bounds how long they may be."""

    originator_id: UUID = NOWHERE
    """The stream that it stands in."""
    originator_version: int = 0
    """Its number in that stream, from 1; 0 as long as it has no place."""

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        if "TOPIC" in cls.__dict__:
            register_topic(cls.TOPIC, cls)


E = TypeVar("E", bound=Event)


def in_stream(events: Sequence[E], stream: UUID, *, after: int) -> list[E]:
    """The same events with their places in a stream, which is at version `after` before them.

    It sets the two fields of each event that it is given, as a copy would take as long as making the event did. Raises
    `EventHasPlace`.
    """
    for version, event in enumerate(events, start=after + 1):
        place = (stream, version)
        if event.originator_version and place != (event.originator_id, event.originator_version):
            raise EventHasPlace(event)
        event.__dict__.update(originator_id=stream, originator_version=version)
    return list(events)


def recorded_in_plain_text(text: str) -> Sealed:
    """A text that stands in the log as it is, from before its field was sealed; for upcasts alone."""
    return Sealed(PLAIN + text)
