"""The end of the log: looked at when the bell rings, unless nobody waits for what would be found."""

from __future__ import annotations

import asyncio

import pytest

from commerce.eventstore import tail as module
from commerce.eventstore.store import EventStore
from commerce.eventstore.tail import Tail
from tests.integration.eventstore.following import receive


async def test_while_nobody_waits_the_bell_is_not_answered_and_who_comes_then_misses_nothing(
    store: EventStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_TICK", 60.0)
    waiting = True
    tail = Tail(store, store.address, store.application_name, None, awaiting=lambda: waiting)
    await tail.start()
    try:
        (first,) = await receive(store)
        assert await tail.changed(first - 1, 5)
        waiting = False
        (second,) = await receive(store)
        await asyncio.sleep(0.2)
        assert tail.head == first
        waiting = True
        (third,) = await receive(store)
        assert await tail.changed(third - 1, 5)
        found = await tail.read(first, module.Filter(None), 10)
        assert [fact.position for fact in found.facts] == [second, third]
    finally:
        await tail.stop()
