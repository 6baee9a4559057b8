"""Staff are invited by mail, set up a password and a second factor, log in by both, and are out when they should be."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx2
import psycopg
import pytest
from pyotp import TOTP
from structlog.testing import capture_logs

from commerce.credentials.guesses import REFUSALS_OF_SOURCE_ATTEMPTS
from commerce.credentials.password_hashes import PasswordHashes
from commerce.credentials.session_commands import SeenSession, SessionOwner
from commerce.credentials.sessions import LoginSession, RefreshToken
from commerce.eventstore import Append, Metadata, in_stream
from commerce.runtime.tokens import load_keys
from commerce.staff import login_commands
from commerce.staff.accounts import StaffAccounts, StaffTerms
from commerce.staff.events import StaffSessionStarted
from commerce.staff.login_commands import WRONG_CODES_ATTEMPTS
from tests.conftest import Database
from tests.integration.api.conftest import CHANGING, Shop, key
from tests.integration.api.test_customer_mails import mails, token_in
from tests.integration.api.test_customers import topics
from tests.integration.api.test_logins import refresh
from tests.integration.api.test_problems import check

OLGA, PASSWORD = "olga@shop.example", "a long sentence of hers"


@dataclass
class Member:
    """A member of staff with an authenticator app, whose every code is another one."""

    shop: Shop
    member_id: str
    secret: str
    recovery_codes: list[str]
    _app_is_used: bool = False

    def code(self) -> str:
        """What was not used before: the next code of the app, and then recovery codes, the last one first."""
        if self._app_is_used:
            return self.recovery_codes.pop()
        self._app_is_used = True
        return code_at(self.secret, 1)

    async def log_in(self, code: str | None = None, password: str = PASSWORD, **fields: str) -> httpx2.Response:
        """Ask for tokens."""
        return await log_in(self.shop, OLGA, password, **({"otp": code} if code else {}), **fields)

    async def tokens(self) -> dict[str, Any]:
        """The tokens of a login."""
        found: dict[str, Any] = (await self.log_in(self.code())).raise_for_status().json()
        return found


def code_at(secret: str, step: int) -> str:
    """The code of so many half minutes from now."""
    return TOTP(secret).at(datetime.now(UTC) + step * timedelta(seconds=30))


async def log_in(shop: Shop, email: str, password: str = PASSWORD, **fields: str) -> httpx2.Response:
    form = {"grant_type": "password", "account": "staff", "username": email, "password": password, **fields}
    return await shop.client().post("/auth/token", data=form)


async def add(shop: Shop, email: str = OLGA, role: str = "operator") -> httpx2.Response:
    return await shop.client("operator").post("/staff", json={"email": email, "role": role}, headers=key())


async def accept(shop: Shop, token: str, code: str, password: str = PASSWORD) -> httpx2.Response:
    body = {"token": token, "password": password, "code": code}
    return await shop.client().post("/staff/invitation/acceptance", json=body)


async def joined(shop: Shop, folder: Path, role: str = "operator") -> Member:
    """A member of staff who has set up their account."""
    member_id = (await add(shop, role=role)).raise_for_status().json()["member_id"]
    token = token_in((await mails(shop, folder))[-1])
    enrolment = (await shop.client().post("/staff/invitation", json={"token": token})).raise_for_status().json()
    code = code_at(enrolment["secret"], 0)
    done = (await accept(shop, token, code)).raise_for_status().json()
    return Member(shop, member_id, enrolment["secret"], done["recovery_codes"])


def bearer(tokens: dict[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {tokens['access_token']}"}


@pytest.fixture
def outbox(tmp_path: Path) -> Path:
    return tmp_path / "outbox"


async def test_who_is_invited_sets_up_a_password_and_a_second_factor_and_does_what_their_role_may(
    shop: Shop, outbox: Path
) -> None:
    added = await add(shop)
    assert (added.status_code, added.json()["status"]) == (201, "invited")
    check(await add(shop, "Olga@Shop.example"), 409, "staff-member-exists")
    (mail,) = await mails(shop, outbox, "https://shop.example/office")
    assert mail.splitlines()[0] == f"To: {OLGA}"
    assert "https://shop.example/office#invitation=sit_" in mail
    token = token_in(mail)
    looks = [await shop.client().post("/staff/invitation", json={"token": token}) for _ in range(2)]
    assert looks[0].json() == looks[1].json()
    assert looks[0].headers["Cache-Control"] == "no-store"
    check(await log_in(shop, OLGA), 400, "credentials-not-accepted")
    secret = looks[0].json()["secret"]
    code = code_at(secret, 0)
    wrong = check(await accept(shop, token, "000000"), 422, "invalid-input")
    assert wrong["errors"][0]["field"] == "code"
    check(await accept(shop, token, code, "password1"), 422, "invalid-input")
    done = await asyncio.gather(*(accept(shop, token, code) for _ in range(3)))
    assert sorted(answer.status_code for answer in done) == [200, 422, 422]
    check(await shop.client().post("/staff/invitation", json={"token": token}), 422, "mail-token-not-accepted")
    check(await log_in(shop, OLGA, otp=code), 400, "code-not-accepted")  # it was used to set up the account
    answer = await log_in(shop, OLGA, otp=code_at(secret, 1))
    tokens = answer.json()
    assert (answer.status_code, tokens["expires_in"], answer.headers["Cache-Control"]) == (200, 900, "no-store")
    own = await shop.client().get("/staff/me", headers=bearer(tokens))
    assert (own.json()["email"], own.json()["role"], own.json()["status"]) == (OLGA, "operator", "active")
    await shop.stock("lamp")
    moved = await shop.client().post(
        "/inventory/lamp/receipts", json={"quantity": 1}, headers={**bearer(tokens), **key()}
    )
    (event,) = await shop.store.read_log(moved.json()["position"] - 1, moved.json()["position"])
    assert event.actor == f"operator:{own.json()['member_id']}"


async def test_the_second_factor_is_asked_for_and_a_code_is_good_once(shop: Shop, outbox: Path) -> None:
    olga = await joined(shop, outbox)
    asked = await olga.log_in()
    problem = check(asked, 400, "second-factor-needed")
    assert (problem["error"], "otp" in problem["detail"]) == ("mfa_required", True)
    code = olga.code()
    answers = await asyncio.gather(*(olga.log_in(code) for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [200, 400, 400]
    check(await olga.log_in(code), 400, "code-not-accepted")
    check(await olga.log_in(olga.code(), "not the password"), 400, "credentials-not-accepted")
    recovery = olga.recovery_codes[0].lower()
    answers = await asyncio.gather(*(olga.log_in(recovery) for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [200, 400, 400]
    assert (await olga.log_in(olga.recovery_codes[1])).status_code == 200
    assert (await topics(shop)).count("staff.RecoveryCodeUsed") == 2


async def test_nobody_finds_out_whether_an_address_is_of_staff(
    shop: Shop, outbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The text is the same, and so is the work: a hash is compared, an event is appended."""
    compared: list[str | None] = []
    is_of = PasswordHashes.is_of

    async def noted(self: PasswordHashes, password: str, hashed: str | None) -> bool:
        compared.append(hashed)
        return await is_of(self, password, hashed)

    olga = await joined(shop, outbox)
    await add(shop, "invited@shop.example")
    monkeypatch.setattr(PasswordHashes, "is_of", noted)
    answers = []
    for email in (OLGA, "nobody@shop.example", "invited@shop.example"):
        before = await shop.store.head()
        answer = await log_in(shop, email, "not the password", otp=olga.code())
        recorded = await shop.store.read_log(before, 10**9)
        assert [(event.topic, event.actor) for event in recorded] == [("staff.LoginRefused", "visitor:unknown")]
        headers = {name: value for name, value in answer.headers.items() if name not in CHANGING}
        answers.append((answer.status_code, answer.text, headers))
    assert answers[0] == answers[1] == answers[2]
    assert [hashed is None for hashed in compared] == [False, True, True]


