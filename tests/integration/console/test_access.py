"""Access: staff, API keys and one's own account are seen to from the console; what each role may do is told there."""

from __future__ import annotations

from html import unescape
from typing import Any

from api.console.pages.access import scope_rows
from api.console.scope_words import SCOPE_WORDS
from commerce.runtime.scopes import SCOPE_NAMES
from tests.integration.api.conftest import Shop
from tests.integration.api.test_customer_mails import mails, token_in
from tests.integration.api.test_staff import (  # noqa: F401 - a fixture
    OLGA,
    PASSWORD,
    Member,
    add,
    code_at,
    joined,
    outbox,
)
from tests.integration.console.conftest import Browser, Browsers

ARNO = "arno@shop.example"


def test_every_scope_has_words_and_says_how_far_it_lets_each_role() -> None:
    assert list(SCOPE_WORDS) == list(SCOPE_NAMES)
    reaches = {row.scope: dict(row.reaches) for row in scope_rows()}
    assert reaches["products:read"] == {"operator": "any", "auditor": "any", "service": "any", "customer": "any"}
    assert reaches["orders:cancel"] == {"operator": "any", "auditor": "none", "service": "any", "customer": "own"}
    assert reaches["audit:read"]["operator"] == "some"  # who looked: themselves alone
    assert reaches["prices:set"]["service"] == "any"  # a right, and no route


async def test_somebody_is_invited_gets_another_role_and_their_account_is_closed(
    shop: Shop, browsers: Browsers
) -> None:
    olga = await browsers.of("operator", "olga")
    assert "Nobody has an account yet" in (await olga.open("/access")).text
    wrong = await olga.send("/access/add-member", email="nonsense", role="auditor")
    assert (wrong.status_code, "email" in wrong.text) == (422, True)
    scopes = {"scopes.orders:read": "1", "scopes.audit:read": "1"}
    done = await olga.send("/access/add-member", email=ARNO, role="auditor", **scopes)
    assert (done.status_code, done.headers["location"]) == (303, "/console/access?done=invited")
    await shop.show()
    (member,) = (await shop.client("operator").get("/staff")).json()["items"]
    assert (member["role"], member["scopes"]) == ("auditor", ["audit:read", "orders:read"])
    path = f"/access/staff/{member['member_id']}"
    assert f"/console{path}" in (await olga.open("/access")).text
    assert "May do a part" not in (await olga.open(path)).text  # as long as an invitation is open
    role = (await olga.open(f"{path}/role")).text
    assert 'name="scopes.audit:read" value="1" checked' in role
    assert (await olga.send(f"{path}/role", role="operator")).headers["location"] == f"/console{path}?done=member"
    changed = (await shop.client("operator").get(f"/staff/{member['member_id']}")).json()
    assert (changed["role"], changed["scopes"]) == ("operator", None)
    assert (await olga.send(f"{path}/invitation")).status_code == 303
    assert (await olga.send(f"{path}/removal")).status_code == 303
    closed = (await olga.open(path)).text
    assert ("The account is closed since" in closed, f"{path}/removal" in closed) == (True, False)
    auditor = await browsers.of("auditor")
    assert (await auditor.open(path)).status_code == 200
    assert (await auditor.open(f"{path}/role")).status_code == 403


async def test_a_key_is_made_shown_once_replaced_and_ended(shop: Shop, browsers: Browsers) -> None:
    olga = await browsers.of("operator", "olga")
    without_scope = await olga.send("/access/add-key", service="warehouse")
    assert (without_scope.status_code, "scopes" in without_scope.text) == (422, True)
    made = await olga.send("/access/add-key", service="warehouse", **{"scopes.stock:read": "1"})
    assert (made.status_code, "cmk_" in made.text) == (200, True)
    await shop.show()
    (key,) = (await shop.client("operator").get("/auth/keys")).json()["items"]
    assert key["scopes"] == ["stock:read"]
    path = f"/access/keys/{key['key_id']}"
    shown = (await olga.open(path)).text
    assert "It was never used." in shown
    secret = made.text.partition("<pre")[2].partition(">")[2].partition("<")[0]
    assert secret not in shown
    assert secret not in (await olga.open("/access/keys")).text
    assert "cmk_" in (await olga.send(f"{path}/rotation")).text
    assert "being replaced" in (await olga.open(path)).text
    assert (await olga.send(f"{path}/end")).headers["location"] == f"/console{path}?done=key"
    assert f"{path}/end" not in (await olga.open(path)).text


