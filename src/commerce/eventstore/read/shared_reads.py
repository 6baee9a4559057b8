"""Reads that share queries: what is asked for while one is under way goes into the next one together."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Generic, TypeVar
from uuid import UUID

from commerce.values.errors import Unavailable

Value = TypeVar("Value")

LARGEST_BATCH_READS = 64
"""Askers who share one query, at most."""

LONGEST_QUEUE_READS = 1_000
"""Askers who may wait for a query of theirs."""


class SharedReads(Generic[Value]):
    """Shares `read`, which answers what stands under ids, among all who ask; each sees all that was committed
    before it asked."""

    def __init__(self, read: Callable[[Iterable[UUID]], Awaitable[Mapping[UUID, Value]]]) -> None:
        self._read = read
        self._waiting: list[tuple[list[UUID], asyncio.Future[Mapping[UUID, Value]]]] = []
        self._reading: asyncio.Task[None] | None = None

    async def find(self, wanted: Iterable[UUID]) -> Mapping[UUID, Value]:
        """What `read` answers for these ids, and perhaps others.

        Raises what `read` raises, also to who waits for a later query, as that would fail too; `Unavailable` where too
        many wait.
        """
        if len(self._waiting) >= LONGEST_QUEUE_READS:
            raise Unavailable("too many wait for a read of the database")
        answer: asyncio.Future[Mapping[UUID, Value]] = asyncio.get_running_loop().create_future()
        self._waiting.append((list(wanted), answer))
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(self._read_all(), name="shared reads")
        return await answer

    async def _read_all(self) -> None:
        while self._waiting:
            together, self._waiting = self._waiting[:LARGEST_BATCH_READS], self._waiting[LARGEST_BATCH_READS:]
            try:
                found = await self._read({key for wanted, _ in together for key in wanted})
            except Exception as error:  # noqa: BLE001 - told to those who asked
                told, self._waiting = together + self._waiting, []
                for answer in _unanswered(told):
                    answer.set_exception(error)
            else:
                for answer in _unanswered(together):
                    answer.set_result(found)


def _unanswered(
    together: Sequence[tuple[list[UUID], asyncio.Future[Mapping[UUID, Value]]]],
) -> list[asyncio.Future[Mapping[UUID, Value]]]:
    """Those who still wait."""
    return [answer for _, answer in together if not answer.done()]
