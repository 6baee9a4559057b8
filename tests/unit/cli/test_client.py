"""The client asks again where that may help, gives up where it may not, and follows a list to its end."""

from __future__ import annotations

import gzip
import json
from collections.abc import AsyncIterator, Iterator
from uuid import UUID

import httpx2
import pytest
import stamina
import stamina.instrumentation
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from commerce.cli.client import http_client
from commerce.cli.client.api import Provider, Site
from commerce.cli.client.http_client import ApiRejection, BearerToken, RetryingClient
from commerce.cli.client.shop import Shop
from commerce.cli.demo.scenarios import CUP, PRODUCTS, SCENARIOS
from commerce.values.errors import BadUsage, CommerceError, Unavailable
from commerce.values.money import Money
from tests.unit.cli.answers import example, money

ORDER_ID = UUID("7d3f6b0e-1111-4222-8333-444455556666")
ORDER = example("Order", order_id=str(ORDER_ID), status="rejected", reason="out_of_stock", total=money("7.00"))
WANTED = SCENARIOS[0].order
BUSY = JSONResponse({"detail": "the queue is full"}, 503, {"Retry-After": "0"})


class Counter:
    """Gives the answers it was handed, one after the other and the last for ever, and keeps what it was asked."""

    def __init__(self, *answers: Response) -> None:
        self._answers = list(answers)
        self.asked: list[Request] = []
        self.bodies: list[bytes] = []
        self.app = Starlette(routes=[Route("/{path:path}", self._answer, methods=["GET", "PUT", "POST"])])

    async def _answer(self, request: Request) -> Response:
        self.asked.append(request)
        self.bodies.append(await request.body())
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]

    def http(self, auth: httpx2.Auth | None = None) -> RetryingClient:
        return RetryingClient(transport=httpx2.ASGITransport(self.app), base_url="http://shop", auth=auth)

    def shop(self, auth: httpx2.Auth | None = None) -> Shop:
        return Shop(self.http(auth))


@pytest.fixture(autouse=True)
def _quick_and_quiet_retries() -> Iterator[None]:
    stamina.set_testing(True, attempts=4)
    stamina.instrumentation.set_on_retry_hooks([])
    yield
    stamina.instrumentation.set_on_retry_hooks(None)
    stamina.set_testing(False)


def placed(status: str = "confirmed") -> Response:
    return JSONResponse(example("OrderAccepted", order_id=str(ORDER_ID), status=status), 202)


async def test_an_order_is_placed_with_its_key_and_the_command_to_wait() -> None:
    counter = Counter(placed())
    answer = await counter.shop().place(WANTED, "key-1", wait=30)
    (request,) = counter.asked
    assert (request.method, request.url.path) == ("POST", "/api/v1/orders")
    assert (request.headers["Idempotency-Key"], request.headers["Prefer"]) == ("key-1", "wait=30")
    assert json.loads(counter.bodies[0]) == WANTED.to_dict()
    assert (answer.order_id, answer.status) == (ORDER_ID, "confirmed")


async def test_what_is_unavailable_is_asked_again_with_the_same_key() -> None:
    counter = Counter(BUSY, BUSY, placed())
    await counter.shop().place(WANTED, "key-1", wait=0)
    assert [request.headers["Idempotency-Key"] for request in counter.asked] == ["key-1"] * 3


async def test_asking_again_has_an_end() -> None:
    counter = Counter(BUSY)
    with pytest.raises(Unavailable, match=r"GET /api/v1/orders/.* answered 503: the queue is full"):
        await counter.shop().order(ORDER_ID)
    assert len(counter.asked) == 4


async def test_a_rejection_is_not_asked_again_and_says_which_field() -> None:
    problem = {"title": "Invalid", "detail": "cannot be", "errors": [{"field": "lines[0].sku", "message": "unknown"}]}
    counter = Counter(JSONResponse(problem, 422))
    with pytest.raises(ApiRejection, match=r"422: cannot be; lines\[0\].sku: unknown") as refused:
        await counter.shop().place(WANTED, "key-1", wait=0)
    assert (refused.value.status, len(counter.asked)) == (422, 1)
    assert isinstance(refused.value, BadUsage)


async def test_what_a_rejection_says_is_said_once() -> None:
    problem = {"detail": "amount: too much", "errors": [{"field": "amount", "message": "too much"}]}
    with pytest.raises(ApiRejection, match=r"409: amount: too much$") as refused:
        await Counter(JSONResponse(problem, 409)).shop().place(WANTED, "key-1", wait=0)
    assert not isinstance(refused.value, BadUsage)


@pytest.mark.parametrize("answer", [Response("<h1>Oh no</h1>", 500), JSONResponse(["Oh no"], 500)])
async def test_a_rejection_of_another_form_is_quoted(answer: Response) -> None:
    with pytest.raises(ApiRejection, match="Oh no"):
        await Counter(answer).shop().order(ORDER_ID)


