"""Who may do what: every route of the OpenAPI document, by every role, on their own, somebody else's and nobody's
things."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, get_args
from uuid import uuid4

import httpx2
import pytest

from commerce.runtime.tokens import ROLES, Role
from tests.integration.api.conftest import Shop, key, order

EVERYBODY = frozenset(get_args(Role))
SKU = "TEA-ASSAM-250"
PLACES = {"provider": "http", "name": "orders"}


@dataclass(frozen=True)
class Rule:
    """Which roles a route is for; none means that it needs no token. An `owned` one shows customers their own only."""

    roles: frozenset[str]
    owned: bool = False
    signed: bool = False
    """Whether a signature stands in place of a token: without one nobody is let in."""


def roles(*names: Role) -> frozenset[str]:
    """A set of roles."""
    return frozenset(names)


RULES: dict[tuple[str, str], Rule] = {
    ("PUT", "/api/v1/products/{sku}"): Rule(roles("operator")),
    ("DELETE", "/api/v1/products/{sku}"): Rule(roles("operator")),
    ("GET", "/api/v1/products"): Rule(EVERYBODY),
    ("GET", "/api/v1/products/{sku}"): Rule(EVERYBODY),
    ("POST", "/api/v1/inventory/{sku}/receipts"): Rule(roles("operator", "service")),
    ("POST", "/api/v1/inventory/{sku}/adjustments"): Rule(roles("operator", "service")),
    ("GET", "/api/v1/inventory"): Rule(roles("operator", "auditor", "service")),
    ("GET", "/api/v1/inventory/{sku}"): Rule(roles("operator", "auditor", "service")),
    ("POST", "/api/v1/orders"): Rule(roles("customer", "operator", "service")),
    ("GET", "/api/v1/orders"): Rule(EVERYBODY),
    ("GET", "/api/v1/orders/{order_id}"): Rule(EVERYBODY, owned=True),
    ("POST", "/api/v1/orders/{order_id}/cancellation"): Rule(roles("customer", "operator", "service"), owned=True),
    ("GET", "/api/v1/orders/{order_id}/payment"): Rule(EVERYBODY, owned=True),
    ("POST", "/api/v1/orders/{order_id}/payment/attempts"): Rule(roles("customer", "operator", "service"), owned=True),
    ("POST", "/api/v1/orders/{order_id}/refunds"): Rule(roles("operator", "service")),
    ("GET", "/api/v1/orders/{order_id}/refunds"): Rule(EVERYBODY, owned=True),
    ("GET", "/api/v1/orders/{order_id}/process"): Rule(EVERYBODY, owned=True),
    ("GET", "/api/v1/orders/{order_id}/shipments"): Rule(EVERYBODY, owned=True),
    ("POST", "/api/v1/shipments/{shipment_id}/dispatch"): Rule(roles("operator", "service")),
    ("POST", "/api/v1/shipments/{shipment_id}/delivery"): Rule(roles("operator", "service")),
    ("GET", "/api/v1/orders/{order_id}/timeline"): Rule(EVERYBODY, owned=True),
    ("GET", "/api/v1/audit/events"): Rule(roles("operator", "auditor")),
    ("GET", "/api/v1/audit/streams/{stream_id}"): Rule(roles("operator", "auditor")),
    ("GET", "/api/v1/audit/streams/{stream_id}/state"): Rule(roles("operator", "auditor")),
    ("GET", "/api/v1/audit/orders/{order_id}/trace"): Rule(roles("operator", "auditor")),
    ("GET", "/api/v1/audit/orders/{order_id}/readings"): Rule(roles("operator", "auditor")),
    ("GET", "/api/v1/reports/sales"): Rule(roles("operator", "auditor")),
    ("GET", "/api/v1/ops/subscriptions"): Rule(roles("operator", "auditor")),
    ("GET", "/api/v1/ops/workers"): Rule(roles("operator", "auditor")),
    ("GET", "/api/v1/ops/processes"): Rule(roles("operator", "auditor")),
    ("GET", "/api/v1/ops/cases"): Rule(roles("operator", "auditor")),
    ("POST", "/api/v1/ops/cases/{order_id}/assignment"): Rule(roles("operator")),
    ("POST", "/api/v1/ops/cases/{order_id}/notes"): Rule(roles("operator")),
    ("POST", "/api/v1/ops/processes/{order_id}/resolve"): Rule(roles("operator")),
    ("POST", "/api/v1/ops/processes/{order_id}/retry"): Rule(roles("operator")),
    ("POST", "/api/v1/ops/processes/{order_id}/compensate"): Rule(roles("operator")),
    ("POST", "/api/v1/ops/processes/{order_id}/skip"): Rule(roles("operator")),
    ("GET", "/api/v1/ops/parked"): Rule(roles("operator", "auditor")),
    ("GET", "/api/v1/ops/parked/{group}"): Rule(roles("operator", "auditor")),
    ("POST", "/api/v1/ops/parked/{group}/retry"): Rule(roles("operator")),
    ("POST", "/api/v1/ops/parked/{group}/discard"): Rule(roles("operator")),
    ("POST", "/api/v1/ops/parked/{group}/edit"): Rule(roles("operator")),
    ("POST", "/api/v1/ops/projections/{name}/rebuild"): Rule(roles("operator")),
    ("GET", "/api/v1/ops/projections/{name}/rebuild"): Rule(roles("operator", "auditor")),
    ("DELETE", "/api/v1/ops/projections/{name}/rebuild"): Rule(roles("operator")),
    ("POST", "/api/v1/ops/projections/{name}/verification"): Rule(roles("operator")),
    ("GET", "/api/v1/ops/projections/{name}/verification"): Rule(roles("operator", "auditor")),
    ("DELETE", "/api/v1/ops/projections/{name}/verification"): Rule(roles("operator")),
    ("POST", "/api/v1/webhooks/{provider}"): Rule(frozenset(), signed=True),
    ("GET", "/health/live"): Rule(frozenset()),
    ("GET", "/health/ready"): Rule(frozenset()),
    ("GET", "/metrics"): Rule(frozenset()),
}
"""The rule of every route; a route without one fails the tests."""


@dataclass(frozen=True)
class Route:
    """One operation of the document, with an example of its body."""

    method: str
    path: str
    body: Any

    async def ask(self, client: httpx2.AsyncClient, url: str, order_id: str) -> httpx2.Response:
        """Ask for it, about this order."""
        path = self.path.format(
            sku=SKU, order_id=order_id, stream_id=order_id, shipment_id=uuid4(), group="0" * 12, **PLACES
        )
        return await client.request(self.method, f"{url}{path}", json=self.body, headers=key())


async def routes_of(shop: Shop) -> list[Route]:
    """Every operation of the OpenAPI document."""
    document = (await shop.client().get(f"{shop.url}/openapi.json")).json()
    found = []
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            body = None
            if "requestBody" in operation:
                name = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
                body = document["components"]["schemas"][name]["examples"][0]
            found.append(Route(method.upper(), path, body))
    return found


@pytest.fixture
async def placed(shop: Shop) -> dict[str, str]:
    """One order of each of two customers, by the customer."""
    await shop.stock(SKU)
    found = {}
    for customer in (str(uuid4()), str(uuid4())):
        answer = await shop.client("customer", customer).post("/orders", json=order((SKU, 1)), headers=key())
        found[customer] = answer.raise_for_status().json()["order_id"]
    await shop.show()
    return found


async def test_every_route_has_a_rule_and_every_rule_a_route(shop: Shop) -> None:
    assert {(route.method, route.path) for route in await routes_of(shop)} == set(RULES)


async def test_every_route_answers_every_role_as_its_rule_says(shop: Shop, placed: dict[str, str]) -> None:
    ours = next(iter(placed))
    for route in await routes_of(shop):
        rule = RULES[route.method, route.path]
        for role in ROLES:
            client = shop.client(role, ours if role == "customer" else "somebody")
            answer = await route.ask(client, shop.url, placed[ours])
            if rule.signed:
                assert answer.status_code == 401, (route, role, answer.text)
                continue
            allowed = role in rule.roles or not rule.roles
            assert (answer.status_code == 403) is not allowed, (route, role, answer.text)
            assert answer.status_code not in (400, 401, 405, 415, 422, 500), (route, role, answer.text)


async def test_no_route_that_needs_a_token_answers_without_one(shop: Shop, placed: dict[str, str]) -> None:
    for route in await routes_of(shop):
        answer = await route.ask(shop.client(), shop.url, next(iter(placed.values())))
        rule = RULES[route.method, route.path]
        needs_token = bool(rule.roles) or rule.signed
        assert (answer.status_code == 401) is needs_token, (route, answer.text)
        assert ("WWW-Authenticate" in answer.headers) is needs_token


async def test_customers_find_what_is_theirs_and_of_others_nothing(shop: Shop, placed: dict[str, str]) -> None:
    ours, theirs = placed
    customer = shop.client("customer", ours)
    for route in await routes_of(shop):
        if not RULES[route.method, route.path].owned:
            continue
        answer = await route.ask(customer, shop.url, placed[ours])
        assert answer.is_success or answer.status_code == 409, route  # no payment waits for its customer
        missing = str(uuid4())
        foreign, none = [await route.ask(customer, shop.url, order_id) for order_id in (placed[theirs], missing)]
        assert foreign.status_code == none.status_code == 404, route
        assert foreign.text.replace(placed[theirs], "") == none.text.replace(missing, ""), route


async def test_customers_list_their_own_orders_only(shop: Shop, placed: dict[str, str]) -> None:
    ours, theirs = placed
    customer = shop.client("customer", ours)
    for params, found in (({}, [placed[ours]]), ({"customer_id": ours}, [placed[ours]]), ({"customer_id": theirs}, [])):
        page = (await customer.get("/orders", params=params)).json()
        assert [item["order_id"] for item in page["items"]] == found
