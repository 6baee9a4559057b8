"""Rebuilds and verifications where events are parked: a rebuild does as its read model, and neither is called right."""

from __future__ import annotations

from dataclasses import replace

import pytest

from commerce.eventstore import EventStore, Metadata, Pool, Recorded, parked_groups
from commerce.inventory.events import StockItemRegistered, StockReceived
from commerce.parked import commands
from commerce.parked.commands import Chosen, Patch
from commerce.values import ids
from projections import ALL
from projections.engine import rebuild_tables
from projections.engine.maintenance import MaintenanceJob
from projections.stock import STOCK, StockView, fold
from tests.conftest import Database
from tests.integration.projections.history import History
from tests.integration.rebuild.conftest import parked, rows, until_ended, worker
from tests.integration.rebuild.test_rebuild import ask
from tests.integration.rebuild.test_standing_still import HUGE, write
from tests.integration.rebuild.test_verify import verified
from tests.waiting import eventually

OPERATOR = Metadata("operator:olga")


@pytest.mark.parametrize("state", [HUGE, b"not JSON"], ids=["cannot be stored", "cannot be read"])
async def test_a_rebuild_parks_what_its_read_model_has_parked_and_a_verification_says_that_a_row_waits(
    store: EventStore, history: History, database: Database, state: bytes
) -> None:
    bad = write(database, ids.stock_item_id("mug"), "inventory.StockReceived", state)
    async with worker(store):
        await eventually(lambda: parked(store))
        await history.happens(StockItemRegistered, "cup")
        await history.happens(StockReceived, "cup", quantity=3)
        before = {row.row.sku: row for row in await rows(store, STOCK)}
        found = await verified(store, STOCK)
        assert (found.status, found.differing) == ("failed", 0)
        assert found.problem == "1 events are parked, and 1 rows wait; see commerce parked"
        assert (await until_ended(store, await ask(store, STOCK))).status == "done"
        assert await parked(store) == [bad]
        after = {row.row.sku: row for row in await rows(store, STOCK)}
        assert after["mug"] == before["mug"]
        assert after["cup"].row.on_hand == 3
        (group,) = await parked_groups(store.pool)
        await commands.discard_parked(store, Chosen(group.group), "never came", OPERATOR)
        await eventually(lambda: _nothing(store))
        assert (await verified(store, STOCK)).status == "done"
        assert (await until_ended(store, await ask(store, STOCK))).status == "done"
        assert (await verified(store, STOCK)).status == "done"
        assert {row.row.sku: row for row in await rows(store, STOCK)} == after
        assert await parked(store) == []


async def _nothing(store: EventStore) -> bool:
    return not await parked(store)


async def test_a_rebuild_reads_a_corrected_event_as_it_was_corrected(
    store: EventStore, history: History, database: Database
) -> None:
    write(database, ids.stock_item_id("mug"), "inventory.StockReceived", HUGE)
    async with worker(store):
        await eventually(lambda: parked(store))
        (group,) = await parked_groups(store.pool)
        await commands.edit_parked(store, Chosen(group.group), Patch({"quantity": 7}), "seven came", OPERATOR)
        await eventually(lambda: _nothing(store))
        before = await rows(store, STOCK)
        assert (await verified(store, STOCK)).status == "done"
        assert (await until_ended(store, await ask(store, STOCK))).status == "done"
        assert await rows(store, STOCK) == before
        assert (await verified(store, STOCK)).status == "done"


@pytest.mark.parametrize("looks_too_early", [0, 2])
async def test_a_rebuild_that_cannot_fold_what_is_shown_fails(
    store: EventStore, history: History, monkeypatch: pytest.MonkeyPatch, looks_too_early: int
) -> None:
    before = await rows(store, STOCK)
    look, early = rebuild_tables.newly_parked, iter(range(looks_too_early))

    async def looks(pool: Pool, rebuild: MaintenanceJob) -> str | None:
        return await look(pool, rebuild) if next(early, None) is None else None

    monkeypatch.setattr(rebuild_tables, "newly_parked", looks)

    def fails(row: StockView | None, recorded: Recorded) -> StockView | None:
        if isinstance(recorded.event, StockReceived):
            raise ZeroDivisionError
        return fold(row, recorded)

    broken = [replace(STOCK, fold=fails) if projection is STOCK else projection for projection in ALL]
    async with worker(store, broken):
        failed = await until_ended(store, await ask(store, STOCK))
    assert failed.status == "failed"
    assert failed.problem is not None
    assert "cannot be folded any more: ZeroDivisionError" in failed.problem
    assert await rows(store, STOCK) == before
