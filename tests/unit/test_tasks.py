"""Tasks that are told to end do so, also where a library swallowed the first cancellation."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from commerce.runtime.tasks import end_tasks, uninterrupted


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


async def test_what_has_ended_or_fails_on_the_way_is_left_for_those_who_ask() -> None:
    async def failing() -> None:
        raise ZeroDivisionError

    task = asyncio.create_task(failing())
    await asyncio.wait([task])
    await end_tasks([task])
    assert isinstance(task.exception(), ZeroDivisionError)


async def test_what_a_task_has_to_put_away_is_put_away_however_often_it_is_cancelled() -> None:
    begun, put_away = asyncio.Event(), asyncio.Event()

    async def put_things_away() -> None:
        await asyncio.sleep(0.35)  # longer than the pause between two cancellations
        put_away.set()

    async def working() -> None:
        try:
            begun.set()
            await asyncio.Event().wait()
        finally:
            await uninterrupted(put_things_away())

    task = asyncio.create_task(working())
    await begun.wait()
    await end_tasks([task])
    assert put_away.is_set()
    assert task.cancelled()


async def test_what_goes_wrong_with_what_is_put_away_is_raised() -> None:
    async def fails() -> None:
        await asyncio.sleep(0)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await uninterrupted(fails())
