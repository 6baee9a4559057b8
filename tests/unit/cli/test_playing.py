"""A play asks the API for the right things, in the right order, and knows when to give up."""

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

from commerce.cli.client import Api, Provider, Site
from commerce.cli.shop import playing
from commerce.cli.shop.judging import CURRENCY, Invoice, InvoiceLine
from commerce.cli.shop.playing import Plan, Player
from commerce.errors import Unavailable
from commerce.money import Money

ROOT = UUID(int=9)
CUP = InvoiceLine("CUP", "Cup", 3, Money.of("2.50", CURRENCY))
POST = InvoiceLine("POST", "Postage", 1, Money.of("4.10", CURRENCY))
PLAN = Plan("digest", Decimal(1), None, concurrency=3, limit=60.0)


class Desk:
    """Answers as the API does to what a play asks, ends orders with `status`, and keeps what it was asked."""

    def __init__(self, status: str = "confirmed", refuse: str = "", lags: tuple[int, ...] = (0,)) -> None:
        self.status = status
        self.refuse = refuse
        self.lags = list(lags)
        self.products: dict[str, object] = {}
        self.receipts: list[tuple[str, int, str]] = []
        self.orders: list[dict[str, object]] = []
        self.at_once = self.most_at_once = 0
        self.app = Starlette(
            routes=[
                Route("/products/{sku}", self._product, methods=["PUT"]),
                Route("/inventory/{sku}/receipts", self._receipt, methods=["POST"]),
                Route("/orders", self._place, methods=["POST"]),
                Route("/ops/followers", self._followers),
            ]
        )

    async def _product(self, request: Request) -> Response:
        self.products[request.path_params["sku"]] = await request.json()
        return JSONResponse({})

    async def _receipt(self, request: Request) -> Response:
        quantity = (await request.json())["quantity"]
        self.receipts.append((request.path_params["sku"], quantity, request.headers["Idempotency-Key"]))
        return JSONResponse({}, 201)

    async def _place(self, request: Request) -> Response:
        self.at_once += 1
        self.most_at_once = max(self.at_once, self.most_at_once)
        order = await request.json()
        self.orders.append(order)
        await asyncio.sleep(0)
        self.at_once -= 1
        if self.refuse and self.refuse in json.dumps(order):
            return JSONResponse({"detail": "no such SKU"}, 422)
        order_id = uuid5(ROOT, request.headers["Idempotency-Key"])
        return JSONResponse({"order_id": str(order_id), "status": self.status}, 202)

    async def _followers(self, _request: Request) -> Response:
        lag = self.lags.pop(0) if len(self.lags) > 1 else self.lags[0]
        orders = {"name": "orders", "position": 9 - lag, "head": 9, "lag": lag, "is_read_model": True}
        items = [orders, {**orders, "name": "relay", "lag": 99, "is_read_model": False}]
        return JSONResponse({"items": items, "next_cursor": None})

    def player(self, plan: Plan = PLAN) -> Player:
        site = Site(httpx2.AsyncClient(transport=httpx2.ASGITransport(self.app), base_url="http://shop"))
        return Player(plan, Api(site), Provider(site), lambda _title, _total: lambda: None)


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(playing, "_LOOK_AGAIN", 0)
    stamina.set_testing(True, attempts=1)
    yield
    stamina.set_testing(False)


def invoice(number: str, *lines: InvoiceLine, customer: str = "7") -> Invoice:
    return Invoice(number, customer, "FR", lines or (CUP,))


async def test_products_are_made_and_stock_is_received_once_per_stocked_article_rounded_down() -> None:
    desk = Desk()
    await desk.player(replace(PLAN, stock=Decimal("0.9"))).play([invoice("1", CUP, POST), invoice("2")])
    assert desk.products == {
        "CUP": {"name": "Cup", "price": {"amount": "2.50", "currency": "GBP"}, "stocked": True},
        "POST": {"name": "Postage", "price": {"amount": "4.10", "currency": "GBP"}, "stocked": False},
    }
    assert [(sku, quantity) for sku, quantity, _ in desk.receipts] == [("CUP", 5)]


async def test_without_stock_nothing_is_received() -> None:
    desk = Desk()
    await desk.player(replace(PLAN, stock=Decimal(0))).play([invoice("1")])
    assert desk.receipts == []


async def test_more_than_one_receipt_can_hold_is_received_in_parts_with_keys_of_their_own() -> None:
    desk = Desk()
    dozens = replace(CUP, quantity=900_000)
    await desk.player().play([invoice("1", dozens), invoice("2", dozens)])
    assert sorted(quantity for _, quantity, _ in desk.receipts) == [800_000, 1_000_000]
    assert len({key for _, _, key in desk.receipts}) == 2


async def test_orders_are_begun_in_the_order_of_the_file_and_so_many_at_a_time() -> None:
    desk = Desk()
    numbers = [str(number) for number in range(20)]
    player = desk.player()
    await player.play([invoice(number, replace(CUP, quantity=int(number) + 1)) for number in numbers])
    begun = [order["lines"][0]["quantity"] for order in desk.orders]  # type: ignore[index]
    assert begun == list(range(1, 21))
    assert 1 < desk.most_at_once <= 3
    assert list(player.placed) == numbers


async def test_the_same_play_again_asks_with_the_same_keys() -> None:
    first, again = Desk(), Desk()
    players = [first.player(), again.player(replace(PLAN, concurrency=1))]
    for player in players:
        await player.play([invoice("1"), invoice("2", POST)])
    assert players[0].placed == players[1].placed
    assert first.receipts == again.receipts


async def test_an_invoice_that_is_refused_is_noted_and_the_others_are_placed() -> None:
    desk = Desk(refuse="POST")
    player = desk.player()
    await player.play([invoice("1", POST), invoice("2")])
    assert list(player.placed) == ["2"]
    assert "no such SKU" in player.refused["1"]


async def test_the_play_gives_up_when_no_order_ends_any_more_and_places_no_others() -> None:
    desk = Desk(status="placed")
    player = desk.player(replace(PLAN, concurrency=1, limit=0.0))
    await player.play([invoice("1"), invoice("2")])
    assert list(player.placed) == ["1"]


async def test_the_play_waits_for_the_read_models() -> None:
    desk = Desk(lags=(4, 4, 1, 0))
    await desk.player().play([invoice("1")])
    assert desk.lags == [0]


async def test_read_models_that_stand_still_are_an_error() -> None:
    with pytest.raises(Unavailable, match="do not catch up"):
        await Desk(lags=(4,)).player(replace(PLAN, limit=0.0)).play([invoice("1")])


async def test_an_api_that_fails_ends_the_play_with_its_error() -> None:
    desk = Desk()
    desk.app.router.routes.clear()
    desk.app.router.routes.append(
        Route("/{path:path}", lambda _: JSONResponse({}, 503), methods=["PUT", "POST", "GET"])
    )
    with pytest.raises(Unavailable, match="503"):
        await desk.player().play([invoice("1")])
