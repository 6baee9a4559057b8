"""What HTTP asks of every route: `ETag` and 304, `Accept` and 406, `Location`, and problems that lead to a page."""

from __future__ import annotations

import asyncio
import re
from uuid import uuid4

import pytest

from api.http.error_statuses import PAGES, problem_types
from api.http.resource import EVENT_STREAM
from tests.integration.api.conftest import Shop, key, order
from tests.integration.api.test_after_placing import confirmed
from tests.integration.api.test_every_route import QUERIES, ROUTES, SOMEBODY, Route, ask
from tests.integration.api.test_problems import JSON, check

STREAMS = ("/orders/{}/events", "/inventory/events", "/audit/events/live")


def is_stream(route: Route) -> bool:
    """Whether a route goes on and on."""
    return route.path.endswith(("/events", "/live")) and not route.path.endswith("/audit/events")


async def test_what_is_shown_has_a_tag_and_is_not_sent_again_while_that_holds(shop: Shop) -> None:
    await shop.stock("lamp")
    order_id = await confirmed(shop)
    await shop.show()
    operator = shop.client("operator")
    shown = 0
    for route in QUERIES:
        if is_stream(route):
            continue
        path = shop.url + re.sub(r"(?<=orders/)[0-9a-f-]{36}", str(order_id), route.path)
        client = shop.client(route.role, SOMEBODY)
        first = await client.get(path)
        if first.status_code != 200:
            continue
        shown += 1
        assert re.fullmatch(r'"[0-9a-f-]+"', first.headers["ETag"]), path
        for names in ("*", f'W/"other", {first.headers["ETag"]}'):
            again = await client.get(path, headers={"If-None-Match": names})
            assert again.status_code in (200, 304), path
            assert (again.status_code == 200) is (again.headers["ETag"] not in names and names != "*"), path
            assert again.status_code == 200 or (again.content, again.headers.get("Content-Type")) == (b"", None), path
        other = await client.get(path, headers={"If-None-Match": '"other"'})
        assert (other.status_code, bool(other.content)) == (200, True), path
        check(await client.get(path, headers={"If-None-Match": "nonsense"}), 400, "malformed-request")
    assert shown >= 20
    before = (await operator.get(f"/orders/{order_id}")).headers["ETag"]
    await operator.post(f"/orders/{order_id}/cancellation", json={"reason": "no"}, headers={"If-Match": before})
    assert (await operator.get(f"/orders/{order_id}", headers={"If-None-Match": before})).status_code == 200


async def test_a_type_that_is_not_answered_is_refused_by_every_route_before_anything_is_done(shop: Shop) -> None:
    before = await shop.store.head()
    for route in ROUTES:
        if route.path.endswith("/followers"):  # leads to another path
            continue
        answered = EVENT_STREAM if is_stream(route) else "application/json"
        for accept in ("text/html", "application/xml, image/*;q=0.5", f"{answered};q=0, text/plain"):
            problem = check(await ask(shop, route, headers={"Accept": accept}), 406, "not-acceptable")
            assert answered in problem["detail"], route
        for accept in ("*/*", f"{answered.partition('/')[0]}/*", f"text/html, {answered};q=0.1", answered.upper()):
            assert (await ask(shop, route, headers={"Accept": accept}, json={"nonsense": 1})).status_code != 406, route
    assert await shop.store.head() == before


async def test_what_a_command_made_or_leads_to_is_seen_at_its_location(shop: Shop) -> None:
    await shop.stock("a b")
    operator = shop.client("operator")
    placed = await operator.post("/orders", json=order(("a b", 1)), headers={**key(), "Prefer": "respond-async"})
    order_path = placed.headers["Location"]
    assert (placed.status_code, placed.headers["Preference-Applied"]) == (202, "respond-async")
    await shop.show()
    for path, body, seen in (
        ("/inventory/a%20b/receipts", {"quantity": 1}, "/api/v1/inventory/a%20b"),
        ("/inventory/a%20b/adjustments", {"quantity": 1, "reason": "found"}, "/api/v1/inventory/a%20b"),
        (f"{order_path.removeprefix('/api/v1')}/cancellation", {"reason": "no"}, order_path),
        ("/ops/projections/orders/rebuild", None, "/api/v1/ops/projections/orders/rebuild"),
    ):
        answer = await operator.post(path, json=body, headers=key())
        assert answer.status_code in (201, 202), answer.text
        assert answer.headers["Location"] == seen
        assert (await operator.get(shop.url + seen)).status_code in (200, 503)


