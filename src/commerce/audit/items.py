"""An event as the audit shows it: where it stands in the log, who did it, what it follows from, and what it says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from eventsourcing.persistence import MapperDeserialisationError
from eventsourcing.utils import TopicError

from commerce.audit.actor_names import Names, actor_name, names_of
from commerce.audit.data import Data, data_of
from commerce.audit.filled_sentences import filled_sentence
from commerce.audit.languages import ENGLISH, ToldLanguage
from commerce.audit.personal_data import opened
from commerce.audit.remarks import told_remark
from commerce.eventstore import Event, EventStore, KeyRing, Recorded
from commerce.values.errors import first_line


@dataclass(frozen=True, slots=True)
class Item:
    """One event; `causation_id` is the position of the event it follows from."""

    position: int
    """The place in the log."""
    recorded_at: datetime
    """When it was recorded, by the database's clock."""
    topic: str
    """What kind of event it is, such as `ordering.OrderPlaced`."""
    stream_id: UUID
    """The stream the event stands in: one order, stock item, payment, shipment, product or process."""
    version: int
    """Its place in its stream, from 1."""
    actor: str
    """Who did it: role and subject, such as `operator:anna`."""
    correlation_id: UUID | None
    """The order or the customer it is about; null for events about products and stock alone."""
    causation_id: int | None
    """The position of the event that this one follows from; null for what somebody asked for."""
    text: str
    """The event in plain words."""
    data: Data
    """The event's own fields, by name; they differ from topic to topic."""
    who: str | None = None
    """Their name: the e-mail address of a member of staff, or how they are called otherwise; null where they are known
    by an id alone."""


async def named_items(store: EventStore, events: Sequence[Recorded], language: ToldLanguage = ENGLISH) -> list[Item]:
    """Events to be shown to staff, with the names of the staff who did them."""
    return await items_of(store.keys, events, await names_of(store, (one.metadata.actor for one in events)), language)


async def items_of(
    keys: KeyRing | None,
    events: Sequence[Recorded],
    names: Names = MappingProxyType({}),
    language: ToldLanguage = ENGLISH,
) -> list[Item]:
    """Events to be shown; without keys personal data stays sealed. One that cannot be read says so in its text."""
    return [_item(recorded, event, names, language) for recorded, event in await opened_events(keys, events)]


async def opened_events(
    keys: KeyRing | None, events: Sequence[Recorded], *, names_staff: bool = True
) -> list[tuple[Recorded, Event | str]]:
    """Events with their personal data opened; without keys it stays sealed. Of one that cannot be read, what is
    said of it."""
    read = [read_event(recorded) for recorded in events]
    readable = [event for event in read if isinstance(event, Event)]
    shown = iter(await opened(keys, readable, names_staff=names_staff))
    shown_or_said = (next(shown) if isinstance(event, Event) else event for event in read)
    return list(zip(events, shown_or_said, strict=True))


def read_event(recorded: Recorded) -> Event | str:
    """An event, or what is said of one that cannot be read."""
    try:
        return recorded.event
    except (MapperDeserialisationError, TopicError) as error:
        return f"This event cannot be read: {first_line(error)}"


def _item(recorded: Recorded, event: Event | str, names: Names, language: ToldLanguage) -> Item:
    actor = recorded.metadata.actor
    told = f"{actor.partition(':')[0]}:{names[actor]}" if actor in names else actor
    if isinstance(event, Event):
        text = sentence(filled_sentence(event, told, recorded.position, language))
    else:
        text = told_remark(event, language)
    return Item(
        position=recorded.position,
        recorded_at=recorded.recorded_at,
        topic=recorded.topic,
        stream_id=recorded.stream,
        version=recorded.originator_version,
        actor=actor,
        correlation_id=recorded.correlation_id,
        causation_id=recorded.causation_id,
        text=text,
        data=data_of(event) if isinstance(event, Event) else {},
        who=actor_name(actor, names),
    )


def sentence(text: str) -> str:
    """A text that begins as a sentence does."""
    return text[:1].upper() + text[1:]
