"""How tasks end: at once where they only wait, and in order where they have something to put away."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any, TypeVar

T = TypeVar("T")

_CANCEL_AGAIN_S = 0.1


async def end_tasks(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel tasks until they heed it: before Python 3.12 `wait_for`, which psycopg's pool uses, may swallow a
    cancellation.

    A task that has something to put away does that as `uninterrupted`. What a task raised is left for the one who asks
    it.
    """
    running = {task for task in tasks if not task.done()}
    while running:
        for task in running:
            task.cancel()
        _, running = await asyncio.wait(running, timeout=_CANCEL_AGAIN_S)


async def uninterrupted(work: Coroutine[Any, Any, T]) -> T:
    """Await some work to its end, though the task that awaits it is cancelled meanwhile; that is raised afterwards.

    The work needs a limit of its own.
    """
    task = asyncio.create_task(work)
    cancellation: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError as error:
            if task.cancelled():
                raise
            cancellation = error
    if cancellation is not None:
        raise cancellation
    return task.result()
