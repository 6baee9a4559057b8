"""Turns events into the library's stored events and back: UTF-8 JSON, with a version of the shape where it is not
the first."""

from __future__ import annotations

from functools import cache
from typing import Any, cast
from uuid import UUID

from eventsourcing.persistence import JSONTranscoder, Mapper, MapperDeserialisationError, StoredEvent
from eventsourcing.utils import TopicError, resolve_topic
from pydantic import TypeAdapter
from pydantic_core import PydanticSerializationError, from_json

from commerce.eventstore.codec.event import Event
from commerce.eventstore.codec.storable import check_fields, check_text, cleaned_payload, has_nul
from commerce.eventstore.errors import Unstorable

_PLACE = {"originator_id", "originator_version"}


class EventMapper(Mapper[UUID]):
    """The library's mapper for our pydantic events; ids and versions stand in columns, not in the payload."""

    def to_stored_event(self, domain_event: Any) -> StoredEvent:
        """Serialise one event. Raises `Unstorable`."""
        event = cast(Event, domain_event)
        return StoredEvent(event.originator_id, event.originator_version, event.TOPIC, state_of(event))

    def to_domain_event(self, stored_event: StoredEvent) -> Event:
        """Decode one stored event, upcasting older shapes; what no reader could store stands there as U+FFFD.

        Raises `MapperDeserialisationError` where the payload is not JSON of its topic's shape or of a newer version
        than ours, the library's `TopicError` for a topic that no loaded module defines.
        """
        cls = _class_of(stored_event.topic)
        if _is_newest(cls, stored_event.state) and not has_nul(stored_event.state):
            try:
                return cast(Event, _adapter(cls).validator.validate_json(_in_place(cls, stored_event)))
            except ValueError:
                pass  # what is wrong with it is found out, and said, below
        try:
            fields = _newest(cls, from_json(cleaned_payload(stored_event.state)))
            fields["originator_id"] = stored_event.originator_id
            fields["originator_version"] = stored_event.originator_version
            return cls.model_validate(fields)
        except (ValueError, TypeError, KeyError) as error:
            raise MapperDeserialisationError(
                f"{stored_event.topic} of stream {stored_event.originator_id} at version"
                f" {stored_event.originator_version} cannot be read: {error}"
            ) from error


def _class_of(topic: str) -> type[Event]:
    try:
        return cast(type[Event], resolve_topic(topic))
    except TopicError:
        raise TopicError(f"this version of the code does not know {topic}") from None


def state_of(event: Event) -> bytes:
    """The payload of an event, as it is stored. Raises `Unstorable` where not everybody who reads it could store it."""
    check_fields(event)
    try:
        state = _adapter(type(event)).serializer.to_json(event, exclude=_PLACE)
    except PydanticSerializationError as error:
        raise Unstorable(f"{event.TOPIC} has half a character in a text: {error}") from None
    check_text(event, state)
    if event.class_version > 1:
        state = _mark(event.class_version) + (b"}" if state == b"{}" else b"," + state[1:])
    return state


@cache
def _adapter(cls: type[Event]) -> TypeAdapter[Event]:
    """What parses and writes events of a class, without the options that the methods of a model look at first."""
    return TypeAdapter(cls)


def _mark(class_version: int) -> bytes:
    """How a payload begins that is not of its topic's first shape."""
    return b'{"class_version":%d' % class_version


def _is_newest(cls: type[Event], state: bytes) -> bool:
    """Whether a payload can be told to have the newest shape by how it begins."""
    return cls.class_version == 1 or state.startswith(_mark(cls.class_version) + b",")


def _in_place(cls: type[Event], stored_event: StoredEvent) -> bytes:
    """The payload with the columns written into it, so that it is parsed and checked in one go; of no use for
    older shapes."""
    state, stream = stored_event.state, stored_event.originator_id
    if cls.class_version > 1:
        state = b"{" + state[len(_mark(cls.class_version)) + 1 :]
    place = (state[:-1], b"" if state == b"{}" else b",", stream.int, stored_event.originator_version)  # type: ignore[union-attr]
    return b'%b%b"originator_id":"%032x","originator_version":%d}' % place


def _newest(cls: type[Event], fields: Any) -> dict[str, Any]:
    """A payload's fields in the newest shape, one upcast after the other. Raises `ValueError`, `TypeError`,
    `KeyError`."""
    if not isinstance(fields, dict):
        raise TypeError("it is not a JSON object")
    version = fields.pop("class_version", 1)
    if not isinstance(version, int):
        raise TypeError(f"its class_version is {version!r}")
    if version > cls.class_version:
        raise ValueError(f"it is of version {version}, and this code knows {cls.class_version}")
    for older in range(version, cls.class_version):
        getattr(cls, f"upcast_v{older}_v{older + 1}")(fields)
    return fields


MAPPER = EventMapper(JSONTranscoder())
"""Stateless, so one is enough; kept here because a recorded event decodes itself."""
