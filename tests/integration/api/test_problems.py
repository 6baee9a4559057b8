"""Every kind of rejection is a problem detail (RFC 9457) that says what is wrong and what to do."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from structlog.testing import capture_logs

from tests.integration.api.conftest import Shop, key, order

JSON = {"Content-Type": "application/json"}


ABOUT_NO_STATE = {
    "already-under-way", "api-key-exists", "email-taken", "endpoint-exists", "erasure-under-way", "not-signed-yet",
    "order-of-customer", "order-placed-before", "own-staff-account", "reference-taken", "stale-version",
    "too-many-endpoints", "tree-damaged",
}  # fmt: skip
"""Conflicts that are not about how the thing stands that the command is about."""


def check(answer: httpx2.Response, status: int, kind: str) -> dict[str, Any]:
    """Whether an answer is this problem; answers what it says."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert problem["type"] == f"/docs/problems/{kind}"
    assert problem["status"] == status
    assert problem["title"]
    assert problem["detail"]
    assert problem["instance"] == answer.request.url.raw_path.decode().partition("?")[0]
    assert answer.headers["X-Request-Id"]
    assert status != 409 or kind in ABOUT_NO_STATE or "actions" in problem
    return problem


async def test_without_a_good_token_nothing_is_done(shop: Shop) -> None:
    answer = await shop.client().get("/orders")
    check(answer, 401, "not-authenticated")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="commerce"'
    for wrong in ("Basic YTpi", "Bearer", "Bearer nonsense"):
        assert (await shop.client().get("/orders", headers={"Authorization": wrong})).status_code == 401
    answer = await shop.client().get("/orders", headers={"Authorization": "Bearer nonsense"})
    check(answer, 401, "invalid-token")
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]
    check(await shop.client("customer", "not-a-uuid").get("/orders"), 401, "invalid-token")


async def test_a_role_that_does_not_allow_it_is_told_which_does(shop: Shop) -> None:
    problem = check(await shop.client("auditor").post("/orders", json=order(), headers=key()), 403, "not-allowed")
    assert "operator" in problem["detail"]
    other = order(customer_id=str(uuid4()))
    check(await shop.client("customer", str(uuid4())).post("/orders", json=other, headers=key()), 403, "not-allowed")


async def test_paths_and_methods_that_are_not_there(shop: Shop) -> None:
    operator = shop.client("operator")
    check(await operator.get("/nonsense"), 404, "not-found")
    check(await operator.get("/orders/"), 404, "not-found")
    check(await operator.get(f"/orders/{uuid4()}"), 404, "not-found")
    answer = await operator.patch("/products/lamp")
    check(answer, 405, "method-not-allowed")
    assert answer.headers["Allow"] == "DELETE, GET, HEAD, OPTIONS, PUT"
    check(await operator.get("/orders/lamp"), 422, "invalid-input")


ROUTES = (("PUT", "/products/lamp"), ("POST", "/orders"))
"""One that the framework reads the body of, and the one that is called directly."""


async def test_bodies_that_cannot_be_read(shop: Shop) -> None:
    operator = shop.client("operator")
    unreadable = (b"{", b"\xff\xfe\x00", b"[" * 100_000, b'{"quantity": ' + b"9" * 5000 + b"}")
    for method, path in ROUTES:
        for content in (*unreadable, b""):
            answer = await operator.request(method, path, content=content, headers={**JSON, **key()})
            assert answer.status_code in (400, 422), content[:20]
            assert answer.headers["content-type"] == "application/problem+json"
        answer = await operator.request(method, path, content=b"{", headers={**JSON, **key()})
        check(answer, 400, "malformed-request")
        answer = await operator.request(method, path, content=b"[]", headers={**JSON, **key()})
        assert check(answer, 422, "invalid-input")["errors"][0]["field"] == "body"


async def test_bodies_that_are_not_json(shop: Shop) -> None:
    operator = shop.client("operator")
    for method, path in ROUTES:
        check(await operator.request(method, path, data={"name": "lamp"}), 415, "unsupported-media-type")
        check(await operator.request(method, path, content=b"{}"), 415, "unsupported-media-type")
        with_charset = {"Content-Type": "application/json; charset=utf-8"}
        assert (await operator.request(method, path, content=b"{}", headers=with_charset)).status_code == 422


async def test_bodies_that_are_too_large(shop: Shop) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(17):
            yield b" " * 65536

    operator = shop.client("operator")
    for method, path in ROUTES:
        for content in (b" " * (2**20 + 1), pieces()):
            check(await operator.request(method, path, content=content, headers=JSON), 413, "body-too-large")


async def test_control_characters_are_rejected_everywhere(shop: Shop) -> None:
    operator = shop.client("operator")
    for path in (
        "/products/a%00b",
        "/products/a%0Ab",
        "/products?search=a%00",
        "/orders?cursor=%1f",
        "/products/a%C2%85b",
    ):
        check(await operator.get(path), 422, "invalid-input")
    check(await operator.get("/inventory/lamp%2Freceipts"), 422, "invalid-input")


async def test_a_path_that_is_not_utf_8_names_nothing(shop: Shop) -> None:
    operator = shop.client("operator")
    for path in ("/products/%ff", "/products/a%C3", "/inventory/%ED%A0%80"):
        check(await operator.get(path), 422, "invalid-input")
    check(await operator.get("/products/%EF%BF%BD"), 404, "not-found")


