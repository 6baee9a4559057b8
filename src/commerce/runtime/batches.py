"""Batches: what is asked for while a call is under way goes into the next call together."""

from __future__ import annotations

import asyncio
import contextvars
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from commerce.runtime.tasks import end_tasks

Item = TypeVar("Item")
Answer = TypeVar("Answer")


@dataclass(slots=True, eq=False)
class QueuedItem(Generic[Item, Answer]):
    """An item, and the answer to it that a caller waits for; one that is cancelled waits no more."""

    item: Item
    answer: asyncio.Future[Answer]

    @property
    def is_over(self) -> bool:
        """Whether the item has its answer, or nobody waits for it."""
        return self.answer.done()

    def settle(self, answer: Answer) -> None:
        """Give the caller its answer."""
        if not self.answer.done():
            self.answer.set_result(answer)

    def fail(self, error: Exception) -> None:
        """Raise an error at the caller's place."""
        if not self.answer.done():
            self.answer.set_exception(error)


Handle = Callable[[list[QueuedItem[Item, Answer]]], Awaitable[None]]
"""Settles each item of a batch; an error that it raises is told to those that it has not settled."""

Choose = Callable[[deque[QueuedItem[Item, Answer]]], list[QueuedItem[Item, Answer]]]
"""Takes the next batch out of the queue: none where nothing can go yet. It leaves out what is over."""


class Batches(Generic[Item, Answer]):
    """Hands what waits to `handle`, one batch after the other, in a task that lives as long as something waits.

    `waiting` has no bound of its own: who asks looks at its length first.
    """

    def __init__(self, name: str, handle: Handle[Item, Answer], choose: Choose[Item, Answer]) -> None:
        self.waiting: deque[QueuedItem[Item, Answer]] = deque()
        self.under_way: list[list[QueuedItem[Item, Answer]]] = []
        self._name = name
        self._handle = handle
        self._choose = choose
        self._task: asyncio.Task[None] | None = None
        self.has_failed = False
        """Whether a task ended by an error of its own, which everyone who waited was told."""
        self._context = contextvars.copy_context()  # a batch belongs to several callers, so it has none's context

    @property
    def is_running(self) -> bool:
        """Whether the task is at work."""
        return self._task is not None and not self._task.done()

    async def ask(self, item: Item) -> Answer:
        """Have an item handled with others, and wait for its answer. Raises what `handle` raises."""
        waiting: QueuedItem[Item, Answer] = QueuedItem(item, asyncio.get_running_loop().create_future())
        self.waiting.append(waiting)
        self._wake()
        return await waiting.answer

    async def handle_next(self, handle: Handle[Item, Answer]) -> bool:
        """Handle one batch; false where nothing can go. Another task may do so beside the one that this has."""
        batch = self._choose(self.waiting)
        if not batch:
            return False
        self.under_way.append(batch)
        try:
            await handle(batch)
        except Exception as error:  # noqa: BLE001 - told to the callers
            for waiting in batch:
                waiting.fail(error)
        except asyncio.CancelledError:
            for waiting in batch:
                waiting.answer.cancel()
            raise
        finally:
            self.under_way.remove(batch)
        self._wake()  # for what could not go beside this batch
        await asyncio.sleep(0)  # what those who were just answered ask next goes together with what was left over
        return True

    def fail_waiting(self, error: Exception) -> None:
        """Tell everyone who still waits for a batch of an error that theirs would meet, too."""
        while self.waiting:
            self.waiting.popleft().fail(error)

    async def finish(self) -> None:
        """Wait until the task has handled what it can."""
        while self._task is not None and not self._task.done():
            await asyncio.wait([self._task])

    async def cancel(self) -> None:
        """End the task at once; who waits is cancelled."""
        if self._task is not None:
            await end_tasks([self._task])
        for waiting in self.waiting:
            waiting.answer.cancel()
        self.waiting.clear()

    def _wake(self) -> None:
        if self.waiting and (self._task is None or self._task.done()):
            self._task = asyncio.get_running_loop().create_task(self._run(), name=self._name, context=self._context)

    async def _run(self) -> None:
        try:
            while await self.handle_next(self._handle):
                pass
        except Exception as error:
            self.has_failed = True
            self.fail_waiting(error)
            raise


def up_to(limit: int, size: Callable[[Item], int]) -> Choose[Item, Answer]:
    """Take the first items whose sizes add up to `limit` at most, and one at least."""

    def choose(queue: deque[QueuedItem[Item, Answer]]) -> list[QueuedItem[Item, Answer]]:
        batch: list[QueuedItem[Item, Answer]] = []
        total = 0
        while queue:
            if not queue[0].is_over:
                total += size(queue[0].item)
                if batch and total > limit:
                    break
                batch.append(queue[0])
            queue.popleft()
        return batch

    return choose


def unanswered(batch: Sequence[QueuedItem[Item, Answer]]) -> list[QueuedItem[Item, Answer]]:
    """Those of a batch that still wait."""
    return [waiting for waiting in batch if not waiting.is_over]
