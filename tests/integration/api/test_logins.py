"""Customers log in, stay logged in by tokens that are good once, and log out."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import httpx2
import psycopg
import pytest
from structlog.testing import capture_logs

from commerce.credentials.guesses import REFUSALS_OF_SOURCE_ATTEMPTS
from commerce.credentials.password_hashes import PasswordHashes
from commerce.credentials.sessions import RefreshToken
from commerce.customers.accounts import refresh_tokens
from commerce.customers.events import SessionStarted
from commerce.eventstore import Append, Metadata, in_stream
from commerce.runtime.tokens import load_keys
from tests.conftest import Database
from tests.integration.api.conftest import CHANGING, Shop, key, order
from tests.integration.api.test_customers import PASSWORD, log_in, registered, topics
from tests.integration.api.test_problems import check


async def refresh(shop: Shop, token: str, **headers: str) -> httpx2.Response:
    """Ask for the next tokens."""
    fields = {"grant_type": "refresh_token", "refresh_token": token}
    return await shop.client().post("/auth/token", data=fields, headers=headers)


async def test_who_logs_in_may_do_what_customers_may(shop: Shop) -> None:
    await shop.stock("lamp")
    customer_id = await registered(shop)
    answer = await log_in(shop, "ADA@example.org")
    tokens = answer.json()
    assert (answer.status_code, tokens["token_type"], tokens["expires_in"]) == (200, "Bearer", 3600)
    assert answer.headers["Cache-Control"] == "no-store"
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    own = await shop.client().get("/customers/me", headers=bearer)
    assert own.json()["customer_id"] == customer_id
    placed = await shop.client().post("/orders", json=order(), headers={**bearer, **key()})
    assert placed.status_code == 202
    check(await shop.client().get(f"/customers/{customer_id}", headers=bearer), 403, "not-allowed")
    seen = await shop.client("auditor").get(f"/audit/events?correlation_id={customer_id}&topic=customers.LoggedIn")
    (login,) = seen.json()["items"]
    assert (login["actor"], login["text"]) == (f"customer:{customer_id}", f"Customer {customer_id} logged in")


async def test_a_refresh_token_is_good_once_and_the_second_use_ends_the_session(shop: Shop) -> None:
    await registered(shop)
    first = (await log_in(shop)).json()["refresh_token"]
    other_session = (await log_in(shop)).json()["refresh_token"]
    second = (await refresh(shop, first)).json()["refresh_token"]
    third = (await refresh(shop, second)).json()["refresh_token"]
    assert len({first, second, third}) == 3
    for token in (second, third, first):
        check(await refresh(shop, token), 400, "refresh-token-not-accepted")
    assert (await refresh(shop, other_session)).status_code == 200
    assert (await topics(shop)).count("customers.SessionEnded") == 1


async def test_of_two_uses_at_once_one_is_answered_and_the_session_ends(shop: Shop) -> None:
    await registered(shop)
    token = (await log_in(shop)).json()["refresh_token"]
    answers = await asyncio.gather(*(refresh(shop, token) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 400, 400, 400]
    next_token = next(answer.json()["refresh_token"] for answer in answers if answer.status_code == 200)
    check(await refresh(shop, next_token), 400, "refresh-token-not-accepted")


async def test_a_request_whose_answer_was_lost_is_answered_again(shop: Shop) -> None:
    await registered(shop)
    token, headers = (await log_in(shop)).json()["refresh_token"], key()
    answers = await asyncio.gather(*(refresh(shop, token, **headers) for _ in range(4)))
    assert len({answer.json()["refresh_token"] for answer in answers}) == 1
    assert (await refresh(shop, answers[0].json()["refresh_token"])).status_code == 200
    check(await refresh(shop, token, **headers), 400, "refresh-token-not-accepted")


async def test_who_logs_out_is_out(shop: Shop) -> None:
    await registered(shop)
    tokens = (await log_in(shop)).json()
    for token in (tokens["refresh_token"], tokens["refresh_token"], "crt_nonsense", "nonsense"):
        answer = await shop.client().post("/auth/revocation", data={"token": token})
        assert (answer.status_code, answer.json()) == (200, {"status": "revoked"})
    check(await refresh(shop, tokens["refresh_token"]), 400, "refresh-token-not-accepted")
    access = await shop.client().post("/auth/revocation", data={"token": tokens["access_token"]})
    assert check(access, 400, "unsupported-token-type")["error"] == "unsupported_token_type"
    assert (await topics(shop)).count("customers.SessionEnded") == 1


async def test_a_session_ends_by_itself(shop: Shop) -> None:
    customer_id, session_id = UUID(await registered(shop)), uuid4()
    over = SessionStarted(customer_id=customer_id, credential=1, expires_at=datetime.now(UTC) - timedelta(seconds=1))
    await shop.store.append(Append(in_stream([over], session_id, after=0), customer_id, Metadata("service:test")))
    tokens = refresh_tokens(load_keys(shop.settings).signing.private_bytes_raw())
    check(await refresh(shop, tokens.write(RefreshToken(session_id, 1))), 400, "refresh-token-not-accepted")
    check(await refresh(shop, tokens.write(RefreshToken(uuid4(), 1))), 400, "refresh-token-not-accepted")


async def test_nobody_finds_out_whether_an_address_is_a_customers(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The text is the same, and so is the work: a hash is compared, an event is appended."""
    compared: list[str | None] = []
    is_of = PasswordHashes.is_of

    async def noted(self: PasswordHashes, password: str, hashed: str | None) -> bool:
        compared.append(hashed)
        return await is_of(self, password, hashed)

    monkeypatch.setattr(PasswordHashes, "is_of", noted)
    await registered(shop)
    answers = []
    for email in ("ada@example.org", "nobody@example.org"):
        before = await shop.store.head()
        answer = await log_in(shop, email, "not the password")
        recorded = await shop.store.read_log(before, 10**9)
        assert [(event.topic, event.actor) for event in recorded] == [("customers.LoginRefused", "visitor:unknown")]
        headers = {name: value for name, value in answer.headers.items() if name not in CHANGING}
        answers.append((answer.status_code, answer.text, headers))
    assert answers[0] == answers[1]
    assert [hashed is None for hashed in compared] == [False, True]


