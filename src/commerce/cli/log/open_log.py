"""Reads the log for the command line: who sits there is not known, so personal data stays sealed, and no reading
is recorded."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from eventsourcing.persistence import MapperDeserialisationError
from eventsourcing.utils import TopicError

from commerce.eventstore import LogReader, UnreadableEvent, open_reader
from commerce.ordering.events import OrderPlaced
from commerce.ordering.number import number_of, position_of
from commerce.runtime.settings import load_settings
from commerce.values.errors import BadUsage, NotFound
from commerce.values.ids import read_id

APPLICATION_NAME = "commerce command line"


@asynccontextmanager
async def open_log(address: str) -> AsyncIterator[LogReader]:
    """The log in the database at an address. Raises `BadUsage` where it cannot be reached, and `UnreadableEvent` for
    what is raised while it is open about an event that cannot be read."""
    async with open_reader(address, APPLICATION_NAME) as log:
        try:
            yield log
        except (MapperDeserialisationError, TopicError) as error:
            raise UnreadableEvent(f"{error}; `commerce parked` lists what waits for its repair") from error


def typed_order_id(text: str) -> UUID:
    """An order's id, as somebody typed it, or its number, which the log is asked about. Raises `BadUsage`,
    `NotFound`."""
    if order_id := read_id(text):
        return order_id
    position = position_of(text)
    if position is None:
        raise BadUsage(
            f"{text!r} is neither an order's number, such as {number_of(1)}, nor its id, such as"
            " 3f0e4c6e-8f4b-5a0e-9d57-0a4c2f1b7d11"
        )
    found = asyncio.run(_placed_at(position))
    if found is None:
        raise NotFound(f"no order has the number {number_of(position)}")
    return found


async def _placed_at(position: int) -> UUID | None:
    async with open_log(load_settings().required("database_url")) as log:
        events = await log.read_log(position - 1, position, topics=[OrderPlaced.TOPIC])
    return events[0].originator_id if events else None
