"""API keys of services: shown once, good for their scopes and no longer than they should be, and known by their hash
alone."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any, get_args
from uuid import UUID, uuid4

import httpx2
import psycopg
import pytest
from structlog.testing import capture_logs

from api.live import stream
from api.permissions import OF_ONESELF, RIGHTS, ROUTES, SCOPES, Reach, Rule
from commerce.eventstore import Append, Event, Metadata, in_stream
from commerce.machines import key_checks
from commerce.machines.events import ApiKeyIssued, ApiKeyReplaced
from commerce.machines.key_text import digest_of, write_key
from commerce.runtime.scopes import ServiceScope
from commerce.values import ids
from tests.conftest import Database
from tests.integration.api.access import make_things, operations, statements
from tests.integration.api.conftest import Shop, key, order, serving
from tests.integration.api.event_stream import listening
from tests.integration.api.test_problems import check
from tests.waiting import LIMIT_S, eventually

ALL = sorted(get_args(ServiceScope))


def bearer(api_key: str) -> dict[str, str]:
    """The header of a request with a key."""
    return {"Authorization": f"Bearer {api_key}"}


async def issued(shop: Shop, *scopes: str, service: str = "warehouse", **terms: Any) -> dict[str, Any]:
    """A new key, with what is answered beside it."""
    body = {"service": service, "scopes": scopes or ALL, **terms}
    answer = await shop.client("operator", "anna").post("/auth/keys", json=body, headers=key())
    assert answer.status_code == 201, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    found: dict[str, Any] = answer.json()
    return found


async def recorded(shop: Shop, *events: Event) -> str:
    """A key of whose past this is on record, which nobody could have asked for now."""
    secret = write_key(os.urandom(32))
    stream = ids.api_key_id(digest_of(secret))
    first = events[0].model_copy(update={"digest": digest_of(secret)})
    await shop.store.append(Append(in_stream([first, *events[1:]], stream, after=0), None, Metadata("operator:anna")))
    return secret


def issue_event(until: timedelta) -> ApiKeyIssued:
    return ApiKeyIssued(
        service="warehouse", scopes=("orders:read",), digest="", beginning="cmk_", expires_at=datetime.now(UTC) + until
    )


async def test_a_key_does_what_its_scopes_say_in_the_name_of_its_service(shop: Shop) -> None:
    await shop.stock("lamp")
    found = await issued(shop, "stock:read", "stock:write")
    receipt = {"quantity": 1}
    answer = await shop.client().post("/inventory/lamp/receipts", json=receipt, headers=bearer(found["key"]) | key())
    assert answer.status_code == 201
    (moved,) = await shop.store.read_log(answer.json()["position"] - 1, answer.json()["position"])
    assert moved.metadata.actor == "service:warehouse"
    refused = await shop.client().post("/orders", json=order(), headers=bearer(found["key"]) | key())
    assert "orders:place" in check(refused, 403, "not-allowed")["detail"]
    assert 'error="insufficient_scope"' in refused.headers["WWW-Authenticate"]


@pytest.mark.parametrize("scope", ["orders:read", pytest.param("shipments:move", marks=pytest.mark.long)])
async def test_a_key_opens_the_routes_of_its_scope_and_no_other(shop: Shop, scope: str) -> None:
    things = await make_things(shop)
    found = await issued(shop, scope)
    actions = SCOPES[scope]  # type: ignore[index]
    client = shop.client()
    for operation in operations():
        if isinstance(operation.rule, Rule):
            headers = dict(client.headers)
            client.headers.update(bearer(found["key"]))
            answer = await operation.ask(client, shop.url, things.own)
            client.headers = httpx2.Headers(headers)
            action, is_for_services = f"{operation.method} {operation.path}", operation.rule.service is not Reach.NONE
            is_open = action in actions or (action in OF_ONESELF and is_for_services)
            assert (answer.status_code != 403) is is_open, (operation, answer.text)


async def test_another_price_needs_a_scope_of_its_own(shop: Shop) -> None:
    await shop.stock("lamp")
    body = order()
    body["lines"][0]["unit_price"] = {"amount": "1.00", "currency": "EUR"}
    for scopes, accepted in ((("orders:place",), False), (("orders:place", "prices:set"), True)):
        found = await issued(shop, *scopes)
        answer = await shop.client().post("/orders", json=body, headers=bearer(found["key"]) | key())
        assert answer.is_success is accepted, answer.text


async def test_a_key_is_shown_once_and_stands_nowhere(shop: Shop, database: Database) -> None:
    with capture_logs() as lines:
        found = await issued(shop)
        secret = found["key"]
        assert (await shop.client().get("/orders", headers=bearer(secret))).status_code == 200
        assert (await shop.client().get("/reports/sales", headers=bearer(secret))).status_code == 403
    await shop.show()
    listed = await shop.client("auditor").get("/auth/keys")
    one = await shop.client("operator").get(f"/auth/keys/{found['key_id']}")
    audit = await shop.client("auditor").get("/audit/events", params={"topic": ApiKeyIssued.TOPIC})
    for text in (listed.text, one.text, audit.text, str(lines)):
        assert secret not in text
        assert secret[10:] not in text
    assert listed.json()["items"] == [one.json()]
    told = audit.json()["items"][0]["text"]
    assert told.startswith("Operator anna issued a key for the service warehouse, good for ")
    with psycopg.connect(database.admin_url) as owner:
        tables = owner.execute("SELECT table_schema, table_name FROM information_schema.tables").fetchall()
        for schema, table in tables:
            if schema not in ("pg_catalog", "information_schema"):
                rows = owner.execute(f'SELECT * FROM "{schema}"."{table}"').fetchall()
                assert secret not in str(rows), table


async def test_a_request_for_a_key_that_is_sent_again_is_answered_with_the_same_key(shop: Shop) -> None:
    operator, headers = shop.client("operator"), key()
    body = {"service": "warehouse", "scopes": ["stock:read"]}
    answers = await asyncio.gather(*(operator.post("/auth/keys", json=body, headers=headers) for _ in range(20)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    events = await shop.store.read_log(0, 10**6, topics=[ApiKeyIssued.TOPIC])
    assert len(events) == 1
    other = await operator.post("/auth/keys", json={**body, "scopes": ["stock:write"]}, headers=headers)
    check(other, 422, "idempotency-key-reused")
    check(await operator.post("/auth/keys", json=body), 400, "malformed-request")


async def test_a_key_ends_with_its_time(shop: Shop) -> None:
    good = await recorded(shop, issue_event(timedelta(hours=1)))
    assert (await shop.client().get("/orders", headers=bearer(good))).status_code == 200
    over = await recorded(shop, issue_event(timedelta(seconds=-1)))
    replaced = ApiKeyReplaced(service="warehouse", successor=uuid4(), ends_at=datetime.now(UTC) - timedelta(seconds=1))
    late = await recorded(shop, issue_event(timedelta(hours=1)), replaced)
    for ended in (over, late):
        answer = await shop.client().get("/orders", headers=bearer(ended))
        check(answer, 401, "invalid-token")
        assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]
    for wrong in ("2001-01-01", "2099-01-01", "tomorrow", 5):
        body = {"service": "warehouse", "scopes": ["stock:read"], "expires_at": wrong}
        answer = await shop.client("operator").post("/auth/keys", json=body, headers=key())
        assert check(answer, 422, "invalid-input")["errors"][0]["field"] == "expires_at"


async def test_a_rotated_key_is_good_beside_the_new_one_until_the_stated_time(shop: Shop) -> None:
    first = await issued(shop, "orders:read")
    operator, path = shop.client("operator"), f"/auth/keys/{first['key_id']}/rotation"
    ends_at = (datetime.now(UTC) + timedelta(hours=2)).isoformat()
    headers = key()
    answer = await operator.post(path, json={"ends_at": ends_at}, headers=headers)
    assert answer.status_code == 201, answer.text
    second = answer.json()
    assert (second["replaces"], second["scopes"]) == (first["key_id"], ["orders:read"])
    assert datetime.fromisoformat(second["replaced_ends_at"]) == datetime.fromisoformat(ends_at)
    assert (await operator.post(path, json={"ends_at": ends_at}, headers=headers)).json() == second
    for one in (first, second):
        assert (await shop.client().get("/orders", headers=bearer(one["key"]))).status_code == 200
    assert (
        second["key_id"]
        in check(await operator.post(path, json={}, headers=key()), 409, "api-key-replaced-before")["detail"]
    )
    await shop.show()
    listed = {one["key_id"]: one for one in (await operator.get("/auth/keys")).json()["items"]}
    assert [listed[one["key_id"]]["status"] for one in (first, second)] == ["replaced", "active"]
    assert listed[first["key_id"]]["replaced_by"] == second["key_id"]
    check(await operator.post(f"/auth/keys/{uuid4()}/rotation", json={}, headers=key()), 404, "not-found")


async def test_a_revoked_key_opens_nothing_in_any_process(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_checks, "KNOWN_FOR_S", 0.2)
    found = await issued(shop, "orders:read")
    headers = bearer(found["key"])
    async with serving(shop.settings) as other, httpx2.AsyncClient(verify=False) as elsewhere:
        for _ in range(2):
            assert (await elsewhere.get(f"{other}/api/v1/orders", headers=headers)).status_code == 200
            assert (await shop.client().get("/orders", headers=headers)).status_code == 200
        operator = shop.client("operator", "berta")
        for _ in range(2):
            revoked = await operator.delete(f"/auth/keys/{found['key_id']}")
            assert (revoked.status_code, revoked.json()["status"]) == (200, "revoked")
        check(await shop.client().get("/orders", headers=headers), 401, "invalid-token")

        async def refused() -> bool:
            return (await elsewhere.get(f"{other}/api/v1/orders", headers=headers)).status_code == 401

        await eventually(refused)
    check(await operator.post(f"/auth/keys/{found['key_id']}/rotation", json={}, headers=key()), 409, "api-key-ended")
    check(await operator.delete(f"/auth/keys/{uuid4()}"), 404, "not-found")


def lookups(asked: Counter[str]) -> int:
    """How often a stream was read."""
    return sum(count for text, count in asked.items() if "originator_id = ANY" in text)


async def test_what_is_no_key_of_ours_is_refused_and_one_that_cannot_be_one_is_not_looked_up(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = write_key(os.urandom(32))
    with statements(monkeypatch) as asked:
        for wrong in (secret[:-1] + ("a" if secret[-1] != "a" else "b"), "cmk_", "cmk_" + "a" * 49, secret + "a"):
            check(await shop.client().get("/orders", headers=bearer(wrong)), 401, "invalid-token")
        assert not lookups(asked)
        check(await shop.client().get("/orders", headers=bearer(secret)), 401, "invalid-token")
        assert lookups(asked) == 1


async def test_the_last_use_is_noted_once_in_a_while_and_is_no_event(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = await issued(shop, "products:read")
    operator, path = shop.client("operator"), f"/auth/keys/{found['key_id']}"
    assert (await operator.get(path)).json()["last_used_at"] is None
    head = await shop.store.head()
    with statements(monkeypatch) as asked:
        for _ in range(5):
            assert (await shop.client().get("/products", headers=bearer(found["key"]))).status_code == 200
        assert sum(count for text, count in asked.items() if "commerce_api_key_uses" in text) == 1
    assert await shop.store.head() == head
    used = datetime.fromisoformat((await operator.get(path)).json()["last_used_at"])
    assert abs(datetime.now(UTC) - used) < timedelta(minutes=1)


async def test_keys_are_listed_in_pages_and_by_service(shop: Shop) -> None:
    made = [(await issued(shop, service=name))["key_id"] for name in ("till", "warehouse", "till")]
    await shop.show()
    operator = shop.client("operator")
    page = (await operator.get("/auth/keys", params={"limit": 2})).json()
    assert [one["key_id"] for one in page["items"]] == [made[2], made[1]]
    rest = (await operator.get("/auth/keys", params={"cursor": page["next_cursor"]})).json()
    assert ([one["key_id"] for one in rest["items"]], rest["next_cursor"]) == ([made[0]], None)
    of_till = (await operator.get("/auth/keys", params={"service": "till"})).json()
    assert [one["key_id"] for one in of_till["items"]] == [made[2], made[0]]
    check(await operator.get(f"/auth/keys/{UUID(int=0)}"), 404, "not-found")


def test_every_action_of_a_service_is_in_one_scope_and_those_of_services_have_actions_of_services_only() -> None:
    table = [*ROUTES.items(), *RIGHTS.items()]
    open_to_services = {action for action, rule in table if isinstance(rule, Rule) and rule.service is not Reach.NONE}
    in_scopes = [action for scope in ALL for action in SCOPES[scope]]
    assert sorted(in_scopes) == sorted(open_to_services - OF_ONESELF)


async def test_a_stream_ends_once_its_key_is_revoked(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "LONGEST_STREAM_S", 3600.0)
    monkeypatch.setattr(stream, "RECHECK_S", 0.05)
    await shop.stock("lamp")
    found = await issued(shop, "stock:read")
    async with httpx2.AsyncClient(base_url=f"{shop.url}/api/v1", headers=bearer(found["key"]), timeout=LIMIT_S) as till:
        async with listening(till, "/inventory/events?sku=lamp", "p1-0") as told:
            assert (await told.next()).data["topic"].startswith("inventory.")
            await shop.client("operator").delete(f"/auth/keys/{found['key_id']}")
            assert (await told.rest())[-1].type == "expired"
        check(await till.get("/inventory"), 401, "invalid-token")
