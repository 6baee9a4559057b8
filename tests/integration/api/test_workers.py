"""Every process reports itself, says what is wrong with it, and is missed when it ends without a word."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from collections import Counter
from contextlib import AsyncExitStack, suppress
from datetime import datetime
from typing import Any

import psycopg
import pytest

from commerce.audit import outside_calls
from commerce.payments.events import PaymentCallUnanswered
from commerce.runtime import heartbeats
from commerce.runtime.code_version import code_version
from commerce.runtime.heartbeats import FORGOTTEN_AFTER_S, MISSING_AFTER_S, find_workers, reported
from commerce.values.errors import Unavailable
from tests.conftest import Database
from tests.integration.api.conftest import Shop
from tests.integration.api.test_health import unreachable
from tests.integration.api.test_refunds import happens, paid
from tests.waiting import eventually


async def well() -> dict[str, str]:
    """No problems."""
    return {}


async def shown(shop: Shop) -> dict[str, dict[str, Any]]:
    """What an operator is shown, by name."""
    answer = await shop.client("operator").get("/ops/workers")
    return {item["name"]: item for item in answer.raise_for_status().json()["items"]}


def rested(database: Database, name: str, seconds: float) -> None:
    """Make a process's last heartbeat so long ago."""
    with psycopg.connect(database.admin_url) as connection:
        changed = connection.execute(
            "UPDATE commerce_workers SET heartbeat = heartbeat - make_interval(secs => %s) WHERE name = %s",
            [seconds, name],
        )
        assert changed.rowcount == 1


async def test_the_api_reports_itself(shop: Shop) -> None:
    await eventually(lambda: shown(shop))
    item = (await shown(shop))["api"]
    assert item.keys() == {"name", "version", "host", "pid", "since", "heartbeat", "status", "problems", "definitions"}
    assert (item["pid"], item["version"]) == (os.getpid(), code_version())
    assert (item["status"], item["problems"]) == ("ok", {})


async def test_a_process_is_reported_until_it_ends_with_what_is_wrong_with_it(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heartbeats, "BEAT_INTERVAL_S", 0.05)
    found: dict[str, str] = {}

    async def problems() -> dict[str, str]:
        return dict(found)

    async def status() -> str:
        return str((await shown(shop)).get("payments", {}).get("status"))

    async def failing() -> bool:
        return await status() == "failing"

    async def ok() -> bool:
        return await status() == "ok"

    async with reported(shop.store.pool, {"payments": problems}):
        await eventually(ok)
        found["broker"] = "not connected"
        await eventually(failing)
        assert (await shown(shop))["payments"]["problems"] == found
        since = (await shown(shop))["payments"]["since"]
        found.clear()
        await eventually(ok)
        assert (await shown(shop))["payments"]["since"] == since
    assert "payments" not in await shown(shop)


async def test_the_process_manager_says_how_many_orders_end_under_which_definition(shop: Shop) -> None:
    async with reported(shop.store.pool, {"saga": well}):
        await eventually(lambda: _is_there(shop, "api"))
        await eventually(lambda: _is_there(shop, "saga"))
        found = await shown(shop)
    assert found["saga"]["definitions"] == [{"definition": 1, "unfinished_orders": 0}]
    assert found["api"]["definitions"] is None


async def test_replicas_are_told_apart(shop: Shop) -> None:
    async with AsyncExitStack() as stack:
        for _ in range(2):
            await stack.enter_async_context(reported(shop.store.pool, {"saga": well}))

        async def both() -> bool:
            return [worker.name for worker in await find_workers(shop.store.pool)].count("saga") == 2

        await eventually(both)


async def test_a_process_that_goes_without_a_word_is_missed_for_a_day(
    shop: Shop, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heartbeats, "BEAT_INTERVAL_S", 3600.0)
    async with reported(shop.store.pool, {"relay": well}):
        await eventually(lambda: _is_there(shop, "relay"))
        rested(database, "relay", MISSING_AFTER_S + 1)
        assert (await shown(shop))["relay"]["status"] == "missing"
        rested(database, "relay", FORGOTTEN_AFTER_S)
        async with reported(shop.store.pool, {"saga": well}):
            await eventually(lambda: _is_gone(shop, "relay"))


