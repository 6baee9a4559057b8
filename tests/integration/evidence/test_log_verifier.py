"""The verification of the log that somebody asks for: done by a worker, kept with what it found, and given up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from commerce.runtime.settings import Settings
from commerce.runtime.tasks import end_tasks
from projections.engine import log_verifier, maintenance
from projections.engine.log_verifier import LogVerifier
from projections.engine.maintenance import LogVerification
from tests.integration.evidence.conftest import Shop
from tests.waiting import eventually

WHO = "operator:olga"


@asynccontextmanager
async def worker(shop: Shop, home: Path) -> AsyncIterator[None]:
    """What the projections worker does about the verification of the log."""
    task = asyncio.create_task(LogVerifier(shop.store, Settings(home=home)).run())
    try:
        yield
    finally:
        await end_tasks([task])


async def ended(shop: Shop) -> LogVerification:
    """The one that was asked for last, once it has ended."""

    async def has_ended() -> bool:
        found = await maintenance.newest_log_verification(shop.store.pool)
        return found is not None and found.ended_at is not None

    await eventually(has_ended)
    found = await maintenance.newest_log_verification(shop.store.pool)
    assert found is not None
    return found


async def verified(shop: Shop, home: Path) -> LogVerification:
    """The outcome of one."""
    await maintenance.request_log_verification(shop.store.pool, WHO)
    async with worker(shop, home):
        return await ended(shop)


async def test_a_good_log_has_no_findings_and_a_changed_event_is_named(shop: Shop, tmp_path: Path) -> None:
    good = await verified(shop, tmp_path)
    assert (good.status, good.requested_by, good.differing, good.findings) == ("done", WHO, 0, [])
    assert good.done == good.total == 22
    await shop.owner.execute("UPDATE commerce_events SET metadata = '{}' WHERE notification_id = 9")
    bad = await verified(shop, tmp_path)
    assert (bad.status, bad.differing) == ("done", 1)
    assert [(one.kind, one.position) for one in bad.findings] == [("changed", 9)]


async def test_one_that_cannot_be_done_says_why(shop: Shop, tmp_path: Path) -> None:
    found = await verified(shop, tmp_path / "another machine")
    assert (found.status, found.findings) == ("failed", [])
    assert "its public key is gone" in str(found.problem)


async def test_one_that_is_given_up_ends_soon(shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = asyncio.Event()

    async def for_ever(*_: Any) -> None:
        begun.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(log_verifier, "verify_tree", for_ever)
    await maintenance.request_log_verification(shop.store.pool, WHO)
    async with worker(shop, tmp_path):
        await begun.wait()
        await maintenance.cancel_log_verification(shop.store.pool)
        assert (await ended(shop)).status == "cancelled"
