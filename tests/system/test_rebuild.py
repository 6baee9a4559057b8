"""Rebuilds and verifications in a running system: nobody notices a rebuild, and no wrong row stays unnoticed."""

from __future__ import annotations

import asyncio
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import nats
import pytest

from commerce.runtime.settings import Settings
from tests.integration.rebuild.test_verify import CHANGES
from tests.system.conftest import Shop, System
from tests.system.test_commands import OWN_FILE
from tests.waiting import eventually

READ_MODELS = sorted(CHANGES)
UNDER_LOAD = {"sales": "done", "orders": "killed", "stock": "cancelled"}
"""What happens to a rebuild while a shop is played; that each read model can be rebuilt then is an integration test."""
ROW_OF_ORDER = {
    **dict.fromkeys(("stock", "products"), "sku = %(sku)s"),
    **dict.fromkeys(("orders", "payments", "shipments", "processes", "sales"), "order_id = %(order)s"),
}
"""Which row is made wrong; of other read models any, if there is one."""

READ_PAUSE_S = 0.2
"""What is read at full speed takes the processor from what it is to show."""
QUERIES = ("/orders", "/inventory", "/products?search=e", "/reports/sales?group=sku", "/ops/processes")


async def asked(shop: Shop, name: str, method: str = "POST") -> dict[str, Any]:
    answer = await shop.client.request(method, f"/ops/projections/{name}/rebuild")
    assert answer.is_success, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def until_ended(shop: Shop, name: str) -> str:
    """How the rebuild asked for last ended."""

    async def status() -> bool:
        return (await asked(shop, name, "GET"))["ended_at"] is not None

    await eventually(status)
    ended: str = (await asked(shop, name, "GET"))["status"]
    return ended


@asynccontextmanager
async def read_all_the_time(shop: Shop) -> AsyncIterator[list[int]]:
    """Query the read models until the block ends; yields the statuses of the answers."""
    statuses: list[int] = []
    stop = asyncio.Event()

    async def read(path: str) -> None:
        while not stop.is_set():
            statuses.append((await shop.client.get(path)).status_code)
            await asyncio.sleep(READ_PAUSE_S)

    tasks = [asyncio.create_task(read(path)) for path in QUERIES]
    try:
        yield statuses
    finally:
        stop.set()
        await asyncio.gather(*tasks)


async def told(system: System) -> dict[str, object]:
    """What the system has told the log and the world: events, messages, bookings of money and shipments, mails."""
    found: dict[str, object] = {}
    with system.database() as connection:
        found["events"] = connection.execute("SELECT max(notification_id) FROM commerce_events").fetchone()
        found["unanswered"] = connection.execute("SELECT * FROM commerce_requests ORDER BY request_id").fetchall()
    client = await nats.connect(system.run["broker_url"])
    found["messages"] = {info.config.name: info.state.last_seq for info in await client.jetstream().streams_info()}
    await client.close()
    for outside in ("provider_url", "carrier_url"):
        found[outside] = await ledger(system.run[outside])
    outbox = Settings(home=system.home).outbox_folder
    found["mails"] = sorted((path.name, path.stat().st_mtime_ns) for path in outbox.iterdir())
    return found


async def at_rest(system: System) -> dict[str, object]:
    """What was told once nobody asks for anything any more and nothing is told for a second; other tests' orders
    may go on."""
    with system.database() as connection:  # calls of other tests that nobody answered are asked about again: not now
        connection.execute("UPDATE commerce_doubtful_calls SET due_at = clock_timestamp() + interval '1 h'")
    found = await told(system)

    async def rests() -> bool:
        nonlocal found
        before = found
        await asyncio.sleep(1)
        found = await told(system)
        return found == before and not found["unanswered"]

    await eventually(rests)
    return found


async def ledger(url: str) -> list[object]:
    """All that was booked, and what was asked for in vain."""
    items: list[object] = []
    cursor = None
    async with httpx2.AsyncClient(verify=False) as http:
        while True:
            page = (await http.get(f"{url}/ledger", params={"cursor": cursor} if cursor else {})).json()
            items += page["items"]
            cursor = page.get("next_cursor")
            if cursor is None:
                return items


