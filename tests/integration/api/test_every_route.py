"""What holds on every route, whichever it is: bodies, queries, positions, methods."""

from __future__ import annotations

import asyncio
from typing import NamedTuple
from uuid import uuid4

import httpx2
import pytest

from api.app import create_app
from api.http.resource import StrictRoute
from api.permissions import Rule
from commerce.runtime.settings import Settings
from commerce.runtime.tokens import Role
from tests.integration.api.conftest import Shop, key, order
from tests.integration.api.test_problems import JSON, check

POSITION = "Commerce-Position"
SOMEBODY = str(uuid4())


class Route(NamedTuple):
    """A method and a path."""

    method: str
    path: str
    takes_body: bool
    role: Role = "operator"
    """Who may ask for it: operators, or where they may not, customers."""


def routes() -> list[Route]:
    """Every route that needs a token, but for imports, which answer line by line (`test_imports`)."""
    found = []
    for route in create_app(Settings()).routes:
        if isinstance(route, StrictRoute) and isinstance(route.rule, Rule) and not route.takes_lines:
            path = route.path.replace("{sku}", "lamp").replace("{name}", "orders")
            for parameter in route.dependant.path_params:
                path = path.replace(f"{{{parameter.alias}}}", str(uuid4()))
            role: Role = "customer" if "operator" not in route.rule.roles else "operator"
            methods = sorted(route.methods or ())
            found += [Route(method, path, route.body_field is not None, role) for method in methods]
    return found


ROUTES = routes()
QUERIES = [route for route in ROUTES if route.method == "GET"]


def test_there_are_routes_to_be_tried() -> None:
    assert len(ROUTES) >= 25
    assert len(QUERIES) >= 15
    assert sum(route.takes_body for route in ROUTES) >= 5


async def ask(shop: Shop, route: Route, **request: object) -> httpx2.Response:
    headers = {**key(), **request.pop("headers", {})}  # type: ignore[dict-item]
    client, url = shop.client(route.role, SOMEBODY), f"{shop.url}{route.path}"
    return await client.request(route.method, url, headers=headers, **request)  # type: ignore[arg-type]


async def test_a_body_that_is_not_json_is_rejected_by_every_route(shop: Shop) -> None:
    for route in ROUTES:
        for content in (b"{", b"nonsense", b'{"a": NaN}', b"\xef\xbb\xbf{}", b'{"a": "\\ud800"}', b"\xff", b"[" * 5000):
            check(await ask(shop, route, content=content, headers=JSON), 400, "malformed-request")
        for content_type in ("text/plain", "application/json; charset=latin-1", "application/x-www-form-urlencoded"):
            answer = await ask(shop, route, content=b"{}", headers={"Content-Type": content_type})
            check(answer, 415, "unsupported-media-type")


async def test_a_key_that_stands_twice_is_rejected_by_every_route_at_any_depth(shop: Shop) -> None:
    for route in ROUTES:
        for content in (b'{"quantity": 1, "quantity": 5}', b'{"lines": [{"quantity": 1, "quant\\u0069ty": 5}]}'):
            problem = check(await ask(shop, route, content=content, headers=JSON), 400, "malformed-request")
            assert "'quantity'" in problem["detail"], route


async def test_a_field_that_a_route_does_not_know_is_rejected_and_named(shop: Shop) -> None:
    for route in ROUTES:
        for wrong in (dict.fromkeys(["linez"], "x"), dict.fromkeys(["dry_run"], "true")):
            problem = check(await ask(shop, route, json=wrong), 422, "invalid-input")
            assert {error["field"] for error in problem["errors"]} >= set(wrong), route
        for no_object in (b"[]", b'"text"', b"null", b"1"):
            check(await ask(shop, route, content=no_object, headers=JSON), 422, "invalid-input")


async def test_a_route_without_fields_takes_no_body_and_an_empty_object_alike(shop: Shop) -> None:
    for route in ROUTES:
        if not route.takes_body:
            plain, empty = await ask(shop, route), await ask(shop, route, json={})
            assert empty.status_code in (plain.status_code, 409), route  # the rebuild is already under way


async def test_nobody_without_a_token_has_their_body_read(shop: Shop) -> None:
    for route in ROUTES:
        answer = await shop.client().request(route.method, f"{shop.url}{route.path}", content=b"{", headers=JSON)
        check(answer, 401, "not-authenticated")


async def test_a_query_parameter_that_comes_twice_or_is_not_known_is_rejected_by_every_route(shop: Shop) -> None:
    for route in ROUTES:
        check(await ask(shop, route, params={"nonsense": "1"}), 422, "invalid-input")
    for path in ("/products?limit=1&limit=2", "/orders?cursor=MQ&cursor=Mg", "/reports/sales?group=day&group=sku"):
        problem = check(await shop.client("operator").get(path), 422, "invalid-input")
        assert "comes 2 times" in problem["detail"]


async def test_numbers_beyond_all_bounds_are_values_that_cannot_be_accepted(shop: Shop) -> None:
    await shop.stock("lamp")
    operator = shop.client("operator")
    for number in (b"1e400", b"-1e400", b"9" * 40, b"1.0", b"1e3", b"true", b'"1"'):
        answer = await operator.post(
            "/inventory/lamp/receipts", content=b'{"quantity": ' + number + b"}", headers={**JSON, **key()}
        )
        check(answer, 422, "invalid-input")
    for path in ("/products?limit=", "/audit/events?after=", f"/orders/{uuid4()}?version="):
        for text in ("9" * 40, "1e400", "-1", "1.5", "\u0661", "0x1"):
            check(await operator.get(path + text), 422, "invalid-input")


