"""What is asked for while a call is under way goes into the next one together; each caller gets its own answer."""

from __future__ import annotations

import asyncio
from collections import deque

import pytest

from commerce.runtime.batches import Batches, QueuedItem, up_to


class Doubling:
    """Doubles numbers, a batch at a time, each once `may_go_on`."""

    def __init__(self, limit: int = 10) -> None:
        self.seen: list[list[int]] = []
        self.may_go_on = asyncio.Event()
        self.batches: Batches[int, int] = Batches("doubling", self.handle, up_to(limit, lambda number: number))

    async def handle(self, batch: list[QueuedItem[int, int]]) -> None:
        self.seen.append([waiting.item for waiting in batch])
        await self.may_go_on.wait()
        for waiting in batch:
            if waiting.item == 13:
                raise ValueError("13")
            waiting.settle(2 * waiting.item)

    def ask(self, *numbers: int) -> list[asyncio.Task[int]]:
        return [asyncio.create_task(self.batches.ask(number)) for number in numbers]


async def turns(count: int = 3) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def test_what_comes_during_a_call_goes_together_up_to_the_limit_and_one_at_least() -> None:
    doubling = Doubling()
    first = doubling.ask(1)
    await turns()
    others = doubling.ask(4, 5, 6, 20)
    await turns()
    doubling.may_go_on.set()
    assert await asyncio.gather(*first, *others) == [2, 8, 10, 12, 40]
    assert doubling.seen == [[1], [4, 5], [6], [20]]


async def test_an_error_is_told_to_those_without_an_answer_and_the_next_batch_goes_on() -> None:
    doubling = Doubling(limit=20)
    doubling.may_go_on.set()
    answers = await asyncio.gather(*doubling.ask(1, 13, 2, 5), return_exceptions=True)
    assert answers[0] == 2
    assert [type(answer) for answer in answers[1:]] == [ValueError, ValueError, int]
    assert doubling.batches.under_way == []


async def test_who_is_cancelled_is_left_out() -> None:
    doubling = Doubling()
    first = doubling.ask(1)
    await turns()
    gone, stays = doubling.ask(2, 3)
    await turns()
    gone.cancel()
    await turns()
    doubling.may_go_on.set()
    assert [await one for one in (*first, stays)] == [2, 6]
    assert doubling.seen == [[1], [3]]


async def test_to_finish_waits_for_every_answer_and_to_cancel_ends_every_wait() -> None:
    doubling = Doubling()
    asked = doubling.ask(1, 20)
    await turns()
    finishing = asyncio.create_task(doubling.batches.finish())
    await turns()
    assert not finishing.done()
    doubling.may_go_on.set()
    await finishing
    assert [one.result() for one in asked] == [2, 40]

    doubling.may_go_on.clear()
    asked = doubling.ask(1, 20)
    await turns()
    await doubling.batches.cancel()
    await turns()
    assert [one.cancelled() for one in asked] == [True, True]


async def test_a_choice_that_fails_is_told_to_everyone_who_waits() -> None:
    def choose(_: deque[QueuedItem[int, int]]) -> list[QueuedItem[int, int]]:
        raise LookupError

    batches: Batches[int, int] = Batches("broken", Doubling().handle, choose)
    asked = asyncio.create_task(batches.ask(1))
    with pytest.raises(LookupError):
        await asked
    await turns()
    assert batches.has_failed
    assert not batches.is_running
