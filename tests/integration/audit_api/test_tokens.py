"""Who is given a token at the command line is on record, and without a record nobody is given one."""

from __future__ import annotations

import asyncio
import os
import pwd
import socket
from uuid import UUID, uuid4

import jwt
import pytest

from commerce.audit.events import TokenIssued
from commerce.cli.client.api import open_system
from commerce.cli.system.welcome import greet
from commerce.runtime.settings import Settings
from commerce.runtime.tokens import issue_token
from tests.command_line import commerce, commerce_process
from tests.integration.api.conftest import Shop, serving
from tests.integration.api.test_problems import check

USER = pwd.getpwuid(os.getuid()).pw_name


async def issued(shop: Shop) -> list[tuple[str, TokenIssued]]:
    """What is on record, and who did it."""
    events = await shop.store.read_log(0, 10**9, topics=[TokenIssued.TOPIC])
    return [(event.metadata.actor, event.event) for event in events if isinstance(event.event, TokenIssued)]


@pytest.fixture(autouse=True)
def environment(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command line finds the system of the test."""
    monkeypatch.setenv("COMMERCE_HOME", str(settings.home))
    monkeypatch.setenv("COMMERCE_DATABASE_URL", str(settings.database_url))


@pytest.mark.parametrize("role", ["customer", "operator", "auditor", "service"])
async def test_a_token_is_printed_alone_and_its_issue_is_on_record(
    shop: Shop, role: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    subject = str(uuid4()) if role == "customer" else "vera"
    monkeypatch.setenv("USER", "somebody else")
    monkeypatch.setenv("LOGNAME", "somebody else")
    run = commerce_process if role == "service" else commerce
    answer = await run("token", "--role", role, "--subject", subject)
    assert (answer.returncode, answer.stderr) == (0, "")
    token = answer.stdout.removesuffix("\n")
    claims = jwt.decode(token, options={"verify_signature": False})
    ((actor, issue),) = await issued(shop)
    assert (issue.role, issue.subject, issue.os_user, issue.host) == (role, subject, USER, socket.gethostname())
    assert (str(issue.token_id), int(issue.expires_at.timestamp())) == (claims["jti"], claims["exp"])
    assert (actor, issue.command, issue.originator_id) == (f"system:{USER}", "token", issue.token_id)
    shown = await shop.client(None).get("/orders", headers={"Authorization": f"Bearer {token}"})
    assert shown.status_code == 200


async def test_a_token_is_good_for_the_scopes_that_it_was_asked_for(shop: Shop) -> None:
    answer = await commerce("token", "--role", "service", "--subject", "till", "--scope", "stock:read")
    headers = {"Authorization": f"Bearer {answer.stdout.strip()}"}
    ((_, issue),) = await issued(shop)
    assert issue.scopes == ("stock:read",)
    assert (await shop.client().get("/inventory", headers=headers)).status_code == 200
    check(await shop.client().get("/orders", headers=headers), 403, "not-allowed")
    for role, subject, scope in (("service", "till", "nonsense"), ("customer", str(uuid4()), "stock:read")):
        refused = await commerce("token", "--role", role, "--subject", subject, "--scope", scope)
        assert (refused.returncode, refused.stdout, refused.stderr.count("\n")) == (2, "", 1)


async def test_auditors_and_operators_see_who_was_given_which_token(shop: Shop) -> None:
    await commerce("token", "--role", "auditor", "--subject", "vera")
    for role in ("auditor", "operator"):
        page = await shop.client(role).get("/audit/events", params={"topic": "audit.TokenIssued"})
        (item,) = page.raise_for_status().json()["items"]
        assert item["text"].startswith("A token for auditor vera, good until 2")
        assert item["text"].endswith(f" UTC, was given to {USER} on {socket.gethostname()} (commerce token)")
        state = await shop.client(role).get(f"/audit/streams/{item['stream_id']}/state")
        assert (state.json()["kind"], state.json()["state"]["subject"]) == ("token", "vera")


async def test_without_a_record_there_is_no_token(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = "postgresql://commerce_app@127.0.0.1:1/nothing"
    for address, code in ((nowhere, 1), (None, 2)):
        if address is None:
            monkeypatch.delenv("COMMERCE_DATABASE_URL")
        else:
            monkeypatch.setenv("COMMERCE_DATABASE_URL", address)
        answer = await commerce("token", "--role", "operator", "--subject", "anna")
        assert (answer.returncode, answer.stdout) == (code, ""), answer
        assert answer.stderr.count("\n") == 1
    assert await issued(shop) == []


async def test_the_tokens_that_commands_make_for_themselves_are_on_record_too(shop: Shop) -> None:
    settings = shop.settings.model_copy(
        update={"provider_url": "http://127.0.0.1:1", "carrier_url": "http://127.0.0.1:1"}
    )
    said: list[str] = []
    await asyncio.to_thread(greet, settings, shop.url, said.append)
    run_file = settings.run_file
    await asyncio.to_thread(run_file.write_text, f'{{"api_url": "{shop.url}"}}', encoding="utf-8")
    async with open_system(settings, "play") as (api, _):
        assert [order async for order in api.shop.orders()] == []
        assert [order async for order in api.shop.orders()] == []
    found = {issue.command: issue for _, issue in await issued(shop)}
    assert {command: (issue.role, issue.subject) for command, issue in found.items()} == {
        "up": ("operator", "operator"),
        "play": ("operator", "play"),
    }
    assert len(await issued(shop)) == 2
    told = next(line for line in said if line.startswith("TOKEN=")).removeprefix("TOKEN=")
    assert UUID(jwt.decode(told, options={"verify_signature": False})["jti"]) == found["up"].token_id


async def test_where_tokens_of_the_command_line_are_switched_off_none_is_made_and_none_accepted(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (await commerce("token", "--role", "operator", "--subject", "anna")).stdout.strip()
    headers = {"Authorization": f"Bearer {before}"}
    assert (await shop.client(None).get("/orders", headers=headers)).status_code == 200
    monkeypatch.setenv("COMMERCE_BREAK_GLASS_TOKENS", "off")
    for words in (("token", "--role", "operator", "--subject", "anna"), ("keys", "list"), ("cases",)):
        answer = await commerce(*words)
        assert (answer.returncode, answer.stdout) == (2, ""), answer
    assert len(await issued(shop)) == 1
    said: list[str] = []
    off = shop.settings.model_copy(update={"break_glass_tokens": "off"})
    await asyncio.to_thread(greet, off, shop.url, said.append)
    assert not [line for line in said if line.startswith("TOKEN=")]
    async with serving(off) as url:
        client = shop.client(None)
        refused = check(await client.get(f"{url}/api/v1/orders", headers=headers), 401, "invalid-token")
        assert "switched off" in refused["detail"]
        logged_in = issue_token(shop.settings, role="operator", subject="anna")
        accepted = await client.get(f"{url}/api/v1/orders", headers={"Authorization": f"Bearer {logged_in}"})
        assert accepted.status_code == 200
    monkeypatch.setenv("COMMERCE_BREAK_GLASS_TOKENS", "maybe")
    answer = await commerce("token", "--role", "operator", "--subject", "anna")
    assert (answer.returncode, answer.stderr.count("\n")) == (2, 1)
    assert "COMMERCE_BREAK_GLASS_TOKENS" in answer.stderr
