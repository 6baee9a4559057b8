"""Reads that share queries: what is asked for while one is under way goes into the next one together."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Generic, TypeVar
from uuid import UUID

from commerce.runtime.batches import Batches, QueuedItem, up_to
from commerce.values.errors import Unavailable

Value = TypeVar("Value")

LARGEST_BATCH_READS = 64
"""Callers who share one query, at most."""

LONGEST_QUEUE_READS = 1_000
"""Callers who may wait for a query of theirs."""


class SharedReads(Generic[Value]):
    """Shares `read`, which answers what stands under ids, among all who ask; each sees all that was committed
    before it asked."""

    def __init__(self, read: Callable[[Iterable[UUID]], Awaitable[Mapping[UUID, Value]]]) -> None:
        self._read = read
        self._batches: Batches[list[UUID], Mapping[UUID, Value]] = Batches(
            "shared reads", self._find_all, up_to(LARGEST_BATCH_READS, lambda _: 1)
        )

    async def find(self, wanted: Iterable[UUID]) -> Mapping[UUID, Value]:
        """What `read` answers for these ids, and perhaps others.

        Raises what `read` raises, also to those who wait for a later query, as that would fail too; `Unavailable` where
        too many wait.
        """
        if len(self._batches.waiting) >= LONGEST_QUEUE_READS:
            raise Unavailable("too many wait for a read of the database")
        return await self._batches.ask(list(wanted))

    async def _find_all(self, batch: list[QueuedItem[list[UUID], Mapping[UUID, Value]]]) -> None:
        try:
            found = await self._read({key for waiting in batch for key in waiting.item})
        except Exception as error:
            self._batches.fail_waiting(error)
            raise
        for waiting in batch:
            waiting.settle(found)