def worker(system: System) -> dict[str, Any]:
    """The projections worker as `run.json` has it."""
    (found,) = [process for process in system.run["processes"] if process["name"] == "projections"]
    return dict(found)


async def test_read_models_are_rebuilt_while_a_shop_is_played_and_nobody_notices(
    shop: Shop, system: System, tmp_path: Path
) -> None:
    # with numbers of its own, as an invoice that was played before is not ordered again
    orders = tmp_path / "orders.csv"
    orders.write_text(OWN_FILE.read_text("utf-8").replace("900", "800"), "utf-8")
    async with read_all_the_time(shop) as statuses:
        playing = asyncio.create_task(asyncio.to_thread(system.commerce, "play", str(orders), "--json"))
        for name, fate in UNDER_LOAD.items():
            pid, answered = worker(system)["pid"], len(statuses)
            os.kill(pid, signal.SIGSTOP)  # a rebuild must not end before it is asked about
            try:
                await asked(shop, name)
                assert (await shop.client.post(f"/ops/projections/{name}/rebuild")).status_code == 409
                if fate == "cancelled":
                    await asked(shop, name, "DELETE")
            finally:
                os.kill(pid, signal.SIGKILL if fate == "killed" else signal.SIGCONT)
            assert await until_ended(shop, name) == ("cancelled" if fate == "cancelled" else "done")
            assert len(statuses) > answered
        played = await playing
    assert played.returncode == 0, played.stdout + played.stderr
    assert set(statuses) == {200}, Counter(statuses)
    verified = await asyncio.to_thread(system.commerce, "verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr
    before = await at_rest(system)
    assert all(before[what] for what in ("events", "messages", "provider_url", "carrier_url", "mails"))
    for name in READ_MODELS:
        await asked(shop, name)
    for name in READ_MODELS:
        assert await until_ended(shop, name) == "done"
    assert await told(system) == before


@pytest.mark.long
async def test_wrong_rows_are_found_by_the_slow_check_and_by_verify_and_are_repaired(
    shop: Shop, system: System
) -> None:
    await shop.stock("wrong", 3)
    order = await shop.order("wrong")
    assert order["status"] == "confirmed"

    async def all_shown() -> bool:
        subscriptions = (await shop.client.get("/ops/subscriptions")).json()["items"]
        return all(subscription["lag"] == 0 for subscription in subscriptions if subscription["is_read_model"])

    await eventually(all_shown)
    wrong = set()
    with system.database() as connection:
        for name, change in CHANGES.items():  # of what nothing more happens to: other tests' orders may still go on
            where = ROW_OF_ORDER.get(name, f"ctid = (SELECT min(ctid) FROM projections.{name})")
            changed = connection.execute(
                f"UPDATE projections.{name} SET {change} WHERE {where}", {"order": order["order_id"], "sku": "wrong"}
            )
            assert name not in ROW_OF_ORDER or changed.rowcount == 1, name
            wrong |= {name} if changed.rowcount else set()

    async def named() -> set[str]:
        async with httpx2.AsyncClient(verify=False) as http:
            answer = (await http.get(f"{worker(system)['url']}/health")).json()
        return {part.removeprefix("read model ") for part in answer.get("problems", {})}

    async def all_named() -> bool:
        return await named() >= wrong

    await eventually(all_named)
    found = await asyncio.to_thread(system.commerce, "verify")
    assert found.returncode == 1
    assert all(f"{name}: 1 rows differ" in found.stdout for name in wrong), found.stdout
    repaired = await asyncio.to_thread(system.commerce, "verify", "--repair")
    assert repaired.returncode == 0, repaired.stdout + repaired.stderr
    assert (await asyncio.to_thread(system.commerce, "rebuild", "orders")).stdout.endswith("done\n")

    async def none_named() -> bool:
        return not await named()

    await eventually(none_named)
