"""How quick the console's pages are with 100,000 orders in the log, beside 20 orders a second; and how soon 200 viewers
of today see an order.

`COMMERCE_BENCH_HOME` keeps the log that takes minutes to make, for the next run of that day.
"""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from statistics import median, quantiles
from typing import Any, LiteralString
from uuid import UUID, uuid4

import httpx2

from api.permissions import CONSOLE_PAGES
from bench.harness import Report, Target
from bench.shop_load import SKUS, Shoppers, shoppers
from bench.shop_log import recorded, refill
from bench.viewers import Viewer, viewing
from commerce.cli.client.api import open_system
from commerce.runtime.settings import Settings
from commerce.values import ids
from tests.faults.accounts import caught_up
from tests.faults.load import all_ended
from tests.system.conftest import System, running
from tests.waiting import eventually

ORDERS = int(os.environ.get("COMMERCE_BENCH_ORDERS", "100000"))
HOME = os.environ.get("COMMERCE_BENCH_HOME")
TURNS = int(os.environ.get("COMMERCE_BENCH_TURNS", "100"))
"""How often each page is asked for."""
LED_TO_THE_END = 400
"""Orders that the log repeats."""
PER_S = 20.0
VIEWERS = 200
WATCHED = 30
"""Orders that are placed while somebody views the day, and the seconds between them."""
_PAUSE_S = 1.5
_CATCH_UP_S = 1800.0
_WARMING_TURNS = 2
_AIM = Target("the aim", "<=", 1)
_AIM_MS = 300.0
_FILLED = "filled.json"
_TICKS = os.sysconf("SC_CLK_TCK")
_DIFFERENT_ORDERS = 40
_DELIVERED: LiteralString = """
    SELECT order_id FROM projections.orders WHERE status = 'delivered' ORDER BY md5(order_id::text) LIMIT %s"""
_REGISTERED: LiteralString = "SELECT originator_id FROM commerce_events WHERE topic = 'customers.Registered'"
_ENDED: LiteralString = "SELECT count(*) FROM projections.orders WHERE status NOT IN ('placed', 'cancelling')"

STREAMS = {page for page in CONSOLE_PAGES if page.endswith("/live")}
WITHOUT_DATA = {page for page in CONSOLE_PAGES if "/deliveries/{position}" in page}
"""Pages that are not asked for: they end never, or there is nothing to be shown."""
SEARCHES = {
    "/console/orders?q=customer7@example.org": "orders by e-mail address",
    "/console/orders?q=Łucja": "orders by a name that all have",
    "/console/orders?sku=thing-3&status=rejected": "rejected orders of a SKU",
    "/console/log?topic=ordering.OrderRejected": "the log by topic",
    "/console/log?actor=operator:olga": "the log by actor",
}


async def run(report: Report) -> None:
    """The pages beside the load first, and then those who view today, beside nothing else."""
    with _home() as home:
        await _fill(home)
        with running(home, "--together") as system:
            await _until_readable(system)
            async with shoppers(system) as load, _browser(system) as browser:
                await _measure_pages(report, system, load, browser)
                await all_ended(system, _CATCH_UP_S, cases_are_ends=True)
                await _until_readable(system)
                await _measure_viewers(report, system, load, browser)
    report.notes.append(f"{ORDERS:,} orders of four weeks in the log; each page {TURNS} times, in turns over all pages")


@contextmanager
def _home() -> Iterator[Path]:
    if HOME:
        Path(HOME).mkdir(parents=True, exist_ok=True)
        yield Path(HOME)
    else:
        with tempfile.TemporaryDirectory(prefix="commerce-bench-") as folder:
            yield Path(folder)


