"""`/api/v1` is frozen: clients that were written for the committed document go on working."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from tests.pages.api_changes import breaking_changes
from tests.pages.api_document import frozen_document, present_document

Document = dict[str, Any]

FROZEN = frozen_document()
ORDERS, ORDER = "/api/v1/orders", "/api/v1/orders/{order_id}"


def test_no_client_of_the_committed_document_breaks() -> None:
    assert breaking_changes(FROZEN, present_document()) == [], "take it back, or make it a version of its own: /api/v2"


def test_a_document_breaks_none_of_its_own_clients() -> None:
    assert breaking_changes(FROZEN, FROZEN) == []


def schema(document: Document, name: str) -> Document:
    """A shape of the document."""
    found: Document = document["components"]["schemas"][name]
    return found


def parameter(document: Document, path: str, name: str) -> Document:
    """A parameter of the query of a list."""
    (found,) = [one for one in document["paths"][path]["get"]["parameters"] if one["name"] == name]
    result: Document = found
    return result


BROKEN: dict[str, tuple[Callable[[Document], object], str]] = {
    "a path": (lambda it: it["paths"].pop(ORDER), "is gone"),
    "a method": (lambda it: it["paths"][ORDERS].pop("post"), "POST /api/v1/orders is gone"),
    "an operation's name": (lambda it: it["paths"][ORDERS]["get"].update(operationId="x"), "operationId"),
    "a parameter": (lambda it: parameter(it, ORDERS, "status").update(name="state"), "status is gone"),
    "a parameter that is needed": (lambda it: parameter(it, ORDERS, "sku").update(required=True), "sku is needed"),
    "a role": (lambda it: it["paths"][ORDERS]["get"]["security"].pop(), "closed to"),
    "a status": (lambda it: it["paths"][ORDERS]["post"]["responses"].pop("202"), "does not answer 202"),
    "a header": (lambda it: it["paths"][ORDERS]["post"]["responses"]["202"]["headers"].pop("Location"), "no Location"),
    "a field that is taken": (lambda it: schema(it, "PlaceOrder")["properties"].pop("phone"), "body.phone is gone"),
    "a field that is needed": (lambda it: schema(it, "PlaceOrder")["required"].append("email"), "email is needed"),
    "a shorter text": (lambda it: _limit(it, "Address", "name", maxLength=10), "another maxLength"),
    "another pattern": (lambda it: _limit(it, "Price", "amount", pattern="^x$"), "another pattern"),
    "more pieces at least": (lambda it: _limit(it, "OrderLineRequest", "quantity", minimum=2), "another minimum"),
    "a narrower type": (lambda it: _limit(it, "CancellationRequest", "reason", type="integer"), "not integer"),
    "a word that is taken": (lambda it: schema(it, "OrderStatus")["enum"].remove("placed"), "is not placed"),
    "a field of an answer": (lambda it: _without(it, "Order", "total"), "total may be left out"),
    "an answer's type": (lambda it: _limit(it, "Order", "version", type="string"), "version is string"),
    "an answer that may be null": (
        lambda it: schema(it, "Order")["properties"].update(currency={"anyOf": [{"type": "string"}, {"type": "null"}]}),
        "currency",
    ),
}


def _limit(document: Document, name: str, field: str, **limits: object) -> None:
    schema(document, name)["properties"][field].update(limits)


def _without(document: Document, name: str, field: str) -> None:
    schema(document, name)["properties"].pop(field)
    schema(document, name)["required"].remove(field)


@pytest.mark.parametrize("change", BROKEN)
def test_what_takes_something_away_is_found(change: str) -> None:
    changed = deepcopy(FROZEN)
    make, said = BROKEN[change]
    make(changed)
    found = breaking_changes(FROZEN, changed)
    assert any(said in one for one in found), found


def test_what_is_added_breaks_nobody() -> None:
    changed = deepcopy(FROZEN)
    changed["paths"]["/api/v1/new"] = deepcopy(changed["paths"][ORDER])
    changed["paths"][ORDERS]["get"]["parameters"].append({"name": "new", "in": "query", "schema": {"type": "string"}})
    changed["paths"][ORDERS]["post"]["responses"]["418"] = {"description": "a teapot"}
    schema(changed, "PlaceOrder")["properties"]["new"] = {"type": "string"}
    schema(changed, "Order")["properties"]["new"] = {"type": "string"}
    schema(changed, "Order")["required"].append("new")
    _limit(changed, "Address", "name", maxLength=10_000)
    assert breaking_changes(FROZEN, changed) == []
