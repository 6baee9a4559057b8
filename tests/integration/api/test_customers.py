"""Customers register, see and change what is known of them, and close their account."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import httpx2
import psycopg

from tests.conftest import Database
from tests.integration.api.conftest import ADDRESS, Shop, key
from tests.integration.api.test_problems import JSON, check
from tests.plain_text import assert_sealed

PASSWORD = "a long sentence of mine"
PROFILE: dict[str, Any] = {
    "given_name": "Ada",
    "family_name": "Lovelace",
    "phone": "+44 20 7946 0000",
    "date_of_birth": "1915-12-10",
    "addresses": [{**ADDRESS, "line2": None, "region": None}],
}


async def register(shop: Shop, email: str = "ada@example.org", **changed: Any) -> httpx2.Response:
    """Ask for an account."""
    return await shop.client().post("/customers", json={"email": email, "password": PASSWORD} | changed)


async def registered(shop: Shop, email: str = "ada@example.org", **changed: Any) -> str:
    """The id of a new customer."""
    answer = await register(shop, email, **changed)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["customer_id"])


async def log_in(shop: Shop, email: str = "ada@example.org", password: str = PASSWORD) -> httpx2.Response:
    """Ask for tokens."""
    fields = {"grant_type": "password", "username": email, "password": password}
    return await shop.client().post("/auth/token", data=fields)


async def topics(shop: Shop) -> list[str]:
    """What stands in the log."""
    return [event.topic for event in await shop.store.read_log(0, 10**9)]


async def test_who_registers_sees_what_they_said_and_staff_who_look_are_recorded(shop: Shop) -> None:
    answer = await register(shop, **PROFILE)
    accepted = answer.json()
    assert (answer.status_code, accepted["version"], accepted["status"]) == (201, 2, "active")
    customer_id = accepted["customer_id"]
    assert answer.headers["Location"] == f"/api/v1/customers/{customer_id}"
    own = await shop.client("customer", customer_id).get("/customers/me")
    assert own.headers["ETag"] == answer.headers["ETag"] == '"2"'
    seen = own.json()
    assert {name: seen[name] for name in PROFILE} == PROFILE
    assert (seen["email"], seen["status"], seen["personal_data"]) == ("ada@example.org", "active", "readable")
    assert (await shop.client("operator", "olga").get(f"/customers/{customer_id}")).json() == seen
    readings = await shop.client("auditor").get(f"/audit/orders/{customer_id}/readings")
    assert [(one["actor"], one["route"]) for one in readings.json()["items"]] == [
        ("operator:olga", "GET /api/v1/customers/{customer_id}")
    ]
    found = await shop.client("operator", "otto").get("/customers", params={"email": "Ada@Example.org"})
    assert found.json() == {"items": [seen], "next_cursor": None}
    readings = await shop.client("auditor").get(f"/audit/orders/{customer_id}/readings")
    assert ("operator:otto", "GET /api/v1/customers") in [
        (one["actor"], one["route"]) for one in readings.json()["items"]
    ]
    operator = shop.client("operator")
    assert (await operator.get("/customers", params={"email": "grace@example.org"})).json()["items"] == []
    for wrong in ({}, {"email": "nonsense"}):
        assert (await operator.get("/customers", params=wrong)).status_code == 422
    stream = (await shop.client("auditor").get(f"/audit/streams/{customer_id}")).json()["items"][0]
    assert stream["data"]["email"] == "ada@example.org"
    assert stream["data"]["password"].startswith("v1.")
    told = await shop.client("auditor").get("/audit/events?topic=audit.PersonalDataRead")
    assert f"looked at customer {customer_id}" in told.json()["items"][-1]["text"]


async def test_nothing_personal_stands_in_the_log(shop: Shop, database: Database) -> None:
    customer_id = await registered(shop, **PROFILE)
    await shop.client("customer", customer_id).patch("/customers/me", json={"family_name": "Byron King"})
    await log_in(shop)
    with psycopg.connect(database.admin_url) as owner:
        stored = b"".join(bytes(row[0]) for row in owner.execute("SELECT state FROM commerce_events"))
        rows = str(owner.execute("SELECT * FROM commerce_idempotency").fetchall())
    personal = (
        "ada@example.org",
        "Lovelace",
        "Byron King",
        "+44 20 7946",
        "1915-12-10",
        ADDRESS["line1"],
        "argon2id",
        PASSWORD,
    )
    assert_sealed(personal, stored + rows.encode())


async def test_of_many_who_register_one_address_at_once_one_does(shop: Shop) -> None:
    emails = ["ada@example.org", "Ada@Example.ORG"] * 4
    answers = await asyncio.gather(*(register(shop, email) for email in emails))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7
    taken = next(answer for answer in answers if answer.status_code == 409)
    assert "ada" not in check(taken, 409, "email-taken")["detail"].lower()
    assert (await topics(shop)).count("customers.Registered") == 1


async def test_the_same_request_again_is_answered_as_the_first_time(shop: Shop) -> None:
    body, headers = {"email": "ada@example.org", "password": PASSWORD, **PROFILE}, key()
    client = shop.client()
    first, *again = await asyncio.gather(*(client.post("/customers", json=body, headers=headers) for _ in range(3)))
    assert first.status_code == 201
    for one in again:
        assert (one.status_code, one.json(), one.headers["Location"]) == (201, first.json(), first.headers["Location"])
    other = await client.post("/customers", json={**body, "phone": None}, headers=headers)
    check(other, 422, "idempotency-key-reused")
    check(await client.post("/customers", json=body, headers=key()), 409, "email-taken")


WRONG: list[tuple[str, object]] = [
    ("email", "ada"),
    ("email", None),
    ("password", "qwertyuiop"),
    ("password", "short"),
    ("password", ""),
    ("password", None),
    ("password", 12345678),
    ("date_of_birth", "2999-01-01"),
    ("date_of_birth", "1899-12-31"),
    ("date_of_birth", "1990-02-30"),
    ("date_of_birth", 631152000),
    ("phone", "call me"),
    ("given_name", "\u200e"),
    ("addresses", [{"line1": "nowhere"}]),
    ("addresses", [ADDRESS] * 21),
    ("addresses", None),
    ("role", "operator"),
    ("customer_id", str(uuid4())),
]


async def test_what_cannot_be_is_rejected_and_nobody_has_an_account_who_did_not_register(shop: Shop) -> None:
    for field, value in WRONG:
        sent = {"email": "ada@example.org", "password": PASSWORD, field: value}
        problem = check(await shop.client().post("/customers", json=sent), 422, "invalid-input")
        assert all(error["field"].startswith(field) for error in problem["errors"]), field
        assert field != "password" or not value or str(value) not in problem["detail"]
    stranger = shop.client("customer", str(uuid4()))
    check(await stranger.get("/customers/me"), 404, "not-found")
    check(await stranger.patch("/customers/me", json={"given_name": "Ada"}), 404, "not-found")
    check(await stranger.delete("/customers/me"), 404, "not-found")
    check(await shop.client("operator").get(f"/customers/{uuid4()}"), 404, "not-found")
    assert await topics(shop) == []


async def test_a_registration_that_readers_could_understand_differently_is_rejected(shop: Shop) -> None:
    twice = b'{"email": "ada@example.org", "email": "bob@example.org", "password": "a long sentence"}'
    check(await shop.client().post("/customers", content=twice, headers=JSON), 400, "malformed-request")
    check(await shop.client().post("/customers", content=b"{", headers=JSON), 400, "malformed-request")
    check(await shop.client().post("/customers?role=operator", json={}), 422, "invalid-input")
    check(await shop.client().post("/customers", data={"email": "ada@example.org"}), 415, "unsupported-media-type")


async def test_a_profile_is_changed_by_what_is_sent(shop: Shop) -> None:
    customer = shop.client("customer", await registered(shop, **PROFILE))
    changed = await customer.patch("/customers/me", json={"phone": None, "given_name": "Augusta", "addresses": []})
    assert (changed.status_code, changed.json()["version"], changed.headers["ETag"]) == (200, 3, '"3"')
    seen = (await customer.get("/customers/me")).json()
    assert (seen["phone"], seen["given_name"], seen["family_name"]) == (None, "Augusta", "Lovelace")
    assert seen["addresses"] == []
    for nothing_new in ({}, {"given_name": "Augusta"}, {"phone": None}, {"phone": ""}, {"addresses": None}):
        assert (await customer.patch("/customers/me", json=nothing_new)).json()["version"] == 3
    check(await customer.patch("/customers/me", json={"email": "other@example.org"}), 422, "invalid-input")


async def test_a_change_that_rests_on_an_older_version_is_rejected(shop: Shop) -> None:
    customer = shop.client("customer", await registered(shop))
    for version, status in (('"2"', 200), ('"2"', 412), ('"3"', 200), ("*", 200)):
        answer = await customer.patch(
            "/customers/me", json={"given_name": f"Ada {version} {status}"}, headers={"If-Match": version}
        )
        assert answer.status_code == status, (version, answer.text)
    check(await customer.delete("/customers/me", headers={"If-Match": '"2"'}), 412, "precondition-failed")
    check(await customer.patch("/customers/me", json={}, headers={"If-Match": "1"}), 400, "malformed-request")


async def test_who_closes_their_account_is_out_and_keeps_the_address(shop: Shop) -> None:
    customer = shop.client("customer", await registered(shop))
    tokens = (await log_in(shop)).json()
    for _ in range(2):
        closed = await customer.delete("/customers/me")
        assert (closed.status_code, closed.json()["status"], closed.json()["version"]) == (200, "deactivated", 3)
    check(await log_in(shop), 400, "credentials-not-accepted")
    refreshed = await shop.client().post(
        "/auth/token", data={"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    )
    check(refreshed, 400, "refresh-token-not-accepted")
    assert (await customer.get("/customers/me")).json()["status"] == "deactivated"
    check(await customer.patch("/customers/me", json={"given_name": "Ada"}), 409, "customer-not-active")
    check(await register(shop), 409, "email-taken")


async def test_of_several_changes_of_one_password_at_once_one_is_made(shop: Shop) -> None:
    customer = shop.client("customer", await registered(shop))
    wanted = [f"another sentence of mine {number}" for number in range(5)]
    answers = await asyncio.gather(
        *(
            customer.put("/customers/me/password", json={"present_password": PASSWORD, "password": password})
            for password in wanted
        )
    )
    made = [password for password, answer in zip(wanted, answers, strict=True) if answer.status_code == 200]
    assert len(made) == 1
    assert {answer.status_code for answer in answers} <= {200, 409, 422}
    assert (await log_in(shop, password=made[0])).status_code == 200


async def test_another_password_logs_out_who_is_logged_in(shop: Shop) -> None:
    customer = shop.client("customer", await registered(shop))
    tokens = (await log_in(shop)).json()
    change = {"present_password": PASSWORD, "password": "another sentence of mine"}
    wrong = await customer.put("/customers/me/password", json={**change, "present_password": "a wrong one"})
    assert check(wrong, 422, "invalid-input")["errors"][0]["field"] == "present_password"
    known = await customer.put("/customers/me/password", json={**change, "password": "password1"})
    assert check(known, 422, "invalid-input")["errors"][0]["field"] == "password"
    assert (await customer.put("/customers/me/password", json=change)).json()["version"] == 3
    refreshed = await shop.client().post(
        "/auth/token", data={"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    )
    check(refreshed, 400, "refresh-token-not-accepted")
    check(await log_in(shop), 400, "credentials-not-accepted")
    assert (await log_in(shop, password="another sentence of mine")).status_code == 200


async def test_a_customer_whose_key_is_missing_is_shown_without_what_is_personal(
    shop: Shop, database: Database
) -> None:
    customer_id = await registered(shop, **PROFILE)
    with psycopg.connect(database.admin_url, autocommit=True) as owner:
        owner.execute("DELETE FROM commerce_keys")
    customer = shop.client("customer", customer_id)
    seen = (await customer.get("/customers/me")).json()
    assert (seen["personal_data"], seen["email"], seen["addresses"]) == ("key_missing", None, [])
    check(await customer.patch("/customers/me", json={"given_name": "Bea"}), 500, "missing-key")
    check(await log_in(shop), 400, "credentials-not-accepted")
    refused = [event for event in await shop.store.read_log(0, 10**9) if event.topic == "customers.LoginRefused"]
    assert b"key_missing" in refused[0].state