async def _fill(home: Path) -> None:
    """A log of so many orders; as it is where it was filled today already."""
    wanted = {"orders": ORDERS, "day": datetime.now(UTC).date().isoformat()}
    mark = home / _FILLED
    if mark.exists() and json.loads(mark.read_text()) == wanted:
        return
    with running(home, "--together") as system:
        async with shoppers(system) as shop:
            await shop.stock()
            await _add_people(shop)
            await shop.lead_to_the_end(LED_TO_THE_END)
        with system.database() as database:
            seed = recorded(database)
    began = time.monotonic()
    events = await asyncio.to_thread(refill, home, seed, ORDERS)
    mark.write_text(json.dumps(wanted))
    print(f"  console: {events:,} events in {time.monotonic() - began:.0f} s", flush=True)


async def _add_people(shop: Shoppers) -> None:
    """A customer, a member of staff, a service with its key, and who is told by webhooks."""
    person = {"email": "ada@example.org", "password": "a long sentence of mine", "given_name": "Ada"}
    shop.customers[0] = str((await shop.post("/customers", person))["customer_id"])
    await shop.post("/staff", {"email": "arno@example.org", "role": "auditor"})
    await shop.post("/auth/keys", {"service": "warehouse", "scopes": ["stock:read"]})
    hook = {"url": "https://erp.example/hooks", "event_types": ["ordering.OrderDelivered"]}
    await shop.post("/webhook-endpoints", hook)


async def _until_readable(system: System) -> None:
    run = system.run
    settings = Settings(home=system.home, database_url=run["database_url"], provider_url=run["provider_url"])
    began = time.monotonic()
    async with open_system(settings, "olga") as (api, _):
        await eventually(lambda: caught_up(api), _CATCH_UP_S)
    print(f"  console: all read models were there after {time.monotonic() - began:.0f} s", flush=True)


def _browser(system: System) -> httpx2.AsyncClient:
    headers = {"accept": "text/html,*/*;q=0.8", "accept-language": "en", "accept-encoding": "gzip"}
    return httpx2.AsyncClient(base_url=system.api_url, headers=headers, timeout=60, trust_env=False)


async def _log_in(system: System, browser: httpx2.AsyncClient) -> None:
    token = system.token("operator", "olga")
    answer = await browser.post("/console/login", data={"token": token, "next": "/console"})
    assert answer.status_code == 303, answer.text


@dataclass(slots=True)
class _Times:
    """The milliseconds that a page took each time, its address, and the size of what came."""

    address: str = ""
    took: list[float] = field(default_factory=list)
    bytes: int = 0

    @property
    def p95(self) -> float:
        return quantiles(self.took, n=20, method="inclusive")[18]


async def _measure_pages(report: Report, system: System, load: Shoppers, browser: httpx2.AsyncClient) -> None:
    await _log_in(system, browser)
    times: dict[str, _Times] = {}
    values = await _values(system, load)
    async with load.ordering(PER_S):
        for _ in range(_WARMING_TURNS):
            await _turn(browser, next(values), {})
        before, began, placed = _ended(system), time.monotonic(), load.accepted
        for turn, of_turn in zip(range(TURNS), values, strict=False):
            await _turn(browser, of_turn, times)
            if turn % 10 == 9:
                print(f"  console: {turn + 1} turns, load average {os.getloadavg()[0]:.1f}", flush=True)
        seconds = time.monotonic() - began
        rates = (load.accepted - placed) / seconds, (_ended(system) - before) / seconds
    for page, one in sorted(times.items(), key=lambda item: -item[1].p95):
        report.note(page, "ms, p95", peer="the aim", peer_rounds=[_AIM_MS], our_rounds=[one.p95], targets=[_AIM])
        said = f"p50 {median(one.took):.0f}, p95 {one.p95:.0f}, at most {max(one.took):.0f} ms, {one.bytes:,} bytes"
        report.notes.append(f"{page}: {said}")
        print(f"  {page}: {said} ({one.address})", flush=True)
    report.notes.append(
        f"beside {rates[0]:.1f} orders placed and {rates[1]:.1f} ended a second; "
        f"the last one was answered {load.behind_s:.1f} s after its time; {seconds:.0f} s"
    )


