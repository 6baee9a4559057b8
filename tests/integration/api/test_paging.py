"""Every list of the API, page by page over HTTP while things come and go: what is there all the time is shown
exactly once."""

from __future__ import annotations

import json
import random
from collections.abc import Awaitable, Callable, Iterable
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID, uuid4

import httpx2
import pytest

from commerce.eventstore import connection_from
from commerce.ordering.events import OrderCancellationRequested, OrderCancelled, OrderConfirmed
from tests.integration.api.conftest import ADDRESS, Shop
from tests.integration.projections.history import History, eur, line, sealed
from tests.integration.projections.test_processes import has_begun

Move = Callable[[], Awaitable[None]]
CONFIRMED = {"tracking_number": "T1", "carrier": "Post", "estimated_delivery": "2026-12-01"}


@pytest.fixture(autouse=True)
def _address(monkeypatch: pytest.MonkeyPatch) -> None:
    """Orders have an address as the API keeps it."""
    monkeypatch.setattr("tests.integration.projections.history.ADDRESS", json.dumps(ADDRESS))


class Sales:
    """Orders that come, are confirmed and are cancelled, by chance; the read models show each change at once."""

    def __init__(self, shop: Shop, seed: int) -> None:
        self.history = History(shop.store)
        self.chance = random.Random(seed)
        self.shop = shop
        self.mortal: list[UUID] = []
        self.moved = 0

    async def sells(self, *skus: str) -> UUID:
        """A confirmed order."""
        order_id = uuid4()
        await self.history.is_placed(order_id, *(line(sku, 1, eur("1.00")) for sku in skus))
        await has_begun(self.history, order_id)
        await self.history.happens(OrderConfirmed, order_id, **CONFIRMED)
        return order_id

    async def moves(self) -> None:
        """An order comes, or one that may go is cancelled; not more than five times."""
        self.moved += 1
        if self.moved > 5:
            return
        if self.mortal and self.chance.random() < 0.6:
            order_id = self.mortal.pop(self.chance.randrange(len(self.mortal)))
            await self.history.happens(OrderCancellationRequested, order_id, reason=sealed("no"))
            await self.history.happens(OrderCancelled, order_id)
        else:
            self.mortal.append(await self.sells(f"sku-{self.chance.randrange(100):02}-passing"))
        await self.history.is_projected()


async def asked(client: httpx2.AsyncClient, path: str, **params: str) -> httpx2.Response:
    """A page of a list, whose path may have filters."""
    place, _, query = path.partition("?")
    return await client.get(place, params={**dict(parse_qsl(query)), **params})


async def shown(client: httpx2.AsyncClient, path: str, limit: int, move: Move) -> list[dict[str, Any]]:
    """All items of a list, with something happening after each page."""
    items: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        answer = await asked(client, path, limit=str(limit), **cursor)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        items += page["items"]
        if page["next_cursor"] is None:
            return items
        cursor = {"cursor": page["next_cursor"]}
        await move()


def exactly_once(found: Iterable[str], wanted: Iterable[str]) -> None:
    """Each that is wanted was found once; whatever came or went, at most once."""
    listed = list(found)
    assert len(listed) == len(set(listed))
    assert set(wanted) <= set(listed)


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.long)])
async def test_a_report_by_sku_skips_none_while_orders_are_placed_and_cancelled(shop: Shop, seed: int) -> None:
    sales = Sales(shop, seed)
    lasting = [f"sku-{number:02}" for number in range(10, 90, 10)]
    await sales.sells(*lasting)
    sales.mortal = [await sales.sells(f"sku-{number:02}-passing") for number in range(0, 100, 7)]
    await sales.history.is_projected()
    found = await shown(shop.client("operator"), "/reports/sales?group=sku", 3, sales.moves)
    exactly_once((item["sku"] for item in found), lasting)
    assert [item["sku"] for item in found] == sorted(item["sku"] for item in found)


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.long)])
async def test_orders_of_a_status_and_processes_skip_none_while_some_leave_and_others_come(
    shop: Shop, seed: int
) -> None:
    sales = Sales(shop, seed)
    lasting = []
    for _ in range(6):
        lasting.append(str(await sales.sells("mug")))
        sales.mortal.append(await sales.sells("jug"))
    await sales.history.is_projected()
    operator = shop.client("operator")
    for path in ("/orders?status=confirmed", "/orders", "/ops/processes"):
        sales.moved = 0
        found = await shown(operator, path, 2, sales.moves)
        exactly_once((item["order_id"] for item in found), lasting)


async def test_products_and_stock_skip_none_while_some_are_added(shop: Shop) -> None:
    lasting = [f"lamp {number}" for number in range(7)]
    for sku in lasting:
        await shop.stock(sku)
    await shop.show()
    added = 0

    async def add() -> None:
        nonlocal added
        added += 1
        await shop.stock(f"lamp new {added}")
        await shop.show()

    for path in ("/products", "/products?search=lamp", "/inventory"):
        found = await shown(shop.client("operator"), path, 2, add)
        exactly_once((item["sku"] for item in found), lasting)