@pytest.mark.parametrize("name", ["Idempotency-Key", "Authorization", "Content-Type", "X-Request-Id", POSITION])
async def test_a_header_that_can_mean_one_thing_only_may_not_come_twice(shop: Shop, name: str) -> None:
    value = shop.client("operator").headers["Authorization"] if name == "Authorization" else "application/json"
    client = shop.client() if name == "Authorization" else shop.client("operator")
    answer = await client.post("/orders", json={}, headers=[(name, value)] * 2)
    assert name.title() in check(answer, 400, "malformed-request")["detail"]


async def test_a_position_beyond_the_end_of_the_log_is_waited_for_by_every_query(shop: Shop) -> None:
    await shop.stock("lamp")
    beyond = {POSITION: f"p1-{await shop.store.head() + 1:x}"}
    answers = await asyncio.gather(*(ask(shop, route, headers=beyond) for route in QUERIES))
    for route, answer in zip(QUERIES, answers, strict=True):
        check(answer, 503, "unavailable")
        assert int(answer.headers["Retry-After"]) >= 1, route


async def test_a_query_is_answered_as_soon_as_the_log_has_its_position(shop: Shop) -> None:
    await shop.stock("lamp")
    operator = shop.client("operator")
    beyond = {POSITION: f"p1-{await shop.store.head() + 1:x}"}
    asked = asyncio.create_task(operator.get("/products/lamp", headers=beyond))
    await asyncio.sleep(0.2)
    assert not asked.done()
    await operator.post("/inventory/lamp/receipts", json={"quantity": 1}, headers=key())
    assert (await asked).status_code == 200


async def test_a_position_that_is_not_ours_is_rejected_by_every_query(shop: Shop) -> None:
    for route in QUERIES:
        for wrong in ("42", "p1-", "p1-8000000000000000", "p1-" + "f" * 40):
            check(await ask(shop, route, headers={POSITION: wrong}), 400, "malformed-request")


async def test_head_is_answered_as_get_is_but_without_a_body(shop: Shop) -> None:
    await shop.stock("lamp")
    await shop.show()
    open_to_all = ("/health/live", "/health/ready", "/docs", "/openapi.json", "/metrics")
    asked = [(route.path, shop.client(route.role, SOMEBODY)) for route in QUERIES]
    for path, client in (*asked, *((path, shop.client("operator")) for path in open_to_all)):
        plain, head = await client.get(shop.url + path), await client.head(shop.url + path)
        assert (head.status_code, head.content) == (plain.status_code, b""), path
        assert head.headers["content-type"] == plain.headers["content-type"], path
        if path != "/metrics" and not path.endswith("/live"):
            assert head.headers["content-length"] == plain.headers["content-length"], path


async def test_every_path_says_what_it_can_be_asked_with(shop: Shop) -> None:
    known: dict[str, set[str]] = {path: {"GET"} for path in ("/health/ready", "/metrics", "/openapi.json", "/docs")}
    for route in ROUTES:
        known.setdefault(route.path, set()).add(route.method)
    for path, methods in known.items():
        asked = await shop.client().options(shop.url + path)
        assert (asked.status_code, asked.content) == (204, b""), path
        expected = methods | {"OPTIONS"} | ({"HEAD"} if "GET" in methods else set())
        assert set(asked.headers["Allow"].split(", ")) >= expected, path
        rejected = await shop.client("operator").request("TRACE", shop.url + path)
        check(rejected, 405, "method-not-allowed")
        assert rejected.headers["Allow"] == asked.headers["Allow"], path
    check(await shop.client().options("/nonsense"), 404, "not-found")


async def test_a_look_by_head_is_recorded_like_any_other(shop: Shop) -> None:
    await shop.stock("lamp")
    owner = str(uuid4())
    placed = await shop.client("customer", owner).post("/orders", json=order(("lamp", 1)), headers=key())
    before = await shop.store.head()
    path = placed.headers["Location"].removeprefix("/api/v1")
    assert (await shop.client("operator").head(path)).status_code == 200
    assert [event.topic for event in await shop.store.read_log(before, before + 1)] == ["audit.PersonalDataRead"]


async def test_a_path_that_is_written_out_has_its_own_methods_and_no_others(shop: Shop) -> None:
    operator = shop.client("operator")
    for method, path, allowed in (
        ("GET", "/customers/password-reset", "OPTIONS, POST"),
        ("GET", "/staff/invitation", "OPTIONS, POST"),
        ("DELETE", "/staff/me", "GET, HEAD, OPTIONS"),
    ):
        answer = await operator.request(method, path)
        check(answer, 405, "method-not-allowed")
        assert answer.headers["allow"] == allowed
        assert (await operator.options(path)).headers["allow"] == allowed


async def test_a_key_that_cannot_be_one_is_rejected_whatever_the_grant(shop: Shop) -> None:
    form = {"grant_type": "password", "username": "ada@example.org", "password": "a long sentence of mine"}
    answer = await shop.client().post("/auth/token", data=form, headers=key("k" * 256))
    check(answer, 400, "malformed-request")
