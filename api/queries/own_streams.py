"""Reads one thing from its own streams: it looks as in its read model, and is never behind a command.

What a person corrected for that read model is read as it was corrected.
"""

from __future__ import annotations

from typing import TypeVar
from uuid import UUID

from fastapi import Request

from api.context import context_of
from commerce.eventstore import EventFailed, connection_from, read_corrected
from projections.engine.projection import Key, ParkedRow, Projection

R = TypeVar("R")


async def folded(projection: Projection[R], request: Request, *streams: UUID) -> dict[Key, R]:
    """The rows that the events of these streams fold to. Raises `ParkedRow` where one of them cannot be folded."""
    histories = await context_of(request).store.read_streams(streams)
    events = [event for history in histories.values() for event in history if event.topic in projection.topics]
    events.sort(key=lambda event: event.position)
    async with connection_from(context_of(request).store.pool) as connection:
        as_corrected = await read_corrected(connection, projection.name, events)
    try:
        rows = projection.fold_batch({}, as_corrected)
    except EventFailed as error:
        raise ParkedRow(projection.name, f"with the event at position {error.position}") from error
    return {key: found.row for key, found in rows.items()}