async def test_guesses_are_counted_one_by_one_whether_the_address_is_a_customers_or_not(shop: Shop) -> None:
    await registered(shop)
    for email in ("ada@example.org", "nobody@example.org"):
        guesses = (log_in(shop, email, f"guess {number}") for number in range(REFUSALS_OF_SOURCE_ATTEMPTS + 2))
        answers = await asyncio.gather(*guesses)
        assert sorted(answer.status_code for answer in answers) == [400] * REFUSALS_OF_SOURCE_ATTEMPTS + [429] * 2
        answer = await log_in(shop, email)
        check(answer, 429, "too-many-logins")
        assert 1 <= int(answer.headers["Retry-After"]) <= 900
    assert (await topics(shop)).count("customers.LoginRefused") == 2 * REFUSALS_OF_SOURCE_ATTEMPTS


WRONG: list[tuple[dict[str, str], str]] = [
    ({}, "invalid_request"),
    ({"grant_type": "password"}, "invalid_request"),
    ({"grant_type": "password", "username": "ada@example.org", "password": ""}, "invalid_request"),
    ({"grant_type": "refresh_token"}, "invalid_request"),
    ({"grant_type": "client_credentials"}, "unsupported_grant_type"),
    ({"grant_type": "refresh_token", "refresh_token": "nonsense"}, "invalid_grant"),
    ({"grant_type": "password", "username": "ada", "password": "x", "scope": "admin"}, "invalid_scope"),
    ({"grant_type": "password", "username": "a" * 5_000, "password": "x"}, "invalid_request"),
]


async def test_a_form_is_read_strictly_and_what_is_wrong_is_said_in_the_words_of_oauth(shop: Shop) -> None:
    for fields, error in WRONG:
        answer = await shop.client().post("/auth/token", data=fields)
        assert answer.status_code == 400, answer.text
        problem = answer.json()
        assert (problem["error"], problem["error_description"]) == (error, problem["detail"])
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    for content in (b"grant_type=password&grant_type=password", b"a=%ff", b"\xff=1", b"&".join([b"a=1"] * 40)):
        answer = await shop.client().post("/auth/token", content=content, headers=form)
        check(answer, 400, "invalid-token-request")
    check(await shop.client().post("/auth/token", json={"grant_type": "password"}), 415, "unsupported-media-type")
    fields = {"grant_type": "password", "username": "ada@example.org", "password": PASSWORD, "client_id": "shop"}
    check(await shop.client().post("/auth/token?scope=x", data=fields), 422, "invalid-input")
    await registered(shop)
    assert (await shop.client().post("/auth/token", data=fields)).status_code == 200


async def test_no_password_and_no_token_stands_anywhere(shop: Shop, database: Database) -> None:
    with capture_logs() as logs:
        await registered(shop)
        tokens = (await log_in(shop)).json()
        following = (await refresh(shop, tokens["refresh_token"], **key())).json()
        await log_in(shop, password="a password that is wrong")
    with psycopg.connect(database.admin_url) as owner:
        tables = [row[0] for row in owner.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
        rows = [bytes(str(owner.execute(f"TABLE {table}").fetchall()), "utf-8") for table in tables]
        rows += [bytes(row[0]) for row in owner.execute("SELECT state FROM commerce_events")]
    given = [answer[name] for answer in (tokens, following) for name in ("access_token", "refresh_token")]
    secrets = (PASSWORD, "a password that is wrong", *given)
    for secret in secrets:
        assert not any(secret.encode() in row for row in rows)
        assert secret not in str(logs)
