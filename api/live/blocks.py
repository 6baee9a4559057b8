"""The text of server-sent events (WHATWG HTML, section 9.2): each is some lines and an empty one."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from fastapi.sse import format_sse_event
from pydantic_core import to_json

from api.queries.consistency import write_position
from commerce.audit.customer_story import customers_items
from commerce.audit.items import named_items
from commerce.audit.languages import ENGLISH, ToldLanguage
from commerce.eventstore import EventStore, Recorded

MEDIA_TYPE = "text/event-stream"
KEEP_ALIVE = b": keep-alive\n\n"
_SHORTEST_RETRY_MS, _LONGEST_RETRY_MS = 1_000, 5_000
"""How long browsers wait before they connect again, by chance: a process that ends lets go of all at once."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Whom events are shown to: a customer, as the log names them; None: somebody of the shop.

    `outlines`: they hear where events stand, and not what they say. `language`: what they are told in.
    """

    customer: str | None = None
    outlines: bool = False
    language: ToldLanguage = ENGLISH


Shown = tuple[int, Viewer]
"""An event's position, and whom it is shown to."""


@dataclass(frozen=True, slots=True)
class EventOutline:
    """Where an event stands, who did it and what it is about, without what it says."""

    position: int
    """The place in the log."""
    recorded_at: datetime
    """When it was recorded, by the database's clock."""
    topic: str
    """What kind of event it is, such as `ordering.OrderPlaced`."""
    stream_id: UUID
    """The stream the event stands in."""
    version: int
    """Its place in its stream, from 1."""
    actor: str
    """Who did it: role and subject, such as `operator:anna`."""
    correlation_id: UUID | None
    """The order or the customer it is about; null for events about products and stock alone."""
    causation_id: int | None
    """The position of the event that this one follows from; null for what somebody asked for."""

    @classmethod
    def of(cls, recorded: Recorded) -> EventOutline:
        """The outline of an event."""
        return cls(
            recorded.position,
            recorded.recorded_at,
            recorded.topic,
            recorded.stream,
            recorded.originator_version,
            recorded.actor,
            recorded.correlation_id,
            recorded.causation_id,
        )


class Ending(StrEnum):
    """Why a stream ends; the type of its last event."""

    DROPPED = "dropped"
    EXPIRED = "expired"
    CLOSING = "closing"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class StreamEnd:
    """The last event of a stream."""

    detail: str
    """Why the stream ends, and what to do."""
    last_event_id: str
    """What to send as `Last-Event-ID`, to go on from there."""


_WORDS: Mapping[Ending, str] = {
    Ending.DROPPED: "you read too slowly; connect again with Last-Event-ID, which loses nothing",
    Ending.EXPIRED: "the token, the key or the hour is over; connect again with one that is valid, and Last-Event-ID",
    Ending.CLOSING: "this process stops; connect again with Last-Event-ID, which loses nothing",
    Ending.FAILED: "a part of the system does not answer; connect again with Last-Event-ID, which loses nothing",
}


def beginning(position: int) -> bytes:
    """The first lines of a stream: where to go on from if nothing else comes, and when to connect again."""
    retry = random.randint(_SHORTEST_RETRY_MS, _LONGEST_RETRY_MS)  # a client's pause, and no secret
    return format_sse_event(id=write_position(position), retry=retry)


def end(ending: Ending, position: int) -> bytes:
    """The last event of a stream: why it ends, and where to go on from."""
    place = write_position(position)
    data = to_json(StreamEnd(_WORDS[ending], place)).decode()
    return format_sse_event(event=ending, data_str=data, id=place)


async def blocks_of(store: EventStore, events: Sequence[tuple[Recorded, Viewer]]) -> dict[Shown, bytes]:
    """Events as those see them in a timeline whom they are shown to, each made once, in the order that they come in.

    Raises `Unavailable`.
    """
    wanted = {(recorded.position, viewer): recorded for recorded, viewer in events}
    shown: dict[Shown, object] = {
        (position, viewer): EventOutline.of(recorded)
        for (position, viewer), recorded in wanted.items()
        if viewer.outlines
    }
    for language in {viewer.language for _, viewer in wanted if not viewer.outlines}:
        shop = Viewer(language=language)
        of_shop = [recorded for (_, viewer), recorded in wanted.items() if viewer == shop]
        for item in await named_items(store, of_shop, language):
            shown[item.position, shop] = item
        of_customers = [
            (recorded, viewer.customer)
            for (_, viewer), recorded in wanted.items()
            if viewer.customer and viewer.language == language
        ]
        told = await customers_items(store.keys, of_customers, language)
        for item, (recorded, customer) in zip(told, of_customers, strict=True):
            shown[recorded.position, Viewer(customer, language=language)] = item
    return {place: _block(place[0], shown[place]) for place in wanted}


def _block(position: int, item: object) -> bytes:
    return format_sse_event(data_str=to_json(item).decode(), id=write_position(position))
