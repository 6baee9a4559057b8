"""A payload that a person has corrected: what of it may be stored."""

from __future__ import annotations

from typing import get_args
from uuid import UUID

from eventsourcing.persistence import MapperDeserialisationError, StoredEvent
from eventsourcing.utils import TopicError

from commerce.eventstore.codec.event import Event, Sealed
from commerce.eventstore.codec.mapper import MAPPER, state_of


def edited_state(stream: UUID, version: int, topic: str, state: bytes, original: bytes) -> bytes:
    """The payload of an event as it is stored after a correction.

    Raises `ValueError` where it cannot be read as an event of its topic, or has a sealed field that the original lacks:
    nobody may write there in plain text.
    """
    try:
        event = MAPPER.to_domain_event(StoredEvent(stream, version, topic, state))
    except (MapperDeserialisationError, TopicError) as error:
        raise ValueError(str(error)) from None
    for name in _sealed_fields(type(event)):
        value = getattr(event, name)
        if value is not None and value.encode() not in original:
            raise ValueError(f"{name} is sealed, and cannot be corrected")
    return state_of(event)


def _sealed_fields(kind: type[Event]) -> list[str]:
    """The fields of an event that hold personal data."""
    return [
        name for name, field in kind.model_fields.items() if Sealed in (field.annotation, *get_args(field.annotation))
    ]
