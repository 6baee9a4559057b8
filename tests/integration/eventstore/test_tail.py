"""The end of the log: looked at when the bell rings, unless nobody waits for what would be found."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest

from commerce.eventstore import EventStore, LogReader, Recorded, Tail, connection_from
from commerce.eventstore.read.slices import Filter
from commerce.eventstore.subscriptions import tail as module
from tests.integration.eventstore.subscriptions import receive
from tests.waiting import LIMIT_S, eventually


async def test_while_nobody_waits_the_bell_is_not_answered_and_who_comes_then_misses_nothing(
    store: EventStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_TICK_S", 60.0)
    waiting = True
    tail = Tail(store, None, awaiting=lambda: waiting)
    await tail.start()
    try:
        (first,) = await receive(store)
        assert await tail.changed(first - 1, LIMIT_S)
        waiting = False
        unheard: list[int] = []
        while not unheard or tail.head >= unheard[-1]:  # a look that was due before may still take some in
            assert len(unheard) < 5
            unheard += await receive(store)
            await asyncio.sleep(0.2)
        waiting = True
        (last,) = await receive(store)
        assert await tail.changed(last - 1, LIMIT_S)
        found = await tail.read(first, Filter(None), 10)
        assert [event.position for event in found.events] == [*unheard, last]
    finally:
        await tail.stop()


async def test_where_a_look_takes_long_the_next_one_comes_later(store: EventStore) -> None:
    loop = asyncio.get_running_loop()
    looks: list[float] = []

    class Busy(LogReader):
        async def read_beyond(
            self, after: int, topics: frozenset[str] | None, limit: int, known: frozenset[str] | None = None
        ) -> tuple[int, list[Recorded]]:
            looks.append(loop.time())
            tail._rung.set()  # something more has come already
            await asyncio.sleep(0.01)
            return await super().read_beyond(after, topics, limit, known)

    tail = Tail(Busy(store.pool, store.address), None)
    await tail.start()
    try:
        await eventually(lambda: len(looks) > 5)
    finally:
        await tail.stop()
    longest = module.LONGEST_REST_FACTOR * module.TAIL_PACE_S
    assert all(later - sooner > 0.99 * longest for sooner, later in pairwise(looks))


async def test_who_waits_for_requests_is_told_of_them_and_where_one_may_have_been_missed(store: EventStore) -> None:
    tail = Tail(store, None)
    requested = tail.requests()
    await tail.start()
    await eventually(requested.is_set)  # it was not listening before
    requested.clear()
    async with connection_from(store.pool) as connection:
        await connection.execute("NOTIFY commerce_events")
        await connection.execute("NOTIFY commerce_requests")
    await asyncio.wait_for(requested.wait(), LIMIT_S)
    await tail.stop()
