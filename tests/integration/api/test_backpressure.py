"""A database that is away or frozen, and a queue that is full: no client hangs, and each is told when to ask again."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx2
import psycopg
import pytest

from api.http import edge
from api.live import stream
from commerce.eventstore import EventStore
from commerce.eventstore import store as store_module
from commerce.eventstore.append import queue
from commerce.runtime.settings import Settings
from commerce.runtime.tokens import issue_token
from tests.conftest import Database
from tests.integration.api.conftest import Shop, key, order, serving
from tests.integration.api.described import body_example, sent_as
from tests.integration.api.test_health import unreachable
from tests.integration.eventstore.proxy import Proxy, proxied
from tests.waiting import LIMIT_S, eventually

APPEND_LOCK = 7305461


@pytest.fixture
def short_timeouts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fifth of what is waited for a session, a quarter of what an append is tried for."""
    monkeypatch.setattr(store_module, "CONNECTION_TIMEOUT_S", 1.0)
    monkeypatch.setattr(queue, "APPEND_TIMEOUT_S", 2.0)


@dataclass(frozen=True)
class Told:
    """What a client was answered."""

    what: str
    answer: httpx2.Response


async def every_route(client: httpx2.AsyncClient, role: str = "operator") -> list[Told]:
    """Ask everything that operators can ask, or that customers can and operators cannot, all at once, with the examples
    of the API's own description."""
    described = (await client.get(f"{str(client.base_url).removesuffix('/api/v1/')}/openapi.json")).json()
    return await asyncio.gather(*(ask(client, *command) for command in commands(described, role)))


def commands(described: dict[str, Any], role: str) -> Iterable[tuple[str, str, Any]]:
    """Method, path and what is sent for each operation under /api/v1 that takes a token of this role."""
    places = {"sku": "lamp", "name": "orders", "group": "4f1d2a9c0b7e", "position": "1"}
    for path, operations in described["paths"].items():
        for method, operation in operations.items() if path.startswith("/api/v1") else ():
            roles = operation["description"].rpartition("Roles: ")[2]
            if "security" not in operation or (role == "operator") is not ("operator" in roles):
                continue
            if path.startswith("/api/v1/staff/me"):  # this operator is of the command line, and has no account
                continue
            if path == "/api/v1/auth/usage":  # this process knows it by itself
                continue
            filled = re.sub(r"\{(\w+)\}", lambda found: places.get(found[1], str(uuid4())), path)
            wanted = [one for one in operation.get("parameters", ()) if one["in"] == "query" and one["required"]]
            query = "&".join(f"{one['name']}={one['example']}" for one in wanted)
            sent = sent_as(operation, body_example(described, operation), key())
            yield method.upper(), f"{filled.removeprefix('/api/v1')}?{query}", sent


async def ask(client: httpx2.AsyncClient, method: str, path: str, sent: dict[str, Any] | None = None) -> Told:
    """One request, with a key that nobody else has."""
    answer = await client.request(method, path, **(sent or {"headers": key()}))
    return Told(f"{method} {path}", answer)


def assert_asked_to_come_again(told: Told) -> None:
    """503, when to come again, and why, in the shape of every other error."""
    assert told.answer.status_code == 503, (told.what, told.answer.text)
    assert int(told.answer.headers["Retry-After"]) >= 1, told.what
    assert told.answer.headers["Content-Type"] == "application/problem+json", told.what
    assert told.answer.json()["type"] == "/docs/problems/unavailable", told.what


@asynccontextmanager
async def far_shop(settings: Settings, store: EventStore, proxy: Proxy) -> AsyncIterator[httpx2.AsyncClient]:
    """An operator's client of an API that reaches its database through a proxy, with one product."""
    own = settings.model_copy(update={"database_url": proxy.address})
    headers = {"Authorization": f"Bearer {issue_token(own, role='operator', subject='olga')}"}
    async with (
        serving(own) as url,
        httpx2.AsyncClient(base_url=f"{url}/api/v1", headers=headers, timeout=LIMIT_S) as client,
    ):
        await client.put("/products/lamp", json={"name": "The lamp", "price": {"amount": "10.00", "currency": "EUR"}})
        yield client


@pytest.mark.usefixtures("short_timeouts")
async def test_every_route_says_when_to_come_again_while_the_database_is_away(shop: Shop, database: Database) -> None:
    await shop.stock("lamp")
    operator = shop.client("operator")
    with unreachable(database):
        answers = await every_route(operator)
        answers += await every_route(shop.client("customer", str(uuid4())), "customer")
    assert len(answers) > 25
    for told in answers:
        assert_asked_to_come_again(told)
    assert (await operator.post("/orders", json=order(), headers=key())).status_code == 202


@pytest.mark.usefixtures("short_timeouts")
async def test_every_route_answers_although_the_database_is_frozen_and_works_when_it_is_back(
    settings: Settings, store: EventStore, database: Database
) -> None:
    async with proxied(database.app_url) as proxy, far_shop(settings, store, proxy) as client:
        proxy.fault = "silent"
        answers = await every_route(client)
        for told in answers:
            assert_asked_to_come_again(told)
        proxy.fault = None

        async def all_work() -> bool:
            return all(told.answer.status_code < 500 for told in await every_route(client))

        await eventually(all_work)


