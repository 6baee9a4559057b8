"""Requests take turns: a client that sends thousands waits for itself."""

from __future__ import annotations

import asyncio

import pytest
from starlette.types import Scope

from api.http import turns
from api.http.turns import STANDSTILL_S, Turn, TurnQueue, Turns, end_turn
from commerce.values.errors import Unavailable
from tests.virtual_time import in_virtual_time


def asked_from(address: str) -> Scope:
    """A request."""
    return {"type": "http", "method": "GET", "client": (address, 1)}


async def begun(*tasks: asyncio.Task[Turn]) -> list[bool]:
    """Which of them have their turn, once everything has settled."""
    for _ in range(5):
        await asyncio.sleep(0)
    return [task.done() for task in tasks]


async def test_addresses_that_wait_are_served_one_after_the_other() -> None:
    line = TurnQueue(1)
    turn = await line.take(asked_from("flood"))
    flood = [asyncio.create_task(line.take(asked_from("flood"))) for _ in range(100)]
    await begun()
    bystander = asyncio.create_task(line.take(asked_from("bystander")))
    await begun()
    assert (line.running, line.waiting) == (1, 101)
    turn.end()
    assert await begun(*flood[:2], bystander) == [True, False, False]
    (await flood[0]).end()
    assert await begun(flood[1], bystander) == [False, True]
    (await bystander).end()
    for one in flood[1:]:
        (await one).end()
    assert (line.running, line.waiting) == (0, 0)


async def test_a_turn_that_ends_twice_ends_once() -> None:
    line = TurnQueue(2)
    turn = await line.take(asked_from("a"))
    turn.end()
    turn.end()
    assert line.running == 0
    tasks = [asyncio.create_task(line.take(asked_from("a"))) for _ in range(3)]
    assert await begun(*tasks) == [True, True, False]
    tasks[2].cancel()


async def test_one_that_gives_up_keeps_nobody_waiting() -> None:
    line = TurnQueue(1)
    turn = await line.take(asked_from("a"))
    gone, next_one = (asyncio.create_task(line.take(asked_from("a"))) for _ in range(2))
    await begun()
    gone.cancel()
    await begun()
    turn.end()
    (await next_one).end()
    assert (line.running, line.waiting) == (0, 0)


async def test_one_whose_turn_comes_as_it_gives_up_passes_it_on() -> None:
    line = TurnQueue(1)
    turn = await line.take(asked_from("a"))
    gone, next_one = (asyncio.create_task(line.take(asked_from("a"))) for _ in range(2))
    await begun()
    turn.end()
    gone.cancel()
    (await next_one).end()
    assert line.running == 0


@pytest.mark.parametrize("limit", ["TURN_TIMEOUT_S", "STANDSTILL_S"])
async def test_nobody_waits_for_ever(monkeypatch: pytest.MonkeyPatch, limit: str) -> None:
    monkeypatch.setattr(turns, limit, 0.01)
    line = TurnQueue(1)
    turn = await line.take(asked_from("a"))
    with pytest.raises(Unavailable):
        await line.take(asked_from("a"))
    turn.end()
    assert (line.running, line.waiting) == (0, 0)


def test_where_turns_end_nothing_stands_still() -> None:
    async def work() -> None:
        line = TurnQueue(2)
        first, second = await line.take(asked_from("a")), await line.take(asked_from("a"))
        waiting = [asyncio.create_task(line.take(asked_from("a"))) for _ in range(2)]
        for turn in (first, second):
            await asyncio.sleep(STANDSTILL_S - 0.1)
            turn.end()
        for one in waiting:
            (await one).end()
        assert line.running == 0

    in_virtual_time(work())


def test_turns_that_find_a_part_of_the_system_away_move_nothing() -> None:
    async def work() -> None:
        line = TurnQueue(1)
        turn = await line.take(asked_from("a"))
        waiting = [asyncio.create_task(line.take(asked_from("a"))) for _ in range(3)]
        await asyncio.sleep(STANDSTILL_S - 0.1)
        turn.end(unavailable=True)
        rejected = await asyncio.gather(*waiting[1:], return_exceptions=True)
        assert [type(one) for one in rejected] == [Unavailable] * 2
        assert asyncio.get_running_loop().time() == pytest.approx(STANDSTILL_S)
        (await waiting[0]).end()
        assert line.running == 0

    in_virtual_time(work())


async def test_queries_and_commands_do_not_wait_for_each_other() -> None:
    both = Turns()
    query = asked_from("a")
    await both.take(query)
    await both.take({**query, "method": "POST"})
    assert {kind: line.running for kind, line in both.lines.items()} == {"query": 1, "command": 1}
    end_turn(query)
    assert both.lines["query"].running == 0
    end_turn(asked_from("nobody"))