async def test_an_address_where_nobody_answers_is_tried_and_named() -> None:
    def unplugged(_request: httpx2.Request) -> httpx2.Response:
        tries.append(1)
        raise httpx2.ConnectError("connection refused")

    tries: list[int] = []
    shop = Shop(RetryingClient(transport=httpx2.MockTransport(unplugged), base_url="http://shop"))
    with pytest.raises(Unavailable, match=r"http://shop.* does not answer: connection refused"):
        await shop.order(ORDER_ID)
    assert len(tries) == 4


async def test_an_answer_of_another_form_is_an_error_that_names_the_place() -> None:
    counter = Counter(JSONResponse({**ORDER, "total": {"amount": "7.005", "currency": "GBP"}}))
    with pytest.raises(CommerceError, match=r"do not understand: total"):
        await counter.shop().order(ORDER_ID)


async def test_a_token_that_is_good_no_more_is_replaced() -> None:
    tokens = iter(["old", "new"])
    counter = Counter(JSONResponse({"detail": "expired"}, 401), JSONResponse(ORDER))
    order = await counter.shop(BearerToken(lambda: next(tokens))).order(ORDER_ID)
    assert [request.headers["Authorization"] for request in counter.asked] == ["Bearer old", "Bearer new"]
    assert (order.status, order.reason, order.total) == ("rejected", "out_of_stock", Money.of("7", "GBP"))


async def test_a_token_that_is_never_good_is_a_rejection() -> None:
    counter = Counter(JSONResponse({"detail": "not ours"}, 401))
    with pytest.raises(ApiRejection, match="401: not ours"):
        await counter.shop(BearerToken(lambda: "bad")).order(ORDER_ID)
    assert len(counter.asked) == 2


async def test_a_list_is_followed_page_by_page_to_its_end() -> None:
    pages = [
        {"items": [ORDER], "next_cursor": "a+b"},
        {"items": [], "next_cursor": "c"},
        {"items": [ORDER], "next_cursor": None},
    ]
    counter = Counter(*map(JSONResponse, pages))
    assert len([order async for order in counter.shop().orders()]) == 2
    assert [request.query_params.get("cursor") for request in counter.asked] == [None, "a+b", "c"]
    assert {request.query_params["limit"] for request in counter.asked} == {"100"}


async def test_the_ledger_of_one_order_is_asked_for_on_every_page() -> None:
    entry = {"order_id": str(ORDER_ID), "kind": "captured", "amount": "7.00", "currency": "GBP"}
    pages = [{"items": [entry], "next_cursor": 1}, {"items": [entry], "next_cursor": None}]
    counter = Counter(*map(JSONResponse, pages))
    found = [entry async for entry in Provider(Site(counter.http())).ledger_of(ORDER_ID)]
    assert [entry.money for entry in found] == [Money.of("7", "GBP")] * 2
    asked = [(request.query_params["order_id"], request.query_params.get("cursor")) for request in counter.asked]
    assert asked == [(str(ORDER_ID), None), (str(ORDER_ID), "1")]


@pytest.mark.parametrize("sku", ["BANK CHARGES", "50%", "A?b#c", "10008é"])
async def test_a_sku_is_part_of_the_path_whatever_it_holds(sku: str) -> None:
    counter = Counter(JSONResponse(example("ProductPut")), JSONResponse(example("StockMoved"), 201))
    await counter.shop().put_product(sku, PRODUCTS[CUP])
    await counter.shop().receive(sku, 3, "key")
    assert [request.path_params["path"] for request in counter.asked] == [
        f"api/v1/products/{sku}",
        f"api/v1/inventory/{sku}/receipts",
    ]
    assert json.loads(counter.bodies[1]) == {"quantity": 3}


async def test_an_answer_is_read_up_to_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_client, "LARGEST_ANSWER_BYTES", 1024**2)

    async def long() -> AsyncIterator[bytes]:
        for _ in range(32):
            yield b" " * 65_536

    counter = Counter(StreamingResponse(long()))
    stamina.set_testing(True, attempts=1)
    with pytest.raises(Unavailable, match="an answer of more than 1 MiB"):
        await counter.shop().order(ORDER_ID)


async def test_a_compressed_answer_is_neither_asked_for_nor_unfolded() -> None:
    bomb = gzip.compress(b'{"x":"' + b"x" * 50_000_000 + b'"}')
    counter = Counter(Response(bomb, 200, {"Content-Encoding": "gzip"}))
    with pytest.raises(CommerceError, match="an answer we do not understand"):
        await counter.shop().order(ORDER_ID)
    assert counter.asked[0].headers["Accept-Encoding"] == "identity"


async def test_what_an_answer_says_goes_to_the_terminal_on_one_line_and_bounded() -> None:
    counter = Counter(JSONResponse({"detail": "no\x1b[31m\nway\u202e" + "x" * 9_000}, 422))
    with pytest.raises(ApiRejection) as refused:
        await counter.shop().order(ORDER_ID)
    assert str(refused.value).isprintable()
    assert len(str(refused.value)) < 1_200
