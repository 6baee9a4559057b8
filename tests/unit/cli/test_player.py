"""A play asks the API for the right things, in the right order, does nothing twice, and changes nothing that exists."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from uuid import UUID, uuid5

import httpx2
import pytest
import stamina
import stamina.instrumentation
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from commerce.cli.client.api import Provider, Site
from commerce.cli.client.http_client import ApiRejection, RetryingClient
from commerce.cli.client.shop import Shop
from commerce.cli.shop import player
from commerce.cli.shop.invoice import Invoice, InvoiceLine
from commerce.cli.shop.line_reader import CURRENCY
from commerce.cli.shop.player import Plan, Player
from commerce.values.errors import Unavailable
from commerce.values.money import Money, total
from tests.unit.cli.answers import example

ROOT = UUID(int=9)
CUP = InvoiceLine("CUP", "Cup", 3, Money.of("2.50", CURRENCY))
POST = InvoiceLine("POST", "Postage", 1, Money.of("4.10", CURRENCY))
TEA = replace(CUP, sku="TEA", name="Tea")
PLAN = Plan(Decimal(1), concurrency=3, limit=60.0)
REUSED = {"type": "/docs/problems/idempotency-key-reused", "detail": "the key stands for an earlier request"}


def product(sku: str, name: str, price: str, currency: str = CURRENCY, *, stocked: bool = True) -> dict[str, object]:
    return example("Product", sku=sku, name=name, price={"amount": price, "currency": currency}, stocked=stocked)


class Desk:
    """Answers as the API does to what a play asks, ends orders with `status`, and keeps what it was asked."""

    def __init__(self, status: str = "confirmed", refuse: str = "", lags: tuple[int, ...] = (0,)) -> None:
        self.status = status
        self.refuse = refuse
        self.lags = list(lags)
        self.on_sale: dict[str, dict[str, object]] = {}
        self.added_meanwhile: dict[str, dict[str, object]] = {}
        """Products that somebody else adds before the first is put."""
        self.products: dict[str, object] = {}
        """Those that were put."""
        self.receipts: dict[str, tuple[str, int]] = {}
        """What was booked in, by its key."""
        self.orders: dict[str, dict[str, object]] = {}
        """By their keys."""
        self.receipts_until_death: int | None = None
        self.ends_after_looks: int | None = None
        self.blind_looks = 0
        """How often an order is not found though it is there."""
        self.at_once = self.most_at_once = self.looks = 0
        self.app = Starlette(
            routes=[
                Route("/api/v1/products/{sku}", self._product, methods=["GET"]),
                Route("/api/v1/products/{sku}", self._put, methods=["PUT"]),
                Route("/api/v1/inventory/{sku}/receipts", self._receipt, methods=["POST"]),
                Route("/api/v1/orders", self._find, methods=["GET"]),
                Route("/api/v1/orders", self._place, methods=["POST"]),
                Route("/api/v1/orders/{order_id}", self._order),
                Route("/api/v1/ops/subscriptions", self._subscriptions),
            ]
        )

    @property
    def pieces(self) -> dict[str, int]:
        """What was booked in of each SKU."""
        skus = dict.fromkeys(sku for sku, _ in self.receipts.values())
        return {sku: sum(pieces for of, pieces in self.receipts.values() if of == sku) for sku in skus}

    @property
    def placed(self) -> list[object]:
        """The references of all orders."""
        return [order["reference"] for order in self.orders.values()]

    async def _product(self, request: Request) -> Response:
        found = self.on_sale.get(request.path_params["sku"])
        return JSONResponse(found) if found else JSONResponse({"detail": "there is no such product"}, 404)

    async def _put(self, request: Request) -> Response:
        sku, described = request.path_params["sku"], await request.json()
        self.on_sale.update(self.added_meanwhile)
        if request.headers.get("If-None-Match") == "*" and sku in self.on_sale:
            return JSONResponse({"detail": "there is one already"}, 412)
        if self.refuse == sku:
            return JSONResponse({"detail": "no such name"}, 422)
        self.products[sku] = described
        self.on_sale[sku] = example("Product", sku=sku, **described)
        return JSONResponse(example("ProductPut", sku=sku, **described))

    async def _receipt(self, request: Request) -> Response:
        if len(self.receipts) == self.receipts_until_death:
            return JSONResponse({}, 503)
        key, booked = (
            request.headers["Idempotency-Key"],
            (request.path_params["sku"], (await request.json())["quantity"]),
        )
        if self.receipts.setdefault(key, booked) != booked:
            return JSONResponse(REUSED, 422)
        return JSONResponse(example("StockMoved"), 201)

    async def _find(self, request: Request) -> Response:
        await asyncio.sleep(0)
        wanted = request.query_params["reference"]
        if self.blind_looks:
            self.blind_looks -= 1
            return JSONResponse({"items": [], "next_cursor": None})
        found = [self._shown(order) for order in self.orders.values() if order["reference"] == wanted]
        return JSONResponse({"items": found, "next_cursor": None})

    async def _place(self, request: Request) -> Response:
        self.at_once += 1
        self.most_at_once = max(self.at_once, self.most_at_once)
        order, key = await request.json(), request.headers["Idempotency-Key"]
        await asyncio.sleep(0)
        self.at_once -= 1
        if self.refuse and self.refuse in json.dumps(order):
            return JSONResponse({"detail": "no such SKU"}, 422)
        order["order_id"] = str(uuid5(ROOT, key))
        if self.orders.setdefault(key, order) != order:
            return JSONResponse(REUSED, 422)
        return JSONResponse(example("OrderAccepted", order_id=order["order_id"], status=self.status), 202)

    async def _order(self, request: Request) -> Response:
        self.looks += 1
        if self.looks == self.ends_after_looks:
            self.status = "confirmed"
        order_id = request.path_params["order_id"]
        return JSONResponse(next(self._shown(each) for each in self.orders.values() if each["order_id"] == order_id))

    def _shown(self, order: dict[str, object]) -> dict[str, object]:
        lines = order["lines"]
        assert isinstance(lines, list)
        amounts = (Money.of(each["unit_price"]["amount"], CURRENCY) * each["quantity"] for each in lines)
        sum_ = {"amount": str(total(amounts, CURRENCY).amount), "currency": order["currency"]}
        shown = [example("OrderLine", **each) for each in lines]
        return example("Order", **{**order, "lines": shown, "status": self.status, "total": sum_})

    async def _subscriptions(self, _request: Request) -> Response:
        lag = self.lags.pop(0) if len(self.lags) > 1 else self.lags[0]
        orders = example("SubscriptionLag", name="orders", position=9 - lag, head=9, lag=lag, is_read_model=True)
        items = [orders, {**orders, "name": "relay", "lag": 99, "is_read_model": False}]
        return JSONResponse({"items": items, "next_cursor": None})

    def player(self, plan: Plan = PLAN) -> Player:
        http = RetryingClient(transport=httpx2.ASGITransport(self.app), base_url="http://shop")
        return Player(plan, Shop(http), Provider(Site(http)), lambda _title, _total: lambda: None)

    async def play(self, *invoices: Invoice, plan: Plan = PLAN) -> Player:
        """One play from its beginning to its end."""
        player = self.player(plan)
        await player.play(invoices)
        return player


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(player, "_LOOK_INTERVAL_S", 0)
    stamina.set_testing(True, attempts=1)
    yield
    stamina.set_testing(False)


def invoice(number: str, *lines: InvoiceLine, customer: str = "7") -> Invoice:
    return Invoice(number, customer, "FR", lines or (CUP,))


async def test_products_are_made_and_stock_is_received_for_each_invoice_rounded_down_in_all() -> None:
    desk = Desk()
    await desk.play(invoice("1", CUP, POST), invoice("2"), plan=replace(PLAN, stock=Decimal("0.9")))
    assert desk.products == {
        "CUP": {"name": "Cup", "price": {"amount": "2.50", "currency": "GBP"}, "stocked": True},
        "POST": {"name": "Postage", "price": {"amount": "4.10", "currency": "GBP"}, "stocked": False},
    }
    assert list(desk.receipts.values()) == [("CUP", 2), ("CUP", 3)]


async def test_without_stock_nothing_is_received() -> None:
    desk = Desk()
    await desk.play(invoice("1"), plan=replace(PLAN, stock=Decimal(0)))
    assert desk.receipts == {}


async def test_more_than_one_receipt_can_hold_is_received_in_parts_with_keys_of_their_own() -> None:
    desk = Desk()
    dozens = replace(CUP, quantity=900_000)
    await desk.play(invoice("1", dozens, dozens))
    assert sorted(quantity for _, quantity in desk.receipts.values()) == [800_000, 1_000_000]


async def test_orders_are_begun_in_the_order_of_the_file_and_so_many_at_a_time() -> None:
    desk = Desk()
    numbers = [str(number) for number in range(20)]
    player = await desk.play(*map(invoice, numbers))
    assert desk.placed == numbers
    assert 1 < desk.most_at_once <= 3
    assert list(player.placed) == numbers


async def test_a_second_play_recognises_every_invoice_and_does_nothing_twice() -> None:
    desk = Desk()
    invoices = [invoice("1"), invoice("2", POST, CUP), invoice("3", customer="")]
    first = await desk.play(*invoices)
    orders, receipts, products = dict(desk.orders), dict(desk.receipts), dict(desk.products)
    again = await desk.play(*invoices, plan=replace(PLAN, stock=Decimal("0.5"), concurrency=1))
    assert (desk.orders, desk.receipts, desk.products) == (orders, receipts, products)
    assert (first.recognised, again.recognised) == (set(), {"1", "2", "3"})
    assert again.placed == first.placed


async def test_a_longer_file_orders_and_stocks_only_what_is_new() -> None:
    desk = Desk()
    await desk.play(invoice("1"))
    player = await desk.play(invoice("0", TEA), invoice("1"), invoice("2", CUP, TEA))
    assert (desk.placed, player.recognised) == (["1", "0", "2"], {"1"})
    assert desk.pieces == {"CUP": 6, "TEA": 6}


@pytest.mark.parametrize(
    "corrected",
    [
        invoice("1", replace(CUP, quantity=4)),
        invoice("1", CUP, POST),
        invoice("1", replace(CUP, unit_price=Money.of("2", CURRENCY))),
        invoice("1", customer="8"),
        replace(invoice("1"), country="ES"),
    ],
)
async def test_a_corrected_invoice_is_told_and_never_ordered_or_stocked_again(corrected: Invoice) -> None:
    desk = Desk()
    await desk.play(invoice("1"))
    player = await desk.play(corrected, invoice("2"))
    assert desk.placed == ["1", "2"]
    assert desk.pieces == {"CUP": 6}
    assert "was played before as order" in player.differing["1"]
    assert "1" not in player.placed


async def test_an_order_with_the_invoices_reference_counts_no_matter_who_placed_it() -> None:
    desk = Desk()
    await desk.play(invoice("1"))
    desk.orders = {"another key": desk.orders.popitem()[1]}
    assert (await desk.play(invoice("1"))).recognised == {"1"}
    assert desk.placed == ["1"]


async def test_of_several_orders_with_a_reference_the_same_one_is_the_invoices() -> None:
    desk = Desk()
    await desk.play(invoice("1"))
    ((key, order),) = desk.orders.items()
    other = {**order, "order_id": str(UUID(int=3)), "customer_id": None}
    desk.orders = {"another key": other, key: order}
    player = await desk.play(invoice("1"))
    assert (player.recognised, player.placed) == ({"1"}, {"1": UUID(str(order["order_id"]))})


@pytest.mark.parametrize("killed_after", [0, 1, 3])
async def test_a_play_that_was_killed_goes_on_where_it_ended_and_books_nothing_in_twice(killed_after: int) -> None:
    desk = Desk()
    invoices = [invoice("1"), invoice("2", CUP, TEA), invoice("3", TEA)]
    desk.receipts_until_death = killed_after
    with pytest.raises(Unavailable):
        await desk.play(*invoices, plan=replace(PLAN, concurrency=1))
    desk.receipts_until_death = None
    await desk.play(*invoices)
    assert desk.placed == ["1", "2", "3"]
    assert desk.pieces == {"CUP": 6, "TEA": 6}


async def test_stock_that_was_booked_in_for_an_invoice_by_another_count_is_left_as_it_is() -> None:
    desk = Desk()
    await desk.play(invoice("1"))
    desk.orders.clear()  # killed before it was ordered
    player = await desk.play(invoice("1", replace(CUP, quantity=5)))
    assert (desk.pieces, desk.placed, player.refused) == ({"CUP": 3}, ["1"], {})


async def test_an_order_that_was_under_way_when_its_play_was_killed_is_waited_for() -> None:
    desk = Desk(status="placed")
    await desk.play(invoice("1"), plan=replace(PLAN, limit=0.0))
    desk.ends_after_looks = desk.looks + 3
    player = await desk.play(invoice("1"))
    assert (player.recognised, desk.placed) == ({"1"}, ["1"])


@pytest.mark.parametrize(
    "live",
    [
        product("CUP", "Mug", "2.50"),
        product("CUP", "Cup", "9.99"),
        product("CUP", "Mug", "9.99"),
    ],
)
async def test_a_product_that_is_on_sale_stays_as_it_is_and_its_lines_are_ordered_at_the_files_price(
    live: dict[str, object],
) -> None:
    desk = Desk()
    desk.on_sale["CUP"] = live
    player = await desk.play(invoice("1"))
    assert desk.products == {}
    assert desk.on_sale == {"CUP": live}
    assert [(each.sku, each.name_in_file, each.price_in_file) for each in player.left_alone] == [
        ("CUP", "Cup", CUP.unit_price)
    ]
    ((order),) = desk.orders.values()
    assert order["lines"] == [{"sku": "CUP", "quantity": 3, "unit_price": {"amount": "2.50", "currency": "GBP"}}]


async def test_a_product_that_somebody_adds_meanwhile_stays_as_it_is() -> None:
    desk = Desk()
    desk.added_meanwhile["CUP"] = product("CUP", "Mug", "9.99", stocked=False)
    player = await desk.play(invoice("1"))
    assert (desk.products, desk.on_sale, desk.placed) == ({}, desk.added_meanwhile, ["1"])
    assert [each.name for each in player.left_alone] == ["Mug"]
    assert desk.receipts == {}


async def test_a_product_that_is_as_the_file_says_is_no_news() -> None:
    desk = Desk()
    desk.on_sale["CUP"] = product("CUP", "Cup", "2.50")
    desk.on_sale["TEA"] = product("TEA", "Assam", "2.50")
    player = await desk.play(invoice("1", CUP, replace(TEA, name="")))
    assert (player.left_alone, desk.placed) == ([], ["1"])


async def test_what_the_system_keeps_in_stock_decides_what_is_received() -> None:
    desk = Desk()
    desk.on_sale["CUP"] = product("CUP", "Cup", "2.50", stocked=False)
    desk.on_sale["POST"] = product("POST", "Postage", "4.10")
    await desk.play(invoice("1", CUP, POST))
    assert desk.pieces == {"POST": 1}


@pytest.mark.parametrize(
    ("live", "words"),
    [
        (product("TEA", "Tea", "2.50", "EUR"), "product 'TEA' is sold in EUR, not in GBP"),
        ({**product("TEA", "Tea", "2.50"), "discontinued": True}, "product 'TEA' is not on sale any more"),
    ],
)
async def test_an_invoice_that_needs_what_cannot_be_ordered_is_left_out_whole_and_the_others_are_played(
    live: dict[str, object], words: str
) -> None:
    desk = Desk()
    desk.on_sale["TEA"] = live
    player = await desk.play(invoice("1", CUP, TEA), invoice("2"))
    assert (desk.placed, player.refused) == (["2"], {"1": words})
    assert desk.pieces == {"CUP": 3}
    assert desk.on_sale["TEA"] == live


async def test_a_product_that_is_rejected_does_not_end_the_play() -> None:
    desk = Desk(refuse="TEA")
    player = await desk.play(invoice("1", TEA, CUP), invoice("2"), invoice("3", CUP, TEA))
    assert desk.placed == ["2"]
    assert list(player.refused) == ["1", "3"]
    assert "product 'TEA' was refused: PUT /api/v1/products/TEA answered 422: no such name" in player.refused["1"]
    assert desk.pieces == {"CUP": 3}


async def test_no_product_is_made_for_invoices_that_were_played_before() -> None:
    desk = Desk()
    await desk.play(invoice("1", TEA))
    del desk.on_sale["TEA"]
    desk.products.clear()
    await desk.play(invoice("1", TEA))
    assert desk.products == {}


async def test_an_invoice_that_is_rejected_is_noted_and_the_others_are_placed() -> None:
    desk = Desk(refuse='"sku": "POST"')
    desk.on_sale["POST"] = product("POST", "Postage", "4.10", stocked=False)
    player = await desk.play(invoice("1", POST), invoice("2"))
    assert list(player.placed) == ["2"]
    assert "no such SKU" in player.refused["1"]


async def test_an_invoice_that_another_play_orders_meanwhile_is_recognised() -> None:
    desk = Desk()
    await desk.play(invoice("1"))
    ((key, order),) = desk.orders.items()
    desk.orders[key] = {**order, "shipping_address": {"country": "FR"}}  # not as it would be sent now
    desk.blind_looks = 1
    player = await desk.play(invoice("1"))
    assert (player.recognised, player.refused, len(desk.orders)) == ({"1"}, {}, 1)


async def test_a_corrected_invoice_that_is_not_found_yet_is_not_ordered_again_either() -> None:
    desk = Desk()
    await desk.play(invoice("1"))
    desk.blind_looks = 1
    player = await desk.play(invoice("1", CUP, TEA))
    assert desk.placed == ["1"]
    assert list(player.differing) == ["1"]


async def test_who_may_not_order_at_all_is_told_at_once() -> None:
    desk = Desk()
    desk.app.router.routes.insert(0, Route("/api/v1/products/{sku}", lambda _: JSONResponse({"detail": "no"}, 403)))
    with pytest.raises(ApiRejection, match="403"):
        await desk.play(invoice("1"), invoice("2"))


async def test_the_play_gives_up_when_no_order_ends_any_more_and_places_no_others() -> None:
    desk = Desk(status="placed")
    player = await desk.play(invoice("1"), invoice("2"), plan=replace(PLAN, concurrency=1, limit=0.0))
    assert list(player.placed) == ["1"]


async def test_the_play_waits_for_the_read_models_before_it_looks_and_at_its_end() -> None:
    desk = Desk(lags=(4, 0, 4, 1, 0))
    await desk.play(invoice("1"))
    assert desk.lags == [0]


async def test_read_models_that_stand_still_are_an_error() -> None:
    with pytest.raises(Unavailable, match="do not catch up"):
        await Desk(lags=(4,)).play(invoice("1"), plan=replace(PLAN, limit=0.0))


async def test_an_api_that_fails_ends_the_play_with_its_error() -> None:
    desk = Desk()
    desk.app.router.routes.clear()
    desk.app.router.routes.append(
        Route("/{path:path}", lambda _: JSONResponse({}, 503), methods=["PUT", "POST", "GET"])
    )
    with pytest.raises(Unavailable, match="503"):
        await desk.play(invoice("1"))