async def test_a_process_that_is_started_again_takes_the_place_of_one_that_was_killed(
    shop: Shop, database: Database
) -> None:
    ended = await asyncio.create_subprocess_exec(sys.executable, "-c", "")
    await ended.wait()
    killed = "INSERT INTO commerce_workers (id, name, version, host, pid) VALUES (gen_random_uuid(), %s, '1', %s, %s)"
    with psycopg.connect(database.admin_url, autocommit=True) as connection:
        for name, host, pid in [
            ("saga", socket.gethostname(), ended.pid),
            ("saga", socket.gethostname(), ended.pid),
            ("saga", socket.gethostname(), os.getpid()),
            ("saga", "elsewhere", ended.pid),
            ("relay", socket.gethostname(), ended.pid),
        ]:
            connection.execute(killed, [name, host, pid])

    async def there() -> Counter[str]:
        return Counter(worker.name for worker in await find_workers(shop.store.pool) if worker.name != "api")

    async def one_more() -> bool:
        return await there() == {"saga": 4, "relay": 1}

    async with reported(shop.store.pool, {"saga": well}):
        await eventually(one_more)
    assert await there() == {"saga": 3, "relay": 1}


async def _is_there(shop: Shop, name: str) -> bool:
    return name in await shown(shop)


async def _is_gone(shop: Shop, name: str) -> bool:
    return not await _is_there(shop, name)


async def test_a_process_outlives_a_database_that_is_away_and_reports_itself_again(
    shop: Shop, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heartbeats, "BEAT_INTERVAL_S", 0.2)
    async with reported(shop.store.pool, {"saga": well}):
        await eventually(lambda: _is_there(shop, "saga"))
        before = await _heartbeat(shop, "saga")
        with unreachable(database):
            pass

        async def beats_again() -> bool:
            with suppress(Unavailable):  # a pool learns by its use that a session was cut
                return await _heartbeat(shop, "saga") > before
            return False

        await eventually(beats_again)


async def _heartbeat(shop: Shop, name: str) -> datetime:
    return next(worker.heartbeat for worker in await find_workers(shop.store.pool) if worker.name == name)


def _make_older(database: Database, time: str) -> None:
    with psycopg.connect(database.admin_url) as owner:
        owner.execute("UPDATE commerce_events SET recorded_at = recorded_at - %s::interval", [time])


async def test_calls_to_parties_outside_are_counted_by_the_minute(
    shop: Shop, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    auditor = shop.client("auditor")
    assert (await auditor.get("/ops/calls")).json() == {"items": [], "next_cursor": None}
    order_id = await paid(shop)

    async def gives_no_answer() -> None:
        event = PaymentCallUnanswered(order_id=order_id, request_id=order_id, attempt=1, detail="no answer in 10 s")
        await happens(shop, order_id, [event])

    await gives_no_answer()
    found = (await auditor.get("/ops/calls")).json()["items"]
    assert 1 <= len(found) <= 2  # a minute may have ended meanwhile
    calls, missed = Counter[str](), Counter[str]()
    for one in found:
        calls.update(one["calls"])
        missed.update(one["unanswered"])
    assert (dict(calls), dict(missed)) == ({"payments": 2, "shipping": 1}, {"payments": 1})
    monkeypatch.setattr(shop.context.calls, "_minutes", [])
    _make_older(database, "5 minutes")
    found = (await auditor.get("/ops/calls")).json()["items"]
    await gives_no_answer()
    now, *before = (await auditor.get("/ops/calls")).json()["items"]
    assert (now["calls"], now["unanswered"]) == ({}, {"payments": 1})
    assert before == found
    _make_older(database, "50 minutes")
    await gives_no_answer()
    assert (await auditor.get("/ops/calls")).json()["items"][-len(found) :] == found, "what is over is known"
    monkeypatch.setattr(shop.context.calls, "_minutes", [])
    monkeypatch.setattr(outside_calls, "MOST_POSITIONS", 0)  # in a busier time, the last ones count
    (last,) = (await auditor.get("/ops/calls")).json()["items"]
    assert (last["calls"], last["unanswered"]) == ({}, {"payments": 1})