async def test_who_is_invited_sets_up_their_account_and_logs_in(
    shop: Shop,
    browsers: Browsers,
    outbox: Any,  # noqa: F811
) -> None:
    await add(shop)
    token = token_in((await mails(shop, outbox))[-1])
    browser = browsers.nobody()
    assert (await browser.open("/invitation")).status_code == 200
    assert (await browser.send("/invitation", token="sit_nonsense")).status_code == 422
    asked = (await browser.send("/invitation", token=token)).text
    assert (OLGA in asked, "otpauth://totp/" in asked) == (True, True)
    secret = asked.partition("<pre")[2].partition(">")[2].partition("<")[0]
    typed = {"token": token, "password": PASSWORD, "again": PASSWORD, "code": code_at(secret, 0)}
    for wrong in ({"again": "another one"}, {"code": "000000"}, {"password": "x", "again": "x"}):
        answer = await browser.send("/invitation", **{**typed, **wrong})
        assert (answer.status_code in (400, 422), 'role="alert"' in answer.text) == (True, True), wrong
        assert PASSWORD not in answer.text
    done = await browser.send("/invitation", **typed)
    assert (done.status_code, "recovery codes" in done.text) == (200, True)
    inside = await browser.send("/login", email=OLGA, password=PASSWORD, code=code_at(secret, 1))
    assert inside.status_code == 303
    assert (await browser.send("/invitation", token=token)).status_code == 422


async def logged_in(browsers: Browsers, member: Member) -> Browser:
    browser = browsers.nobody()
    answer = await browser.send("/login", email=OLGA, password=PASSWORD, code=member.code())
    assert answer.status_code == 303
    return browser


async def test_a_member_of_staff_sees_to_their_own_account(
    shop: Shop,
    browsers: Browsers,
    outbox: Any,  # noqa: F811
) -> None:
    member = await joined(shop, outbox)
    other, browser = await logged_in(browsers, member), await logged_in(browsers, member)
    page = (await browser.open("/access/own")).text
    assert ("2 sessions are open." in page, OLGA in page) == (True, True)
    end = page.partition('href="/console/access/own/sessions/')[2].partition('"')[0]
    assert (await browser.send(f"/access/own/sessions/{end}")).status_code == 303
    assert (await other.open("/orders")).status_code == 303
    await shop.show()
    assert "This is your own account" in (await browser.open(f"/access/staff/{member.member_id}/role")).text
    wrong = await browser.send(
        "/access/own/password", present_password="wrong one", otp="1", password="another sentence of hers"
    )
    assert (wrong.status_code, "wrong one" in wrong.text) == (422, False)
    proof = {"present_password": PASSWORD}
    codes = await browser.send("/access/own/recovery-codes", otp=member.code(), **proof)
    assert codes.status_code == 200, codes.text
    member.recovery_codes = codes.text.partition("<pre")[2].partition(">")[2].partition("<")[0].split()
    factor = await browser.send("/access/own/second-factor", otp=member.code(), **proof)
    assert "otpauth://totp/" in unescape(factor.text)
    secret = factor.text.partition("<pre")[2].partition(">")[2].partition("<")[0]
    confirmed = await browser.send("/access/own/second-factor/confirmation", code=code_at(secret, 0))
    assert confirmed.headers["location"] == "/console/access/own?done=own_account"
    assert "1 session is open." in (await browser.open("/access/own")).text
