"""The routes of the API as the table of permissions has them, and how each is asked for about somebody's thing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx2
import psycopg
import pytest

from api.app import create_app
from api.http.resource import StrictRoute
from api.permissions import ROUTES, Reach, Rule, TokenFree
from api.schemas.customers import EXAMPLE_REGISTRATION
from commerce.runtime.settings import Settings
from tests.integration.api.conftest import CHANGING, Shop, key, order
from tests.integration.api.described import body_example, sent_as

SKU = "TEA-ASSAM-250"
_PLACES = {"provider": "http", "name": "orders", "group": "0" * 12, "sku": SKU, "position": "1"}
_OF_THE_THING = (
    *("order_id", "stream_id", "customer_id", "shipment_id", "key_id", "member_id", "session_id"),
    "endpoint_id",
)


@dataclass(frozen=True)
class Operation:
    """A row of the table, and how it is asked for."""

    method: str
    path: str
    rule: Rule | TokenFree
    described: dict[str, Any]
    """How the OpenAPI document has it."""
    body: Any
    query: dict[str, str]
    """The parameters that it has to be asked with."""
    at_a_time: bool
    """Whether it shows a thing as it was."""

    @property
    def is_owned(self) -> bool:
        """Whether it is about one thing, which for some role has to be their own."""
        return isinstance(self.rule, Rule) and "{order_id}" in self.path and self.rule.customer is Reach.OWN

    async def ask(
        self, client: httpx2.AsyncClient, url: str, thing: str, params: dict[str, str] | None = None
    ) -> httpx2.Response:
        """Ask for it, about a thing of this id."""
        places = {**_PLACES, **dict.fromkeys(_OF_THE_THING, thing)}
        path = self.path.format(**places)
        sent = sent_as(self.described, self.body, key())
        query = {**self.query, **(params or {})}
        return await client.request(self.method, f"{url}{path}", params=query, **sent)


def operations() -> list[Operation]:
    """Every row of the table whose route is in the OpenAPI document, in the order of their
    paths."""
    app = create_app(Settings())
    strict = [one for one in app.routes if isinstance(one, StrictRoute)]
    routes = {f"{method} {one.path}": one for one in strict for method in one.methods or ()}
    document = app.openapi()
    found = []
    for row, rule in ROUTES.items():
        if row not in routes or not routes[row].include_in_schema:
            continue
        method, path = row.split(" ")
        operation = document["paths"][path][method.lower()]
        body = body_example(document, operation)
        parameters = operation.get("parameters", ())
        query = {one["name"]: one["example"] for one in parameters if one["in"] == "query" and one["required"]}
        known = {parameter["name"] for parameter in parameters}
        found.append(Operation(method, path, rule, operation, body, query, {"version", "as_of"} <= known))
    return sorted(found, key=lambda one: (one.path, one.method))


@dataclass(frozen=True)
class Things:
    """Two customers, an order of each, and an id that nothing has."""

    customer: str
    own: str
    foreign: str
    missing: str


async def make_things(shop: Shop) -> Things:
    """Have two customers place an order each, and the one of the examples register."""
    await shop.stock(SKU)
    (await shop.client().post("/customers", json=EXAMPLE_REGISTRATION)).raise_for_status()

    async def placed(customer: str) -> str:
        answer = await shop.client("customer", customer).post("/orders", json=order((SKU, 1)), headers=key())
        return str(answer.raise_for_status().json()["order_id"])

    customer = str(uuid4())
    things = Things(customer, await placed(customer), await placed(str(uuid4())), str(uuid4()))
    await shop.show()
    return things


@contextmanager
def statements(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter[str]]:
    """What is asked of the database while the block runs, by text; also what the process asks by itself."""
    asked: Counter[str] = Counter()
    execute = psycopg.AsyncCursor.execute

    async def counted(self: psycopg.AsyncCursor[Any], query: Any, *arguments: Any, **options: Any) -> Any:
        asked[str(query)] += 1
        return await execute(self, query, *arguments, **options)

    with monkeypatch.context() as patched:
        patched.setattr(psycopg.AsyncCursor, "execute", counted)
        yield asked


def seen_of(answer: httpx2.Response, thing: str) -> tuple[int, str, dict[str, str]]:
    """What somebody learns from an answer about a thing: everything but the id that they asked with, of the thing and
    of the request, and how often they may ask still."""
    headers = {name: value.replace(thing, "…") for name, value in answer.headers.items() if name not in CHANGING}
    return answer.status_code, answer.text.replace(thing, "…"), headers
