"""A customer has another e-mail address once a mail there confirms it; until then, and for everybody else, nothing
changes."""

from __future__ import annotations

import asyncio
from pathlib import Path
from uuid import UUID

import httpx2

from commerce.customers.email_claim import owner_of
from tests.integration.api.conftest import Shop
from tests.integration.api.test_customer_mails import NEW, ask_reset, confirm, mails, reset, token_in
from tests.integration.api.test_customers import PASSWORD, log_in, registered, topics
from tests.integration.api.test_erasure import job_of
from tests.integration.api.test_problems import check

ADA, BOB, OTHER = "ada@example.org", "bob@example.org", "ada@example.net"


async def change(shop: Shop, customer: str, email: str = OTHER, password: str = PASSWORD) -> httpx2.Response:
    body = {"email": email, "present_password": password}
    return await shop.client("customer", customer).put("/customers/me/email", json=body)


async def owner(shop: Shop, email: str) -> UUID | None:
    claim = await shop.store.read_stream(shop.context.accounts.addresses.claim(email))
    return owner_of(one.event for one in claim)


async def test_an_address_is_replaced_by_a_mail_to_the_new_one_and_the_former_is_told_and_free(
    shop: Shop, tmp_path: Path
) -> None:
    ada, bob = await registered(shop), await registered(shop, BOB)
    for email, password, status, kind, field in (
        (OTHER, "not the password", 422, "invalid-input", "present_password"),
        ("ADA@example.org", PASSWORD, 422, "invalid-input", "email"),
        (BOB, PASSWORD, 409, "email-taken", None),
    ):
        problem = check(await change(shop, ada, email, password), status, kind)
        assert field is None or problem["errors"][0]["field"] == field
    assert (await topics(shop)).count("customers.LoginRefused") == 1
    await change(shop, ada, "typo@example.net")
    (typo,) = [mail for mail in await mails(shop, tmp_path / "outbox") if mail.startswith("To: typo@")]
    assert (await change(shop, ada)).status_code == 202
    written = await mails(shop, tmp_path / "outbox", "https://shop.example/account")
    (asked,) = [mail for mail in written if mail.startswith(f"To: {OTHER}")]
    assert "https://shop.example/account#confirm=cea_" in asked
    shown = (await shop.client("customer", ada).get("/customers/me")).json()
    assert (shown["email"], shown["wanted_email"]) == (ADA, OTHER)
    assert (await log_in(shop)).status_code == 200
    check(await confirm(shop, token_in(typo)), 422, "mail-token-not-accepted")
    assert await owner(shop, OTHER) is None, "it is claimed by who confirms it, not by who asks"

    assert (await change(shop, bob)).status_code == 202, "two want it, and whoever confirms it first has it"
    both = [mail for mail in await mails(shop, tmp_path / "outbox") if mail.startswith(f"To: {OTHER}")]
    answers = await asyncio.gather(*(confirm(shop, token_in(mail)) for mail in both * 2))
    assert [answer.status_code for answer in answers].count(200) == 1
    assert {answer.status_code for answer in answers} <= {200, 409, 422}
    winner, loser = (ada, bob) if await owner(shop, OTHER) == UUID(ada) else (bob, ada)
    former = {ada: ADA, bob: BOB}
    assert (await owner(shop, former[winner]), await owner(shop, former[loser])) == (None, UUID(loser))
    shown = (await shop.client("customer", winner).get("/customers/me")).json()
    assert (shown["email"], shown["email_confirmed"], shown["wanted_email"]) == (OTHER, True, None)
    assert (await log_in(shop, OTHER)).status_code == 200
    check(await log_in(shop, former[winner]), 400, "credentials-not-accepted")
    notice = (await mails(shop, tmp_path / "outbox"))[-1]
    assert (notice.startswith(f"To: {former[winner]}"), OTHER in notice) == (True, False)
    assert (await registered(shop, former[winner])) not in (ada, bob)


async def test_tokens_of_the_former_address_are_good_no_more_and_an_erasure_frees_the_present_one(
    shop: Shop, tmp_path: Path
) -> None:
    ada = await registered(shop)
    await ask_reset(shop)
    first, replacing = await mails(shop, tmp_path / "outbox")
    await change(shop, ada)
    asked = (await mails(shop, tmp_path / "outbox"))[-1]
    assert (await confirm(shop, token_in(asked))).status_code == 200
    check(await reset(shop, token_in(replacing)), 422, "mail-token-not-accepted")
    check(await confirm(shop, token_in(first)), 422, "mail-token-not-accepted")
    await change(shop, ada, "third@example.org")
    (pending,) = [mail for mail in await mails(shop, tmp_path / "outbox") if mail.startswith("To: third@")]
    await ask_reset(shop, OTHER)
    assert (await reset(shop, token_in((await mails(shop, tmp_path / "outbox"))[-1]))).status_code == 200
    check(await confirm(shop, token_in(pending)), 422, "mail-token-not-accepted")  # the password is another one
    assert (await log_in(shop, OTHER, NEW)).status_code == 200
    await shop.client("customer", ada).post(f"/customers/{ada}/erasure", json={})
    await shop.show()
    await job_of(shop).look()
    assert await owner(shop, OTHER) is None