async def test_a_rule_that_is_broken_says_how_the_thing_stands_and_what_may_be_done(shop: Shop) -> None:
    await shop.stock("lamp", 0)
    operator = shop.client("operator")
    async with shop.following():
        headers = {**key(), "Prefer": "wait=20"}
        rejected = (await operator.post("/orders", json=order(), headers=headers)).json()
    late = await operator.post(f"/orders/{rejected['order_id']}/cancellation", json={"reason": "no"})
    problem = check(late, 409, "order-not-open")
    assert (problem["version"], problem["actions"]) == (rejected["version"], [])
    open_id = (await operator.post("/orders", json=order(), headers=key())).json()["order_id"]
    stale = await operator.post(f"/orders/{open_id}/cancellation", json={"reason": "no"}, headers={"If-Match": '"7"'})
    assert check(stale, 412, "precondition-failed")["version"] == 1


async def test_of_many_who_saw_the_same_product_one_changes_it(shop: Shop) -> None:
    await shop.stock("lamp")
    operator = shop.client("operator")
    seen = {"If-Match": (await operator.get("/products/lamp")).headers["ETag"]}

    async def priced(amount: int, headers: dict[str, str]) -> int:
        body = {"name": "The lamp", "price": {"amount": f"{amount}.00", "currency": "EUR"}}
        return (await operator.put("/products/lamp", json=body, headers=headers)).status_code

    changed = await asyncio.gather(*(priced(amount, seen) for amount in range(20, 30)))
    assert sorted(changed) == [200, *[412] * 9]
    shown = await operator.get("/products/lamp")
    assert shown.json()["price"]["amount"] == f"{20 + changed.index(200)}.00"
    assert await priced(20 + changed.index(200), seen) == 200  # sent again: it is so already
    check(await operator.delete("/products/lamp", headers=seen), 412, "precondition-failed")
    check(await operator.delete("/products/lamp", headers={"If-Match": "lamp"}), 400, "malformed-request")
    assert (await operator.delete("/products/lamp", headers={"If-Match": shown.headers["ETag"]})).status_code == 200
    new = {"name": "New", "price": {"amount": "1.00", "currency": "EUR"}}
    check(await operator.put("/products/new", json=new, headers={"If-Match": "*"}), 412, "precondition-failed")


async def test_every_type_of_problem_leads_to_a_page_about_it(shop: Shop) -> None:
    nobody = shop.client()
    listed = (await nobody.get(shop.url + PAGES)).text
    for one in problem_types():
        page = await nobody.get(shop.url + one.name)
        assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8"), one.name
        assert f"<h1>{one.name.rpartition('/')[2]}</h1>" in page.text
        assert f"HTTP status {one.status}" in page.text
        assert f'href="{one.name}"' in listed
    check(await nobody.get(f"{shop.url}{PAGES}/nonsense"), 404, "not-found")
    for path in ("/orders", f"/orders/{uuid4()}", "/nonsense"):
        problem = (await nobody.get(path)).json()
        assert (await nobody.get(shop.url + problem["type"])).status_code == 200


@pytest.mark.parametrize("headers", [JSON, {}])
async def test_a_problem_is_a_problem_whatever_is_accepted(shop: Shop, headers: dict[str, str]) -> None:
    answer = await shop.client().get("/orders", headers={**headers, "Accept": "text/html"})
    check(answer, 401, "not-authenticated")
