"""The tree in a running process: it grows with the log, heads follow, and trouble is said and not signed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from commerce.eventstore import Engine
from commerce.evidence import seal
from commerce.evidence.seal import Sealing
from commerce.runtime.tasks import end_tasks
from tests.integration.evidence.conftest import Shop
from tests.waiting import eventually


@pytest.fixture(autouse=True)
def _heads_in_quick_succession(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seal, "HEAD_INTERVAL_S", 0.05)


@asynccontextmanager
async def running(shop: Shop) -> AsyncIterator[Sealing]:
    """As in the projections worker."""
    made = Sealing(shop.store, shop.key, shop.file)
    engine = Engine(shop.store, [made.subscription])
    await engine.start()
    signing = asyncio.create_task(made.run())
    try:
        yield made
    finally:
        await end_tasks([signing])
        with suppress(asyncio.CancelledError):
            await signing
        await engine.stop()


def signed(shop: Shop) -> int:
    """How many events the newest exported head covers."""
    newest = shop.file.newest()
    return newest.tree_size if newest else 0


async def test_every_event_is_sealed_and_signed_while_the_log_grows(shop: Shop) -> None:
    async with running(shop):
        for _ in range(5):
            await shop.orders(2)
        await eventually(lambda: signed(shop) == 62)
    report = await shop.verify(shop.file)
    assert (report.is_good, report.unsealed) == (True, 0)


async def test_what_was_left_unsigned_is_signed_at_the_start(shop: Shop) -> None:
    await shop.owner.execute("DELETE FROM commerce_audit_heads")
    shop.file.path.unlink()
    async with running(shop):
        await eventually(lambda: signed(shop) == 22)


async def test_nothing_is_signed_while_nothing_happens(shop: Shop) -> None:
    async with running(shop):
        await shop.orders(1)
        await eventually(lambda: signed(shop) == 26)
        heads = [head.tree_size for head in shop.file.heads()]
        await asyncio.sleep(0.2)
    assert [head.tree_size for head in shop.file.heads()] == heads


async def test_a_tree_that_was_rewritten_is_a_problem_of_the_process(shop: Shop) -> None:
    await shop.owner.execute("UPDATE commerce_audit_leaves SET hash = %s WHERE leaf_index = 3", [b"x" * 32])
    async with running(shop) as made:
        await shop.orders(1)
        await eventually(lambda: made.problem)
        assert "does not begin with the one of 22" in str(made.problem)
    assert signed(shop) == 22