@pytest.mark.usefixtures("short_timeouts")
async def test_a_request_that_finds_no_answer_in_time_is_given_up_and_one_that_has_begun_its_answer_is_not(
    shop: Shop, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await shop.stock("lamp")
    operator = shop.client("operator")
    monkeypatch.setattr(edge, "ANSWER_TIMEOUT_S", 1.0)
    with psycopg.connect(database.admin_url) as somebody:
        somebody.execute("LOCK TABLE projections.products")
        late = await operator.get("/products")
        assert_asked_to_come_again(Told("a query of what is locked", late))
        assert "within 1 s" in late.json()["detail"]
    assert (await operator.get("/products")).status_code == 200
    monkeypatch.setattr(stream, "LONGEST_STREAM_S", 1.5)
    streamed = await operator.get("/inventory/events", params={"sku": "lamp"})
    assert streamed.status_code == 200
    assert streamed.elapsed.total_seconds() > 1.2


@pytest.mark.usefixtures("short_timeouts")
async def test_an_order_whose_append_is_frozen_is_answered_and_can_be_sent_again(
    settings: Settings, store: EventStore, database: Database
) -> None:
    async with (
        proxied(database.app_url) as proxy,
        far_shop(settings, store, proxy) as client,
        await psycopg.AsyncConnection.connect(database.app_url, autocommit=True) as other,
    ):
        (await client.post("/orders", json=order(), headers=key())).raise_for_status()  # so that prices are known
        await other.execute("SELECT pg_advisory_lock(%s)", [APPEND_LOCK])
        headers = key()
        placing = asyncio.create_task(client.post("/orders", json=order(), headers=headers))
        await waits_for_the_lock(other)
        proxy.fault = "silent"
        answer = await placing
        assert_asked_to_come_again(Told("POST /orders", answer))
        assert "unknown" in answer.json()["detail"] or "does not answer" in answer.json()["detail"]
        proxy.fault = None
        await other.execute("SELECT pg_advisory_unlock(%s)", [APPEND_LOCK])
        again: list[httpx2.Response] = []

        async def accepted() -> bool:
            again.append(await client.post("/orders", json=order(), headers=headers))
            return again[-1].status_code == 202

        await eventually(accepted)
        await eventually(accepted)
        first, second = (one.json() for one in again if one.status_code == 202)
        assert first == second


async def waits_for_the_lock(connection: psycopg.AsyncConnection[Any]) -> None:
    """Until somebody's append waits for the one that this session holds."""

    async def waits() -> bool:
        query = "SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = %s AND NOT granted"
        return await (await connection.execute(query, [APPEND_LOCK])).fetchone() is not None

    await eventually(waits)


async def test_when_the_queue_is_full_commands_are_rejected_at_once_and_those_in_it_go_through(
    shop: Shop, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "LONGEST_QUEUE_COMMANDS", 4)
    monkeypatch.setattr(queue, "APPEND_TIMEOUT_S", LIMIT_S)
    await shop.stock("lamp")
    operator = shop.client("operator")
    (await operator.post("/orders", json=order(), headers=key())).raise_for_status()
    answers: list[Told] = []

    async def place() -> None:
        answers.append(await ask(operator, "POST", "/orders", {"json": order(), "headers": key()}))

    async with (
        await psycopg.AsyncConnection.connect(database.app_url, autocommit=True) as other,
        asyncio.TaskGroup() as clients,
    ):
        await other.execute("SELECT pg_advisory_lock(%s)", [APPEND_LOCK])
        clients.create_task(place())
        await waits_for_the_lock(other)
        for _ in range(20):
            clients.create_task(place())
        await eventually(lambda: len(answers) == 16)
        rejected = list(answers)
        await other.execute("SELECT pg_advisory_unlock(%s)", [APPEND_LOCK])
    for told in rejected:
        assert_asked_to_come_again(told)
        assert told.answer.json()["detail"] == "too many commands are waiting"
    assert [told.answer.status_code for told in answers[16:]] == [202] * 5


async def test_every_command_is_rejected_while_the_queue_is_full(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    await shop.stock("lamp")
    operator = shop.client("operator")
    placed = (await operator.post("/orders", json=order(), headers=key())).raise_for_status().json()["order_id"]
    monkeypatch.setattr(queue, "LONGEST_QUEUE_COMMANDS", 0)
    for method, path, body in (
        ("PUT", "/products/new", {"name": "New", "price": {"amount": "1.00", "currency": "EUR"}}),
        ("POST", "/inventory/lamp/receipts", {"quantity": 1}),
        ("POST", "/inventory/lamp/adjustments", {"quantity": 1, "reason": "found"}),
        ("POST", "/orders", order()),
        ("POST", f"/orders/{placed}/cancellation", {"reason": "changed my mind"}),
        ("GET", f"/orders/{placed}", None),  # somebody else's data: the look has to be recorded first
    ):
        assert_asked_to_come_again(await ask(operator, method, path, {"json": body, "headers": key()}))
