"""Webhook endpoints by the API: added, changed, rotated and removed; what is delivered is listed and replayed."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from api.routers import webhook_endpoints
from commerce.runtime.settings import Settings
from commerce.webhooks import deliveries
from tests.catch_up import catch_up
from tests.conftest import Database
from tests.integration.api.conftest import Shop, key, order
from tests.integration.api.test_problems import check
from tests.integration.api.test_waiting import ended
from workers.webhook_deliveries.subscription import webhook_subscription

URL = "https://erp.example/hooks"
PATH = webhook_endpoints.router.prefix.removeprefix("/api/v1")


async def added(shop: Shop, **terms: Any) -> dict[str, Any]:
    """A new endpoint, as it is answered."""
    answer = await shop.client("operator", "anna").post(PATH, json={"url": URL, **terms}, headers=key())
    assert answer.status_code == 201, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    found: dict[str, Any] = answer.json()
    return found


async def placed(shop: Shop) -> None:
    (await shop.client("operator").post("/orders", json=order(), headers=key())).raise_for_status()


async def deliver(shop: Shop) -> None:
    """Have it written down what is to be delivered."""
    await catch_up(shop.store, webhook_subscription(asyncio.Event()))


async def test_an_endpoint_is_added_once_and_its_secret_is_shown_once(shop: Shop, database: Database) -> None:
    operator, once = shop.client("operator", "anna"), key()
    body = {
        "url": URL,
        "event_types": ["ordering.OrderShipped", "ordering.OrderPlaced"],
        "notice_to": "it@shop.example",
    }
    answers = await asyncio.gather(*(operator.post(PATH, json=body, headers=once) for _ in range(5)))
    found = answers[0].json()
    assert {answer.status_code for answer in answers} == {201}
    assert [answer.json() for answer in answers] == [found] * 5
    assert found["secret"].startswith("whsec_")
    check(await operator.post(PATH, json={"url": URL}, headers=once), 422, "idempotency-key-reused")
    check(await operator.post(PATH, json=body), 400, "malformed-request")

    await shop.show()
    one = await operator.get(answers[0].headers["Location"].removeprefix("/api/v1"))
    (listed,) = (await operator.get(PATH)).json()["items"]
    assert one.json() == listed
    assert listed["event_types"] == sorted(body["event_types"])
    assert (listed["notice_to"], listed["status"], listed["added_by"]) == (
        "it@shop.example",
        "enabled",
        "operator:anna",
    )
    assert "secret" not in listed
    await deliver(shop)
    with psycopg.connect(database.admin_url) as connection:
        for table in ("commerce_events", "commerce_idempotency", "commerce_webhook_endpoints"):
            text = "".join(map(str, connection.execute(f"SELECT t::text, to_jsonb(t)::text FROM {table} t").fetchall()))
            assert found["secret"].removeprefix("whsec_") not in text
            assert "it@shop.example" not in text


async def test_what_cannot_be_an_endpoint_is_refused_and_says_what_can(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    operator = shop.client("operator")
    for url in ("http://erp.example/", "https://127.0.0.1/", "https://u:p@erp.example/", "https://169.254.169.254/"):
        problem = check(await operator.post(PATH, json={"url": url}, headers=key()), 422, "invalid-input")
        assert problem["errors"][0]["field"] == "url"
    wrong = {"url": URL, "event_types": ["ordering.Nothing"]}
    check(await operator.post(PATH, json=wrong, headers=key()), 422, "invalid-input")
    found = await added(shop)
    await deliver(shop)
    monkeypatch.setattr(deliveries, "MOST_ENDPOINTS", 1)
    check(await operator.post(PATH, json={"url": URL}, headers=key()), 409, "too-many-endpoints")
    path = f"{PATH}/{found['endpoint_id']}"
    check(await operator.patch(path, json={"url": "https://10.0.0.1/"}), 422, "invalid-input")
    for method, further in (("GET", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/rotation"), ("GET", "/deliveries")):
        body: dict[str, Any] | None = None if method in ("GET", "DELETE") else {}
        check(await operator.request(method, f"{PATH}/{uuid4()}{further}", json=body, headers=key()), 404, "not-found")
    check(
        await operator.post(f"{path}/rotation", json={"previous_until": "2099-01-01"}, headers=key()),
        422,
        "invalid-input",
    )


async def test_an_endpoint_is_changed_rotated_disabled_enabled_and_removed(shop: Shop) -> None:
    operator = shop.client("operator", "anna")
    found = await added(shop, notice_to="it@shop.example")
    path = f"{PATH}/{found['endpoint_id']}"
    for change, shown in (
        (
            {"url": f"{URL}/2", "event_types": ["ordering.OrderPlaced"]},
            {"url": f"{URL}/2", "notice_to": "it@shop.example"},
        ),
        ({"notice_to": None}, {"notice_to": None, "event_types": ["ordering.OrderPlaced"]}),
        ({"event_types": []}, {"event_types": []}),
        ({"enabled": False}, {"status": "disabled", "disabled_reason": "by_operator"}),
        ({"enabled": True}, {"status": "enabled", "disabled_reason": None, "disabled_at": None}),
    ):
        (await operator.patch(path, json=change)).raise_for_status()
        assert (await operator.get(path)).json().items() >= shown.items()
    once = key()
    rotated, again = [(await operator.post(f"{path}/rotation", json={}, headers=once)).json() for _ in range(2)]
    assert rotated == again
    assert rotated["secret"] != found["secret"]
    ends = datetime.fromisoformat(rotated["previous_until"]) - datetime.now(UTC)
    assert timedelta(hours=23) < ends < timedelta(hours=25)
    for _ in range(2):
        (await operator.delete(path)).raise_for_status()
    check(await operator.get(path), 404, "not-found")
    await shop.show()
    assert (await operator.get(PATH)).json()["items"] == []


async def test_deliveries_are_listed_in_pages_and_replayed_one_by_one_and_since_a_time(
    shop: Shop, database: Database
) -> None:
    await shop.stock("lamp")
    await placed(shop)
    found = await added(shop)
    operator, path = shop.client("operator"), f"{PATH}/{found['endpoint_id']}"
    for _ in range(3):
        await placed(shop)
    await deliver(shop)
    first = (await operator.get(f"{path}/deliveries", params={"limit": 2})).json()
    rest = (await operator.get(f"{path}/deliveries", params={"limit": 2, "cursor": first["next_cursor"]})).json()
    listed = [*first["items"], *rest["items"]]
    assert rest["next_cursor"] is None
    assert [each["position"] for each in listed] == sorted((each["position"] for each in listed), reverse=True)
    assert {each["event_type"] for each in listed} == {"ordering.OrderPlaced"}
    assert len(listed) == 3
    one = listed[0]
    assert (await operator.get(f"{path}/deliveries/{one['position']}")).json() == one
    assert (await operator.get(f"{path}/deliveries", params={"status": "delivered"})).json()["items"] == []
    check(await operator.get(f"{path}/deliveries", params={"cursor": "nonsense"}), 422, "invalid-input")
    check(await operator.get(f"{path}/deliveries/1"), 404, "not-found")

    with psycopg.connect(database.app_url) as connection:
        connection.execute("UPDATE commerce_webhook_deliveries SET status = 'delivered', ended_at = clock_timestamp()")
    assert (await operator.post(f"{path}/deliveries/{one['position']}/replay")).status_code == 202
    check(await operator.post(f"{path}/deliveries/1/replay"), 404, "not-found")
    await deliver(shop)
    waiting = (await operator.get(f"{path}/deliveries", params={"status": "waiting"})).json()["items"]
    assert [each["position"] for each in waiting] == [one["position"]]

    async def taken(_: dict[str, Any]) -> None:
        await deliver(shop)
        with psycopg.connect(database.app_url) as connection:
            connection.execute("UPDATE commerce_webhook_deliveries SET status = 'delivered', ended_at = now()")

    awaited = await ended(operator, f"{path}/deliveries/{one['position']}/replay", {}, taken)
    assert (awaited.json()["position"], awaited.json()["status"]) == (one["position"], "delivered")
    answer = await operator.post(f"{path}/replay", json={"since": "2026-01-01"}, headers=key())
    assert (answer.status_code, answer.json()["after"]) == (202, 0)
    await deliver(shop)
    with psycopg.connect(database.app_url) as connection:
        assert connection.execute("SELECT behind FROM commerce_webhook_endpoints").fetchall() == [(0,)]
    (await operator.patch(path, json={"enabled": False})).raise_for_status()
    problem = check(
        await operator.post(f"{path}/replay", json={"since": "2026-01-01"}, headers=key()), 409, "endpoint-not-enabled"
    )
    assert "enable it" in problem["detail"]
    assert problem["actions"] == ["PATCH", "DELETE", "rotation"]


def test_a_setting_allows_inner_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not Settings().webhook_allow_private
    monkeypatch.setenv("COMMERCE_WEBHOOK_ALLOW_PRIVATE", "true")
    assert Settings().webhook_allow_private
