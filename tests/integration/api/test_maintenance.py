"""Rebuilds and verifications are asked for, watched and cancelled over HTTP; the projections worker does them."""

from __future__ import annotations

import asyncio

import pytest

from commerce.runtime.tasks import end_tasks
from projections import ALL
from projections.engine import maintenance
from projections.engine.rebuilder import Rebuilder
from tests.integration.api.conftest import Shop
from tests.waiting import eventually


@pytest.mark.parametrize("work", ["rebuild", "verification"])
async def test_work_is_asked_for_once_at_a_time_and_can_be_cancelled(shop: Shop, work: str) -> None:
    operator, path = shop.client("operator", "anna"), f"/ops/projections/orders/{work}"
    assert (await operator.get(path)).status_code == 404
    assert (await operator.delete(path)).status_code == 404
    asked = await operator.post(path)
    assert asked.status_code == 202
    assert asked.json() | {"status": "waiting", "requested_by": "operator:anna", "rate": None} == asked.json()
    assert asked.json()["seconds_left"] is None
    rejected = await operator.post(path)
    assert (rejected.status_code, rejected.json()["type"]) == (409, "/docs/problems/already-under-way")
    assert (await operator.post(f"/ops/projections/stock/{work}")).status_code == 202
    cancelled = await operator.delete(path)
    assert (cancelled.status_code, cancelled.json()["status"]) == (202, "cancelling")
    assert (await operator.get(path)).json()["status"] == "cancelling"


async def test_the_log_is_verified_once_at_a_time_by_whom_an_operator_asks(shop: Shop) -> None:
    operator, auditor, path = shop.client("operator", "anna"), shop.client("auditor"), "/audit/verification"
    assert ((await auditor.get(path)).status_code, (await operator.delete(path)).status_code) == (404, 404)
    assert (await auditor.post(path)).status_code == 403
    asked = (await operator.post(path)).json()
    told: dict[str, object] = {"status": "waiting", "requested_by": "operator:anna", "findings": [], "ended_at": None}
    assert asked | told == asked
    rejected = await operator.post(path)
    assert (rejected.status_code, rejected.json()["type"]) == (409, "/docs/problems/already-under-way")
    assert await maintenance.under_way(shop.store.pool, "verification") == []  # none of a read model
    cancelled = await operator.delete(path)
    assert (cancelled.status_code, cancelled.json()["status"]) == (202, "cancelling")
    assert (await auditor.get(path)).json()["status"] == "cancelling"
    for ended, known in (("cancelled", None), ("NOT cancelled", 3)):
        async with shop.store.pool.connection() as connection:
            await connection.execute(f"UPDATE commerce_upkeep SET ended_at = now(), differing = 3, cancelled = {ended}")
        assert (await auditor.get("/ops/attention")).json()["tampering"] == known


async def test_only_read_models_can_be_rebuilt(shop: Shop) -> None:
    for name in ("saga", "relay", "inventory", "nothing"):
        answer = await shop.client("operator").post(f"/ops/projections/{name}/rebuild")
        assert answer.status_code == 404
        assert "orders, payments" in answer.json()["detail"]


async def test_subscriptions_show_how_far_a_rebuild_is(shop: Shop) -> None:
    operator = shop.client("operator")
    asked = (await operator.post("/ops/projections/orders/rebuild")).json()
    await shop.stock("lamp")
    await shop.show()
    shown: set[tuple[str, int, bool]] = set()

    async def look() -> bool:
        subscriptions = (await operator.get("/ops/subscriptions")).json()["items"]
        shown.update((one["name"], one["partition"], one["is_read_model"]) for one in subscriptions)
        return bool((await operator.get("/ops/projections/orders/rebuild")).json()["ended_at"])

    rebuilding = asyncio.create_task(Rebuilder(shop.store, ALL).run())
    await eventually(look)
    await end_tasks([rebuilding])
    await asyncio.gather(rebuilding, return_exceptions=True)
    assert {(f"orders.rebuild-{asked['id']}", number, False) for number in range(4)} <= shown
