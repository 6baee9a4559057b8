"""Reads the log for the command line: who sits there is not known, so personal data stays sealed, and no reading
is recorded."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from eventsourcing.persistence import MapperDeserialisationError
from eventsourcing.utils import TopicError

from commerce.eventstore import LogReader, UnreadableEvent, open_reader
from commerce.values.errors import BadUsage
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
    """An order's id as somebody typed it. Raises `BadUsage`."""
    order_id = read_id(text)
    if order_id is None:
        raise BadUsage(f"{text!r} is not an order's id; it looks like 3f0e4c6e-8f4b-5a0e-9d57-0a4c2f1b7d11")
    return order_id
