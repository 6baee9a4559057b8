"""Tasks that are told to end do so, also where a library swallowed the first cancellation."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from commerce.runtime.tasks import end_tasks


async def test_a_task_whose_library_swallows_a_cancellation_ends_all_the_same() -> None:
    begun = asyncio.Event()

    async def stubborn() -> None:
        with suppress(asyncio.CancelledError):
            begun.set()
            await asyncio.Event().wait()
        await asyncio.Event().wait()

    task = asyncio.create_task(stubborn())
    await begun.wait()
    await end_tasks([task])
    assert task.cancelled()


async def test_what_has_ended_or_fails_on_the_way_is_left_for_whoever_asks() -> None:
    async def failing() -> None:
        raise ZeroDivisionError

    task = asyncio.create_task(failing())
    await asyncio.wait([task])
    await end_tasks([task])
    assert isinstance(task.exception(), ZeroDivisionError)
