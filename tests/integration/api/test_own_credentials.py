"""Staff change what they log in with, by the present password and a code, which ends their other sessions and is told
by a mail."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest

from commerce.staff import own_credentials
from tests.integration.api.conftest import Shop, key, order
from tests.integration.api.test_customer_mails import mails
from tests.integration.api.test_customers import topics
from tests.integration.api.test_problems import check
from tests.integration.api.test_staff import OLGA, PASSWORD, Member, bearer, code_at, joined

NEW = "another sentence of hers"


@pytest.fixture
def outbox(tmp_path: Path) -> Path:
    return tmp_path / "outbox"


async def put(shop: Shop, tokens: dict[str, Any], what: str, **body: str) -> httpx2.Response:
    return await shop.client().put(f"/staff/me/{what}", json=body, headers=bearer(tokens))


async def is_in(shop: Shop, tokens: dict[str, Any]) -> bool:
    return (await shop.client().get("/staff/me", headers=bearer(tokens))).status_code == 200


def proof(olga: Member, password: str = PASSWORD) -> dict[str, str]:
    return {"present_password": password, "otp": olga.code()}


async def test_a_member_changes_their_password_and_recovery_codes_and_their_other_sessions_end(
    shop: Shop, outbox: Path
) -> None:
    olga = await joined(shop, outbox)
    this, other = await olga.tokens(), await olga.tokens()
    wrong = check(await put(shop, this, "password", **proof(olga, "no"), password=NEW), 422, "invalid-input")
    assert wrong["errors"][0]["field"] == "present_password"
    for code in ("000000", code_at(olga.secret, 0)):  # the latter is older than the one that was used to log in
        wrong = check(
            await put(shop, this, "password", present_password=PASSWORD, otp=code, password=NEW), 422, "invalid-input"
        )
        assert wrong["errors"][0]["field"] == "otp"
    weak = check(await put(shop, this, "password", **proof(olga), password="password1"), 422, "invalid-input")
    assert weak["errors"][0]["field"] == "password"
    shown = proof(olga)
    answers = await asyncio.gather(*(put(shop, this, "password", **shown, password=NEW) for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [200, 422, 422]
    assert (await is_in(shop, this), await is_in(shop, other)) == (True, False)
    check(await olga.log_in(olga.code()), 400, "credentials-not-accepted")
    spent = olga.recovery_codes[0]
    further = (await olga.log_in(olga.code(), NEW)).raise_for_status().json()
    answer = await put(shop, this, "recovery-codes", **proof(olga, NEW))
    assert answer.headers["Cache-Control"] == "no-store"
    codes = answer.raise_for_status().json()["recovery_codes"]
    assert (len(set(codes)), await is_in(shop, this), await is_in(shop, further)) == (10, True, False)
    check(await olga.log_in(spent, NEW), 400, "code-not-accepted")
    assert (await olga.log_in(codes[0], NEW)).status_code == 200
    told = [mail for mail in await mails(shop, outbox) if "was changed on" in mail]
    assert ["The password" in told[0], "The recovery codes" in told[1], len(told)] == [True, True, 2]


async def test_the_audit_names_members_of_staff_and_the_log_does_not(shop: Shop, outbox: Path) -> None:
    olga, customer = await joined(shop, outbox), str(uuid4())
    headers, actor = bearer(await olga.tokens()), f"operator:{olga.member_id}"
    await shop.stock("lamp")
    placed = await shop.client().post("/orders", json=order(customer_id=customer), headers={**headers, **key()})
    order_id = placed.raise_for_status().json()["order_id"]
    (await shop.client().get(f"/orders/{order_id}", headers=headers)).raise_for_status()
    auditor = shop.client("auditor", "vera")

    async def shown(path: str) -> dict[str, Any]:
        found: dict[str, Any] = (await auditor.get(path)).raise_for_status().json()
        return found

    (item, *_) = (await shown(f"/audit/events?correlation_id={order_id}"))["items"]
    assert (item["actor"], item["who"], item["text"].startswith(f"Operator {OLGA} placed")) == (actor, OLGA, True)
    (timeline, *_) = (await shown(f"/orders/{order_id}/timeline"))["items"]
    (asked, *_) = (await shown(f"/audit/orders/{order_id}/trace"))["requests"]
    (look, *_) = (await shown(f"/audit/orders/{order_id}/readings"))["items"]
    assert {timeline["who"], asked["who"], asked["caused"][0]["event"]["who"], look["who"]} == {OLGA}
    lines = await auditor.get(f"/audit/events?correlation_id={order_id}", headers={"Accept": "application/x-ndjson"})
    assert [json.loads(line)["who"] for line in lines.text.splitlines()][:1] == [OLGA]
    own = shop.client("customer", customer)
    for path in (f"/orders/{order_id}/timeline", f"/customers/{customer}/export"):
        await shop.show()
        answer = await own.get(path)
        assert (answer.status_code, OLGA in answer.text, olga.member_id in answer.text) == (200, False, False)
    about_order = b"".join(one.state for one in await shop.store.read_correlated(UUID(order_id)))
    assert OLGA.encode() not in about_order


async def test_a_member_changes_their_second_factor_once_it_is_known_to_work(
    shop: Shop, outbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    olga = await joined(shop, outbox)
    this, other = await olga.tokens(), await olga.tokens()
    check(await put(shop, this, "second-factor/confirmation", code="000000"), 409, "no-factor-requested")
    check(await put(shop, this, "second-factor", present_password=PASSWORD, otp="000000"), 422, "invalid-input")
    asked = (await put(shop, this, "second-factor", **proof(olga))).raise_for_status()
    secret = asked.json()["secret"]
    assert (secret in asked.json()["uri"], secret != olga.secret) == (True, True)
    assert asked.headers["Cache-Control"] == "no-store"
    assert (await olga.log_in(olga.code())).status_code == 200, "the present one is good until the other is confirmed"
    wrong = check(await put(shop, this, "second-factor/confirmation", code="000000"), 422, "invalid-input")
    assert wrong["errors"][0]["field"] == "code"
    code = code_at(secret, 0)
    answers = await asyncio.gather(*(put(shop, this, "second-factor/confirmation", code=code) for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
    assert (await is_in(shop, this), await is_in(shop, other)) == (True, False)
    check(await olga.log_in(code_at(olga.secret, 1)), 400, "code-not-accepted")
    assert (await olga.log_in(code_at(secret, 1))).status_code == 200
    monkeypatch.setattr(own_credentials, "CONFIRMATION_S", 0)
    late = (await put(shop, this, "second-factor", **proof(olga))).raise_for_status().json()["secret"]
    check(await put(shop, this, "second-factor/confirmation", code=code_at(late, 0)), 409, "no-factor-requested")
    assert "The second factor of your account" in (await mails(shop, outbox))[-1]
    assert [topic for topic in await topics(shop) if "Factor" in topic] == [
        "staff.SecondFactorRequested",
        "staff.SecondFactorChanged",
        "staff.SecondFactorRequested",
    ]
    without_account = {"access_token": shop.client("operator").headers["Authorization"].partition(" ")[2]}
    check(await put(shop, without_account, "recovery-codes", **proof(olga)), 404, "not-found")