async def test_who_guesses_waits_and_who_guesses_codes_waits_sooner(
    shop: Shop, outbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    olga = await joined(shop, outbox)
    for email in (OLGA, "nobody@shop.example"):
        guesses = (log_in(shop, email, f"guess {number}") for number in range(REFUSALS_OF_SOURCE_ATTEMPTS + 2))
        answers = await asyncio.gather(*guesses)
        assert sorted(answer.status_code for answer in answers) == [400] * REFUSALS_OF_SOURCE_ATTEMPTS + [429] * 2
    check(await olga.log_in(olga.code()), 429, "too-many-logins")
    monkeypatch.setattr(login_commands, "seconds_to_wait", lambda *_: 0)  # as from another address each
    answers = [await olga.log_in("000000") for _ in range(WRONG_CODES_ATTEMPTS + 1)]
    assert [answer.status_code for answer in answers] == [400] * WRONG_CODES_ATTEMPTS + [429]
    assert int(answers[-1].headers["Retry-After"]) >= 1


async def test_sessions_are_listed_and_end_for_access_tokens_too(shop: Shop, outbox: Path) -> None:
    olga = await joined(shop, outbox)
    first, second = await olga.tokens(), await olga.tokens()
    listed = (await shop.client().get("/staff/me/sessions", headers=bearer(second))).json()["items"]
    assert [one["is_this"] for one in listed] == [True, False]
    page = (await shop.client().get("/staff/me/sessions?limit=1", headers=bearer(second))).json()
    rest = await shop.client().get(f"/staff/me/sessions?cursor={page['next_cursor']}", headers=bearer(second))
    assert [*page["items"], *rest.json()["items"]] == listed
    other = listed[1]["session_id"]
    missing = await shop.client().delete(f"/staff/me/sessions/{uuid4()}", headers=bearer(second))
    check(missing, 404, "not-found")
    check(await shop.client("operator").delete(f"/staff/me/sessions/{other}"), 404, "not-found")
    ended = await shop.client().delete(f"/staff/me/sessions/{other}", headers=bearer(second))
    assert ended.json() == {"session_id": other, "status": "ended"}
    check(await shop.client().get("/staff/me", headers=bearer(first)), 401, "invalid-token")
    left = (await shop.client().get("/staff/me/sessions", headers=bearer(second))).json()["items"]
    assert [one["is_this"] for one in left] == [True]
    check(await refresh(shop, first["refresh_token"]), 400, "refresh-token-not-accepted")
    third = (await refresh(shop, second["refresh_token"])).json()
    assert (await shop.client().get("/staff/me", headers=bearer(third))).status_code == 200
    check(await refresh(shop, second["refresh_token"]), 400, "refresh-token-not-accepted")  # the second use ends it
    check(await refresh(shop, third["refresh_token"]), 400, "refresh-token-not-accepted")


async def test_who_logs_out_or_is_sent_away_or_set_up_anew_is_out_at_once(shop: Shop, outbox: Path) -> None:
    olga = await joined(shop, outbox)
    tokens = await olga.tokens()
    await shop.client().post("/auth/revocation", data={"token": tokens["refresh_token"]})
    check(await shop.client().get("/staff/me", headers=bearer(tokens)), 401, "invalid-token")
    operator, tokens = shop.client("operator"), (await olga.log_in(olga.recovery_codes[0])).json()
    changed = await operator.put(f"/staff/{olga.member_id}/role", json={"role": "auditor"})
    assert changed.json()["status"] == "active"
    assert (await shop.client().get("/staff/me", headers=bearer(tokens))).json()["role"] == "auditor"
    check(
        await shop.client().post("/staff", json={"email": OLGA, "role": "operator"}, headers=bearer(tokens)),
        403,
        "not-allowed",
    )
    assert (await operator.delete(f"/staff/{olga.member_id}")).json()["status"] == "deactivated"
    check(await shop.client().get("/staff/me", headers=bearer(tokens)), 401, "invalid-token")
    check(await olga.log_in(olga.recovery_codes[1]), 400, "credentials-not-accepted")
    check(await operator.post(f"/staff/{olga.member_id}/invitation"), 409, "staff-member-deactivated")
    anew = await joined(shop, outbox)
    assert anew.member_id == olga.member_id
    assert (await anew.log_in(anew.recovery_codes[0])).status_code == 200


async def test_who_lost_their_second_factor_is_invited_again(shop: Shop, outbox: Path) -> None:
    olga = await joined(shop, outbox)
    tokens = await olga.tokens()
    invited = await shop.client("operator").post(f"/staff/{olga.member_id}/invitation")
    assert (invited.status_code, invited.json()["status"]) == (202, "active")
    assert (await shop.client().get("/staff/me", headers=bearer(tokens))).status_code == 200
    token = token_in((await mails(shop, outbox))[-1])
    secret = (await shop.client().post("/staff/invitation", json={"token": token})).json()["secret"]
    assert secret != olga.secret
    (await accept(shop, token, TOTP(secret).now(), "another sentence of hers")).raise_for_status()
    check(await shop.client().get("/staff/me", headers=bearer(tokens)), 401, "invalid-token")
    check(await olga.log_in(olga.recovery_codes[0]), 400, "credentials-not-accepted")


async def test_nobody_changes_their_own_role_or_closes_their_own_account(shop: Shop, outbox: Path) -> None:
    olga = await joined(shop, outbox)
    headers, path = bearer(await olga.tokens()), f"/staff/{olga.member_id}"
    check(await shop.client().delete(path, headers=headers), 409, "own-staff-account")
    change = await shop.client().put(f"{path}/role", json={"role": "auditor"}, headers=headers)
    check(change, 409, "own-staff-account")
    await shop.show()
    listed = (await shop.client("auditor").get("/staff")).json()["items"]
    assert listed == [(await shop.client("auditor").get(path)).json()]
    check(await shop.client("auditor").get(f"/staff/{uuid4()}"), 404, "not-found")
    check(await shop.client("operator").get("/staff/me"), 404, "not-found")


async def test_scopes_limit_an_account_a_token_less_still_and_nobody_gives_more_than_they_have(
    shop: Shop, outbox: Path
) -> None:
    olga, operator = await joined(shop, outbox), shop.client("operator")
    duties = {"role": "operator", "scopes": ["staff:manage", "keys:manage", "stock:read"]}
    (await operator.put(f"/staff/{olga.member_id}/role", json=duties)).raise_for_status()
    tokens = await olga.tokens()
    assert tokens["scope"] == "keys:manage staff:manage stock:read"
    refused = await shop.client().get("/orders", headers=bearer(tokens))
    assert "orders:read" in check(refused, 403, "not-allowed")["detail"]
    assert 'error="insufficient_scope"' in refused.headers["WWW-Authenticate"]
    assert (await shop.client().get("/inventory", headers=bearer(tokens))).status_code == 200
    assert (await shop.client().get("/staff/me", headers=bearer(tokens))).json()["scopes"] == sorted(duties["scopes"])
    for scopes, status in ((["stock:read"], 201), (["orders:read"], 403), (None, 403)):
        wanted = {"email": f"{status}@shop.example", "role": "operator", "scopes": scopes}
        answer = await shop.client().post("/staff", json=wanted, headers={**bearer(tokens), **key()})
        assert answer.status_code == status, answer.text
    for scopes, status in ((["stock:read"], 201), (["orders:read"], 403)):
        wanted = {"service": "till", "scopes": scopes}
        answer = await shop.client().post("/auth/keys", json=wanted, headers={**bearer(tokens), **key()})
        assert answer.status_code == status, answer.text
    less = await olga.log_in(olga.code(), scope="stock:read orders:read")
    assert less.json()["scope"] == "stock:read"
    for scope, given in (("", "stock:read"), ("keys:manage", ""), ("", "stock:read")):
        form = {"grant_type": "refresh_token", "refresh_token": less.json()["refresh_token"], "scope": scope}
        less = await shop.client().post("/auth/token", data=form)
        assert (less.status_code, less.json()["scope"]) == (200, given)
    check(await shop.client().get("/auth/keys", headers=bearer(less.json())), 403, "not-allowed")
    assert check(await olga.log_in(olga.code(), scope="admin"), 400, "invalid-scope")["error"] == "invalid_scope"


async def test_a_session_ends_when_nothing_is_done_and_after_its_time(shop: Shop, outbox: Path) -> None:
    olga = await joined(shop, outbox)
    await olga.tokens()
    keys = load_keys(shop.settings)
    signing = keys.signing.private_bytes_raw()
    staff = StaffAccounts.of(shop.store, signing, PasswordHashes(), StaffTerms(3600, idle_s=600))
    now = datetime.now(UTC)
    session_id, member_id = uuid4(), UUID(olga.member_id)
    over = StaffSessionStarted(member_id=member_id, credential=1, expires_at=now - timedelta(seconds=1))
    await shop.store.append(Append(in_stream([over], session_id, after=0), member_id, Metadata("service:test")))
    token = staff.sessions.tokens.write(RefreshToken(session_id, 1))
    for refused in (token, staff.sessions.tokens.write(RefreshToken(uuid4(), 1)), "srt_nonsense"):
        check(await refresh(shop, refused), 400, "refresh-token-not-accepted")
    session = LoginSession(session_id, 1, member_id, 1, now + timedelta(hours=1))
    for idle_s, accepts in ((600, True), (601, False)):
        owner = await staff.sessions.owner_of(SeenSession(session, now - timedelta(seconds=idle_s), now))
        assert owner == SessionOwner(f"operator:{member_id}", accepts)


async def test_no_password_code_or_token_stands_anywhere(shop: Shop, outbox: Path, database: Database) -> None:
    with capture_logs() as logs:
        olga = await joined(shop, outbox)
        tokens = await olga.tokens()
        await shop.show()
    with psycopg.connect(database.admin_url) as owner:
        listed = "SELECT schemaname, tablename FROM pg_tables WHERE schemaname IN ('public', 'projections')"
        tables = [f'"{schema}"."{table}"' for schema, table in owner.execute(listed).fetchall()]
        rows = [str(owner.execute(f"TABLE {table}").fetchall()).encode() for table in tables]
        rows += [bytes(row[0]) for row in owner.execute("SELECT state FROM commerce_events")]
    secrets = (OLGA, PASSWORD, olga.secret, *olga.recovery_codes, tokens["refresh_token"], tokens["access_token"])
    for secret in secrets:
        assert not any(secret.encode() in row for row in rows), secret
        assert secret not in str(logs)
