"""The store as the rest of the write side uses it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol
from uuid import UUID

from commerce.eventstore.records import Append, Recorded


class EventStore(Protocol):
    """(being written; this is the interface)"""

    async def append(self, command: Append) -> int:
        """Append one command's facts; answers the position of the last. Raises `StaleVersion`, `Unavailable`, `Repeated`."""
        ...

    async def read_stream(
        self, stream: UUID, *, until_version: int | None = None, until_time: datetime | None = None
    ) -> list[Recorded]:
        """The facts of one stream, oldest first."""
        ...

    async def read_streams(self, streams: Iterable[UUID]) -> dict[UUID, list[Recorded]]:
        """The facts of several streams, in one query; a stream without facts is an empty list."""
        ...
