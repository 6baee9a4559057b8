"""Wrong rows, planted in every read model, are found and named; right ones are not, however they move."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from itertools import pairwise
from typing import Any

import pytest

from commerce.eventstore import EventStore, Pool
from commerce.inventory.events import StockReceived
from projections import ALL
from projections.engine import maintenance, row_comparison
from projections.engine.continuous_verifier import ContinuousVerifier
from projections.engine.maintenance import MaintenanceJob, RowDifference
from projections.engine.projection import Key, Projection
from projections.engine.row_comparison import Checked, compare_rows
from projections.engine.verification_walk import walk
from projections.orders import ORDERS
from projections.stock import STOCK
from tests.integration.projections.history import ADDRESS, History
from tests.integration.rebuild.conftest import WHO, ended, execute, following, order, rows, until_ended, worker
from tests.waiting import eventually

CHANGES = {
    "orders": """state = jsonb_set(state, '{status}', '"cancelling"')""",
    "stock": "reserved = reserved + 1",
    "payments": "status = 'voiding'",
    "shipments": "tracking_number = 'T2'",
    "products": "name = 'The bug'",
    "processes": """state = jsonb_set(state, '{stage}', '"compensating"')""",
    "api_keys": "service = 'till'",
    "staff": "role = 'auditor'",
    "sales": "units = units + 1",
    "erasures": "ground = 'objection'",
    "refunds": "requested_by = 'operator:nobody'",
    "webhook_endpoints": "url = 'https://elsewhere.example'",
}
"""A small wrong change of a row of each read model."""

each_projection = pytest.mark.parametrize("projection", ALL, ids=lambda projection: projection.name)


async def verified(store: EventStore, projection: Projection[Any]) -> MaintenanceJob:
    """The outcome of a verification that is asked for, while its worker runs."""
    asked = await maintenance.request(store.pool, "verification", projection.name, projection.version, WHO)
    return await until_ended(store, asked)


async def found_in(store: EventStore, projection: Projection[Any]) -> dict[Key, RowDifference]:
    """All that a walk through a read model finds."""
    found: dict[Key, RowDifference] = {}
    async for step in walk(store.pool, projection):
        found |= step.differences
    return found


async def plant(store: EventStore, projection: Projection[Any], change: str) -> str:
    """Change the first row of a read model; answers its key."""
    key = str(getattr((await rows(store, projection))[0].row, projection.key))
    await execute(store, f"UPDATE {projection.table} SET {change} WHERE {projection.key}::text = '{key}'")
    return key


@each_projection
@pytest.mark.usefixtures("history")
async def test_right_rows_are_no_differences_and_a_wrong_one_of_each_kind_is_found(
    store: EventStore, projection: Projection[Any]
) -> None:
    assert await found_in(store, projection) == {}
    changed = await plant(store, projection, CHANGES[projection.name])
    assert [each.key for each in (await found_in(store, projection)).values()] == [changed]
    for difference in (await found_in(store, projection)).values():
        assert difference.kind == "differs"
        assert len(difference.fields) == 1
    await execute(store, f"DELETE FROM {projection.table} WHERE {projection.key}::text = '{changed}'")
    assert [(each.key, each.kind) for each in (await found_in(store, projection)).values()] == [(changed, "missing")]


@pytest.mark.usefixtures("history")
async def test_surplus_unreadable_and_stale_rows_and_rows_ahead_of_the_log_are_found(store: EventStore) -> None:
    await execute(store, "INSERT INTO projections.stock SELECT 'bug', 1, 0, 1, 999, 999")
    await execute(store, "UPDATE projections.stock SET position = first WHERE sku = 'mug'")
    await execute(store, "UPDATE projections.stock SET position = 1000000 WHERE sku = 'jug'")
    found = await found_in(store, STOCK)
    assert {key: (each.kind, each.fields) for key, each in found.items()} == {
        "bug": ("surplus", ()),
        "mug": ("differs", ("position",)),
        "jug": ("differs", ("position",)),
    }
    key = await plant(store, ORDERS, "state = state - 'lines'")
    assert [(each.key, each.kind) for each in (await found_in(store, ORDERS)).values()] == [(key, "unreadable")]


async def test_a_row_that_was_not_updated_is_found_although_it_was_right_once(
    store: EventStore, history: History
) -> None:
    await execute(store, "CREATE TABLE projections.kept AS SELECT * FROM projections.stock")
    await history.happens(StockReceived, "mug", quantity=1)
    await history.is_projected()
    await execute(store, "TRUNCATE projections.stock")
    await execute(store, "INSERT INTO projections.stock SELECT * FROM projections.kept")
    assert [(each.key, each.fields) for each in (await found_in(store, STOCK)).values()] == [
        ("mug", ("position", "on_hand", "available"))
    ]


async def test_the_events_of_a_long_stream_are_folded_page_by_page(
    store: EventStore, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(row_comparison, "_READ_BATCH_EVENTS", 2)
    for _ in range(5):
        await history.happens(StockReceived, "mug", quantity=1)
    await history.is_projected()
    checked = await compare_rows(store.pool, STOCK, ["mug", "jug"])
    assert checked.differences == {}
    assert checked.events == 2 + 5 + 2
    for projection in ALL:
        assert await found_in(store, projection) == {}


async def test_rows_that_move_are_no_differences(store: EventStore, history: History) -> None:
    stop = asyncio.Event()

    async def keep_ordering() -> None:
        while not stop.is_set():
            await order(history)

    async with following(store):
        ordering = asyncio.create_task(keep_ordering())
        for _ in range(3):
            for projection in ALL:
                assert await found_in(store, projection) == {}
        stop.set()
        await ordering


@pytest.mark.usefixtures("history")
async def test_a_verification_names_what_differs_without_personal_data_and_a_rebuild_repairs_it(
    store: EventStore,
) -> None:
    readable = ADDRESS.replace("'", "''")
    key = await plant(store, ORDERS, f"""state = jsonb_set(state, '{{shipping_address}}', '"{readable}"')""")
    async with worker(store):
        found = await verified(store, ORDERS)
        assert (found.status, found.differing) == ("done", 1)
        assert found.differences == [RowDifference(key, "differs", ("state.shipping_address",))]
        assert found.done == found.total
        asked = await maintenance.request(store.pool, "rebuild", "orders", ORDERS.version, WHO)
        await until_ended(store, asked)
        assert (await verified(store, ORDERS)).differing == 0


@pytest.mark.usefixtures("history")
async def test_a_cancelled_verification_ends(store: EventStore) -> None:
    await maintenance.request(store.pool, "verification", "orders", ORDERS.version, WHO)
    asked = await maintenance.cancel(store.pool, "verification", "orders")
    async with worker(store):
        assert (await until_ended(store, asked)).status == "cancelled"


@pytest.mark.usefixtures("history")
async def test_the_slow_check_finds_a_wrong_row_of_every_read_model_and_sees_when_they_are_right_again(
    store: EventStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("projections.engine.continuous_verifier.SHORTEST_ROUND_S", 0.1)
    verifier = ContinuousVerifier(store, ALL, lambda _name: True)
    watching = asyncio.create_task(verifier.run())
    await eventually(lambda: len(verifier.round_seconds) == len(ALL))
    assert verifier.problems() == {}
    planted = {projection.name: await plant(store, projection, CHANGES[projection.name]) for projection in ALL}
    await eventually(lambda: all(verifier.differing.values()))
    assert {name: [str(key) for key in found] for name, found in verifier.differing.items()} == {
        name: [key] for name, key in planted.items()
    }
    assert all(key in verifier.problems()[f"read model {name}"] for name, key in planted.items())
    async with worker(store):
        for projection in ALL:
            asked = await maintenance.request(store.pool, "rebuild", projection.name, projection.version, WHO)
            await until_ended(store, asked)
    await eventually(lambda: not verifier.problems())
    await ended(watching)


async def test_the_slow_check_rests_much_longer_than_it_works(
    store: EventStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[float] = []

    async def slow_walk(_pool: Pool, _projection: object) -> AsyncGenerator[Checked, None]:
        while True:
            looks.append(asyncio.get_running_loop().time())
            await asyncio.sleep(0.02)
            yield Checked(1, 1, {})

    monkeypatch.setattr("projections.engine.continuous_verifier.walk", slow_walk)
    monkeypatch.setattr("projections.engine.continuous_verifier.SHORTEST_ROUND_S", 0.0)
    watching = asyncio.create_task(ContinuousVerifier(store, ALL, lambda _name: True).run())
    await eventually(lambda: len(looks) > 3)
    await ended(watching)
    assert all(later - sooner > 0.2 for sooner, later in pairwise(looks))


async def test_the_slow_check_rests_while_nothing_is_written(
    store: EventStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone_through: list[str] = []
    written, looks = [0], [0]

    async def short_walk(_pool: Pool, projection: Projection[Any]) -> AsyncGenerator[Checked, None]:
        gone_through.append(projection.name)
        yield Checked(1, 0, {})

    async def what_is_written() -> object:
        looks[0] += 1
        return written[0]

    for name, seconds in (("SHORTEST_ROUND_S", 0.0), ("_PAUSE_S", 0.01)):
        monkeypatch.setattr(f"projections.engine.continuous_verifier.{name}", seconds)
    monkeypatch.setattr("projections.engine.continuous_verifier.walk", short_walk)
    verifier = ContinuousVerifier(store, ALL, lambda _name: True)
    monkeypatch.setattr(verifier, "_written", what_is_written)
    watching = asyncio.create_task(verifier.run())
    await eventually(lambda: looks[0] > 3)
    assert len(gone_through) == len(ALL)
    written[0] = 1
    await eventually(lambda: len(gone_through) == 2 * len(ALL))
    monkeypatch.setattr("projections.engine.continuous_verifier.LONGEST_PAUSE_S", 0.0)
    await eventually(lambda: len(gone_through) > 2 * len(ALL))
    await ended(watching)