async def test_a_query_that_is_not_utf_8_finds_nothing(shop: Shop) -> None:
    operator = shop.client("operator")
    for path in ("/products?search=%ff", "/orders?reference=a%C3", "/audit/events?actor=operator:%ED%A0%80"):
        check(await operator.get(path), 422, "invalid-input")
    assert (await operator.get("/products?search=%EF%BF%BD")).json()["items"] == []


async def test_a_broken_rule_is_named(shop: Shop) -> None:
    await shop.stock("lamp")
    free = {"name": "lamp", "price": {"amount": "1", "currency": "EUR"}, "stocked": False}
    problem = check(await shop.client("operator").put("/products/lamp", json=free), 409, "stocking-fixed")
    assert "another SKU" in problem["detail"]


async def test_many_wrong_fields_are_not_all_named(shop: Shop) -> None:
    command = order(*[("lamp", 0)] * 1000)
    answer = await shop.client("operator").post("/orders", json=command, headers=key())
    assert len(check(answer, 422, "invalid-input")["errors"]) == 50


async def test_an_unknown_query_parameter_is_rejected_on_every_kind_of_route(shop: Shop) -> None:
    operator = shop.client("operator")
    problem = check(await operator.get("/orders?state=placed&limit=1"), 422, "invalid-input")
    assert "'state'" in problem["detail"]
    assert "customer_id, status, oldest_first, cursor, limit" in problem["detail"]
    assert problem["errors"][0]["field"] == "state"
    check(await operator.post("/orders?dry_run=1", json=order(), headers=key()), 422, "invalid-input")
    assert (await operator.get(shop.url + "/health/live?now=1")).status_code == 200


async def test_a_detail_that_is_cut_says_so(shop: Shop) -> None:
    answer = await shop.client("operator").post("/orders", json=order(*[("lamp", 0)] * 5), headers=key())
    assert check(answer, 422, "invalid-input")["detail"].endswith("; and 2 more")


async def test_a_time_before_the_order_and_one_that_cannot_be_read(shop: Shop) -> None:
    await shop.stock("lamp")
    mine = str(uuid4())
    placed = await shop.client("customer", mine).post("/orders", json=order(("lamp", 1)), headers=key())
    path = placed.headers["Location"].removeprefix("/api/v1")
    early = "?as_of=2001-01-01T01:00:00%2B01:00"
    for asked in (path, f"/audit/streams/{path.rpartition('/')[2]}/state"):
        problem = check(await shop.client("operator").get(asked + early), 404, "not-found")
        assert "did not exist yet at 2001-01-01T00:00:00+00:00" in problem["detail"]
    hidden = check(await shop.client("customer", str(uuid4())).get(path + early), 404, "not-found")
    assert "yet" not in hidden["detail"]
    for wrong in ("yesterday", "10:15", "2026-11-23T10:15:30"):
        problem = check(await shop.client("operator").get(f"{path}?as_of={wrong}"), 422, "invalid-input")
        assert "2026-11-23T10:15:30Z" in problem["detail"]


async def test_each_rejection_is_one_line_in_the_log_without_what_was_sent(shop: Shop) -> None:
    with capture_logs() as lines:
        await shop.client("operator", "anna").get("/orders?secret=ada", headers={"X-Request-Id": "ada.lovelace"})
        await shop.client().get("/orders")
    known, unknown = lines
    assert re.fullmatch(r"[0-9a-f-]{36} hmac:[0-9a-f]{32}", known.pop("request_id"))
    assert known.pop("ms") > 0
    assert known == {
        "event": "request rejected",
        "log_level": "info",
        "method": "GET",
        "route": "/api/v1/orders",
        "status": 422,
        "problem": "/docs/problems/invalid-input",
        "actor": "operator:anna",
    }
    assert (unknown["status"], unknown["actor"]) == (401, None)


@pytest.mark.parametrize(
    "sent", ["8f0a1c52-5d0f-4a3e-9a42-0f2f7f6b9d10", "4bf92f3577b34da6a3ce929d0e0e4736", "01ARZ3NDEKTSV4RRFFQ69G5FAV"]
)
async def test_a_request_keeps_the_id_it_came_with_and_the_log_knows_one_that_was_made_up(
    shop: Shop, sent: str
) -> None:
    assert (await noted(shop, sent)).endswith(f" {sent}")


@pytest.mark.parametrize("sent", ["ada.lovelace", "ada=example.com", "4111111111111111", "order-of-ada"])
async def test_the_log_holds_no_request_id_that_may_say_something_about_somebody(shop: Shop, sent: str) -> None:
    first, second = await noted(shop, sent), await noted(shop, sent)
    assert re.fullmatch(r"[0-9a-f-]{36} hmac:[0-9a-f]{32}", first)
    assert first.partition(" ")[2] == second.partition(" ")[2], "requests with one id can be told to be"
    assert first != second


async def noted(shop: Shop, request_id: str) -> str:
    """What the log says of the id of a request, which the client gets back as it was."""
    await shop.stock("lamp", quantity=0)
    operator = shop.client("operator")
    told = await operator.post(
        "/inventory/lamp/receipts", json={"quantity": 1}, headers={**key(), "X-Request-Id": request_id}
    )
    assert told.headers["X-Request-Id"] == request_id
    (event,) = await shop.store.read_log(told.json()["position"] - 1, told.json()["position"])
    return str(event.metadata.request_id)


async def test_an_id_that_is_none_is_replaced(shop: Shop) -> None:
    operator = shop.client("operator")
    insane = await operator.get("/products", headers={"X-Request-Id": "<script>"})
    assert len(insane.headers["X-Request-Id"]) == 36
