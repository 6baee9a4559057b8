"""Imports over HTTP: line by line, done once however often they are sent, and gone on with where they ended."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import httpx2

from api.bulk import import_answer
from commerce.eventstore import EventStore, handle_commands
from commerce.runtime.tokens import issue_token
from commerce.values.errors import Unavailable
from tests.integration.api.conftest import Shop, key, order
from tests.integration.api.test_problems import check
from tests.waiting import eventually

NDJSON = {"Content-Type": "application/x-ndjson"}
EUR = {"amount": "9.90", "currency": "EUR"}
USD = {"amount": "10.50", "currency": "USD"}


def content(*lines: object) -> bytes:
    """Lines as they are sent; what is bytes already stays as it is."""
    return b"".join((line if isinstance(line, bytes) else json.dumps(line).encode()) + b"\n" for line in lines)


def product(number: int, **further: object) -> dict[str, object]:
    return {"sku": f"sku {number}", "name": f"Product {number}", "price": EUR, **further}


async def imported(
    client: httpx2.AsyncClient, what: str, *lines: object, under: str = "one", params: dict[str, int] | None = None
) -> list[dict[str, Any]]:
    """What each line was answered."""
    sent = content(*lines)
    answer = await client.post(f"/{what}:import", content=sent, headers={**NDJSON, **key(under)}, params=params)
    assert answer.headers["content-type"] == NDJSON["Content-Type"], answer.text
    return [json.loads(line) for line in answer.raise_for_status().text.splitlines()]


def statuses(answers: Sequence[dict[str, Any]]) -> list[tuple[int, int]]:
    return [(each["line"], each["status"]) for each in answers]


async def test_each_line_is_answered_and_a_wrong_one_stops_no_other(shop: Shop) -> None:
    operator = shop.client("operator")
    lines = (
        product(1, prices=[USD]),
        b"{",
        product(2, weight=5),
        b"",
        b'{"sku": "x", "sku": "y"}',
        product(3, name="x" * 70_000),
        product(4, stocked=False),
        {**product(1), "name": "Another"},
        product(5, price={"amount": "1.001", "currency": "EUR"}),
    )
    answers = await imported(operator, "products", *lines)
    assert statuses(answers) == [(1, 200), (2, 400), (3, 422), (5, 400), (6, 413), (7, 200), (8, 200), (9, 422)]
    assert {name: answers[0][name] for name in ("sku", "version")} == {"sku": "sku 1", "version": 2}
    assert answers[6]["version"] == 3
    assert answers[2]["problem"]["errors"][0]["field"] == "weight"
    assert answers[2]["problem"]["type"] == "/docs/problems/invalid-input"
    assert answers[7]["problem"]["errors"][0]["field"] == "price.amount"
    head = await shop.store.head()
    assert await imported(operator, "products", *lines) == answers
    assert await shop.store.head() == head
    (other, *_) = await imported(operator, "products", product(6))
    assert other["problem"]["type"] == "/docs/problems/idempotency-key-reused"
    (further,) = await imported(operator, "products", product(6), params={"from_line": 10})
    assert (further["line"], further["status"]) == (10, 200)
    (again,) = await imported(operator, "products", product(6), under="two")
    assert again["version"] == further["version"]  # it is so already
    told = (await shop.client().get(f"{shop.url}/metrics")).text
    assert [line for line in told.splitlines() if line.startswith("commerce_api_import_lines_total")] == [
        'commerce_api_import_lines_total{kind="products",result="accepted"} 8.0',
        'commerce_api_import_lines_total{kind="products",result="refused"} 11.0',
    ]
    assert 'commerce_api_import_seconds_count{kind="products"} 5.0' in told
    shown = (await operator.get("/products/sku%201")).json()
    assert (shown["name"], shown["prices"]) == ("Another", [EUR, USD])


async def test_prices_and_stock_are_imported_and_a_receipt_is_added_once(shop: Shop) -> None:
    operator, service = shop.client("operator"), shop.client("service")
    await imported(operator, "products", product(1), product(2, stocked=False))
    lines: tuple[object, ...] = ({"sku": "sku 1", "price": USD}, {"sku": "sku 3", "price": USD})
    assert statuses(await imported(operator, "prices", *lines)) == [(1, 200), (2, 404)]
    assert (await operator.get("/products/sku%201")).json()["prices"] == [EUR, USD]
    lines = (
        {"sku": "sku 1", "received": 5},
        {"sku": "sku 1", "received": 5},
        {"sku": "sku 2", "received": 5},
        {"sku": "sku 1", "counted": 8, "reason": "two are broken"},
        {"sku": "sku 1", "counted": 7},
        {"sku": "sku 1", "counted": 7},
        {"sku": "sku 1"},
        {"sku": "sku 1", "received": 1, "reason": "why?"},
    )
    answers = await imported(service, "inventory", *lines)
    assert [each["status"] for each in answers] == [200, 200, 404, 200, 200, 200, 422, 422]
    assert [each.get("version") for each in answers[:6]] == [2, 3, None, 4, 5, 5]
    assert await imported(service, "inventory", *lines) == answers
    async with shop.following():
        placed = await operator.post("/orders", json=order(("sku 1", 7)), headers=key())
        position = placed.raise_for_status().headers["Commerce-Position"]

        async def is_reserved() -> bool:
            stock = await operator.get("/inventory/sku%201", headers={"Commerce-Position": position})
            return bool(stock.json()["reserved"] == 7)

        await eventually(is_reserved)
        (refused,) = await imported(service, "inventory", {"sku": "sku 1", "counted": 6}, under="two")
    assert refused["problem"]["type"] == "/docs/problems/reserved-stock"
    assert (await operator.get("/inventory/sku%201")).json()["on_hand"] == 7


async def test_an_import_whose_connection_breaks_is_sent_again_and_done_once(shop: Shop) -> None:
    operator = shop.client("operator")
    lines = [product(number) for number in range(1_000)]
    sent = content(*lines)
    port = int(shop.url.rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    token = issue_token(shop.settings, role="operator", subject="somebody")
    head = (
        f"POST /api/v1/products:import HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nIdempotency-Key: one\r\n"
    )
    writer.write(f"{head}Content-Type: application/x-ndjson\r\nContent-Length: {len(sent)}\r\n\r\n".encode())
    writer.write(sent[: len(sent) // 2])
    assert b"200 OK" in await reader.readuntil(b"\r\n\r\n")  # answered while most of it is still to come
    writer.close()
    await eventually(lambda: not shop.context.bulk._of.total())
    head_before = await shop.store.head()
    assert 0 < head_before < 1_100
    answers = await imported(operator, "products", *lines)
    assert statuses(answers) == [(number, 200) for number in range(1, 1_001)]
    assert {each["version"] for each in answers} == {1}
    assert await shop.store.head() == 2_000
    assert await imported(operator, "products", *lines) == answers
    assert await shop.store.head() == 2_000


async def test_what_stops_an_import_is_the_answer_to_the_line_to_go_on_with(shop: Shop, monkeypatch: Any) -> None:
    operator = shop.client("operator")
    done = 0

    async def fails_after_two(store: EventStore, commands: Any, metadata: Any) -> Any:
        nonlocal done
        done += len(commands)
        if done > 2:
            raise Unavailable("the database is away")
        return await handle_commands(store, commands, metadata)

    monkeypatch.setattr(import_answer, "handle_commands", fails_after_two)
    monkeypatch.setattr("api.bulk.line_reader.BATCH_LINES", 1)
    lines = [product(number) for number in range(4)]
    answers = await imported(operator, "products", *lines)
    assert statuses(answers) == [(1, 200), (2, 200), (3, 503)]
    check(
        await operator.post("/products:import", content=content(*lines), headers={**NDJSON, **key()}),
        503,
        "unavailable",
    )
    done = -10
    rest = await imported(operator, "products", *lines[2:], params={"from_line": 3})
    assert statuses(rest) == [(3, 200), (4, 200)]


async def test_imports_have_bounds(shop: Shop) -> None:
    operator = shop.client("operator")
    check(
        await operator.post("/products:import", content=content(product(1)), headers=NDJSON), 400, "malformed-request"
    )
    check(await operator.post("/products:import", json=product(1), headers=key()), 415, "unsupported-media-type")
    assert await imported(operator, "products") == []
    async with shop.all_transfers_of("operator:somebody"):
        answer = await operator.post("/products:import", content=content(product(1)), headers={**NDJSON, **key()})
        check(answer, 429, "too-many-requests")
