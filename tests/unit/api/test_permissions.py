"""What the table of permissions does not let in stays out: nothing is served without a row, and no role beyond one."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from fastapi import FastAPI, Response
from starlette.applications import Starlette
from starlette.websockets import WebSocket

from api.app import create_app
from api.auth import Caller
from api.http.resource import Answer, Resource, require_rules
from api.permissions import OF_ONESELF, RIGHTS, ROUTES, SCOPES, Reach, RouteWithoutRule, Rule, TokenFree, is_within
from commerce.runtime.scopes import SCOPE_NAMES, both, goes_beyond, typed_scopes
from commerce.runtime.settings import Settings
from commerce.runtime.tokens import ROLES, Identity
from commerce.values.errors import BadUsage, NotFound

OWNER, OTHER = UUID(int=1), UUID(int=2)


async def endpoint() -> Response:
    return Response()


async def socket(_: WebSocket) -> None: ...


def test_a_route_that_has_no_row_cannot_be_declared() -> None:
    resource = Resource("/api/v1/orders", "orders")
    with pytest.raises(RouteWithoutRule, match="GET /api/v1/orders/secrets has no row"):
        resource.query("/secrets", Answer(str))(endpoint)
    with pytest.raises(RouteWithoutRule, match="has no row"):
        resource.command("DELETE", "", Answer(str))(endpoint)  # a row for one method is none for another
    with pytest.raises(RouteWithoutRule, match="has no row"):
        resource.open_query("/secrets", Answer(str))(endpoint)


@pytest.mark.parametrize(
    "add",
    [
        lambda app: app.add_api_route("/secrets", endpoint),
        lambda app: app.add_route("/secrets", endpoint),
        lambda app: app.add_api_route("/metrics", endpoint, methods=["POST"]),
        lambda app: app.add_api_websocket_route("/secrets", socket),
        lambda app: app.mount("/secrets", Starlette()),
    ],
)
def test_no_application_starts_with_a_route_a_socket_or_another_application_that_has_no_row(
    add: Callable[[FastAPI], None],
) -> None:
    app = create_app(Settings())
    require_rules(app.routes)
    add(app)
    with pytest.raises(RouteWithoutRule, match="has no row"):
        require_rules(app.routes)


def test_a_route_for_roles_that_does_not_look_at_them_keeps_the_application_from_starting() -> None:
    app = create_app(Settings())
    app.add_api_route("/api/v1/orders", endpoint)
    with pytest.raises(RouteWithoutRule, match="is for roles, and checks none"):
        require_rules(app.routes)


def test_the_document_says_of_each_operation_which_roles_are_let_in() -> None:
    paths = create_app(Settings()).openapi()["paths"]
    for row, rule in ROUTES.items():
        method, path = row.split(" ")
        operation = paths.get(path, {}).get(method.lower())
        if operation is None:
            continue
        if isinstance(rule, TokenFree):
            assert "security" not in operation, row
            continue
        assert [need["bearer"] for need in operation["security"]] == [[role] for role in rule.roles], row
        assert operation["description"].endswith(f"\n\nRoles: {', '.join(rule.roles)}."), row
        limited = [role for role in rule.roles if rule.reach(role) is Reach.OWN]
        assert (f"Only what is their own: {', '.join(limited)}." in operation["description"]) is bool(limited), row


def test_every_rule_lets_somebody_in() -> None:
    rules = [rule for rule in (*ROUTES.values(), *RIGHTS.values()) if isinstance(rule, Rule)]
    assert all(set(rule.roles) <= set(ROLES) and rule.roles for rule in rules)


@pytest.mark.parametrize("customer", [OWNER, None])
@pytest.mark.parametrize("owner", [OWNER, OTHER, None])
def test_only_the_owner_has_what_is_in_reach_of_owners(customer: UUID | None, owner: UUID | None) -> None:
    caller = Caller(Identity("customer", str(OWNER)), Reach.OWN, customer, "1", good_until=0.0)
    if customer is not None and customer == owner:
        caller.must_own(owner, "order")
        return
    with pytest.raises(NotFound, match="there is no order"):
        caller.must_own(owner, "order")


def test_what_is_in_reach_of_everybody_needs_no_owner() -> None:
    for owner in (OWNER, None):
        Caller(Identity("operator", "anna"), Reach.ANY, None, "1", good_until=0.0).must_own(owner, "order")


def test_every_action_of_staff_is_in_one_scope_or_of_oneself() -> None:
    table = [*ROUTES.items(), *RIGHTS.items()]
    others = {action for action, rule in table if isinstance(rule, Rule) and set(rule.roles) != {"customer"}}
    in_scopes = [action for actions in SCOPES.values() for action in actions]
    assert sorted([*in_scopes, *OF_ONESELF]) == sorted(others)
    assert set(SCOPES) == set(SCOPE_NAMES)


def test_a_scope_opens_its_actions_and_no_other_and_an_unknown_one_nothing() -> None:
    assert is_within("GET /api/v1/orders", None)
    assert is_within("GET /api/v1/orders", {"orders:read"})
    assert not is_within("POST /api/v1/orders", {"orders:read", "nonsense"})
    assert is_within("GET /api/v1/staff/me", ())


@pytest.mark.parametrize(
    ("one", "other", "left"),
    [
        (None, None, None),
        (["a"], None, {"a"}),
        (None, ["a"], {"a"}),
        (["a", "b"], ["b", "c"], {"b"}),
        (["a"], [], set()),
    ],
)
def test_two_limits_leave_what_both_let(one: list[str] | None, other: list[str] | None, left: set[str] | None) -> None:
    found = both(one, other)
    assert (None if found is None else set(found)) == left


@pytest.mark.parametrize(
    ("wanted", "own", "beyond"),
    [(None, None, False), (["a"], None, False), (None, ["a"], True), (["a"], ["a", "b"], False), (["b"], ["a"], True)],
)
def test_nobody_gives_more_than_they_have(wanted: list[str] | None, own: list[str] | None, beyond: bool) -> None:
    assert goes_beyond(wanted, own) is beyond


def test_scopes_that_are_typed_are_known_and_in_order() -> None:
    assert typed_scopes([]) is None
    assert typed_scopes(["stock:write", "stock:read", "stock:read"]) == ("stock:read", "stock:write")
    with pytest.raises(BadUsage, match="there is no scope 'stock'; there are products:read, "):
        typed_scopes(["stock"])
