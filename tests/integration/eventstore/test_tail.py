"""The end of the log: looked at when the bell rings, unless nobody waits for what would be found."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from uuid import uuid4

import pytest

from commerce.eventstore import Append, EventStore, LogReader, Recorded, Tail, connection_from
from commerce.eventstore.read.slices import Filter
from commerce.eventstore.subscriptions import tail as module
from commerce.inventory.events import StockAdjusted, StockReceived
from tests.integration.eventstore.subscriptions import WHO, adjust, receive
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

    await receive(store, 5)
    tail = Tail(Busy(store.pool, store.address), None)
    await tail.start()
    try:
        await receive(store, module._LONE_EVENTS)
        await eventually(lambda: tail.head == 5 + module._LONE_EVENTS)
        looks.clear()
        await eventually(lambda: len(looks) > 5)
        pace, longest = module.TAIL_PACE_S, module.LONGEST_REST_FACTOR * module.TAIL_PACE_S
        assert [tail._pause_s(took_s) for took_s in (0.0001, 0.002, 0.01)] == [pace, 0.02, longest]
    finally:
        await tail.stop()
    assert (looks[-1] - looks[0]) / (len(looks) - 1) > 0.9 * longest  # a busy machine notes the first one late


@asynccontextmanager
async def reading(store: EventStore) -> AsyncIterator[Tail]:
    """A tail that follows the log."""
    tail = Tail(store, None)
    await tail.start()
    try:
        yield tail
    finally:
        await tail.stop()


async def test_an_order_that_has_the_system_to_itself_waits_for_no_clock(store: EventStore) -> None:
    tail = Tail(store, None)
    await tail.start()
    try:
        for expected in (module.LONE_PACE_S, module.TAIL_PACE_S):
            head = await receive(store, module._LONE_ORDERS if expected == module.LONE_PACE_S else module._LONE_EVENTS)
            await asyncio.wait_for(tail.changed(max(head) - 1, LIMIT_S), LIMIT_S)
            assert tail._pause_s(0.0) == expected
    finally:
        await tail.stop()
    async with reading(store) as crowd:
        stream = uuid4()
        received = [
            StockReceived(originator_id=stream, originator_version=number + 1, sku="A", quantity=1)
            for number in range(module._LONE_EVENTS + 1)
        ]
        last = await store.append(Append(received, stream, WHO))
        assert await crowd.changed(last - 1, LIMIT_S)
        assert crowd._pause_s(0.0) == module.TAIL_PACE_S, "an import is one cause of very many events"
    assert Tail(store, None, 0.05)._pause_s(0.0) == 0.05, "who says how often is not asked for more"


async def test_events_that_nobody_reads_are_heard_of_without_a_look(
    store: EventStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_TICK_S", 60.0)
    looks: list[int] = []

    class Counting(LogReader):
        async def read_beyond(
            self, after: int, topics: frozenset[str] | None, limit: int, known: frozenset[str] | None = None
        ) -> tuple[int, list[Recorded]]:
            looks.append(after)
            return await super().read_beyond(after, topics, limit, known)

    reader = Counting(store.pool, store.address)
    tail = Tail(reader, frozenset({StockReceived.TOPIC}), known=frozenset({StockReceived.TOPIC, StockAdjusted.TOPIC}))
    await tail.start()
    try:
        (read,) = await receive(store)
        assert await tail.changed(read - 1, LIMIT_S)
        looks.clear()
        others = [await adjust(store) for _ in range(3)]
        assert await tail.changed(others[-1] - 1, LIMIT_S)
        assert (looks, tail.head) == ([], others[-1])
        (read,) = await receive(store)
        assert await tail.changed(read - 1, LIMIT_S)
        assert looks == [others[-1]]
        assert [event.position for event in (await tail.read(0, Filter(None), 10)).events if event.position == read]
        for unsure in (
            "",
            "nonsense",
            f"{read + 2} {read + 2} {StockAdjusted.TOPIC}",
            f"{read + 1} {read + 1} un.known",
        ):
            before = len(looks)
            async with connection_from(store.pool) as connection:
                await connection.execute("SELECT pg_notify('commerce_events', %s)", [unsure])
            await eventually(partial(_more_than, looks, before))
        assert tail.head == read
    finally:
        await tail.stop()


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


def _more_than(found: list[int], number: int) -> bool:
    return len(found) > number
