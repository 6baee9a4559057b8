"""Customers confirm their e-mail address, and replace a password that they forgot, by mails."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import httpx2

from commerce.credentials.mail_tokens import MailToken
from commerce.customers.events import PasswordResetRequested
from commerce.customers.mail_request import MailTokens
from commerce.eventstore import Append, Metadata, in_stream
from commerce.runtime.tokens import load_keys
from tests.integration.api.conftest import CHANGING, Shop
from tests.integration.api.test_customers import log_in, registered, topics
from tests.integration.api.test_logins import refresh
from tests.integration.api.test_problems import check
from workers.gateways.mail import FileOutbox
from workers.notifications import MailTerms, Notifications
from workers.outbox.message_schemas import IntegrationEvent
from workers.outbox.messages import TOPICS, messages_of

NEW = "another sentence of mine"


def tokens_of(shop: Shop) -> MailTokens:
    return MailTokens(load_keys(shop.settings).signing.private_bytes_raw())


async def mails(shop: Shop, folder: Path, page: str | None = None) -> list[str]:
    """What the notifications worker writes of all that happened, twice told; oldest first."""
    terms = MailTerms.of(shop.settings.model_copy(update={"account_url": page, "staff_url": page}))
    notifications = Notifications(shop.store, FileOutbox(folder), terms)
    read = [event for event in await shop.store.read_log(0, 10**9) if event.topic in TOPICS]
    for message in messages_of(read) * 2:
        await notifications.tell(IntegrationEvent.model_validate_json(message.body))
    return await asyncio.to_thread(_in, folder)


def _in(folder: Path) -> list[str]:
    files = sorted(folder.glob("*.txt"), key=lambda file: file.stat().st_mtime_ns) if folder.exists() else []
    return [file.read_text() for file in files]


def token_in(mail: str) -> str:
    (found,) = re.findall(r"(?:cea|cec|cpr|sit)_[\w-]+", mail)
    return str(found)


async def confirm(shop: Shop, token: str) -> httpx2.Response:
    return await shop.client().post("/customers/email-confirmation", json={"token": token})


async def ask_reset(shop: Shop, email: str = "ada@example.org") -> httpx2.Response:
    return await shop.client().post("/customers/password-reset", json={"email": email})


async def reset(shop: Shop, token: str, password: str = NEW) -> httpx2.Response:
    body = {"token": token, "password": password}
    return await shop.client().post("/customers/password-reset/confirmation", json=body)


async def test_who_registers_confirms_their_address_by_a_mail_once(shop: Shop, tmp_path: Path) -> None:
    customer = shop.client("customer", await registered(shop))
    (mail,) = await mails(shop, tmp_path / "outbox", "https://shop.example/account")
    assert mail.splitlines()[0] == "To: ada@example.org"
    assert "https://shop.example/account#confirm=cec_" in mail
    assert (await customer.get("/customers/me")).json()["email_confirmed"] is False
    confirmed = await confirm(shop, token_in(mail))
    assert (confirmed.status_code, confirmed.json()["version"]) == (200, 3)
    assert (await customer.get("/customers/me")).json()["email_confirmed"] is True
    check(await confirm(shop, token_in(mail)), 422, "mail-token-not-accepted")
    again = await customer.post("/customers/me/email-confirmation")
    assert (again.status_code, again.json()["version"]) == (202, 3)


async def test_a_mail_is_asked_for_again_and_not_twice_in_a_moment(shop: Shop) -> None:
    customer = shop.client("customer", await registered(shop))
    for _ in range(2):
        assert (await customer.post("/customers/me/email-confirmation")).json()["version"] == 2
    check(await shop.client("customer", str(uuid4())).post("/customers/me/email-confirmation"), 404, "not-found")


async def test_a_forgotten_password_is_replaced_by_a_mail_once(shop: Shop, tmp_path: Path) -> None:
    await registered(shop)
    refresh_token = (await log_in(shop)).json()["refresh_token"]
    assert (await ask_reset(shop, "ADA@example.org")).json() == {"status": "requested"}
    _, mail = await mails(shop, tmp_path / "outbox")
    check(await reset(shop, token_in(mail), "password1"), 422, "invalid-input")
    answers = await asyncio.gather(*(reset(shop, token_in(mail)) for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [200, 422, 422]
    check(await refresh(shop, refresh_token), 400, "refresh-token-not-accepted")
    check(await log_in(shop), 400, "credentials-not-accepted")
    assert (await log_in(shop, password=NEW)).status_code == 200


async def test_who_guessed_too_often_at_their_own_password_gets_in_once_it_is_replaced(
    shop: Shop, tmp_path: Path
) -> None:
    await registered(shop)
    await asyncio.gather(*(log_in(shop, password=f"guess {number}") for number in range(10)))
    check(await log_in(shop), 429, "too-many-logins")
    await ask_reset(shop)
    _, mail = await mails(shop, tmp_path / "outbox")
    assert (await reset(shop, token_in(mail))).status_code == 200
    assert (await log_in(shop, password=NEW)).status_code == 200


async def test_nobody_finds_out_by_a_forgotten_password_whether_an_address_is_a_customers(
    shop: Shop, tmp_path: Path
) -> None:
    await registered(shop)
    answers = []
    for email in ("ada@example.org", "nobody@example.org"):
        before = await shop.store.head()
        answer = await ask_reset(shop, email)
        recorded = await shop.store.read_log(before, 10**9)
        assert [event.topic for event in recorded] == ["customers.PasswordResetRequested"]
        headers = {name: value for name, value in answer.headers.items() if name not in CHANGING}
        answers.append((answer.status_code, answer.text, headers))
    assert answers[0] == answers[1]
    await ask_reset(shop)
    await ask_reset(shop, "nobody@example.org")
    assert (await topics(shop)).count("customers.PasswordResetRequested") == 2
    assert len(await mails(shop, tmp_path / "outbox")) == 2  # one to confirm, one to replace


async def test_who_closed_their_account_gets_no_mail(shop: Shop, tmp_path: Path) -> None:
    customer = shop.client("customer", await registered(shop))
    await ask_reset(shop)
    await customer.delete("/customers/me")
    await ask_reset(shop)
    assert await mails(shop, tmp_path / "outbox") == []


async def test_a_token_is_good_for_a_time_for_its_purpose_and_until_a_later_mail(shop: Shop) -> None:
    customer_id, stream = UUID(await registered(shop)), uuid4()
    past, future = (datetime.now(UTC) + timedelta(hours=hours) for hours in (-1, 1))
    over, replaced, last = (
        PasswordResetRequested(customer_id=customer_id, request_id=uuid4(), expires_at=until)
        for until in (past, future, future)
    )
    made = tokens_of(shop)
    streams = [stream, uuid4()]
    for events, place in (([over], streams[0]), ([replaced, last], streams[1])):
        await shop.store.append(Append(in_stream(events, place, after=0), customer_id, Metadata("service:test")))
    for place, event in ((streams[0], over), (streams[1], replaced)):
        token = made.reset.write(MailToken(place, event.request_id))
        check(await reset(shop, token), 422, "mail-token-not-accepted")
    of_other_kind = made.confirmation.write(MailToken(streams[1], last.request_id))
    check(await reset(shop, of_other_kind), 422, "mail-token-not-accepted")
    check(await confirm(shop, made.confirmation.write(MailToken(uuid4(), uuid4()))), 422, "mail-token-not-accepted")
    check(await confirm(shop, "nonsense"), 422, "mail-token-not-accepted")
    assert (await reset(shop, made.reset.write(MailToken(streams[1], last.request_id)))).status_code == 200
