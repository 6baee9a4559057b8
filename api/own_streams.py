"""One thing, read from its own streams: shown as its read model would show it, and never behind a command."""

from __future__ import annotations

from typing import TypeVar
from uuid import UUID

from fastapi import Request

from api.parts import parts_of
from projections.projection import Key, Projection

R = TypeVar("R")


async def folded(projection: Projection[R], request: Request, *streams: UUID) -> dict[Key, R]:
    """The rows that the facts of these streams make."""
    histories = await parts_of(request).store.read_streams(streams)
    facts = [fact for history in histories.values() for fact in history if fact.topic in projection.topics]
    rows = projection.fold_batch({}, sorted(facts, key=lambda fact: fact.position))
    return {key: found.row for key, found in rows.items()}