async def _turn(browser: httpx2.AsyncClient, values: Mapping[str, object], times: dict[str, _Times]) -> None:
    rows = [row for row in CONSOLE_PAGES if row.startswith("GET ") and row not in STREAMS | WITHOUT_DATA]
    pages = {row.removeprefix("GET "): row.removeprefix("GET ").format_map(values) for row in rows}
    for page, address in {**pages, **{name: path for path, name in SEARCHES.items()}}.items():
        began = time.perf_counter()
        answer = await browser.get(address)
        took = (time.perf_counter() - began) * 1000
        assert answer.status_code == 200, f"{address}: {answer.status_code} {answer.text[-2000:]}"
        one = times.setdefault(page, _Times())
        one.took.append(took)
        one.address, one.bytes = address, len(answer.content)


async def _values(system: System, load: Shoppers) -> Iterator[Mapping[str, object]]:
    """What stands for each parameter of a page's path, of turn after turn: orders of all ages."""
    fixed: dict[str, object] = {"name": "orders", "group": "4f1d2a9c0b7e"}
    for path, name in (("/auth/keys", "key_id"), ("/staff", "member_id"), ("/webhook-endpoints", "endpoint_id")):
        fixed[name] = (await load.http.get(path)).raise_for_status().json()["items"][0][name]
    with system.database() as database:
        orders = [order_id for (order_id,) in database.execute(_DELIVERED, [_DIFFERENT_ORDERS]).fetchall()]
        ((fixed["customer_id"],),) = database.execute(_REGISTERED).fetchall()
    return (_of_turn(turn, orders, fixed) for turn in count())


def _of_turn(turn: int, orders: Sequence[UUID], fixed: Mapping[str, object]) -> Mapping[str, object]:
    order_id = orders[turn % len(orders)]
    return {
        **fixed,
        "order_id": order_id,
        "shipment_id": ids.shipment_id(order_id),
        "sku": SKUS[turn % len(SKUS)],
        "position": 1_000 + turn,
        "session_id": uuid4(),
    }


def _ended(system: System) -> int:
    """Orders that have ended, by the read model."""
    with system.database() as database:
        ((ended,),) = database.execute(_ENDED).fetchall()
    return int(ended)


async def _measure_viewers(report: Report, system: System, load: Shoppers, browser: httpx2.AsyncClient) -> None:
    cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    (pid,) = (int(one["pid"]) for one in system.run["processes"] if one["name"] == "api")
    last: list[float] = []
    each: list[float] = []
    async with viewing(system.api_url, cookies, VIEWERS) as viewers:
        await asyncio.sleep(_PAUSE_S)
        used, wall = _processor_s(pid), time.perf_counter()
        for number in range(WATCHED):
            began = time.perf_counter()
            orders = max(viewer.orders for viewer in viewers) + 1
            await load.place(number)
            await eventually(lambda orders=orders: _all_know(viewers, orders), 30)  # type: ignore[misc]
            took = [(viewer.knew(orders) - began) * 1000 for viewer in viewers]
            each += took
            last.append(max(took))
            await asyncio.sleep(max(0.0, began + _PAUSE_S - time.perf_counter()))
        share = (_processor_s(pid) - used) / (time.perf_counter() - wall)
    p95 = quantiles(last, n=20, method="inclusive")[18]
    report.notes.append(
        f"{VIEWERS} viewers of today, an order each {_PAUSE_S} s: the last of them sees it after"
        f" p50 {median(last):.0f}, p95 {p95:.0f}, at most {max(last):.0f} ms, half of them after {median(each):.0f} ms;"
        f" the API's process takes {share * 100:.0f} % of a core"
    )
    print(f"  {report.notes[-1]}", flush=True)


def _all_know(viewers: Sequence[Viewer], orders: int) -> bool:
    return all(viewer.orders >= orders for viewer in viewers)


def _processor_s(pid: int) -> float:
    fields: Any = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS
