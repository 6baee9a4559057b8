"""Who may do what: every row of the table of permissions, by every role and nobody, on their own, a foreign and a
missing thing."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from api.permissions import ROUTES, Reach, Rule, TokenFree, is_within
from commerce.runtime.tokens import ROLES, Grant, Role, load_keys
from tests.integration.api.access import Things, make_things, operations, seen_of, statements
from tests.integration.api.conftest import Shop, key, order

OPERATIONS = operations()
TRIES = 10
"""More than what else goes on can spoil."""
NOT_OF_THE_RULE = (400, 401, 405, 415, 422, 500)
"""What no well-formed request with a good token is answered with, whoever sends it."""
EXAMPLES_ARE_NO_TOKENS = "mail-token-not-accepted"
"""What is answered to the token of a mail that nobody got."""


@pytest.fixture
async def things(shop: Shop) -> Things:
    return await make_things(shop)


@pytest.mark.parametrize("role", ROLES)
async def test_every_route_answers_every_role_as_its_row_says(shop: Shop, things: Things, role: Role) -> None:
    client = shop.client(role, things.customer if role == "customer" else "somebody")
    for operation in OPERATIONS:
        for thing in (things.own, things.foreign, things.missing):
            answer = await operation.ask(client, shop.url, thing)
            about = (operation.method, operation.path, thing, answer.text)
            if operation.rule is TokenFree.SIGNED:
                assert answer.status_code == 401, about
                continue
            if operation.rule is TokenFree.OPEN and EXAMPLES_ARE_NO_TOKENS in answer.text:
                continue
            assert answer.status_code not in NOT_OF_THE_RULE, about
            reach = operation.rule.reach(role) if isinstance(operation.rule, Rule) else Reach.ANY
            assert (answer.status_code == 403) is (reach is Reach.NONE), about
            if reach is Reach.NONE:
                assert answer.headers["WWW-Authenticate"] == 'Bearer realm="commerce", error="insufficient_scope"'
            elif operation.is_owned:
                theirs = thing == things.own or (thing == things.foreign and reach is Reach.ANY)
                assert (answer.status_code == 404) is not theirs, about


async def test_nobody_is_let_in_without_a_token_and_told_what_is_needed(shop: Shop, things: Things) -> None:
    for operation in OPERATIONS:
        needs_token = operation.rule is not TokenFree.OPEN
        for thing in (things.own, things.missing):
            answer = await operation.ask(shop.client(), shop.url, thing)
            assert (answer.status_code == 401) is needs_token, (operation, answer.text)
            scheme = "Signature" if operation.rule is TokenFree.SIGNED else "Bearer"
            assert answer.headers.get("WWW-Authenticate") == (f'{scheme} realm="commerce"' if needs_token else None)


async def test_a_foreign_thing_is_answered_and_looked_up_as_a_missing_one(
    shop: Shop, things: Things, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer = shop.client("customer", things.customer)
    owned = [operation for operation in OPERATIONS if operation.is_owned]
    assert len(owned) >= 8
    now, head = datetime.now(UTC).isoformat(), await shop.store.head()
    for operation in owned:
        views = [{}, {"version": "1"}, {"as_of": now}, {"as_of": "2001-01-01"}] if operation.at_a_time else [{}]
        for params in views:
            for _ in range(TRIES):  # the process asks something by itself, too, now and then
                seen, asked = [], []
                for thing in (things.foreign, things.missing):
                    with statements(monkeypatch) as found:
                        answer = await operation.ask(customer, shop.url, thing, params)
                    assert answer.status_code == 404, (operation, answer.text)
                    seen.append(seen_of(answer, thing))
                    asked.append(found)
                assert seen[0] == seen[1], (operation, params)
                if asked[0] == asked[1]:
                    break
            else:
                pytest.fail(f"{operation} {params}: {asked}")
    assert await shop.store.head() == head


async def test_a_role_that_is_not_let_in_learns_nothing_of_what_is_there(shop: Shop, things: Things) -> None:
    customer = shop.client("customer", things.customer)
    for operation in OPERATIONS:
        if isinstance(operation.rule, Rule) and operation.rule.customer is Reach.NONE:
            answers = {
                str(seen_of(await operation.ask(customer, shop.url, thing), thing))
                for thing in (things.foreign, things.missing)
            }
            assert len(answers) == 1, operation


async def test_customers_list_and_place_their_own_orders_only(shop: Shop, things: Things) -> None:
    customer = shop.client("customer", things.customer)
    (foreign,) = (await shop.client("operator").get("/orders", params={"limit": 1})).json()["items"]
    assert foreign["order_id"] == things.foreign
    other = foreign["customer_id"]
    for params, found in (({}, [things.own]), ({"customer_id": things.customer}, [things.own])):
        page = (await customer.get("/orders", params=params)).json()
        assert [item["order_id"] for item in page["items"]] == found
    listed = [await customer.get("/orders", params={"customer_id": one}) for one in (other, things.missing)]
    assert listed[0].json() == listed[1].json() == {"items": [], "next_cursor": None}
    placed = [
        await customer.post("/orders", json=order(customer_id=one), headers=key()) for one in (other, things.missing)
    ]
    assert [answer.status_code for answer in placed] == [403, 403]
    assert seen_of(placed[0], other) == seen_of(placed[1], things.missing)


async def test_operators_see_the_records_of_their_own_looks_only(shop: Shop, things: Things) -> None:
    for _ in range(2):
        await shop.client("operator", "anna").get(f"/orders/{things.own}")
    seen = {
        name: await shop.client("operator", name).get(f"/audit/orders/{things.own}/readings")
        for name in ("anna", "berta")
    }
    assert len(seen["anna"].json()["items"]) == 1
    nobodys = await shop.client("operator", "berta").get(f"/audit/orders/{things.foreign}/readings")
    assert seen["berta"].json() == nobodys.json() == {"items": [], "next_cursor": None}


async def test_scopes_of_an_operator_open_their_routes_and_what_is_of_oneself_and_nothing_else(
    shop: Shop, things: Things
) -> None:
    scopes = ("audit:read", "staff:manage")
    token = Grant.of("operator", "somebody", scopes=scopes).signed(load_keys(shop.settings).signing)
    client = shop.client("operator", "of two scopes")
    client.headers["Authorization"] = f"Bearer {token}"
    for operation in OPERATIONS:
        row = f"{operation.method} {operation.path}"
        if isinstance(operation.rule, Rule) and operation.rule.operator is not Reach.NONE:
            answer = await operation.ask(client, shop.url, things.own)
            is_open = is_within(row, scopes)
            gives_more = row in ("POST /api/v1/staff", "PUT /api/v1/staff/{member_id}/role")
            assert (answer.status_code == 403) is (not is_open or gives_more), (row, answer.text)


def _doors(site: str) -> list[str]:
    """The routes by which people log in to a site, and out again."""
    return [f"GET /{site}/login", f"POST /{site}/login", f"POST /{site}/logout"]


def test_every_row_has_a_route() -> None:
    asked = {f"{operation.method} {operation.path}" for operation in OPERATIONS}
    sites = {route for site in ("console", "shop", "partner") for route in _doors(site)}
    sites |= {"GET /assets/{name}", "GET /robots.txt", "GET /sitemap.xml"}
    sites |= {"GET /console/invitation", "POST /console/invitation"}
    pages = {"GET /docs", "GET /docs/{name}", "GET /docs/problems", "GET /docs/problems/{name}"}
    not_described = pages | {"GET /openapi.json", "GET /api/v1/ops/followers"}
    assert set(ROUTES) == asked | not_described | sites