async def test_days_skip_none_while_some_lose_their_only_sale(shop: Shop) -> None:
    sales = Sales(shop, 1)
    orders = [await sales.sells("mug") for _ in range(9)]
    await sales.history.is_projected()
    async with connection_from(shop.store.pool) as connection:
        for number, order_id in enumerate(orders):
            await connection.execute(
                "UPDATE projections.sales SET day = date '2026-11-01' + %s WHERE order_id = %s", [number, order_id]
            )
    passing = iter([8, 6, 0, 2])

    async def lose() -> None:
        day = next(passing, None)
        async with connection_from(shop.store.pool) as connection:
            await connection.execute("UPDATE projections.sales SET day = NULL WHERE order_id = %s", [orders[day or 0]])

    found = await shown(shop.client("operator"), "/reports/sales?group=day", 2, lose)
    exactly_once((item["day"] for item in found), [f"2026-11-0{day}" for day in (2, 4, 5, 6, 8)])


async def test_workers_and_subscriptions_skip_none_while_some_end_and_others_start(shop: Shop) -> None:
    async def work(number: int, *, ends: bool = False) -> None:
        async with connection_from(shop.store.pool) as connection:
            await connection.execute(
                "DELETE FROM commerce_workers WHERE pid = %s"
                if ends
                else "INSERT INTO commerce_workers (id, name, version, host, pid)"
                " VALUES (gen_random_uuid(), 'x', '1', 'h', %s)",
                [number],
            )

    for number in range(1, 8):
        await work(number)
    moves = iter([(1, True), (100, False), (3, True), (101, False), (7, True)])

    async def move() -> None:
        if (step := next(moves, None)) is not None:
            await work(step[0], ends=step[1])

    auditor = shop.client("auditor")
    found = await shown(auditor, "/ops/workers", 2, move)
    exactly_once((str(item["pid"]) for item in found), ["2", "4", "5", "6"])

    async def begin() -> None:
        async with connection_from(shop.store.pool) as connection:
            await connection.execute(
                "INSERT INTO commerce_tracking (application_name, notification_id) VALUES ('aaa:0', 0) ON CONFLICT DO "
                "NOTHING"
            )

    await shop.show()
    before = [f"{each['name']}:{each['partition']}" for each in await shown(auditor, "/ops/subscriptions", 100, begin)]
    found = await shown(auditor, "/ops/subscriptions", 5, begin)
    exactly_once((f"{each['name']}:{each['partition']}" for each in found), before)


async def test_the_log_a_stream_and_a_timeline_skip_none_while_more_happens(shop: Shop) -> None:
    sales = Sales(shop, 2)
    order_id = await sales.sells("mug")
    await shop.stock("lamp")

    times = iter(range(4))

    async def more() -> None:
        if next(times, None) is not None:
            await sales.sells("jug")

    auditor = shop.client("auditor")
    head = await shop.store.head()
    paths = ("/audit/events", f"/audit/streams/{order_id}", f"/orders/{order_id}/timeline")
    for path in paths:
        before = [event.position for event in await shop.store.read_log(0, head)]
        if path != "/audit/events":
            about = await shop.store.read_correlated(order_id)
            before = [one.position for one in about if path.endswith("timeline") or one.stream == order_id]
        found = await shown(auditor, path, 2, more)
        exactly_once((str(item["position"]) for item in found), map(str, before))


async def test_a_cursor_is_good_for_its_own_list_only(shop: Shop) -> None:
    sales = Sales(shop, 3)
    order_id = await sales.sells("mug", "jug")
    await sales.sells("mug")
    await shop.stock("lamp")
    await shop.stock("lamp 2")
    await sales.history.is_projected()
    operator = shop.client("operator")
    lists = [
        "/orders",
        "/products",
        "/inventory",
        "/ops/processes",
        "/reports/sales?group=sku",
        "/ops/subscriptions",
        "/audit/events",
        f"/audit/streams/{order_id}",
        f"/orders/{order_id}/timeline",
    ]
    cursors = {}
    for path in lists:
        page = (await asked(operator, path, limit="1")).json()
        assert page["next_cursor"], path
        cursors[path] = page["next_cursor"]
    for path in [*lists, "/reports/sales?group=day", "/ops/workers", f"/orders/{order_id}/shipments"]:
        for other, cursor in cursors.items():
            answer = await asked(operator, path, cursor=cursor)
            assert answer.status_code == (200 if other == path else 422), (path, other, answer.text)


async def test_a_cursor_goes_on_after_its_item_under_other_filters(shop: Shop) -> None:
    sales = Sales(shop, 4)
    orders = [str(await sales.sells("mug")) for _ in range(4)]
    await sales.history.is_projected()
    operator = shop.client("operator", "olga")
    page = (await operator.get("/orders", params={"limit": 1})).json()
    assert [item["order_id"] for item in page["items"]] == orders[3:]
    rest = (await operator.get("/orders", params={"status": "confirmed", "cursor": page["next_cursor"]})).json()
    assert [item["order_id"] for item in rest["items"]] == orders[2::-1]
