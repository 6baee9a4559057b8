"""Reads one thing from its own streams: it looks as in its read model, and is never behind a command."""

from __future__ import annotations

from typing import TypeVar
from uuid import UUID

from fastapi import Request

from api.context import context_of
from projections.engine.projection import Key, Projection

R = TypeVar("R")


async def folded(projection: Projection[R], request: Request, *streams: UUID) -> dict[Key, R]:
    """The rows that the events of these streams fold to."""
    histories = await context_of(request).store.read_streams(streams)
    events = [event for history in histories.values() for event in history if event.topic in projection.topics]
    rows = projection.fold_batch({}, sorted(events, key=lambda event: event.position))
    return {key: found.row for key, found in rows.items()}
