"""What every event has: the stream it belongs to, its place in it, a stable topic, and a version of its shape."""

from __future__ import annotations

from typing import Any, ClassVar, NewType
from uuid import UUID

from eventsourcing.utils import register_topic

from commerce.values.value import Value

Sealed = NewType("Sealed", str)
"""Personal data as it stands in the log: ciphertext that names the owner of its key (see
`commerce.eventstore.codec.personal_keys`)."""

PLAIN = "v0."
"""What a sealed field's text begins with where it was recorded in plain text, before the field was sealed."""


class Event(Value):
    """An event. A concrete event declares its `TOPIC`; a changed shape raises `class_version` and adds
    `upcast_vN_vM`.

    The fields follow the `eventsourcing` library's domain events. When it happened is not part of it: the log records
    that.
    """

    TOPIC: ClassVar[str]
    class_version: ClassVar[int] = 1
    INDEXED: ClassVar[tuple[str, ...]] = ()
    """Texts by which rows of read models are found; an index bounds how long they may be."""

    originator_id: UUID
    originator_version: int

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        if "TOPIC" in cls.__dict__:
            register_topic(cls.TOPIC, cls)


def recorded_in_plain_text(text: str) -> Sealed:
    """A text that stands in the log as it is, from before its field was sealed; for upcasts alone."""
    return Sealed(PLAIN + text)
