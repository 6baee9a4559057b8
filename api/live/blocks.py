"""The text of server-sent events (WHATWG HTML, section 9.2): each is some lines and an empty one."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from fastapi.sse import format_sse_event
from pydantic_core import to_json

from api.queries.consistency import write_position
from commerce.audit.customer_story import customers_items
from commerce.audit.items import named_items
from commerce.eventstore import EventStore, Recorded

MEDIA_TYPE = "text/event-stream"
KEEP_ALIVE = b": keep-alive\n\n"
_SHORTEST_RETRY_MS, _LONGEST_RETRY_MS = 1_000, 5_000
"""How long browsers wait before they connect again, by chance: a process that ends lets go of all at once."""

Shown = tuple[int, str | None]
"""An event's position, and the customer whom it is shown to, as the log names them; None: somebody of the shop."""


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


async def blocks_of(store: EventStore, events: Sequence[tuple[Recorded, str | None]]) -> dict[Shown, bytes]:
    """Events as those see them in a timeline whom they are shown to, each made once. Raises `Unavailable`."""
    wanted = {(recorded.position, customer): recorded for recorded, customer in events}
    of_shop = [recorded for (_, customer), recorded in wanted.items() if customer is None]
    of_customers = [(recorded, customer) for (_, customer), recorded in wanted.items() if customer is not None]
    found: dict[Shown, bytes] = {}
    for item in await named_items(store, of_shop):
        found[item.position, None] = _block(item.position, item)
    told = await customers_items(store.keys, of_customers)
    for item, (recorded, customer) in zip(told, of_customers, strict=True):
        found[recorded.position, customer] = _block(recorded.position, item)
    return found


def _block(position: int, item: object) -> bytes:
    return format_sse_event(data_str=to_json(item).decode(), id=write_position(position))
