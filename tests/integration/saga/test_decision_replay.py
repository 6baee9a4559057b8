"""`commerce decisions replay` on a real log: what differs, what cannot be compared, and that nothing is done."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any, cast

import psycopg
import pytest

from commerce.cli.log.decisions import replay_all_decisions
from commerce.eventstore import Event, EventStore
from commerce.inventory.events import ReservationRejected
from commerce.saga.decision_replay import DecisionReplay, replay_decisions
from commerce.saga.steps import STOCK
from commerce.values.errors import NotFound
from tests.conftest import Database
from tests.integration.saga.test_process_manager import LONG, all_subscriptions, place


@pytest.fixture(autouse=True)
def environment(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command line finds the test's database, and no key."""
    monkeypatch.setenv("COMMERCE_HOME", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("COMMERCE_DATABASE_URL", database.app_url)


async def replayed(store: EventStore) -> DecisionReplay:
    found = DecisionReplay()
    async for _ in replay_decisions(store, found):
        pass
    return found


async def test_all_orders_are_decided_on_once_more_and_nothing_is_done(
    store: EventStore, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rejected = await place(store, stocked=True)
    await place(store)
    await all_subscriptions(store, LONG)
    await place(store)
    monkeypatch.setattr("commerce.saga.decision_replay._PAGE_ORDERS", 2)
    head = await store.head()
    same = await replayed(store)
    assert (same.orders, same.compared, same.differing, same.undecided, same.deadlines) == (3, 3, 0, 1, 2)

    answer: type[Event] = ReservationRejected
    monkeypatch.setitem(cast(dict[type[Event], str], STOCK.failed), answer, "sold_out")
    assert await asyncio.to_thread(replay_all_decisions, None, True) == 1
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    (difference,) = told["differences"]
    assert (difference["order_id"], difference["topic"]) == (str(rejected), "inventory.ReservationRejected")
    assert [one["topic"] for one in difference["now"]] == [
        "saga.StepFailed",
        "saga.Compensated",
        "ordering.OrderRejected",
    ]
    reasons = [[one["data"].get("reason") for one in difference[which]] for which in ("recorded", "now")]
    assert reasons == [["out_of_stock"] * 3, ["sold_out"] * 3]
    assert await asyncio.to_thread(replay_all_decisions, str(rejected), False) == 1
    printed = capsys.readouterr().out
    assert f"order {rejected}, position {difference['position']}: inventory.ReservationRejected" in printed
    assert "1 decision differs" in printed
    with pytest.raises(NotFound):
        await asyncio.to_thread(replay_all_decisions, "3f0e4c6e-8f4b-5a0e-9d57-0a4c2f1b7d11", False)
    assert await store.head() == head


async def test_what_is_parked_edited_or_cannot_be_read_is_told(store: EventStore, database: Database) -> None:
    """An input that waits is not compared; one that a person left out is none."""
    order, other = await place(store, stocked=True), await place(store)
    await all_subscriptions(store, LONG)
    (answer,) = (one for one in await store.read_correlated(order) if one.topic == ReservationRejected.TOPIC)
    with psycopg.connect(database.admin_url, autocommit=True) as connection:
        connection.execute(
            """INSERT INTO commerce_corrections (subscription, position, topic, state, decided_at)
               VALUES ('saga', %s, NULL, NULL, clock_timestamp())""",
            [answer.position],
        )
        connection.execute(
            "UPDATE commerce_events SET state = '{}' WHERE correlation_id = %s AND topic = 'saga.Started'", [other]
        )
    found = await replayed(store)
    assert (found.orders, found.compared, found.corrected, found.unreadable_orders) == (2, 1, 1, 1)
    assert found.unreadable[0].startswith(f"{other}: saga.Started of stream")
